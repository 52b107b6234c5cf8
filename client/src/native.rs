//! A transport for native programs: reqwest with rustls, in the Tokio runtime of the caller.

mod proxy;
mod sending;
mod trust;

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

use crate::transport::{Body, Transport, TransportError, TransportFault};

/// Headers of a response: a blob may have hundreds of metadata, each of which is one.
const MAX_HEADERS: usize = 1024;

/// HTTP on reqwest: TLS by rustls and AWS-LC, the platform's root certificates, no redirects, no cookies.
///
/// Costs nothing until it sends: the root certificates are read with the first `https` request.
pub struct NativeTransport {
    timeouts: Timeouts,
    /// For `https`.
    secure: OnceLock<Client>,
    /// For `http`, which addresses of services have on the loopback interface only.
    plain: OnceLock<Client>,
    notice: Option<Notice>,
}

/// Takes what a transport waits for: in words, and for how long where that is known.
pub type Notice = fn(reason: &str, pause: Option<Duration>);

/// In so much time of waiting for a body, [`MIN_MOVED`] bytes come at least.
const PACE: Duration = Duration::from_secs(60);
/// So few that no line is as slow: a service that sends a byte now and then is silent in another way.
const MIN_MOVED: u64 = 16 << 10;

/// How long nothing comes before that is worth a notice.
const QUIET: Duration = Duration::from_secs(2);

/// How long a transport waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, with its TLS handshake.
    pub connect: Duration,
    /// For the next bytes of a request or response. After the last byte of a long request, as much longer as a slow
    /// line takes for what the system has not sent yet.
    pub idle: Duration,
    /// For a whole exchange, from connecting to the last byte of the response.
    pub whole: Duration,
}

/// 10 seconds to connect, 30 without a byte, 10 minutes in all. Whatever these are, a body of which less than 16 KiB come
/// in a minute is given up.
impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            whole: Duration::from_secs(600),
        }
    }
}

impl NativeTransport {
    /// With the default [`Timeouts`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_timeouts(Timeouts::default())
    }

    /// With timeouts of one's own.
    #[must_use]
    pub fn with_timeouts(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            secure: OnceLock::new(),
            plain: OnceLock::new(),
            notice: None,
        }
    }

    /// Tells what it waits for: when a request is sent again, and when a service lets us wait for longer than two
    /// seconds.
    #[must_use]
    pub fn with_notice(self, notice: Notice) -> Self {
        let notice = Some(notice);
        Self { notice, ..self }
    }

    fn client(&self, secure: bool) -> Result<&Client, TransportError> {
        let place = if secure { &self.secure } else { &self.plain };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let builder = if secure { secure_builder() } else { plain_builder() };
        let client = self.build(builder).map_err(|error| failure(&error))?;
        Ok(place.get_or_init(|| client))
    }

    fn build(&self, builder: ClientBuilder) -> reqwest::Result<Client> {
        let Timeouts {
            connect,
            idle: _,
            whole,
        } = self.timeouts;
        builder
            .user_agent(concat!("zkvault/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_max_headers(MAX_HEADERS)
            .connect_timeout(connect)
            .timeout(whole)
            .build()
    }
}

fn secure_builder() -> ClientBuilder {
    // Another part of the program may have chosen a provider before: then that one stays.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder().https_only(true)
}

/// Without root certificates, and past any proxy: what goes to this machine stays on it.
fn plain_builder() -> ClientBuilder {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder().tls_certs_only([]).no_proxy()
}

impl Default for NativeTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for NativeTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            timeouts,
            secure: _,
            plain: _,
            notice: _,
        } = self;
        f.debug_struct("NativeTransport").field("timeouts", timeouts).finish()
    }
}

impl Transport for NativeTransport {
    type Body = NativeBody;

    async fn send(&self, request: Request<Bytes>) -> Result<Response<NativeBody>, TransportError> {
        let secure = request.uri().scheme_str() != Some("http");
        let address = request.uri().clone();
        let (parts, body) = request.into_parts();
        let (body, progress) = sending::Watched::new(body);
        let request = Request::from_parts(parts, reqwest::Body::wrap(body));
        let request = reqwest::Request::try_from(request).map_err(|error| failure(&error))?;
        let (idle, notice) = (self.timeouts.idle, self.notice);
        let host = request.url().host_str().unwrap_or_default().to_owned();
        if secure {
            proxy::check(&address)?;
        }
        let answer = tokio::select! {
            answer = noticed(self.client(secure)?.execute(request), notice, &host) => answer,
            () = sending::stuck(&progress, idle) => return Err(silent(idle)),
        };
        let mut answer = answer.map_err(|error| match error.is_connect() && secure {
            true => not_connected(&error, &address),
            false => failure(&error),
        })?;
        let headers = std::mem::take(answer.headers_mut());
        let mut response = Response::new(());
        *response.status_mut() = answer.status();
        *response.headers_mut() = headers;
        let body = NativeBody {
            answer,
            idle,
            notice,
            host,
            pace: Pace::default(),
        };
        Ok(response.map(|()| body))
    }

