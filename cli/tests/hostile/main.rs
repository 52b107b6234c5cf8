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
mod people;
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
