//! The agent: a process of one user that keeps unlock keys in memory for a while, so that a passphrase is typed once
//! (docs/spec/agent.md).
//!
//! It is a cache and nothing else. It opens no keyring, reads no file, speaks to no network, and prints no secret. A
//! program that has a keyring's file asks for the key of that file by its [name](zkvault_core::keyring::UnlockKeyId).
//! Without an agent everything works as before, with the passphrase.
//!
//! [`Socket`] is where it listens, and decides whom to trust; [`Agent`] asks it; [`serve`] is the agent itself.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! use std::thread;
//!
//! use zkvault::agent::{Agent, Cache, Limits, Socket, Stay, SystemClock, serve};
//! use zkvault::core::keyring::{UnlockKey, UnlockKeyId};
//! use zkvault::fs::create_private_folder;
//!
//! // The process that keeps keys.
//! let sockets = folder.path().join("sockets");
//! create_private_folder(&sockets)?;
//! let socket = Socket::choose(Some(&sockets), folder.path());
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! let listener = { let _within = runtime.enter(); socket.listen()? };
//! thread::spawn(move || runtime.block_on(serve(&listener, Cache::new(SystemClock), Stay::Always, false)));
//!
//! // A program that has a keyring's file: its header gives the name.
//! let (agent, id) = (Agent::new(socket), UnlockKeyId::from_bytes([7; 32]));
//! assert!(agent.key(id)?.is_none(), "the passphrase is asked for");
//! agent.put(id, &UnlockKey::from_slice(&[1; 32])?, Limits::default())?;
//! assert!(agent.key(id)?.is_some());
//! assert!(agent.lock()?, "there is an agent, and it has forgotten everything");
//! assert!(agent.key(id)?.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! # What protects the keys
//!
//! The boundary is the user of the operating system. Whatever runs as this user gets every key while it is unlocked;
//! nothing that runs as a different one, root included, is answered or trusted with a key. Both ends check that: the
//! folder, the socket, and the process at the other end (on Windows the owner and the list of the pipe). Keys are wiped
//! when they are forgotten, when the agent ends, and when the machine was asleep; whether the memory is locked against
//! the swap is for the process to arrange and to say ([`Status::is_memory_locked`]).
//!
//! An agent that is killed leaves the file of its lock and its socket, at which nobody listens; the next one replaces
//! the socket under that lock. Nothing else is left, since nothing else was written.

mod cache;
mod client;
mod clock;
mod message;
mod server;
#[cfg(unix)]
mod socket;
#[cfg(windows)]
#[path = "agent/pipe.rs"]
mod socket;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use zkvault_core::keyring::UnlockKeyId;

pub use self::cache::{Cache, Limits, LimitsError, MAX_ENTRIES, MAX_LIMIT};
pub use self::client::Agent;
pub use self::clock::{Clock, SystemClock};
pub use self::message::VERSION;
pub use self::server::{Stay, serve};
pub use self::socket::{Socket, SocketListener};
use crate::fs::{FileError, LockHolder};

/// A way to reach an agent: a socket, or a pipe that has a name.
pub trait Connect {
    /// A connection whose other end was found to be of this user.
    type Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send;

    /// Connects, after everything was checked that has to be checked before a key is sent.
    fn connect(&self) -> impl Future<Output = Result<Self::Stream>> + Send;
}

/// Where an agent waits for the programs of its user.
pub trait Listen: Send + Sync {
    /// A connection whose other end was found to be of this user.
    type Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static;

    /// Waits for a connection. Those of other users are closed, and not returned.
    fn accept(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

/// What an agent says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The number of its process.
    pub process: u32,
    /// Whether its memory is never written to a swap.
    pub is_memory_locked: bool,
    /// Whether it stays when it has no keys.
    pub stay: Stay,
    /// The keys that it has.
    pub entries: Vec<EntryStatus>,
}

/// A key that an agent has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryStatus {
    /// Its name.
    pub id: UnlockKeyId,
    /// How long it is kept if nobody asks for it, in whole seconds.
    pub idle_left: Duration,
    /// How long it is kept at most, in whole seconds.
    pub age_left: Duration,
}

/// Why a folder, a socket or a process is not trusted with keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Distrust {
    /// It belongs to a different user.
    #[error("it belongs to user {0}")]
    Owner(u32),
    /// Other users can get at it.
    #[error("its mode is {0:04o}: other users may use it")]
    Mode(u32),
    /// It is a symbolic link, a file, or anything else but what it has to be.
    #[error("it is a link, a file or a folder that does not belong there")]
    Kind,
    /// It belongs to a different user, who has no number here.
    #[error("it belongs to a different user")]
    OtherUser,
    /// The process at the other end is of a different user.
    #[error("the process that listens there is of user {0}")]
    Peer(u32),
}

/// The agent cannot be asked, or cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// No agent is running.
    #[error("no agent is running")]
    NotRunning,
    /// What is where the agent should be is not trusted. Nothing was sent.
    #[error("{} is not trusted with keys", path.display())]
    Distrusted {
        /// The folder or socket.
        path: PathBuf,
        /// Why not.
        source: Distrust,
    },
    /// The system has no such sockets, or not there.
    #[error("an agent cannot listen at {}", path.display())]
    Unavailable {
        /// Where it should.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It does not respond, or in a way that nothing of ours does.
    #[error("the agent did not respond")]
    Unresponsive(#[source] io::Error),
    /// It is of a different version of zkvault.
    #[error("the agent speaks version {theirs} of the protocol, and this program version {VERSION}")]
    OtherVersion {
        /// The version that it speaks.
        theirs: u8,
    },
    /// It keeps as many keys as it can.
    #[error("the agent keeps {MAX_ENTRIES} keys, and has no room for another")]
    Full,
    /// An agent is running already.
    #[error("an agent is running already")]
    Running(#[source] Option<LockHolder>),
    /// Its folder cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
}

type Result<T, E = AgentError> = std::result::Result<T, E>;

codes!(AgentError {
    Self::NotRunning => "no-agent",
    Self::Distrusted { .. } => "agent-distrusted",
    Self::Unavailable { .. } => "agent-unavailable",
    Self::Unresponsive(_) => "agent-unresponsive",
    Self::OtherVersion { .. } => "agent-version",
    Self::Full => "agent-full",
    Self::Running(_) => "agent-running",
    ;
    Self::File(error) => inner(error),
});

impl AgentError {
    /// Whether there is just no agent, which is no fault.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::NotRunning | Self::Unavailable { .. })
    }
}
