//! The program from outside: what it does to files, terminals and signals. What it prints is in `cmd/`.

#[cfg(test)]
mod accesses;
#[cfg(test)]
mod activation;
#[cfg(target_os = "linux")]
#[cfg(test)]
mod agent;
#[cfg(test)]
mod audits;
#[cfg(test)]
mod backups;
#[cfg(test)]
mod canary;
#[cfg(target_os = "linux")]
#[cfg(test)]
mod clipboard;
#[cfg(target_os = "linux")]
#[cfg(test)]
mod completion;
#[cfg(test)]
mod configs;
#[cfg(target_os = "linux")]
#[cfg(test)]
mod consent;
#[cfg(unix)]
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod daily;
#[cfg(feature = "demo")]
#[cfg(test)]
mod demo;
#[cfg(test)]
mod doctors;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod files;
#[cfg(test)]
mod groups;
#[cfg(unix)]
#[cfg(test)]
mod guide;
#[cfg(test)]
mod handovers;
#[cfg(target_os = "linux")]
#[cfg(test)]
mod hardening;
#[cfg(unix)]
#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod journals;
#[cfg(test)]
mod keyrings;
#[cfg(unix)]
#[cfg(test)]
mod killed;
#[cfg(test)]
mod loome;
#[cfg(unix)]
#[cfg(test)]
mod machine;
#[cfg(test)]
mod manual;
#[cfg(test)]
mod names;
#[cfg(test)]
mod odd_names;
#[cfg(test)]
mod odd_services;
#[cfg(test)]
mod offboards;
#[cfg(test)]
mod onboards;
#[cfg(test)]
mod orgs;
#[cfg(unix)]
#[cfg(test)]
mod person;
#[cfg(unix)]
#[cfg(test)]
mod pty;
#[cfg(unix)]
#[cfg(test)]
mod races;
#[cfg(test)]
mod raw_api;
#[cfg(unix)]
#[cfg(test)]
mod readme;
#[cfg(test)]
mod repo;
#[cfg(test)]
mod rotations;
#[cfg(unix)]
#[cfg(test)]
mod run_terminal;
#[cfg(test)]
#[cfg(unix)]
mod screens;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod sessions;
#[cfg(unix)]
#[cfg(test)]
mod setups;
#[cfg(test)]
mod shapes;
#[cfg(unix)]
#[cfg(test)]
mod shell;
#[cfg(test)]
mod sites;
#[cfg(test)]
mod store;
#[cfg(unix)]
#[cfg(test)]
mod streams;
#[cfg(target_os = "linux")]
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod users;
#[cfg(test)]
mod vendors;
#[cfg(unix)]
#[cfg(test)]
mod waits;
#[cfg(windows)]
#[cfg(test)]
mod windows;
