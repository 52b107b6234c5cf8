//! An agent and the programs that ask it, over the real socket or pipe.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::thread::JoinHandle;

use super::message::Frame;
use super::*;
use zkvault_core::keyring::UnlockKey;

fn id(byte: u8) -> UnlockKeyId {
    UnlockKeyId::from_bytes([byte; 32])
}

fn key(byte: u8) -> UnlockKey {
    UnlockKey::from_slice(&[byte; 32]).unwrap()
}

/// A folder as the system makes it at login, and the place of an agent in it.
fn place() -> (tempfile::TempDir, Socket) {
    let folder = tempfile::tempdir().unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let place = Socket::choose(Some(folder.path()), folder.path());
    (folder, place)
}

/// A program that connects, whatever it is about to say.
mod program {
    use super::*;

    #[cfg(unix)]
    pub(super) type Stream = std::os::unix::net::UnixStream;
    #[cfg(windows)]
    pub(super) type Stream = std::fs::File;

    #[cfg(unix)]
    pub(super) fn connect(path: &Path) -> Stream {
        Stream::connect(path).unwrap()
    }

    /// Between two connections there may be no free end of the pipe for a moment.
    #[cfg(windows)]
    pub(super) fn connect(path: &Path) -> Stream {
        loop {
            match Stream::options().read(true).write(true).open(path) {
                Err(error) if error.raw_os_error() == Some(231) => std::thread::sleep(Duration::from_millis(5)),
                opened => return opened.unwrap(),
            }
        }
    }

    /// Says that nothing more will come. A pipe cannot: what is too short is waited for.
    pub(super) fn finish(stream: &Stream) {
        #[cfg(unix)]
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        #[cfg(windows)]
        let _ = stream;
    }
}

struct Running {
    _folder: tempfile::TempDir,
    place: Socket,
    thread: JoinHandle<io::Result<()>>,
}

impl Running {
    fn start(stay: Stay) -> Self {
        let (folder, place) = place();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let theirs = place.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let listener = theirs.listen().unwrap();
                ready.send(()).unwrap();
                serve(&listener, Cache::new(SystemClock), stay, true).await
            })
        });
        is_ready.recv().unwrap();
        Self {
            _folder: folder,
            place,
            thread,
        }
    }

    fn agent(&self) -> Agent {
        Agent::new(self.place.clone())
    }

    fn end(self) {
        self.thread.join().unwrap().unwrap();
        // A pipe is gone with its process, and to look whether it exists is to connect.
        assert!(cfg!(windows) || !self.place.path().exists());
    }
}

#[test]
fn a_key_is_given_for_its_name_and_forgotten() {
    let running = Running::start(Stay::Always);
    let agent = running.agent();
    assert!(agent.key(id(1)).unwrap().is_none());
    agent.put(id(1), &key(7), Limits::default()).unwrap();
    agent.put(id(2), &key(8), Limits::default()).unwrap();
    assert_eq!(agent.key(id(1)).unwrap().unwrap().expose_secret(), &[7; 32]);
    let status = agent.status().unwrap().unwrap();
    assert_eq!((status.process, status.is_memory_locked), (std::process::id(), true));
    assert_eq!(status.entries.len(), 2);
    assert!(agent.replace(id(1), id(3), &key(9)).unwrap());
    assert!(!agent.replace(id(1), id(4), &key(9)).unwrap());
    assert_eq!(agent.key(id(3)).unwrap().unwrap().expose_secret(), &[9; 32]);
    assert!(agent.forget(id(3)).unwrap() && !agent.forget(id(3)).unwrap());
    assert!(agent.lock().unwrap());
    assert!(agent.key(id(2)).unwrap().is_none());
    assert!(agent.stop().unwrap());
    running.end();
}

#[test]
fn an_agent_that_was_started_for_a_key_ends_with_it() {
    let running = Running::start(Stay::WhileNeeded);
    let agent = running.agent();
    agent.put(id(1), &key(7), Limits::default()).unwrap();
    assert!(agent.lock().unwrap());
    running.end();
    assert!(!agent.lock().unwrap() && agent.status().unwrap().is_none());
    assert!(agent.key(id(1)).unwrap().is_none());
    assert!(matches!(
        agent.put(id(1), &key(7), Limits::default()),
        Err(AgentError::NotRunning)
    ));
}

#[test]
fn an_agent_ends_when_its_last_key_is_over() {
    let running = Running::start(Stay::WhileNeeded);
    let second = Duration::from_secs(1);
    let limits = Limits::new(second, second).unwrap();
    running.agent().put(id(1), &key(7), limits).unwrap();
    running.end();
}

/// Wine's pipes are too slow for a hundred within a second.
const PROGRAMS: usize = if cfg!(windows) { 10 } else { 100 };

