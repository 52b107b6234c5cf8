//! Records that a list lacks, because they cannot be used.

use serde::Serialize;
use zkvault_core::model::OddRecord;

use crate::api_id::ApiId;
use crate::error::Result;
use crate::json;

/// A record that was set aside, as JavaScript sees it.
#[derive(Debug, Serialize)]
struct SetAside<'a> {
    id: Option<ApiId>,
    name: Option<&'a str>,
    member: Option<&'a str>,
    reason: String,
}

impl<'a> SetAside<'a> {
    fn new(odd: &'a OddRecord) -> Self {
        Self {
            id: odd.id().map(ApiId),
            name: odd.name(),
            member: odd.member(),
            reason: odd.reason(),
        }
    }
}

/// Records that were set aside, as JSON.
pub(super) fn set_aside(odd: &[OddRecord]) -> Result<String> {
    json::write(&odd.iter().map(SetAside::new).collect::<Vec<_>>())
}
