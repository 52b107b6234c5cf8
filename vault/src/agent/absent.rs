//! Systems on which no agent listens yet: everything works with the passphrase.

use std::io;
use std::path::{Path, PathBuf};

use tokio::io::DuplexStream;

use super::{AgentError, Connect, Listen, Result};

/// Where the agent of this user would listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket(PathBuf);

/// Nothing listens.
#[derive(Debug)]
pub enum SocketListener {}

impl Socket {
    /// A place in the folder for data.
    #[must_use]
    pub fn choose(_runtime: Option<&Path>, data: &Path) -> Self {
        Self(data.join("run"))
    }

    /// The path of the socket.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Listens there.
    ///
    /// # Errors
    ///
    /// Always [`AgentError::Unavailable`].
    pub fn listen(&self) -> Result<SocketListener> {
        Err(AgentError::Unavailable {
            path: self.0.clone(),
            source: io::ErrorKind::Unsupported.into(),
        })
    }
}

impl Connect for Socket {
    type Stream = DuplexStream;

    async fn connect(&self) -> Result<Self::Stream> {
        Err(AgentError::NotRunning)
    }
}

impl Listen for SocketListener {
    type Stream = DuplexStream;

    async fn accept(&self) -> io::Result<Self::Stream> {
        match *self {}
    }
}
