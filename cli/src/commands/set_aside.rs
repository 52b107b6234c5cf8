//! Records of a list that cannot be used: named when they come, and the failure at the end.

use zkvault::account::Service;
use zkvault_core::model::OddRecord;

use super::consent;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;
use crate::service::ServiceWords as _;

/// Records that the error at the end names at most.
const MAX_NAMED: usize = 10;

/// Names records that are set aside while the others are processed.
pub(super) fn warn(odd: &[OddRecord], context: &Context<'_>) {
    for record in odd {
        context.output.warning(&escaped(&format!("set aside: {record}")));
    }
}

/// Ends with the failure that records of `service` are: the rest was done.
pub(super) fn finish(odd: &[OddRecord], service: Service) -> Result<Exit> {
    let message = match odd {
        [] => return Ok(Exit::Success),
        [_] => "1 record of the service cannot be used".to_owned(),
        many => format!("{} records of the service cannot be used", many.len()),
    };
    Err(partly(message, odd.iter(), service))
}

/// The failure that things of `service` cannot be used, some of which it names.
pub(super) fn partly(
    message: String,
    things: impl ExactSizeIterator<Item = impl ToString>,
    service: Service,
) -> CliError {
    let named = consent::first_of(things.map(|thing| thing.to_string()), MAX_NAMED, "");
    CliError::new(Exit::PartlyFailed, "records-set-aside", message)
        .cause(named.join("; "))
        .hint(format!(
            "everything else was done; {} shows what the service sends",
            service.raw()
        ))
}
