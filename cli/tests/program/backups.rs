//! `zkv backup`, from the command line to what is in the storage and back on another machine.

mod anywhere;
mod choice;
mod faults;
#[cfg(unix)]
mod guide;
mod hostile;
#[cfg(unix)]
mod killed;
mod line;
mod storage;
mod suite;
