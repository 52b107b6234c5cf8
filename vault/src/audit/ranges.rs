//! The service of breached passwords, which is asked without learning which password is meant.
//!
//! It gets the first five of the forty digits of a hash, and returns all hashes that begin with them, some hundreds
//! (k-anonymity). The response is padded, so that its length says nothing either. Passwords whose hashes begin alike share a
//! request.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use http::header::USER_AGENT;
use http::{Request, StatusCode};
use zkvault_client::{Body as _, ServiceUrl, Transport, TransportError};

use super::{Hash, Password};
use crate::progress::Progress;

/// The public service.
pub const PUBLIC: &str = "https://api.pwnedpasswords.com";
/// Digits that are sent.
const SENT_DIGITS: usize = 5;
/// Bytes of a response at most: a padded one has some 50,000.
const MAX_RESPONSE: usize = 1 << 20;
/// Requests on their way at a time.
const AT_A_TIME: usize = 4;

/// The service was not asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RangesError {
    /// It was not reached.
    #[error("the service of breached passwords cannot be reached: {0}")]
    Transport(#[from] TransportError),
    /// It refused.
    #[error("the service of breached passwords returned status {0}")]
    Refused(StatusCode),
    /// It returned something else than hashes and counts.
    #[error("the service of breached passwords sent no list of hashes")]
    Malformed,
}

codes!(RangesError {
    Self::Transport(_) => "network",
    Self::Refused(_) => "service",
    Self::Malformed => "malformed",
});

/// Looks up passwords whose hashes were made, and returns how many requests that took. `progress` counts requests.
///
/// # Errors
/// [`RangesError`]; what was looked up before it stays.
pub async fn look_up<T: Transport>(
    transport: &T,
    url: &ServiceUrl,
    passwords: &mut [Password],
    progress: &dyn Progress,
) -> Result<u64, RangesError> {
    let mut ranges: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, password) in passwords.iter().enumerate() {
        if let Some(hash) = password.hash() {
            ranges.entry(start_of(hash)).or_default().push(place);
        }
    }
    progress.expect(ranges.len() as u64);
    let requests = ranges.len() as u64;
    let ask = |(start, places): (String, Vec<usize>)| async move {
        let response = ask(transport, url, &start).await;
        (places, response)
    };
    let mut responses = stream::iter(ranges).map(ask).buffered(AT_A_TIME);
    while let Some((places, response)) = responses.next().await {
        let response = response?;
        progress.advance(1);
        for place in places {
            if let Some(password) = passwords.get_mut(place) {
                password.breached = Some(count(&response, password.hash())?);
            }
        }
    }
    Ok(requests)
}

/// The digits that are sent.
fn start_of(hash: &Hash) -> String {
    hex::encode_upper(hash.as_slice()).chars().take(SENT_DIGITS).collect()
}

async fn ask<T: Transport>(transport: &T, url: &ServiceUrl, start: &str) -> Result<Bytes, RangesError> {
    let request = Request::get(format!("{url}/range/{start}"))
        .header(USER_AGENT, "zkvault")
        .header("Add-Padding", "true")
        .body(Bytes::new());
    let request = request.map_err(|_| RangesError::Malformed)?;
    let response = transport.send(request).await?;
    if response.status() != StatusCode::OK {
        return Err(RangesError::Refused(response.status()));
    }
    let (mut body, mut bytes) = (response.into_body(), BytesMut::new());
    while let Some(chunk) = body.chunk().await? {
        if bytes.len() + chunk.len() > MAX_RESPONSE {
            return Err(RangesError::Malformed);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// How often breaches have a password, by the rest of its hash. Padding has a count of 0.
fn count(response: &[u8], hash: Option<&Hash>) -> Result<u64, RangesError> {
    let digits = hash
        .map(|hash| zeroize::Zeroizing::new(hex::encode_upper(hash.as_slice())))
        .unwrap_or_default();
    let rest = digits.get(SENT_DIGITS..).unwrap_or_default();
    let text = std::str::from_utf8(response).map_err(|_| RangesError::Malformed)?;
    let mut found = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (known, count) = line.trim().split_once(':').ok_or(RangesError::Malformed)?;
        let count: u64 = count.trim().parse().map_err(|_| RangesError::Malformed)?;
        if known.eq_ignore_ascii_case(rest) {
            found = count;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use http::Response;
    use zkvault_client::TransportFault;

    use super::*;
    use crate::audit::{Strength, hibp::hash};
    use crate::progress::NoProgress;

    /// A service that knows some passwords and pads its responses, and what it was sent.
    #[derive(Default)]
    struct Service {
        known: Vec<(&'static str, u64)>,
        asked: Mutex<Vec<String>>,
        broken: Option<&'static [u8]>,
    }

    struct Whole(Option<Bytes>);

    impl zkvault_client::Body for Whole {
        async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
            Ok(self.0.take())
        }
    }

    impl Transport for Service {
        type Body = Whole;

        async fn send(&self, request: Request<Bytes>) -> Result<Response<Whole>, TransportError> {
            assert_eq!(request.headers()["Add-Padding"], "true");
            assert!(request.body().is_empty());
            let start = request.uri().path().strip_prefix("/range/").unwrap().to_owned();
            let digits = |text: &str| hex::encode_upper(hash(text).as_slice());
            let known = self.known.iter().filter(|(text, _)| digits(text).starts_with(&start));
            let mut lines: Vec<String> = known
                .map(|(text, count)| format!("{}:{count}", &digits(text)[5..]))
                .collect();
            lines.push(format!("{}:0", "0".repeat(35)));
            self.asked.lock().unwrap().push(start);
            let body = self
                .broken
                .map_or_else(|| lines.join("\r\n").into_bytes(), <[u8]>::to_vec);
            Ok(Response::new(Whole(Some(body.into()))))
        }

        async fn sleep(&self, _: Duration) {}

        fn now(&self) -> u64 {
            0
        }
    }

    fn password(text: &str) -> Password {
        Password {
            site: 1,
            field: "password".to_owned(),
            strength: Strength::Weak,
            reuse: None,
            breached: None,
            hash: Some(hash(text)),
        }
    }

    #[tokio::test]
    async fn five_digits_are_sent_and_the_rest_is_compared_here() {
        let service = Service {
            known: vec![("password", 9_659_365), ("letmein", 7)],
            ..Service::default()
        };
        let url = ServiceUrl::parse(PUBLIC).unwrap();
        let mut passwords = ["password", "unheard of", "letmein", "password"].map(password);
        let requests = look_up(&service, &url, &mut passwords, &NoProgress).await.unwrap();
        assert_eq!(
            passwords.map(|password| password.breached),
            [Some(9_659_365), Some(0), Some(7), Some(9_659_365)]
        );
        let asked = service.asked.into_inner().unwrap();
        assert_eq!((requests, asked.len()), (3, 3), "equal passwords share a request");
        assert!(asked.iter().all(|start| start.len() == 5), "{asked:?}");
    }

    #[tokio::test]
    async fn a_response_that_is_no_list_is_an_error() {
        for broken in [&b"<html>"[..], b"AAAA:x", b"\xff:1", &[b'A'; MAX_RESPONSE + 1]] {
            let service = Service {
                broken: Some(broken),
                ..Service::default()
            };
            let url = ServiceUrl::parse(PUBLIC).unwrap();
            let error = look_up(&service, &url, &mut [password("x")], &NoProgress)
                .await
                .unwrap_err();
            assert_eq!(error.code(), "malformed");
        }
        let error = RangesError::from(TransportError::new(TransportFault::Connect, "refused"));
        assert_eq!(error.code(), "network");
    }
}
