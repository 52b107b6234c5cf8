//! The end of a login in the browser: a listener on the loopback interface (RFC 8252 §7.3) that serves one page.
//!
//! Anyone on this machine can connect to it, and browsers open connections on which they say nothing. So connections
//! are served side by side, and none of them ends the login but the one that brings its answer.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use zeroize::Zeroizing;
use zkvault_core::SecretText;

use super::authorization::{Authorization, AuthorizationError, RedirectUri};
use crate::marker::BoxFuture;

const PATH: &str = "/callback";
/// The longest head of a request that is read, in bytes.
const MAX_HEAD_LEN: usize = 16 * 1024;
/// How long one connection may take.
const CONNECTION_TIME: Duration = Duration::from_secs(5);
/// Connections that are served side by side. One more takes the place of the oldest, which has said nothing for the
/// longest time.
const MAX_CONNECTIONS: usize = 64;
/// How long to wait after a connection could not be accepted, as when the process has too many files open.
const PAUSE: Duration = Duration::from_millis(50);

const DONE: &str = "You are logged in. You can close this page and go back to the terminal.";
const REFUSED: &str = "The login was refused. The terminal says more.";
const NOT_OURS: &str = "This is not the login that the terminal waits for.";

/// Listens on 127.0.0.1 for the browser that comes back from a login.
pub struct LoopbackRedirect {
    listener: TcpListener,
    address: SocketAddr,
}

/// How a login ended.
type Outcome = Result<SecretText, LoopbackError>;

/// Connections that are being served, the oldest first.
#[derive(Default)]
struct Visitors<'a>(VecDeque<BoxFuture<'a, Option<Outcome>>>);

impl<'a> Visitors<'a> {
    fn add(&mut self, visitor: BoxFuture<'a, Option<Outcome>>) {
        if self.0.len() == MAX_CONNECTIONS {
            self.0.pop_front();
        }
        self.0.push_back(visitor);
    }

    /// Serves all of them; ready when one was the browser.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Outcome> {
        let mut outcome = None;
        self.0.retain_mut(|visitor| match visitor.as_mut().poll(context) {
            Poll::Pending => true,
            Poll::Ready(ended) => {
                outcome = outcome.take().or(ended);
                false
            }
        });
        outcome.map_or(Poll::Pending, Poll::Ready)
    }
}

impl LoopbackRedirect {
    /// Listens at a port, 0 for any free one; some services want the port to be registered beforehand.
    ///
    /// # Errors
    /// [`LoopbackError::Listen`] when the port is not available.
    pub async fn bind(port: u16) -> Result<Self, LoopbackError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(|error| LoopbackError::Listen(error.kind()))?;
        let address = listener
            .local_addr()
            .map_err(|error| LoopbackError::Listen(error.kind()))?;
        Ok(Self { listener, address })
    }

    /// The address to come back to, `http://127.0.0.1:PORT/callback`.
    ///
    /// # Errors
    /// Never for an address that can be listened on; it saves a panic.
    pub fn redirect_uri(&self) -> Result<RedirectUri, LoopbackError> {
        let uri = RedirectUri::parse(&format!("http://{}{PATH}", self.address));
        uri.map_err(|_| LoopbackError::Listen(io::ErrorKind::AddrNotAvailable))
    }

    /// Waits for the browser, and gives the code it brings. Other visitors are sent away, however many they are.
    ///
    /// # Errors
    /// [`LoopbackError::Timeout`] when nobody came in `patience`, [`LoopbackError::Refused`] when the service or the
    /// user said no.
    pub async fn wait(self, authorization: &Authorization, patience: Duration) -> Result<SecretText, LoopbackError> {
        let mut visitors = Visitors::default();
        let serve = async {
            loop {
                tokio::select! {
                    outcome = poll_fn(|context| visitors.poll(context)) => return outcome,
                    accepted = self.listener.accept() => match accepted {
                        Ok((stream, _)) => visitors.add(Box::pin(self.visit(stream, authorization))),
                        Err(_) => tokio::time::sleep(PAUSE).await,
                    },
                }
            }
        };
        timeout(patience, serve).await.unwrap_or(Err(LoopbackError::Timeout))
    }

    /// Serves one visitor for a while. One who is slow or leaves is not the browser.
    async fn visit(&self, stream: TcpStream, authorization: &Authorization) -> Option<Outcome> {
        timeout(CONNECTION_TIME, self.receive(stream, authorization))
            .await
            .ok()
            .flatten()
    }

    /// Serves one visitor; says how the login ended if this was the browser.
    async fn receive(&self, stream: TcpStream, authorization: &Authorization) -> Option<Outcome> {
        let mut stream = BufReader::new(stream);
        let head = read_head(&mut stream).await?;
        let (status, page, outcome) = match self.query(&head).map(|query| authorization.code(query)) {
            Some(Ok(code)) => ("200 OK", DONE, Some(Ok(code))),
            Some(Err(refused @ AuthorizationError::Refused(_))) => {
                ("200 OK", REFUSED, Some(Err(LoopbackError::Refused(refused))))
            }
            Some(Err(_)) => ("400 Bad Request", NOT_OURS, None),
            None => ("404 Not Found", NOT_OURS, None),
        };
        // The code is here, whether or not the browser gets its page.
        let _ = stream.write_all(response(status, page).as_bytes()).await;
        let _ = stream.shutdown().await;
        outcome
    }

    /// The query of a `GET` of our path under our own name: other names that lead here are an attack.
    fn query<'a>(&self, head: &'a str) -> Option<&'a str> {
        let (request_line, headers) = head.split_once("\r\n")?;
        let (target, version) = request_line.strip_prefix("GET ")?.rsplit_once(' ')?;
        if !matches!(version, "HTTP/1.1" | "HTTP/1.0") {
            return None;
        }
        let (path, query) = target.split_once('?')?;
        let mut hosts = headers.lines().filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("host").then_some(value.trim())
        });
        let ours = hosts.next() == Some(self.address.to_string().as_str()) && hosts.next().is_none();
        (path == PATH && ours).then_some(query)
    }
}

/// Reads up to the empty line.
async fn read_head(stream: &mut BufReader<TcpStream>) -> Option<Zeroizing<String>> {
    let mut head = Zeroizing::new(Vec::with_capacity(MAX_HEAD_LEN));
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == MAX_HEAD_LEN {
            return None;
        }
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(std::mem::take(&mut head)).map(Zeroizing::new).ok()
}

fn response(status: &str, text: &str) -> String {
    let page = format!("<!DOCTYPE html>\n<meta charset=\"utf-8\"><title>zkvault</title><p>{text}</p>\n");
    let length = page.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {length}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\ncontent-security-policy: default-src 'none'\r\n\
         x-content-type-options: nosniff\r\nconnection: close\r\n\r\n{page}"
    )
}

impl fmt::Debug for LoopbackRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listener: _, address } = self;
        f.debug_struct("LoopbackRedirect").field("address", address).finish()
    }
}

/// The browser did not bring a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoopbackError {
    /// The port is not available.
    #[error("cannot listen for the browser on this machine: {0}")]
    Listen(io::ErrorKind),
    /// Nobody came in time.
    #[error("the browser did not come back in time")]
    Timeout,
    /// The service or the user refused.
    #[error(transparent)]
    Refused(AuthorizationError),
}