    fn waiting(&self, reason: &str, pause: Duration) {
        if let Some(notice) = self.notice {
            notice(reason, Some(pause));
        }
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> u64 {
        // A clock before 1970 is 1970.
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs())
    }
}

/// A response's body on its way.
pub struct NativeBody {
    answer: reqwest::Response,
    idle: Duration,
    notice: Option<Notice>,
    host: String,
    pace: Pace,
}

/// How fast a body comes. The time in which nobody asks for it does not count.
#[derive(Debug, Default)]
struct Pace {
    waited: Duration,
    moved: u64,
}

impl Pace {
    /// Notes a chunk, and how long it was waited for. Says whether the body moves.
    fn moves(&mut self, waited: Duration, bytes: usize) -> bool {
        self.waited = self.waited.saturating_add(waited);
        self.moved = self.moved.saturating_add(bytes as u64);
        if self.waited < PACE {
            return true;
        }
        let moves = self.moved >= MIN_MOVED;
        *self = Self::default();
        moves
    }
}

/// Waits for something of a host, and says so when it takes long.
async fn noticed<T>(work: impl Future<Output = T>, notice: Option<Notice>, host: &str) -> T {
    let mut work = std::pin::pin!(work);
    if let Some(notice) = notice {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(QUIET) => notice(&format!("{host} has not answered yet"), None),
        }
    }
    work.await
}

impl Body for NativeBody {
    async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        let asked = Instant::now();
        let chunk = noticed(self.answer.chunk(), self.notice, &self.host);
        let chunk = match tokio::time::timeout(self.idle, chunk).await {
            Ok(chunk) => chunk.map_err(|error| failure(&error))?,
            Err(_) => return Err(silent(self.idle)),
        };
        let bytes = chunk.as_ref().map(Bytes::len);
        match bytes.is_none_or(|bytes| self.pace.moves(asked.elapsed(), bytes)) {
            true => Ok(chunk),
            false => Err(slow()),
        }
    }
}

impl fmt::Debug for NativeBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            answer: _,
            idle: _,
            notice: _,
            host: _,
            pace: _,
        } = self;
        f.write_str("NativeBody")
    }
}

fn silent(idle: Duration) -> TransportError {
    TransportError::new(TransportFault::Timeout, format!("nothing moved for {idle:?}"))
}

fn slow() -> TransportError {
    TransportError::new(
        TransportFault::Timeout,
        format!("less than {} KiB came in {PACE:?}", MIN_MOVED >> 10),
    )
}

/// No connection came about: a proxy may be why, and then it is named.
fn not_connected(error: &reqwest::Error, address: &http::Uri) -> TransportError {
    let failed = failure(error);
    match proxy::of_environment(address) {
        Some(proxy) => TransportError::new(failed.fault(), proxy::explain(&proxy, &failed.to_string())),
        None => of_host(failed, address),
    }
}

/// A name that is not known is mostly a name that was mistyped: it is shown. The system's reason does not have it.
fn of_host(failed: TransportError, address: &http::Uri) -> TransportError {
    let reason = failed.to_string();
    let is_unknown = reason.contains("lookup address") || reason.contains("(os error 11001)");
    match address.host() {
        Some(host) if is_unknown => TransportError::new(failed.fault(), format!("no address of {host}: {reason}")),
        _ => failed,
    }
}

/// The reason is the innermost one: the outer ones say no more than that a request failed, and for which address.
fn failure(error: &reqwest::Error) -> TransportError {
    let fault = if error.is_connect() {
        TransportFault::Connect
    } else if error.is_timeout() {
        TransportFault::Timeout
    } else {
        TransportFault::Broken
    };
    let mut inner: &dyn Error = error;
    loop {
        if let Some(untrusted) = trust::of_certificate(inner) {
            return untrusted;
        }
        if trust::is_no_tls(inner) {
            return TransportError::new(fault, trust::NO_TLS);
        }
        match inner.source() {
            Some(source) => inner = source,
            None => break,
        }
    }
    match inner.downcast_ref::<reqwest::Error>() {
        Some(_) => TransportError::new(fault, "the request could not be sent"),
        None => TransportError::new(fault, inner.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_drips_is_given_up_and_a_slow_one_is_not() {
        let chunks = |waited: u64, bytes| {
            let mut pace = Pace::default();
            (0..10_000)
                .take_while(|_| pace.moves(Duration::from_millis(waited), bytes))
                .count()
        };
        assert_eq!(chunks(300, 1), 199, "a byte now and then, for a minute");
        assert_eq!(chunks(29_000, 4096), 2, "a page in half a minute");
        assert_eq!(chunks(1000, 300), 10_000, "a very slow line");
        assert_eq!(chunks(0, 1), 10_000, "what is there already");
    }
}
