//! `/sites`.

use axum::Extension;
use axum::extract::State;
use serde_json::Value;

use super::{Id, all, single};
use crate::answer::{Answer, Refusal};
use crate::logmeonce::LogMeOnce;
use crate::logmeonce::organisation::{Document, Kind};
use crate::params::Params;

pub(super) async fn list(
    State(service): State<LogMeOnce>,
    Extension(params): Extension<Params>,
) -> Result<Answer, Refusal> {
    params.only(&["search"])?;
    let phrase = params.text("search")?.unwrap_or_default().to_lowercase();
    Ok(all(&service, Kind::Site, |site| matches(site, &phrase)))
}

/// The phrase is looked for in the name and the address, whatever the case of its letters.
fn matches(site: &Document, phrase: &str) -> bool {
    let url = site.get("login").and_then(|login| login.get("Url"));
    let mut texts = [site.get("name"), url].into_iter().flatten().filter_map(Value::as_str);
    phrase.is_empty() || texts.any(|text| text.to_lowercase().contains(phrase))
}

pub(super) async fn get(
    State(service): State<LogMeOnce>,
    Id(id): Id,
    Extension(params): Extension<Params>,
) -> Result<Answer, Refusal> {
    params.only(&[])?;
    single(&service, Kind::Site, id)
}
