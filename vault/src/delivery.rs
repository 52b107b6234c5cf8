//! Secrets on their way to another program: references in its environment or in a template, and what it prints.

mod env_file;
mod mask;
mod template;

pub use env_file::{EnvFileError, Given, env_file};
pub use mask::{MASK, Masker};
pub use template::{Template, TemplateError};
