//! Bytes that are kept, and sent without a copy of them.

use std::fs::File;
use std::io::{self, Write as _};
use std::net::TcpStream;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use rustix::fs::{MemfdFlags, memfd_create, sendfile};

/// Bytes from which on a content is in a file in memory, whose pages the kernel sends as they are.
const LARGE: usize = 256 << 10;

/// Bytes, shared.
#[derive(Clone)]
pub enum Content {
    Bytes(Arc<Vec<u8>>),
    File(Arc<File>),
}

impl Content {
    pub fn in_memory(bytes: Vec<u8>) -> Self {
        Self::Bytes(Arc::new(bytes))
    }

    /// Keeps bytes where they are sent from at the least cost.
    pub fn keep(bytes: Vec<u8>) -> io::Result<Self> {
        if bytes.len() < LARGE {
            return Ok(Self::in_memory(bytes));
        }
        let mut file = File::from(memfd_create("content", MemfdFlags::CLOEXEC)?);
        file.write_all(&bytes)?;
        Ok(Self::File(Arc::new(file)))
    }

    /// Appends a part of it.
    pub fn append(&self, range: Range<usize>, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => out.extend_from_slice(&bytes[range]),
            Self::File(file) => {
                let start = out.len();
                out.resize(start + range.len(), 0);
                file.read_exact_at(&mut out[start..], range.start as u64)?;
            }
        }
        Ok(())
    }

    /// Sends a part of it.
    pub fn send(&self, range: Range<usize>, stream: &mut TcpStream) -> io::Result<()> {
        let file = match self {
            Self::Bytes(bytes) => return stream.write_all(&bytes[range]),
            Self::File(file) => file,
        };
        let mut from = range.start as u64;
        while from < range.end as u64 {
            let left = range.end - from as usize;
            if sendfile(&*stream, file, Some(&mut from), left)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }
}
