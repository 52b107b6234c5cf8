//! Requests that are only shown: `--dry-run`.

use std::fmt::Display;

use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{Exit, Result};

/// Prints requests as they would be sent, one a line; no secret is in them.
pub(super) fn print(context: &Context<'_>, calls: &[impl Display]) -> Result<Exit> {
    if context.output.is_json() {
        let requests: Vec<Value> = calls.iter().map(|call| json!({"request": call.to_string()})).collect();
        context.output.json(&requests)?;
    } else {
        for call in calls {
            context.output.line(&call.to_string())?;
        }
    }
    Ok(Exit::Success)
}
