//! As much of HTTP/1.1 as the clients of a storage speak.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::SystemTime;

use rustix::net::{RecvFlags, recv};

use crate::content::Content;

/// Bytes of the longest head.
const MAX_HEAD_LEN: usize = 64 << 10;
/// Bytes that are read, or dropped, at once.
const READ_LEN: usize = 1 << 20;
/// Bytes that are read for a head: a small request in one call. What comes of a large body is mostly left for the
/// kernel to drop.
const HEAD_READ_LEN: usize = 16 << 10;

pub struct Connection {
    stream: TcpStream,
    /// What was read already.
    buffer: Vec<u8>,
    scratch: Vec<u8>,
}

/// The head of a request; its body is still to be taken.
pub struct Request {
    pub method: String,
    /// Decoded.
    pub path: String,
    query: String,
    headers: Vec<(String, String)>,
}

pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<Piece>,
}

/// A part of a content, from a byte to another.
pub struct Piece {
    pub content: Content,
    pub from: usize,
    pub to: usize,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The metadata of a blob that is written.
    pub fn metadata(&self) -> Vec<(String, String)> {
        let metadata = self.headers.iter().filter(|(name, _)| name.starts_with("x-ms-meta-"));
        metadata.cloned().collect()
    }

    /// A parameter of the query, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(known, _)| *known == name)
            .map(|(_, value)| decoded(value))
            .next()
    }

    fn content_length(&self) -> usize {
        self.header("content-length").map_or(0, |len| len.parse().unwrap_or(0))
    }

    fn parse(head: &str) -> Option<Self> {
        let mut lines = head.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?.to_owned(), first.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = lines.filter_map(|line| line.split_once(':'));
        Some(Self {
            method,
            path: decoded(path),
            query: query.to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
        })
    }
}

impl Reply {
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn error(status: u16, code: &str) -> Self {
        Self::new(status).header("x-ms-error-code", code)
    }

    pub fn text(kind: &str, text: String) -> Self {
        let (to, content) = (text.len(), Content::in_memory(text.into_bytes()));
        let mut reply = Self::new(200).header("content-type", kind);
        reply.body.push(Piece { content, from: 0, to });
        reply
    }

    pub fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

impl Connection {
    pub fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
            scratch: vec![0; READ_LEN],
        }
    }

    /// The next request, or nothing when the client is done.
    pub fn request(&mut self) -> io::Result<Option<Request>> {
        let end = loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            let read = self.stream.read(&mut self.scratch[..HEAD_READ_LEN])?;
            if read == 0 || self.buffer.len() > MAX_HEAD_LEN {
                return Ok(None);
            }
            self.buffer.extend_from_slice(&self.scratch[..read]);
        };
        let request = Request::parse(&String::from_utf8_lossy(&self.buffer[..end]));
        self.buffer.drain(..end + 4);
        let request = request.ok_or(io::ErrorKind::InvalidData)?;
        if request.header("expect").is_some() {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        Ok(Some(request))
    }

    /// Takes the body of a request and drops it. Returns its length.
    pub fn drop_body(&mut self, request: &Request) -> io::Result<usize> {
        let len = request.content_length();
        let read = len.min(self.buffer.len());
        self.buffer.drain(..read);
        let mut left = len - read;
        while left > 0 {
            let room = left.min(READ_LEN);
            // With this flag Linux drops what TCP received instead of copying it.
            let dropped = recv(&self.stream, &mut self.scratch[..room], RecvFlags::TRUNC)?.1;
            if dropped == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            left -= dropped;
        }
        Ok(len)
    }

    /// Takes the body of a request.
    pub fn body(&mut self, request: &Request) -> io::Result<Vec<u8>> {
        let len = request.content_length();
        let read = len.min(self.buffer.len());
        let mut body: Vec<u8> = self.buffer.drain(..read).collect();
        body.resize(len, 0);
        self.stream.read_exact(&mut body[read..])?;
        Ok(body)
    }

    pub fn reply(&mut self, request: &Request, reply: &Reply) -> io::Result<()> {
        let len: usize = reply.body.iter().map(|piece| piece.to - piece.from).sum();
        let date = httpdate::fmt_http_date(SystemTime::now());
        let mut head = format!(
            "HTTP/1.1 {} -\r\ndate: {date}\r\nx-ms-version: 2025-11-05\r\n",
            reply.status
        );
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !reply.headers.iter().any(|(name, _)| name == "content-length") {
            head.push_str(&format!("content-length: {len}\r\n"));
        }
        head.push_str("\r\n");
        let mut head = head.into_bytes();
        let body = if request.method == "HEAD" {
            &[][..]
        } else {
            &reply.body[..]
        };
        // A small answer goes in one packet.
        if let [piece] = body
            && len <= 64 << 10
        {
            piece.content.append(piece.from..piece.to, &mut head)?;
            return self.stream.write_all(&head);
        }
        self.stream.write_all(&head)?;
        body.iter()
            .try_for_each(|piece| piece.content.send(piece.from..piece.to, &mut self.stream))
    }
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut out) = (text.bytes(), Vec::new());
    while let Some(byte) = bytes.next() {
        let escaped = (byte == b'%').then(|| [bytes.next(), bytes.next()].map(Option::unwrap_or_default));
        let digits = escaped.map(|digits| u8::from_str_radix(&String::from_utf8_lossy(&digits), 16).unwrap_or(b'?'));
        out.push(digits.unwrap_or(byte));
    }
    String::from_utf8_lossy(&out).into_owned()
}
