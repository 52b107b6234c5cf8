//! The agent's socket: where it is, and what is checked before a key is sent or given out.
//!
//! Both ends check the same: the folder and the socket are this user's, no links, and closed to everybody else; and the
//! process at the other end is of this user, root not excepted. In such a folder only this user, and the system, can put
//! anything.
//!
//! A path is looked at with `lstat` before it is used, so that a link counts as what it is. Nobody but this user and root
//! can exchange anything in the folder afterwards, since its mode is 0700; that is why a folder that others can write
//! to, such as `/tmp`, is never chosen. Whose the process at the other end is, the kernel says (`SO_PEERCRED`,
//! `getpeereid`), and not that process (threat model, Z57).
//!
//! On the disk are `agent.sock` (0600) and `agent.lock`, in a folder `zkv` of the runtime folder or `run` of the data
//! folder. Both may stay when the process is killed: the lock is then free, and the next agent replaces the socket.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

use super::{AgentError, Connect, Distrust, Listen, Result};
use crate::fs::{FileAction, FileError, FileLock, Unfinished, create_private_folder};

const NAME: &str = "agent.sock";
const LOCK: &str = "agent.lock";
/// Bits that must not be set on the folder or the socket.
const OTHERS: u32 = 0o077;

/// Where the agent of this user listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    folder: PathBuf,
    path: PathBuf,
}

impl Socket {
    /// The first of these folders that is this user's alone: `zkv` in `runtime`, the folder for sockets that the system
    /// made when the user logged in; the same in `/run/user/<user>`; else `run` in the folder for `data`. Never one in
    /// which others can put files.
    #[must_use]
    pub fn choose(runtime: Option<&Path>, data: &Path) -> Self {
        let system = PathBuf::from(format!("/run/user/{}", me()));
        let mut made_at_login = runtime.into_iter().chain([system.as_path()]);
        let own = made_at_login.find(|folder| folder.is_absolute() && check(folder, Kind::Folder, me()).is_ok());
        match own {
            Some(folder) => Self::in_folder(folder.join("zkv")),
            None => Self::in_folder(data.join("run")),
        }
    }

    /// The socket in this folder, which may not exist yet.
    fn in_folder(folder: PathBuf) -> Self {
        let path = folder.join(NAME);
        Self { folder, path }
    }

    /// The path of the socket.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Listens there, as the only agent of this user. A socket that an earlier one left behind is replaced. To be called
    /// within a `tokio` runtime.
    ///
    /// The order keeps two agents apart: folder, check, lock, and only then the socket of before is removed. Between
    /// the creation of the socket and its mode the folder alone keeps others out.
    ///
    /// # Errors
    ///
    /// [`AgentError::Running`] when there is an agent; [`AgentError::Distrusted`]; [`AgentError::Unavailable`] when the
    /// path is too long for a socket, or the file system has none.
    pub fn listen(&self) -> Result<SocketListener> {
        create_private_folder(&self.folder)?;
        check(&self.folder, Kind::Folder, me())?;
        let lock = self.folder.join(LOCK);
        let held = FileLock::try_take(&lock)?;
        let held = held.ok_or_else(|| AgentError::Running(FileLock::holder(&lock)))?;
        self.remove_what_is_left()?;
        let unfinished = Unfinished::new(&self.path);
        let listener = UnixListener::bind(&self.path).map_err(|error| self.unavailable(error))?;
        let closed = std::fs::set_permissions(&self.path, PermissionsExt::from_mode(0o600));
        closed.map_err(|error| FileError::system(FileAction::Create, &self.path, error))?;
        Ok(SocketListener {
            listener,
            path: self.path.clone(),
            _unfinished: unfinished,
            _held: held,
        })
    }

