//! A service and a storage that attack, and the program from outside.
//!
//! A test bears the row of docs/threat-model.md that it stands for: `z13_…` is a test of row Z13. That page is made from
//! these names (scripts/threat-model).

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod files;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod leaks;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod network;
#[cfg(test)]
mod project;
#[cfg(test)]
mod prompts;
#[cfg(test)]
mod sites;
#[cfg(test)]
mod values;
#[cfg(test)]
mod world;

// What the other tests of the program have already.
#[cfg(test)]
#[path = "../program/repo/storage.rs"]
#[expect(dead_code, reason = "not all of it is needed here")]
mod repository;
#[cfg(test)]
#[path = "../program/service.rs"]
#[expect(dead_code, reason = "not all of it is needed here")]
mod service;
#[cfg(test)]
#[path = "../program/spellings.rs"]
mod spellings;
#[cfg(test)]
#[path = "../program/support.rs"]
mod support;
