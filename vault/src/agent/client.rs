//! What a program asks its user's agent.
//!
//! Each request is a connection: connect, one frame there, one frame back. So an agent that was replaced in between is
//! noticed at once, and no state is shared between requests. The whole exchange has a second, because a program that
//! waits for an agent which was stopped (`SIGSTOP`) would hang before it could ask for the passphrase.
//!
//! To ask for a key, and to forget one, an agent that is not running is an answer and no error. To put a key, it is an
//! error: the caller starts one.

use std::io;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::timeout;
use zkvault_core::keyring::{UnlockKey, UnlockKeyId};

use super::cache::Limits;
use super::message::{Frame, Request, Response, VERSION};
use super::{AgentError, Connect, Result, Socket, Status};

/// How long an agent may take to respond: it only looks something up. A process that was stopped responds to nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// The agent of this user, whether there is one or not. Each request is a connection of its own, and blocks: not to be
/// used from within a `tokio` runtime.
///
/// `C` is the way to it: a test, or a program that has its own, gives a different one.
#[derive(Debug)]
pub struct Agent<C = Socket>(C);

impl<C: Connect> Agent<C> {
    /// The agent that listens there.
    pub fn new(place: C) -> Self {
        Self(place)
    }

    /// Where it listens.
    pub fn place(&self) -> &C {
        &self.0
    }

    /// The unlock key of this name; `None` when the agent has none, or there is no agent.
    ///
    /// # Errors
    ///
    /// Every [`AgentError`] but [`AgentError::NotRunning`]. The passphrase opens the keyring then.
    pub fn key(&self, id: UnlockKeyId) -> Result<Option<UnlockKey>> {
        match self.ask(&Request::Get(id)) {
            Ok(Response::Key(key)) => Ok(Some(key)),
            Ok(Response::Unknown) | Err(AgentError::NotRunning) => Ok(None),
            other => Err(unexpected(other)),
        }
    }

    /// Has the agent keep a key.
    ///
    /// # Errors
    ///
    /// [`AgentError`]: of an agent that is about to end, [`AgentError::NotRunning`].
    pub fn put(&self, id: UnlockKeyId, key: &UnlockKey, limits: Limits) -> Result<()> {
        match self.ask(&Request::Put(id, copy(key)?, limits))? {
            Response::Done => Ok(()),
            Response::Full => Err(AgentError::Full),
            other => Err(unexpected(Ok(other))),
        }
    }

    /// Has the agent keep a key in place of the one that is called `old`, for as long as it would have kept that. Whether
    /// it had that one; if not, it keeps nothing.
    ///
    /// # Errors
    ///
    /// Every [`AgentError`] but [`AgentError::NotRunning`].
    pub fn replace(&self, old: UnlockKeyId, id: UnlockKeyId, key: &UnlockKey) -> Result<bool> {
        self.found(&Request::Replace(old, id, copy(key)?))
    }

    /// Has the agent forget a key; whether it had it.
    ///
    /// # Errors
    ///
    /// As for [`Self::replace`].
    pub fn forget(&self, id: UnlockKeyId) -> Result<bool> {
        self.found(&Request::Forget(id))
    }

    /// Has the agent forget every key, whatever its version; whether there is an agent.
    ///
    /// # Errors
    ///
    /// As for [`Self::replace`].
    pub fn lock(&self) -> Result<bool> {
        self.order(&Request::Lock)
    }

    /// Ends an agent of an earlier version, or of this one; whether there was an agent. One of a later version stays.
    ///
    /// # Errors
    ///
    /// As for [`Self::replace`]; [`AgentError::OtherVersion`] of one of a later version.
    pub fn stop(&self) -> Result<bool> {
        self.order(&Request::Stop)
    }

    /// What the agent says about itself; `None` when there is none.
    ///
    /// # Errors
    ///
    /// As for [`Self::replace`].
    pub fn status(&self) -> Result<Option<Status>> {
        match self.ask(&Request::Status) {
            Ok(Response::Status(status)) => Ok(Some(status)),
            Err(AgentError::NotRunning) => Ok(None),
            other => Err(unexpected(other)),
        }
    }

    /// A request about one key; whether there was one.
    fn found(&self, request: &Request) -> Result<bool> {
        match self.ask(request) {
            Ok(Response::Done) => Ok(true),
            Ok(Response::Unknown) | Err(AgentError::NotRunning) => Ok(false),
            other => Err(unexpected(other)),
        }
    }

    /// What every version does.
    fn order(&self, request: &Request) -> Result<bool> {
        let response = self.exchange(request);
        match response.map(|frame| (Response::of_frame(&frame), frame.version)) {
            Ok((Some(Response::Done), _)) => Ok(true),
            Ok((_, theirs)) if theirs != VERSION => Err(AgentError::OtherVersion { theirs }),
            Ok(_) => Err(malformed()),
            Err(AgentError::NotRunning) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What this version does. The frame is the same in every version, so a different one is told apart from garbage.
    fn ask(&self, request: &Request) -> Result<Response> {
        let frame = self.exchange(request)?;
        match frame.version {
            VERSION => Response::of_frame(&frame).ok_or_else(malformed),
            theirs => Err(AgentError::OtherVersion { theirs }),
        }
    }

    /// One connection, in a runtime of its own, within [`PATIENCE`].
    fn exchange(&self, request: &Request) -> Result<Frame> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(AgentError::Unresponsive)?;
        let exchanged = async {
            let mut stream = self.0.connect().await?;
            let sent = request.frame().write(&mut stream).await;
            sent.map_err(AgentError::Unresponsive)?;
            Frame::read(&mut stream).await.map_err(ended)
        };
        let in_time = async { timeout(PATIENCE, exchanged).await };
        let late = |_| AgentError::Unresponsive(io::ErrorKind::TimedOut.into());
        runtime.block_on(in_time).map_err(late)?
    }
}

/// A second one on the heap, for a request that wipes what it holds.
fn copy(key: &UnlockKey) -> Result<UnlockKey> {
    UnlockKey::from_slice(key.expose_secret()).map_err(|error| AgentError::Unresponsive(io::Error::other(error)))
}

/// An agent that ends closes its connections.
fn ended(error: io::Error) -> AgentError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            AgentError::NotRunning
        }
        _ => AgentError::Unresponsive(error),
    }
}

fn unexpected(response: Result<Response>) -> AgentError {
    match response {
        Ok(Response::Ending) => AgentError::NotRunning,
        Ok(_) => malformed(),
        Err(error) => error,
    }
}

fn malformed() -> AgentError {
    AgentError::Unresponsive(io::Error::new(
        io::ErrorKind::InvalidData,
        "the response is not of the protocol",
    ))
}