    /// Nobody listens there: we have the lock.
    fn remove_what_is_left(&self) -> Result<()> {
        match check(&self.path, Kind::Socket, me()) {
            Err(AgentError::NotRunning) => Ok(()),
            // It is ours, in our folder, and replaced by one with the right mode.
            Ok(())
            | Err(AgentError::Distrusted {
                source: Distrust::Mode(_),
                ..
            }) => {
                let removed = std::fs::remove_file(&self.path);
                Ok(removed.map_err(|error| FileError::system(FileAction::Write, &self.path, error))?)
            }
            Err(error) => Err(error),
        }
    }

    fn unavailable(&self, source: io::Error) -> AgentError {
        let path = self.path.clone();
        AgentError::Unavailable { path, source }
    }
}

impl Connect for Socket {
    type Stream = UnixStream;

    async fn connect(&self) -> Result<UnixStream> {
        check(&self.folder, Kind::Folder, me())?;
        check(&self.path, Kind::Socket, me())?;
        let stream = UnixStream::connect(&self.path)
            .await
            .map_err(|error| match error.kind() {
                // A socket that nobody listens at was left behind by an agent that was killed.
                io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => AgentError::NotRunning,
                _ => self.unavailable(error),
            })?;
        let peer = stream.peer_cred().map_err(|error| self.unavailable(error))?;
        check_peer(peer.uid(), me()).map_err(|source| AgentError::Distrusted {
            path: self.path.clone(),
            source,
        })?;
        Ok(stream)
    }
}

/// An agent's socket, while it listens. Removed when it is dropped.
#[derive(Debug)]
pub struct SocketListener {
    listener: UnixListener,
    path: PathBuf,
    /// Removed as well where a signal ends the program.
    _unfinished: Unfinished,
    _held: FileLock,
}

impl Drop for SocketListener {
    fn drop(&mut self) {
        // Before the lock is released: the next agent's socket is not ours to remove.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Listen for SocketListener {
    type Stream = UnixStream;

    async fn accept(&self) -> io::Result<UnixStream> {
        loop {
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) if is_of_one_connection(&error) => continue,
                Err(error) => return Err(error),
            };
            if stream
                .peer_cred()
                .is_ok_and(|peer| check_peer(peer.uid(), me()).is_ok())
            {
                return Ok(stream);
            }
        }
    }
}

/// Whether only the one that was about to connect is gone.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

/// This user, whatever the program was started with.
fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    Socket,
}

/// Whether something is of this kind, of user `me`, and closed to everybody else; [`AgentError::NotRunning`] when it is
/// not there.
fn check(path: &Path, kind: Kind, me: u32) -> Result<()> {
    let metadata = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(AgentError::NotRunning),
        Err(source) => {
            let path = path.to_owned();
            return Err(AgentError::Unavailable { path, source });
        }
    };
    judge(&metadata, kind, me).map_err(|source| AgentError::Distrusted {
        path: path.to_owned(),
        source,
    })
}

/// Kind before owner before mode: the error names the first thing that is wrong.
fn judge(metadata: &Metadata, kind: Kind, me: u32) -> std::result::Result<(), Distrust> {
    let is_of_kind = match kind {
        Kind::Folder => metadata.is_dir(),
        Kind::Socket => metadata.file_type().is_socket(),
    };
    let mode = metadata.mode() & 0o7777;
    match metadata.uid() {
        _ if !is_of_kind => Err(Distrust::Kind),
        owner if owner != me => Err(Distrust::Owner(owner)),
        _ if mode & OTHERS != 0 => Err(Distrust::Mode(mode)),
        _ => Ok(()),
    }
}

