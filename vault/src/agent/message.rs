//! The protocol: one request and one response a connection (docs/spec/agent.md).
//!
//! ```text
//! frame = "zkva" || version(1) || kind(1) || u16be(length of body) || body
//! ```
//!
//! A reader knows the longest frame, 1,294 bytes, before it reads a body, and reads exactly what the header says.
//! Fields are of fixed lengths in a fixed order; what is longer or shorter than its kind says is no message. There is
//! nothing to parse: no text, no nesting, no optional fields. Every body is in memory that is wiped, because it may
//! hold a key; the copies that the operating system makes in its socket buffers are out of reach.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use zeroize::Zeroizing;
use zkvault_core::SecretBuffer;
use zkvault_core::keyring::{UnlockKey, UnlockKeyId};

use super::cache::{Limits, MAX_ENTRIES};
use super::server::Stay;
use super::{EntryStatus, Status};

/// The version of the protocol. Frames, and the requests to lock and to stop, are the same in every version.
pub const VERSION: u8 = 1;

const MAGIC: &[u8; 4] = b"zkva";
const HEADER_LEN: usize = 8;
const ID_LEN: usize = UnlockKeyId::LEN;
const KEY_LEN: usize = UnlockKey::LEN;
const ENTRY_LEN: usize = ID_LEN + 4 + 4;
/// Bytes of the status in front of the entries: process, flags, count.
const STATUS_LEN: usize = 4 + 1 + 1;
/// The longest body: a status with all entries.
const MAX_BODY_LEN: usize = STATUS_LEN + MAX_ENTRIES * ENTRY_LEN;

/// Flags of a status; others are refused.
const MEMORY_LOCKED: u8 = 1;
const STAYS: u8 = 2;

/// A frame as it was read. What is in it is wiped.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) version: u8,
    kind: u8,
    body: Zeroizing<Vec<u8>>,
}

/// What a program asks of an agent.
#[derive(Debug)]
pub(super) enum Request {
    /// To end, for an agent of a later version.
    Stop,
    /// To forget everything.
    Lock,
    Get(UnlockKeyId),
    Put(UnlockKeyId, UnlockKey, Limits),
    /// To keep a key in place of the one that is named first.
    Replace(UnlockKeyId, UnlockKeyId, UnlockKey),
    Forget(UnlockKeyId),
    Status,
}

/// What an agent responds.
#[derive(Debug)]
pub(super) enum Response {
    Done,
    /// It has no key of that name.
    Unknown,
    /// It speaks a different version, which is in the frame.
    OtherVersion,
    /// It has room for no more keys.
    Full,
    /// It is about to end, and keeps nothing more.
    Ending,
    /// The request is not as specified.
    Malformed,
    Key(UnlockKey),
    Status(Status),
}

/// A response with a copy of a key that stays in the cache.
pub(super) fn copied(key: &UnlockKey) -> Response {
    // A key has the length of a key.
    UnlockKey::from_slice(key.expose_secret()).map_or(Response::Unknown, Response::Key)
}

impl Request {
    /// The request as bytes, of this version.
    pub(super) fn frame(&self) -> Frame {
        let mut body = Body::default();
        let kind = match self {
            Self::Stop => 0,
            Self::Lock => 1,
            Self::Get(id) => body.add(id.as_bytes(), 2),
            Self::Put(id, key, limits) => {
                body.add(id.as_bytes(), 0);
                body.add(key.expose_secret(), 0);
                body.add(&seconds(limits.idle()), 0);
                body.add(&seconds(limits.age()), 3)
            }
            Self::Replace(old, id, key) => {
                body.add(old.as_bytes(), 0);
                body.add(id.as_bytes(), 0);
                body.add(key.expose_secret(), 4)
            }
            Self::Forget(id) => body.add(id.as_bytes(), 5),
            Self::Status => 6,
        };
        body.frame(kind)
    }

    /// `None` when it is not as specified.
    pub(super) fn of_frame(frame: &Frame) -> Option<Self> {
        let mut rest = frame.body.as_slice();
        let request = match frame.kind {
            0 => Self::Stop,
            1 => Self::Lock,
            2 => Self::Get(take_id(&mut rest)?),
            3 => Self::Put(take_id(&mut rest)?, take_key(&mut rest)?, take_limits(&mut rest)?),
            4 => Self::Replace(take_id(&mut rest)?, take_id(&mut rest)?, take_key(&mut rest)?),
            5 => Self::Forget(take_id(&mut rest)?),
            6 => Self::Status,
            _ => return None,
        };
        rest.is_empty().then_some(request)
    }
}

impl Response {
    /// The response as bytes, of this version.
    pub(super) fn frame(&self) -> Frame {
        let mut body = Body::default();
        let kind = match self {
            Self::Done => 0,
            Self::Unknown => 1,
            Self::OtherVersion => 2,
            Self::Full => 3,
            Self::Ending => 4,
            Self::Malformed => 5,
            Self::Key(key) => body.add(key.expose_secret(), 6),
            Self::Status(status) => write_status(status, &mut body),
        };
        body.frame(kind)
    }

