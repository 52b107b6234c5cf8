//! Whether pages of an origin may use the storage (CORS). A browser says only that something failed; this says what.

use zkvault_client::blob::SasUrl;
use zkvault_client::{Bytes, NativeTransport, Request, Response, Transport as _};
use zkvault_core::SecretText;

use super::{Check, State};

/// What a page sends.
const METHODS: [&str; 4] = ["GET", "HEAD", "PUT", "DELETE"];
const SENT: &str = "content-type,if-match,if-none-match,x-ms-blob-content-type,x-ms-blob-type,x-ms-content-crc64,\
    x-ms-meta-zkv,x-ms-range,x-ms-version";
/// What it has to see of the answers.
const SEEN: [&str; 5] = ["content-length", "content-range", "date", "etag", "x-ms-error-code"];

/// Asks as a browser would, with and without the headers, and names what is missing.
pub(super) async fn check(transport: &NativeTransport, url: &SasUrl, origin: &str) -> Check {
    let missing = missing(transport, url, origin).await;
    match missing {
        Ok(missing) if missing.is_empty() => Check::new("cors", State::Ok, format!("pages of {origin} may use it")),
        Ok(missing) => Check::new("cors", State::Fail, missing.join("; ")).hint(
            "the administrator of the storage account sets a rule: this origin, GET,HEAD,PUT,DELETE,OPTIONS, allowed \
             headers x-ms-*,content-type,if-match,if-none-match, exposed headers x-ms-*,etag,date,content-range,content-length",
        ),
        Err(reason) => Check::new("cors", State::Fail, format!("the storage was not asked: {reason}")),
    }
}

async fn missing(transport: &NativeTransport, url: &SasUrl, origin: &str) -> Result<Vec<String>, String> {
    let mut missing = Vec::new();
    let mut allowed = Vec::new();
    for method in METHODS {
        match allows(&ask(transport, url, origin, Some((method, ""))).await?, origin) {
            true => allowed.push(method),
            false => missing.push(method),
        }
    }
    let mut said = match (allowed.is_empty(), missing.is_empty()) {
        (true, _) => return Ok(vec![format!("no rule lets pages of {origin} in")]),
        (_, true) => Vec::new(),
        _ => vec![format!("these methods are not allowed: {}", missing.join(", "))],
    };
    for method in allowed {
        if !allows(&ask(transport, url, origin, Some((method, SENT))).await?, origin) {
            said.push(format!("a header of {SENT} is not allowed for {method}"));
            break;
        }
    }
    let answer = ask(transport, url, origin, None).await?;
    let exposed = header(&answer, "access-control-expose-headers").to_ascii_lowercase();
    let is_exposed = |name: &&str| {
        let mut patterns = exposed.split(',').map(str::trim);
        patterns.any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => *name == pattern,
        })
    };
    let hidden: Vec<_> = SEEN.into_iter().filter(|name| !is_exposed(name)).collect();
    if !hidden.is_empty() {
        said.push(format!("these headers are not exposed: {}", hidden.join(", ")));
    }
    Ok(said)
}

/// Asks whether a method and headers are allowed, without the token; or lists, with it.
async fn ask(
    transport: &NativeTransport,
    url: &SasUrl,
    origin: &str,
    preflight: Option<(&str, &str)>,
) -> Result<Response<()>, String> {
    let request = Request::builder().header("origin", origin);
    let request = match preflight {
        Some((method, headers)) => {
            let request = request
                .method("OPTIONS")
                .uri(url.to_string())
                .header("access-control-request-method", method);
            match headers {
                "" => request,
                headers => request.header("access-control-request-headers", headers),
            }
        }
        None => {
            let whole = url.to_secret();
            let list = SecretText::from(format!(
                "{}&restype=container&comp=list&maxresults=1",
                whole.expose_secret()
            ));
            request.uri(list.expose_secret())
        }
    };
    let request = request
        .body(Bytes::new())
        .map_err(|_| "the origin is none".to_owned())?;
    let answer = transport.send(request).await.map_err(|error| error.to_string())?;
    Ok(answer.map(drop))
}

fn allows(answer: &Response<()>, origin: &str) -> bool {
    let allowed = header(answer, "access-control-allow-origin");
    answer.status().is_success() && (allowed == "*" || allowed == origin)
}

fn header<'a>(answer: &'a Response<()>, name: &str) -> &'a str {
    let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}
