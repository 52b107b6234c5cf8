//! Conditional headers.

use super::reply::{Problem, Result};
use super::request::BlobRequest;

const NOT_MET: Problem = Problem::new(
    412,
    "ConditionNotMet",
    "The condition specified using HTTP conditional header(s) is not met.",
);

/// Checks whether a blob with this tag, or none, may be written or deleted.
pub(super) fn for_writing(request: &BlobRequest, etag: Option<&str>) -> Result<()> {
    if let Some(wanted) = request.header("if-none-match")
        && etag.is_some_and(|etag| matches(wanted, etag))
    {
        return Err(match wanted {
            "*" => Problem::new(409, "BlobAlreadyExists", "The specified blob already exists."),
            _ => NOT_MET,
        });
    }
    match request.header("if-match") {
        Some(wanted) if !etag.is_some_and(|etag| matches(wanted, etag)) => Err(NOT_MET),
        _ => Ok(()),
    }
}

/// Checks whether a blob with this tag may be read.
pub(super) fn for_reading(request: &BlobRequest, etag: &str) -> Result<()> {
    if request.header("if-match").is_some_and(|wanted| !matches(wanted, etag)) {
        return Err(NOT_MET);
    }
    match request.header("if-none-match") {
        Some(wanted) if matches(wanted, etag) => Err(Problem::new(304, "ConditionNotMet", "")),
        _ => Ok(()),
    }
}

/// Tags are compared with or without their quotation marks.
fn matches(wanted: &str, etag: &str) -> bool {
    let plain = |tag: &str| tag.trim().trim_matches('"').to_owned();
    wanted
        .split(',')
        .any(|tag| tag.trim() == "*" || plain(tag) == plain(etag))
}
