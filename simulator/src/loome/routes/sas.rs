//! Links to data repositories, with a SAS that ends.

use std::time::{Duration, SystemTime};

use axum::extract::{Extension, State};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::repositories::find;
use super::{Answered, Ids};
use crate::answer::{Answer, Refusal};
use crate::loome::{Loome, SasForm, SasLink};
use crate::params::Params;

pub(super) async fn sas(State(service): State<Loome>, ids: Ids, Extension(params): Extension<Params>) -> Answered {
    params.only(&["expirydatetime", "isreadonly"])?;
    let settings = service.settings();
    let expiry = parse_expiry(params.required("expirydatetime")?, settings.takes_times)?;
    let read_only = match params.required("isreadonly")? {
        "true" => true,
        "false" => false,
        _ => return Err(Refusal::bad("isreadonly is true or false").into()),
    };
    let repository = find(&service, &ids)?;
    let now = service.conditions().clock().now();
    if expiry <= now {
        return Err(Refusal::bad("expirydatetime is in the past").into());
    }
    let expiry = settings.max_sas_ttl.map_or(expiry, |ttl| expiry.min(now + ttl));
    let link = service.sas_link(&repository.name, read_only, expiry);
    Ok(Answer::ok(written(&link, settings.sas_form)).header("cache-control", "no-store"))
}

fn written(link: &SasLink, form: SasForm) -> Value {
    let SasLink {
        account_url,
        account,
        container,
        token,
    } = link;
    let url = format!("{account_url}/{container}?{token}");
    match form {
        SasForm::Text => Value::String(url),
        SasForm::Link => json!({"sharedAccessSignature": url}),
        SasForm::Parts => json!({
            "accountUrl": account_url,
            "accountName": account,
            "containerName": container,
            "sasToken": token,
        }),
    }
}

/// `YYYY/MM/DD`, which is the beginning of that day in UTC; with `takes_times` also a time of RFC 3339.
fn parse_expiry(text: &str, takes_times: bool) -> Result<SystemTime, Refusal> {
    let bad = || Refusal::bad("expirydatetime has the format YYYY/MM/DD");
    let date = parse_date(text);
    let time = date.or_else(|| takes_times.then(|| text.parse().ok()).flatten());
    let seconds = time.ok_or_else(bad)?.as_second();
    let seconds = u64::try_from(seconds).map_err(|_| bad())?;
    Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

fn parse_date(text: &str) -> Option<Timestamp> {
    let digits = |byte: (usize, u8)| match byte.0 {
        4 | 7 => byte.1 == b'/',
        _ => byte.1.is_ascii_digit(),
    };
    let is_date = text.len() == 10 && text.bytes().enumerate().all(digits);
    is_date.then(|| format!("{}T00:00:00Z", text.replace('/', "-")).parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str, takes_times: bool) -> Option<u64> {
        let time = parse_expiry(text, takes_times).ok()?;
        Some(time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs())
    }

    #[test]
    fn expiries_are_dates_and_on_demand_times() {
        assert_eq!(seconds("2030/01/02", false), Some(1_893_542_400));
        assert_eq!(seconds("2030-01-02T03:04:05Z", true), Some(1_893_553_445));
        assert_eq!(seconds("2030/01/02", true), Some(1_893_542_400));
        for text in [
            "2030-01-02T03:04:05Z",
            "2030-01-02",
            "2030/1/2",
            "2030/02/30",
            "02/01/2030",
            "",
            "+030/01/02",
        ] {
            assert_eq!(seconds(text, false), None, "{text}");
        }
    }
}
