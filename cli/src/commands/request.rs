//! Requests that are only shown: `--dry-run`.

use zkvault_client::ShownRequest;

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::escaped;

/// Prints requests as they would be sent, one a line; no secret is in them.
pub(super) fn print<R: Into<ShownRequest>>(
    context: &Context<'_>,
    requests: impl IntoIterator<Item = R>,
) -> Result<Exit> {
    let requests: Vec<ShownRequest> = requests.into_iter().map(Into::into).collect();
    if context.output.is_json() {
        context.output.json(&requests)?;
    } else {
        for request in &requests {
            context.output.line(&escaped(&request.to_string()))?;
        }
    }
    Ok(Exit::Success)
}
