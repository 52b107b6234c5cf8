//! Secrets on their way to another program: references in its environment or in a template, what it prints, and the
//! protocols by which git and docker ask for logins.

pub mod docker;
mod env_file;
pub mod git;
mod mask;
mod template;

pub use env_file::{EnvFileError, Given, env_file};
pub use mask::{MASK, Masker};
pub use template::{Template, TemplateError};
