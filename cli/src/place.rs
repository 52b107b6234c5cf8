//! Where a single value belongs, as the command line says it.

use zkvault_core::value::ValueContext;

use crate::args::ValuePlace;
use crate::error::{CliError, Result};

/// The value's place, if it was given. The command line has either all three parts or none.
pub(crate) fn context(place: &ValuePlace) -> Option<ValueContext<'_>> {
    Some(ValueContext {
        site_id: place.site_id?,
        input_type: place.input_type.as_deref()?,
        input_name: place.input_name.as_deref()?,
    })
}

/// A document says itself where its values belong.
pub(crate) fn refuse(place: &ValuePlace) -> Result<()> {
    match context(place) {
        None => Ok(()),
        Some(_) => Err(CliError::usage(
            "--site-id, --type and --name are for a single value, and this is a document",
        )),
    }
}