    /// `None` when it is not as specified.
    pub(super) fn of_frame(frame: &Frame) -> Option<Self> {
        let mut rest = frame.body.as_slice();
        let response = match frame.kind {
            0 => Self::Done,
            1 => Self::Unknown,
            2 => Self::OtherVersion,
            3 => Self::Full,
            4 => Self::Ending,
            5 => Self::Malformed,
            6 => Self::Key(take_key(&mut rest)?),
            7 => Self::Status(take_status(&mut rest)?),
            _ => return None,
        };
        rest.is_empty().then_some(response)
    }
}

/// A body that is written. It never grows beyond the room that it has from the start, so it leaves no copies behind.
struct Body(Zeroizing<Vec<u8>>);

impl Default for Body {
    fn default() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(MAX_BODY_LEN)))
    }
}

impl Body {
    /// Adds bytes, and passes the kind through.
    fn add(&mut self, bytes: &[u8], kind: u8) -> u8 {
        self.0.extend_from_slice(bytes);
        kind
    }

    /// The finished body under this kind.
    fn frame(self, kind: u8) -> Frame {
        Frame {
            version: VERSION,
            kind,
            body: self.0,
        }
    }
}

impl Frame {
    /// Reads a frame.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidData`] when it is none, or longer than any frame; what the system says.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut header = [0; HEADER_LEN];
        from.read_exact(&mut header).await?;
        let [a, b, c, d, version, kind, high, low] = header;
        let len = usize::from(u16::from_be_bytes([high, low]));
        if [a, b, c, d] != *MAGIC || len > MAX_BODY_LEN {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut body = Zeroizing::new(vec![0; len]);
        from.read_exact(&mut body).await?;
        Ok(Self { version, kind, body })
    }

    /// Writes the frame, in one piece.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) async fn write(&self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let len = u16::try_from(self.body.len()).map_err(|_| io::ErrorKind::InvalidData)?;
        // The body may be a key: this buffer leaves no copy where it grows.
        let mut bytes = SecretBuffer::new();
        bytes.extend(MAGIC);
        bytes.extend(&[self.version, self.kind]);
        bytes.extend(&len.to_be_bytes());
        bytes.extend(&self.body);
        to.write_all(bytes.expose_secret()).await?;
        to.flush().await
    }
}

/// The next bytes of a body. Not for keys: an array would stay on the stack.
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*bytes)
}

fn take_id(rest: &mut &[u8]) -> Option<UnlockKeyId> {
    take::<ID_LEN>(rest).map(UnlockKeyId::from_bytes)
}

/// From the slice to the heap, without an array on the stack between.
fn take_key(rest: &mut &[u8]) -> Option<UnlockKey> {
    let (bytes, after) = rest.split_at_checked(KEY_LEN)?;
    *rest = after;
    UnlockKey::from_slice(bytes).ok()
}

fn take_seconds(rest: &mut &[u8]) -> Option<Duration> {
    let seconds = u32::from_be_bytes(take(rest)?);
    Some(Duration::from_secs(seconds.into()))
}

/// Limits outside of what [`Limits::new`] permits are no message.
fn take_limits(rest: &mut &[u8]) -> Option<Limits> {
    Limits::new(take_seconds(rest)?, take_seconds(rest)?).ok()
}

/// Whole seconds; more than 136 years are as many as fit.
fn seconds(time: Duration) -> [u8; 4] {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX).to_be_bytes()
}

/// Writes a status of at most [`MAX_ENTRIES`] entries, and returns its kind.
fn write_status(status: &Status, body: &mut Body) -> u8 {
    let mut flags = 0;
    if status.is_memory_locked {
        flags |= MEMORY_LOCKED;
    }
    if status.stay == Stay::Always {
        flags |= STAYS;
    }
    let entries = status.entries.get(..MAX_ENTRIES).unwrap_or(&status.entries);
    body.add(&status.process.to_be_bytes(), 0);
    body.add(&[flags, u8::try_from(entries.len()).unwrap_or_default()], 0);
    for entry in entries {
        body.add(entry.id.as_bytes(), 0);
        body.add(&seconds(entry.idle_left), 0);
        body.add(&seconds(entry.age_left), 0);
    }
    7
}

fn take_status(rest: &mut &[u8]) -> Option<Status> {
    let process = u32::from_be_bytes(take(rest)?);
    let [flags, count] = take(rest)?;
    if flags & !(MEMORY_LOCKED | STAYS) != 0 {
        return None;
    }
    let entry = |_| {
        Some(EntryStatus {
            id: take_id(rest)?,
            idle_left: take_seconds(rest)?,
            age_left: take_seconds(rest)?,
        })
    };
    let entries = (0..count).map(entry).collect::<Option<_>>()?;
    Some(Status {
        process,
        is_memory_locked: flags & MEMORY_LOCKED != 0,
        stay: match flags & STAYS {
            0 => Stay::WhileNeeded,
            _ => Stay::Always,
        },
        entries,
    })
}

