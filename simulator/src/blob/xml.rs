//! The XML documents of the blob service.

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;

use super::reply::{Problem, Result};
use super::state::{Committed, Entry};

const DECLARATION: &str = r#"<?xml version="1.0" encoding="utf-8"?>"#;
/// As many blocks as a blob can have.
const MAX_BLOCKS: usize = 50_000;

/// Where the block of a block list is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    Committed,
    Uncommitted,
    Latest,
}

/// Reads the block list of a commit.
pub(super) fn read_block_list(body: &[u8]) -> Result<Vec<(From, String)>> {
    const BAD: Problem = Problem::bad("InvalidXmlDocument");
    let mut reader = Reader::from_str(std::str::from_utf8(body).map_err(|_| BAD)?);
    let (mut blocks, mut open) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().map_err(|_| BAD)? {
            Event::Start(start) => open.push(start.name().as_ref().to_owned()),
            Event::Text(text) if open.len() == 2 => {
                let from = match open.last().map(String::as_str) {
                    Some("Latest") => From::Latest,
                    Some("Committed") => From::Committed,
                    Some("Uncommitted") => From::Uncommitted,
                    _ => return Err(BAD),
                };
                blocks.push((from, text.trim().to_owned()));
            }
            Event::End(_) => drop(open.pop()),
            Event::Eof if open.is_empty() => break,
            Event::Decl(_) | Event::Text(_) => {}
            _ => return Err(BAD),
        }
    }
    match blocks.len() > MAX_BLOCKS {
        true => Err(Problem::bad("BlockListTooLong")),
        false => Ok(blocks),
    }
}

/// The blocks of a blob, of one kind or both.
pub(super) fn block_list(entry: &Entry, committed: bool, uncommitted: bool) -> String {
    let block = |id: &str, len: u64| {
        let id = escape(id);
        format!("<Block><Name>{id}</Name><Size>{len}</Size></Block>")
    };
    let mut document = format!("{DECLARATION}<BlockList>");
    if committed {
        let blocks = entry.committed.iter().flat_map(|blob| &blob.blocks);
        let named = blocks.filter(|(id, _)| !id.is_empty());
        let list: String = named.map(|(id, piece)| block(id, piece.len())).collect();
        document.push_str(&format!("<CommittedBlocks>{list}</CommittedBlocks>"));
    }
    if uncommitted {
        let blocks = entry.uncommitted.iter();
        let list: String = blocks.map(|(id, piece)| block(id, piece.len())).collect();
        document.push_str(&format!("<UncommittedBlocks>{list}</UncommittedBlocks>"));
    }
    document + "</BlockList>"
}

/// One page of a listing.
pub(super) struct Page<'a> {
    pub(super) container: &'a str,
    pub(super) prefix: &'a str,
    pub(super) with_metadata: bool,
    pub(super) blobs: Vec<(&'a str, &'a Entry, &'a Committed)>,
    /// Whether lengths are absurd.
    pub(super) huge: bool,
    /// XML of blobs that are listed beside.
    pub(super) others: String,
    pub(super) next: Option<String>,
}

impl Page<'_> {
    pub(super) fn write(&self) -> String {
        let blobs: String = self
            .blobs
            .iter()
            .map(|(name, entry, blob)| self.blob(name, entry, blob))
            .collect();
        let others = &self.others;
        format!(
            r#"{DECLARATION}<EnumerationResults ContainerName="{}"><Prefix>{}</Prefix><Blobs>{blobs}{others}</Blobs><NextMarker>{}</NextMarker></EnumerationResults>"#,
            escape(self.container),
            escape(self.prefix),
            escape(self.next.as_deref().unwrap_or_default())
        )
    }

    fn blob(&self, name: &str, entry: &Entry, blob: &Committed) -> String {
        let tier = if entry.archived { "Archive" } else { "Hot" };
        let metadata: String = match self.with_metadata {
            false => String::new(),
            true => {
                let members = blob.metadata.iter();
                let members: String = members
                    .map(|(name, value)| format!("<{name}>{}</{name}>", escape(value)))
                    .collect();
                format!("<Metadata>{members}</Metadata>")
            }
        };
        format!(
            "<Blob><Name>{}</Name><Properties><Last-Modified>{}</Last-Modified><Etag>{}</Etag>\
            <Content-Length>{}</Content-Length><Content-Type>{}</Content-Type><BlobType>BlockBlob</BlobType>\
            <AccessTier>{tier}</AccessTier></Properties>{metadata}</Blob>",
            escape(name),
            httpdate::fmt_http_date(blob.modified),
            blob.etag.trim_matches('"'),
            if self.huge { u64::MAX } else { blob.len() },
            escape(&blob.content_type),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_lists_are_read_strictly() {
        let list = b"<?xml version=\"1.0\"?><BlockList><Latest>YQ==</Latest>\n<Committed>Yg==</Committed></BlockList>";
        let read = read_block_list(list).unwrap();
        assert_eq!(
            read,
            [(From::Latest, "YQ==".to_owned()), (From::Committed, "Yg==".to_owned())]
        );
        for wrong in [
            &b"<BlockList><Latest>YQ==</Latest>"[..],
            b"<BlockList><Other>YQ==</Other></BlockList>",
            b"<BlockList><Latest>YQ==</Other></BlockList>",
        ] {
            assert_eq!(read_block_list(wrong).unwrap_err().code, "InvalidXmlDocument");
        }
    }
}
