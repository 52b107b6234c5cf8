//! Secrets on their way to another program: references in its environment or in a template, what it prints, and the
//! protocols by which git and docker ask for logins.
//!
//! This is where plaintext leaves the vault, so each part is as narrow as its protocol: a [`Template`] fills in what it
//! names and nothing else, [`env_file`] expands nothing, [`git`] and [`docker`] give a login for an origin of `https`
//! alone, and a [`Masker`] keeps values out of output that was not meant to have them. None of them reads a store: they
//! say which values are wanted ([`Reference`](zkvault_core::reference::Reference)), and take them from the caller,
//! which asked [`Contents::read_for`](crate::vault::Contents::read_for).

pub mod docker;
mod env_file;
pub mod git;
mod mask;
mod template;

pub use env_file::{EnvFileError, Given, env_file};
pub use mask::{MASK, Masker};
pub use template::{Template, TemplateError};
