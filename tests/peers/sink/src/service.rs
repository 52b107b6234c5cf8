//! The operations of a storage that clients use to write and read blobs.

use std::fmt::Write as _;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::content::Content;
use crate::http::{Connection, Reply, Request};
use crate::store::{Blob, Block, Store};

const KINDS: [&str; 8] = [
    "put_blob",
    "put_block",
    "commit",
    "head",
    "get",
    "list",
    "get_block_list",
    "other",
];
/// Blobs of a page when the client does not say.
const PAGE_LEN: usize = 5000;

pub struct Service {
    keeps: bool,
    store: Mutex<Store>,
    counts: [AtomicU64; KINDS.len()],
    /// Blocks that may still be taken, where there is a limit.
    room: Mutex<Option<u64>>,
    opened: Condvar,
}

impl Service {
    pub fn new(keeps: bool, stall_after: Option<u64>) -> Self {
        Self {
            keeps,
            store: Mutex::default(),
            counts: Default::default(),
            room: Mutex::new(stall_after),
            opened: Condvar::new(),
        }
    }

    /// Takes the request's body and answers.
    pub fn answer(&self, request: &Request, connection: &mut Connection) -> io::Result<Reply> {
        match request.path.as_str() {
            "/counts" => return Ok(Reply::text("application/json", self.counts())),
            "/go" => return Ok(self.go()),
            _ => {}
        }
        let component = request.parameter("comp").unwrap_or_default();
        let kind = match (request.method.as_str(), component.as_str()) {
            ("PUT", "block") => "put_block",
            ("PUT", "blocklist") => "commit",
            ("PUT", "") if request.header("x-ms-blob-type").is_some() => "put_blob",
            ("HEAD", _) => "head",
            ("GET", "list") => "list",
            ("GET", "blocklist") => "get_block_list",
            ("GET", "") => "get",
            _ => "other",
        };
        // The account and the container come before it.
        let blob = request.path.splitn(4, '/').nth(3).unwrap_or_default();
        let reply = match kind {
            "put_block" => self.put_block(blob, request, connection),
            "commit" => self.commit(blob, request, connection),
            "put_blob" => self.put_blob(blob, request, connection),
            _ => {
                connection.drop_body(request)?;
                Ok(match kind {
                    "head" | "get" => self.read(blob, request),
                    "list" => self.list(request),
                    "get_block_list" => self.block_list(blob, request),
                    _ if request.method == "DELETE" => self.delete(blob),
                    _ => Reply::new(201),
                })
            }
        };
        if let (Ok(_), Some(count)) = (&reply, KINDS.iter().position(|known| *known == kind)) {
            self.counts[count].fetch_add(1, Ordering::Relaxed);
        }
        reply
    }

    fn put_block(&self, blob: &str, request: &Request, connection: &mut Connection) -> io::Result<Reply> {
        self.take_room()?;
        let id = request.parameter("blockid").unwrap_or_default();
        let block = self.block(&id, request, connection)?;
        self.lock()
            .waiting
            .entry(blob.to_owned())
            .or_default()
            .insert(id, block);
        Ok(Reply::new(201))
    }

    fn put_blob(&self, blob: &str, request: &Request, connection: &mut Connection) -> io::Result<Reply> {
        let block = self.block("", request, connection)?;
        let mut store = self.lock();
        if request.header("if-none-match") == Some("*") && store.blobs.contains_key(blob) {
            return Ok(Reply::error(409, "BlobAlreadyExists"));
        }
        let version = store.put(blob, vec![block], request.metadata());
        Ok(written(version))
    }

    fn commit(&self, blob: &str, request: &Request, connection: &mut Connection) -> io::Result<Reply> {
        let list = connection.body(request)?;
        let mut store = self.lock();
        if request.header("if-none-match") == Some("*") && store.blobs.contains_key(blob) {
            return Ok(Reply::error(409, "BlobAlreadyExists"));
        }
        let version = store.commit(blob, &String::from_utf8_lossy(&list), request.metadata());
        Ok(version.map_or_else(|| Reply::error(400, "InvalidBlockList"), written))
    }

    fn block(&self, id: &str, request: &Request, connection: &mut Connection) -> io::Result<Block> {
        let id = id.to_owned();
        Ok(match self.keeps {
            true => {
                let bytes = connection.body(request)?;
                Block {
                    id,
                    len: bytes.len(),
                    content: Some(Content::keep(bytes)?),
                }
            }
            false => Block {
                id,
                len: connection.drop_body(request)?,
                content: None,
            },
        })
    }

    fn read(&self, name: &str, request: &Request) -> Reply {
        let store = self.lock();
        let Some(blob) = store.blobs.get(name) else {
            return Reply::error(404, "BlobNotFound");
        };
        let len = blob.len();
        let range = request
            .header("x-ms-range")
            .or_else(|| request.header("range"))
            .and_then(bounds);
        let (from, to) = range.map_or((0, len), |(from, last)| (from, last.saturating_add(1).min(len)));
        if request.method == "HEAD" {
            return properties(Reply::new(200), blob).header("content-length", len);
        }
        if range.is_some() && from >= len {
            return Reply::error(416, "InvalidRange");
        }
        let Some(body) = blob.range(from, to) else {
            return Reply::error(500, "ContentWasNotKept");
        };
        let reply = match range {
            Some(_) => Reply::new(206).header("content-range", format!("bytes {from}-{}/{len}", to - 1)),
            None => Reply::new(200),
        };
        Reply {
            body,
            ..properties(reply, blob)
        }
    }

