//! The stable word for every error of core and client. Where `zkv` has one for the same failure, it is the same.

use std::fmt::Display;

use zkvault_core::file::FileTooLargeError;

/// The word for what core may gain later. The tests see to it that nothing that core has today gets it.
pub(crate) const OTHER: &str = "other";

/// An error that JavaScript may see.
pub(crate) trait Coded: Display {
    /// A stable word for the class of the error.
    fn code(&self) -> &'static str;

    /// What a service said about it, if one did.
    fn service_message(&self) -> Option<&str> {
        None
    }
}

/// Gives one word to all of a type.
macro_rules! one_code {
    ($($error:ty => $code:literal,)*) => {
        $(impl Coded for $error {
            fn code(&self) -> &'static str {
                $code
            }
        })*
    };
}

one_code! {
    FileTooLargeError => "too-large",
}

#[cfg(feature = "vault")]
mod backup;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "vault")]
mod vault;

#[cfg(test)]
mod tests;
