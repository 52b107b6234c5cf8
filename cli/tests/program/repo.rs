//! `zkv repo`, from the command line to what is in the storage.
//!
//! The suite runs against the simulator, and with `ZKV_TEST_AZURITE=http://127.0.0.1:PORT` against an Azurite
//! (scripts/test-azurite). What breaks and what lies is the simulator's part alone.

mod azurite;
mod faults;
#[cfg(target_os = "linux")]
mod groups;
mod hostile;
#[cfg(unix)]
mod killed;
mod lines;
mod refusals;
mod renewal;
mod resume;
#[cfg(unix)]
mod sources;
mod suite;