#[test]
fn many_programs_at_once_are_served() {
    let running = Running::start(Stay::Always);
    running.agent().put(id(1), &key(7), Limits::default()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..PROGRAMS {
            scope.spawn(|| {
                let got = running.agent().key(id(1)).unwrap().unwrap();
                assert_eq!(got.expose_secret(), &[7; 32]);
            });
        }
    });
    running.agent().stop().unwrap();
    running.end();
}

/// What a program sends that is not ours, and what it gets back.
fn raw(path: &Path, bytes: &[u8]) -> Vec<u8> {
    let mut stream = program::connect(path);
    // An agent may hang up before it has heard everything.
    let _ = stream.write_all(bytes);
    program::finish(&stream);
    let mut response = Vec::new();
    // A connection that is closed with something unread is reset.
    let _ = stream.read_to_end(&mut response);
    response
}

#[test]
fn garbage_gets_no_key_and_ends_nothing() {
    let running = Running::start(Stay::Always);
    let agent = running.agent();
    agent.put(id(1), &key(7), Limits::default()).unwrap();
    let path = running.place.path();
    for garbage in [
        b"".as_slice(),
        b"zkva",
        b"GET / HTTP/1.1\r\n\r\n",
        b"zkva\x01\x02\xff\xff",
        &[0xff; 100_000],
    ] {
        assert!(raw(path, garbage).is_empty());
    }
    let malformed = *b"zkva\x01\x05\0\0";
    assert_eq!(raw(path, b"zkva\x01\x02\0\x01x"), malformed);
    assert_eq!(raw(path, b"zkva\x01\x63\0\0"), malformed);
    assert_eq!(agent.key(id(1)).unwrap().unwrap().expose_secret(), &[7; 32]);
    // Programs that say nothing keep nobody else waiting.
    let silent: Vec<_> = (0..10).map(|_| program::connect(path)).collect();
    assert!(agent.key(id(1)).unwrap().is_some());
    drop(silent);
    agent.stop().unwrap();
    running.end();
}

/// Earlier programs lock, and end nothing; later ones may do both.
#[test]
fn programs_of_other_versions_get_no_key() {
    let running = Running::start(Stay::Always);
    let agent = running.agent();
    let path = running.place.path();
    let ask = |version, kind, body: &[u8]| {
        let (len, mut bytes) = (u16::try_from(body.len()).unwrap(), b"zkva".to_vec());
        bytes.extend([version, kind]);
        bytes.extend(len.to_be_bytes());
        bytes.extend(body);
        raw(path, &bytes)
    };
    let (done, other) = (*b"zkva\x01\0\0\0", *b"zkva\x01\x02\0\0");
    agent.put(id(1), &key(7), Limits::default()).unwrap();
    for version in [0, 2, 255] {
        assert_eq!(ask(version, 2, &[1; 32]), other, "no key for version {version}");
    }
    assert_eq!(ask(0, 0, &[]), other, "an earlier program does not end this agent");
    assert!(agent.key(id(1)).unwrap().is_some());
    assert_eq!(ask(0, 1, &[]), done);
    assert!(agent.key(id(1)).unwrap().is_none(), "but locks it");
    assert_eq!(ask(2, 0, &[]), done);
    running.end();
}

/// Answers one request with a frame, as an agent of a different version would.
async fn answer(listener: &SocketListener, version: u8, kind: u8) -> u8 {
    let mut stream = listener.accept().await.unwrap();
    let request = Frame::read(&mut stream).await.unwrap();
    Frame::raw(version, kind, &[]).write(&mut stream).await.unwrap();
    request.kind()
}

#[tokio::test]
async fn agents_of_other_versions_are_found_out() {
    let (_folder, place) = place();
    let listener = place.listen().unwrap();
    for theirs in [0, 2] {
        let agent = Agent::new(place.clone());
        let asked = tokio::task::spawn_blocking(move || agent.key(id(1)));
        assert_eq!(answer(&listener, theirs, 2).await, 2);
        let error = asked.await.unwrap().unwrap_err();
        assert!(matches!(error, AgentError::OtherVersion { theirs: found } if found == theirs));
        assert_eq!(error.code(), "agent-version");
        // Any agent can be locked.
        let agent = Agent::new(place.clone());
        let asked = tokio::task::spawn_blocking(move || agent.lock());
        assert_eq!(answer(&listener, theirs, 0).await, 1);
        assert!(asked.await.unwrap().unwrap());
    }
}

/// An agent that was stopped (SIGSTOP) accepts, as far as the system is concerned, and says nothing.
#[tokio::test]
async fn an_agent_that_does_not_respond_is_waited_for_briefly() {
    let (_folder, place) = place();
    let _listener = place.listen().unwrap();
    let agent = Agent::new(place);
    let asked = tokio::task::spawn_blocking(move || agent.key(id(1)));
    let error = asked.await.unwrap().unwrap_err();
    assert!(matches!(error, AgentError::Unresponsive(_)), "{error:?}");
}