    fn delete(&self, name: &str) -> Reply {
        match self.lock().blobs.remove(name) {
            Some(_) => Reply::new(202),
            None => Reply::error(404, "BlobNotFound"),
        }
    }

    fn block_list(&self, name: &str, request: &Request) -> Reply {
        let store = self.lock();
        let kind = request.parameter("blocklisttype").unwrap_or_default();
        let (committed, waiting) = (store.blobs.get(name), store.waiting.get(name));
        if committed.is_none() && waiting.is_none() {
            return Reply::error(404, "BlobNotFound");
        }
        let block = |block: &Block| format!("<Block><Name>{}</Name><Size>{}</Size></Block>", block.id, block.len);
        let committed = committed.filter(|_| kind != "uncommitted").map(|blob| &blob.blocks[..]);
        let named = committed
            .unwrap_or_default()
            .iter()
            .filter(|block| !block.id.is_empty());
        let committed: String = named.map(block).collect();
        let waiting: String = waiting
            .filter(|_| kind != "committed")
            .iter()
            .flat_map(|blocks| blocks.values())
            .map(block)
            .collect();
        Reply::text(
            "application/xml",
            format!(
                "<?xml version=\"1.0\"?><BlockList><CommittedBlocks>{committed}</CommittedBlocks>\
                 <UncommittedBlocks>{waiting}</UncommittedBlocks></BlockList>"
            ),
        )
    }

    fn list(&self, request: &Request) -> Reply {
        let store = self.lock();
        let prefix = request.parameter("prefix").unwrap_or_default();
        let delimiter = request.parameter("delimiter").filter(|delimiter| !delimiter.is_empty());
        let marker = request.parameter("marker").unwrap_or_default();
        let page = request
            .parameter("maxresults")
            .and_then(|number| number.parse().ok())
            .unwrap_or(PAGE_LEN);
        let (mut blobs, mut next, mut last_folder) = (String::new(), String::new(), String::new());
        let from = marker.clone().max(prefix.clone());
        let named = store
            .blobs
            .range(from..)
            .take_while(|(name, _)| name.starts_with(&prefix));
        for (number, (name, blob)) in named.enumerate() {
            if number == page {
                next.clone_from(name);
                break;
            }
            let rest = &name[prefix.len()..];
            let folder = delimiter
                .as_ref()
                .and_then(|delimiter| Some(rest.split_once(delimiter.as_str())?.0));
            match folder {
                Some(folder) if folder == last_folder => {}
                Some(folder) => {
                    last_folder = folder.to_owned();
                    let _ = write!(blobs, "<BlobPrefix><Name>{prefix}{folder}/</Name></BlobPrefix>");
                }
                None => listed(&mut blobs, name, blob),
            }
        }
        Reply::text(
            "application/xml",
            format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ContainerName=\"bench\">\
                 <Prefix>{prefix}</Prefix><Blobs>{blobs}</Blobs><NextMarker>{next}</NextMarker></EnumerationResults>"
            ),
        )
    }

    /// Counts a block against the limit. One past it waits for `/go`, and is then lost: its sender is dead.
    fn take_room(&self) -> io::Result<()> {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = room.as_mut() {
            match left.checked_sub(1) {
                Some(less) => *left = less,
                None => {
                    drop(self.opened.wait_while(room, |room| room.is_some()));
                    return Err(io::ErrorKind::ConnectionAborted.into());
                }
            }
        }
        Ok(())
    }

    fn go(&self) -> Reply {
        *self.room.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.opened.notify_all();
        Reply::new(200)
    }

    fn counts(&self) -> String {
        let counts = KINDS.iter().zip(&self.counts);
        let counts = counts.map(|(kind, count)| format!("\"{kind}\": {}", count.load(Ordering::Relaxed)));
        format!("{{{}}}", counts.collect::<Vec<_>>().join(", "))
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn written(version: u64) -> Reply {
    Reply::new(201)
        .header("etag", etag(version))
        .header("last-modified", last_modified())
}

fn properties(reply: Reply, blob: &Blob) -> Reply {
    let reply = reply
        .header("etag", etag(blob.version))
        .header("last-modified", last_modified())
        .header("x-ms-blob-type", "BlockBlob")
        .header("accept-ranges", "bytes")
        .header("content-type", "application/octet-stream");
    blob.metadata
        .iter()
        .fold(reply, |reply, (name, value)| reply.header(name, value))
}

fn listed(out: &mut String, name: &str, blob: &Blob) {
    let _ = write!(
        out,
        "<Blob><Name>{name}</Name><Properties><Last-Modified>{}</Last-Modified><Etag>{}</Etag>\
         <Content-Length>{}</Content-Length><Content-Type>application/octet-stream</Content-Type>\
         <BlobType>BlockBlob</BlobType></Properties><Metadata>",
        last_modified(),
        etag(blob.version),
        blob.len()
    );
    for (name, value) in &blob.metadata {
        let name = name.trim_start_matches("x-ms-meta-");
        let _ = write!(out, "<{name}>{value}</{name}>");
    }
    out.push_str("</Metadata></Blob>");
}

fn etag(version: u64) -> String {
    format!("\"0x{version:X}\"")
}

/// Always the same: nobody here asks how old a blob is.
fn last_modified() -> String {
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH)
}

/// The first and the last byte of `bytes=1-2`.
fn bounds(range: &str) -> Option<(usize, usize)> {
    let (from, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    Some((from.parse().ok()?, last.parse().unwrap_or(usize::MAX - 1)))
}