#[cfg(test)]
impl Frame {
    /// A frame as other programs may write it.
    pub(super) fn raw(version: u8, kind: u8, body: &[u8]) -> Self {
        Self {
            version,
            kind,
            body: Zeroizing::new(body.to_vec()),
        }
    }

    pub(super) fn kind(&self) -> u8 {
        self.kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> UnlockKeyId {
        UnlockKeyId::from_bytes([byte; 32])
    }

    fn key(byte: u8) -> UnlockKey {
        UnlockKey::from_slice(&[byte; 32]).unwrap()
    }

    async fn bytes(frame: &Frame) -> Vec<u8> {
        let mut bytes = Vec::new();
        frame.write(&mut bytes).await.unwrap();
        bytes
    }

    #[tokio::test]
    async fn requests_are_the_specified_bytes() {
        let limits = Limits::new(Duration::from_secs(900), Duration::from_secs(28_800)).unwrap();
        let put = Request::Put(id(0xab), key(0xcd), limits);
        let hex = |byte: &str| byte.repeat(32);
        let cases = [
            (Request::Stop, "7a6b766101000000".to_owned()),
            (Request::Lock, "7a6b766101010000".to_owned()),
            (Request::Get(id(0xab)), format!("7a6b766101020020{}", hex("ab"))),
            (
                put,
                format!("7a6b766101030048{}{}0000038400007080", hex("ab"), hex("cd")),
            ),
            (
                Request::Replace(id(1), id(2), key(3)),
                format!("7a6b766101040060{}{}{}", hex("01"), hex("02"), hex("03")),
            ),
            (Request::Forget(id(0xab)), format!("7a6b766101050020{}", hex("ab"))),
            (Request::Status, "7a6b766101060000".to_owned()),
        ];
        for (request, expected) in cases {
            let bytes = bytes(&request.frame()).await;
            assert_eq!(hex::encode(&bytes), expected);
            let read = Frame::read(&mut bytes.as_slice()).await.unwrap();
            let again = Request::of_frame(&read).unwrap();
            assert_eq!(hex::encode(self::bytes(&again.frame()).await), expected);
        }
    }

    #[tokio::test]
    async fn responses_come_back() {
        let entry = |byte| EntryStatus {
            id: id(byte),
            idle_left: Duration::from_secs(60),
            age_left: Duration::from_secs(3600),
        };
        for (is_memory_locked, stay) in [
            (true, Stay::Always),
            (true, Stay::WhileNeeded),
            (false, Stay::Always),
            (false, Stay::WhileNeeded),
        ] {
            let status = Status {
                process: 4711,
                is_memory_locked,
                stay,
                entries: (0..32).map(entry).collect(),
            };
            let bytes = bytes(&Response::Status(status.clone()).frame()).await;
            let read = Frame::read(&mut bytes.as_slice()).await.unwrap();
            let Some(Response::Status(again)) = Response::of_frame(&read) else {
                panic!("no status");
            };
            assert_eq!(again, status);
        }
        let read = Response::Key(key(9)).frame();
        assert!(matches!(Response::of_frame(&read), Some(Response::Key(again)) if again.expose_secret() == &[9; 32]));
    }

    #[test]
    fn what_is_not_as_specified_is_no_request() {
        let kinds_and_lengths = [
            (0, 1),
            (1, 1),
            (2, 31),
            (2, 33),
            (3, 71),
            (3, 73),
            (4, 95),
            (5, 0),
            (6, 1),
            (7, 0),
            (255, 0),
        ];
        for (kind, len) in kinds_and_lengths {
            let frame = Frame::raw(VERSION, kind, &vec![1; len]);
            assert!(Request::of_frame(&frame).is_none(), "kind {kind} with {len} bytes");
        }
        // A key that is kept for no time, and one that is kept for 136 years.
        for limit in [[0; 4], [0xff; 4]] {
            let body = [[1; 64].as_slice(), &limit, &[0, 0, 0, 1]].concat();
            assert!(Request::of_frame(&Frame::raw(VERSION, 3, &body)).is_none());
        }
        for (kind, body) in [
            (6, vec![0; 31]),
            (7, vec![0; 5]),
            (7, vec![0, 0, 0, 1, 4, 0]),
            (8, vec![]),
        ] {
            assert!(Response::of_frame(&Frame::raw(VERSION, kind, &body)).is_none());
        }
    }

    #[tokio::test]
    async fn what_is_no_frame_is_refused_before_its_body_is_read() {
        for bytes in [
            b"GET / HTTP/1.1\r\n".as_slice(),
            b"zkva\x01\x02\xff\xff",
            b"zkva\x01",
            b"zkva\x01\x02\x00\x20short",
            b"",
        ] {
            assert!(Frame::read(&mut &*bytes).await.is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let limits = Limits::default();
        let debug = format!(
            "{:?} {:?}",
            Request::Put(id(1), key(0xcd), limits),
            Response::Key(key(0xcd))
        );
        assert!(!debug.contains("205") && debug.contains("REDACTED"), "{debug}");
    }
}
