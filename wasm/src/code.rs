//! Every error that JavaScript may see has a word, and the package's types know it.

#[cfg(feature = "client")]
mod client;
mod sources;
#[cfg(feature = "vault")]
mod vault;
