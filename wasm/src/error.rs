//! Errors on their way to JavaScript: `ZkvError {code, message}`.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use zkvault_core::Coded;

#[wasm_bindgen(raw_module = "./error.js")]
extern "C" {
    /// The class that the package exports.
    #[derive(Debug)]
    type ZkvError;

    #[wasm_bindgen(constructor)]
    fn new(code: &str, message: &str) -> ZkvError;
}

/// A failed call: a stable word for programs, and a sentence for people. Neither holds anything secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    code: &'static str,
    message: String,
}

impl Error {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }

    /// The same error, and where it happened.
    #[cfg(feature = "values")]
    pub(crate) fn at(self, place: impl std::fmt::Display) -> Self {
        let message = format!("{} ({place})", self.message);
        Self { message, ..self }
    }

    /// The word for programs.
    #[cfg(test)]
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }
}

impl<E: Coded> From<E> for Error {
    fn from(error: E) -> Self {
        let said = error
            .service_message()
            .map(|said| format!(" (the service says: {said})"));
        Self::new(error.code(), format!("{error}{}", said.unwrap_or_default()))
    }
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        ZkvError::new(error.code, &error.message).into()
    }
}

pub(crate) type Result<T> = std::result::Result<T, Error>;
