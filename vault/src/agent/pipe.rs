//! The agent's pipe on Windows: what it is called, and what is checked before a key is sent or given out.
//!
//! The pipe's list lets this user in and nobody else, remote machines not at all, and the first process that makes a pipe
//! of this name is the only one. A program looks whose the pipe is before it sends anything: somebody else may have made
//! one of this name before the agent did.

use std::io;
use std::path::{Path, PathBuf};

use interprocess::os::windows::named_pipe::tokio::{PipeListener, PipeStream};
use interprocess::os::windows::named_pipe::{PipeListenerOptions, pipe_mode::Bytes};
use interprocess::os::windows::security_descriptor::SecurityDescriptor;
use sha2::{Digest as _, Sha256};
use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient};
use widestring::U16CString;

use super::{AgentError, Connect, Distrust, Listen, Result};
use crate::fs::FileLock;
use crate::fs::windows::{is_mine, me};

const LOCK: &str = "agent.lock";
/// All instances of the pipe are connected: the agent makes the next one at once.
const ERROR_PIPE_BUSY: i32 = 231;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(5);
/// Bytes of the digest in the pipe's name: enough that two users, or two folders, never share one.
const DIGEST_LEN: usize = 16;

/// Where the agent of this user listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    folder: PathBuf,
    path: PathBuf,
}

impl Socket {
    /// The pipe of this user and the folder for `data`. There are no folders for sockets here.
    #[must_use]
    pub fn choose(_runtime: Option<&Path>, data: &Path) -> Self {
        let user = me().map(|[sid, _]| sid).unwrap_or_default();
        let folder = data.join("run");
        let mut digest = Sha256::new();
        digest.update(user.as_bytes());
        digest.update([0]);
        digest.update(folder.as_os_str().as_encoded_bytes());
        let digest = hex::encode(digest.finalize().get(..DIGEST_LEN).unwrap_or_default());
        let path = PathBuf::from(format!(r"\\.\pipe\zkv-agent-{digest}"));
        Self { folder, path }
    }

    /// The path of the pipe.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Listens there, as the only agent of this user. To be called within a `tokio` runtime.
    ///
    /// # Errors
    ///
    /// [`AgentError::Running`] when there is an agent; [`AgentError::Unavailable`] where a pipe of this name exists, or
    /// the system makes none.
    pub fn listen(&self) -> Result<SocketListener> {
        let lock = self.folder.join(LOCK);
        let held = FileLock::try_take(&lock)?;
        let held = held.ok_or_else(|| AgentError::Running(FileLock::holder(&lock)))?;
        let pipe = this_users_alone(&self.path).map_err(|error| self.unavailable(error))?;
        Ok(SocketListener { pipe, _held: held })
    }

    fn unavailable(&self, source: io::Error) -> AgentError {
        let path = self.path.clone();
        AgentError::Unavailable { path, source }
    }

    /// Opens the pipe. While an agent serves others as fast as it can, there may be no free end for a moment; the caller
    /// has a time limit.
    async fn open(&self) -> io::Result<NamedPipeClient> {
        loop {
            match ClientOptions::new().open(&self.path) {
                Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => tokio::time::sleep(PAUSE).await,
                opened => return opened,
            }
        }
    }
}

fn this_users_alone(path: &Path) -> io::Result<PipeListener<Bytes, Bytes>> {
    let [user, _] = me()?;
    let list = U16CString::from_str(descriptor(&user)).map_err(io::Error::other)?;
    let descriptor = SecurityDescriptor::deserialize(&list)?;
    let options = PipeListenerOptions::new()
        .path(path)
        .security_descriptor(Some(descriptor));
    options.create_tokio_duplex()
}

/// One owner, and one entry: everything is allowed to that user. Nothing is inherited.
fn descriptor(user: &str) -> String {
    format!("O:{user}D:P(A;;GA;;;{user})")
}

impl Connect for Socket {
    type Stream = NamedPipeClient;

    async fn connect(&self) -> Result<NamedPipeClient> {
        let pipe = self.open().await.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => AgentError::NotRunning,
            // A pipe that lets this user not in is somebody else's.
            io::ErrorKind::PermissionDenied => self.distrusted(),
            _ => self.unavailable(error),
        })?;
        match is_mine(&pipe).map_err(|error| self.unavailable(error))? {
            true => Ok(pipe),
            false => Err(self.distrusted()),
        }
    }
}

impl Socket {
    fn distrusted(&self) -> AgentError {
        AgentError::Distrusted {
            path: self.path.clone(),
            source: Distrust::OtherUser,
        }
    }
}

/// An agent's pipe, while it listens.
#[derive(Debug)]
pub struct SocketListener {
    pipe: PipeListener<Bytes, Bytes>,
    _held: FileLock,
}

impl Listen for SocketListener {
    type Stream = PipeStream<Bytes, Bytes>;

    /// A program that got in is of this user: the system has compared them with the pipe's list.
    async fn accept(&self) -> io::Result<Self::Stream> {
        self.pipe.accept().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pipe_lets_one_user_in() {
        assert_eq!(descriptor("S-1-5-21-1"), "O:S-1-5-21-1D:P(A;;GA;;;S-1-5-21-1)");
        let [user, _] = me().unwrap();
        let list = U16CString::from_str(descriptor(&user)).unwrap();
        SecurityDescriptor::deserialize(&list).unwrap();
    }

    #[test]
    fn every_folder_has_a_pipe_of_its_own() {
        let place = |data: &str| Socket::choose(None, Path::new(data));
        assert_eq!(place(r"C:\a"), place(r"C:\a"));
        assert_ne!(place(r"C:\a").path(), place(r"C:\b").path());
        assert!(place(r"C:\a").path().starts_with(r"\\.\pipe\"));
    }

    #[tokio::test]
    async fn there_is_one_agent_and_it_is_this_users() {
        let data = tempfile::tempdir().unwrap();
        let place = Socket::choose(None, data.path());
        assert!(matches!(place.connect().await, Err(AgentError::NotRunning)));
        let listener = place.listen().unwrap();
        assert!(matches!(place.listen(), Err(AgentError::Running(_))));
        place.connect().await.unwrap();
        drop(listener);
        let _again = place.listen().unwrap();
    }
}