/// Root is a different user like any other.
fn check_peer(peer: u32, me: u32) -> std::result::Result<(), Distrust> {
    match peer == me {
        true => Ok(()),
        false => Err(Distrust::Peer(peer)),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }

    /// A folder as the system makes it at login.
    fn private() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        set_mode(folder.path(), 0o700);
        folder
    }

    fn distrust(result: Result<()>) -> Distrust {
        match result {
            Err(AgentError::Distrusted { source, .. }) => source,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn folders_and_sockets_of_others_are_not_trusted() {
        let folder = private();
        let path = folder.path();
        check(path, Kind::Folder, me()).unwrap();
        assert_eq!(distrust(check(path, Kind::Folder, me() + 1)), Distrust::Owner(me()));
        for mode in [0o701, 0o710, 0o770, 0o755, 0o1777] {
            set_mode(path, mode);
            assert_eq!(distrust(check(path, Kind::Folder, me())), Distrust::Mode(mode));
        }
        set_mode(path, 0o700);
        let socket = path.join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for (mode, is_trusted) in [(0o600, true), (0o660, false), (0o606, false), (0o777, false)] {
            set_mode(&socket, mode);
            assert_eq!(check(&socket, Kind::Socket, me()).is_ok(), is_trusted, "{mode:o}");
        }
        set_mode(&socket, 0o600);
        assert_eq!(distrust(check(&socket, Kind::Socket, me() + 1)), Distrust::Owner(me()));
    }

    #[test]
    fn links_and_files_are_not_trusted() {
        let folder = private();
        let (link, file) = (folder.path().join("link"), folder.path().join("file"));
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        symlink(folder.path().join("folder"), &link).unwrap();
        std::fs::write(&file, "").unwrap();
        for path in [&link, &file] {
            for kind in [Kind::Folder, Kind::Socket] {
                assert_eq!(distrust(check(path, kind, me())), Distrust::Kind, "{}", path.display());
            }
        }
        let missing = check(&folder.path().join("missing"), Kind::Socket, me());
        assert!(matches!(missing, Err(AgentError::NotRunning)));
    }

    #[test]
    fn root_is_a_different_user_too() {
        check_peer(1000, 1000).unwrap();
        assert_eq!(check_peer(0, 1000), Err(Distrust::Peer(0)));
        assert_eq!(check_peer(1000, 0), Err(Distrust::Peer(1000)));
    }

    #[test]
    fn the_place_is_this_users_alone() {
        let (runtime, data) = (private(), private());
        let chosen = || Socket::choose(Some(runtime.path()), data.path());
        assert_eq!(chosen().path(), runtime.path().join("zkv/agent.sock"));
        set_mode(runtime.path(), 0o755);
        assert!(!chosen().path().starts_with(runtime.path()), "others could look in");
        let tmp = Socket::choose(Some(Path::new("/tmp")), data.path());
        assert!(!tmp.path().starts_with("/tmp/zkv"));
        let relative = Socket::choose(Some(Path::new("relative")), data.path());
        assert!(relative.path().is_absolute());
    }

    #[tokio::test]
    async fn a_socket_that_was_left_behind_is_replaced() {
        let data = private();
        let place = Socket::in_folder(data.path().join("run"));
        assert!(matches!(place.connect().await, Err(AgentError::NotRunning)));
        let listener = place.listen().unwrap();
        assert!(matches!(place.listen(), Err(AgentError::Running(Some(_)))));
        place.connect().await.unwrap();
        drop(listener);
        assert!(!place.path().exists());

        drop(std::os::unix::net::UnixListener::bind(place.path()).unwrap());
        set_mode(place.path(), 0o600);
        assert!(
            matches!(place.connect().await, Err(AgentError::NotRunning)),
            "nobody listens"
        );
        let _listener = place.listen().unwrap();
        place.connect().await.unwrap();
    }

    #[tokio::test]
    async fn what_is_no_socket_is_left_alone() {
        let data = private();
        let place = Socket::in_folder(data.path().join("run"));
        drop(place.listen().unwrap());
        std::fs::write(place.path(), "precious").unwrap();
        assert_eq!(distrust(place.listen().map(drop)), Distrust::Kind);
        assert_eq!(distrust(place.connect().await.map(drop)), Distrust::Kind);
        assert_eq!(std::fs::read(place.path()).unwrap(), b"precious");
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_means_no_agent() {
        let data = private();
        let place = Socket::in_folder(data.path().join("x".repeat(120)));
        assert!(matches!(place.connect().await, Err(AgentError::NotRunning)));
        assert!(matches!(place.listen(), Err(AgentError::Unavailable { .. })));
    }
}
