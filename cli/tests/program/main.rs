//! The program from outside: what it does to files, terminals and signals. What it prints is in `cmd/`.

#[cfg(test)]
mod activation;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod files;
#[cfg(unix)]
#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod service;
#[cfg(test)]
mod support;
#[cfg(target_os = "linux")]
#[cfg(test)]
mod terminal;
