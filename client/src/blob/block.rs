//! Blocks: their identifiers, and the list of those that wait for a commit.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;

use super::BlobContainer;
use super::error::BlobError;
use super::exchange::{Ask, read_document};
use super::xml;
use crate::transport::Transport;

/// Bytes of the longest identifier.
const MAX_ID_LEN: usize = 64;
/// Bytes of the longest list: 100,000 blocks.
const MAX_LIST_LEN: usize = 32 << 20;
const MAX_BLOCKS: usize = 100_000;

/// The identifier of a block: 1 to 64 bytes. Those of one blob all have the same length.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlockId(String);

impl BlockId {
    /// An identifier of these bytes.
    ///
    /// # Errors
    /// [`BlockIdError`] when there are none, or too many.
    pub fn new(bytes: &[u8]) -> Result<Self, BlockIdError> {
        match (1..=MAX_ID_LEN).contains(&bytes.len()) {
            true => Ok(Self(STANDARD.encode(bytes))),
            false => Err(BlockIdError),
        }
    }

    /// As the service writes it, in base64.
    #[must_use]
    pub fn as_base64(&self) -> &str {
        &self.0
    }

    /// Whether the service speaks of this block.
    #[must_use]
    pub fn is(&self, base64: &str) -> bool {
        self.0 == base64
    }
}

/// A block's identifier has 1 to 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the identifier of a block has 1 to {MAX_ID_LEN} bytes")]
pub struct BlockIdError;

/// A block in the storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlock {
    /// Its identifier in base64.
    pub id: String,
    /// Its bytes.
    pub len: u64,
}

impl<T: Transport> BlobContainer<T> {
    /// The blocks of a blob that wait for a commit; none when there is no such blob. Needs the right to read.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn uncommitted_blocks(&self, blob: &str) -> Result<Vec<StoredBlock>, BlobError> {
        self.block_list(blob, "comp=blocklist&blocklisttype=uncommitted", "UncommittedBlocks")
            .await
    }

    /// The blocks of which a blob consists; none of one that was put whole. Needs the right to read.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn committed_blocks(&self, blob: &str) -> Result<Vec<StoredBlock>, BlobError> {
        self.block_list(blob, "comp=blocklist&blocklisttype=committed", "CommittedBlocks")
            .await
    }

    async fn block_list(&self, blob: &str, parameters: &str, kind: &str) -> Result<Vec<StoredBlock>, BlobError> {
        let ask = Ask {
            parameters,
            ..Ask::new(Method::GET, blob, "r")
        };
        let list = self.ask(&ask, |answer| async move {
            let body = read_document(answer, MAX_LIST_LEN).await?;
            parse(&body, kind)
        });
        match list.await {
            Err(error) if error.kind() == super::BlobErrorKind::NotFound => Ok(Vec::new()),
            list => list,
        }
    }
}

fn parse(document: &[u8], list: &str) -> Result<Vec<StoredBlock>, BlobError> {
    let (mut blocks, mut name, mut size) = (Vec::new(), None, None);
    xml::walk(document, "BlockList", |path, text| {
        let [inside, "Block", rest @ ..] = path else {
            return Ok(());
        };
        let text = text.text;
        match rest {
            ["Name"] => name = Some(text.to_owned()),
            ["Size"] => size = text.trim().parse().ok(),
            [] => {
                let (Some(id), Some(len)) = (name.take(), size.take()) else {
                    return Err(xml::malformed());
                };
                if *inside == list {
                    blocks.push(StoredBlock { id, len });
                }
                if blocks.len() > MAX_BLOCKS {
                    return Err(xml::malformed());
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_their_limits() {
        assert_eq!(BlockId::new(b"a").unwrap().as_base64(), "YQ==");
        assert!(BlockId::new(&[0; 64]).is_ok());
        assert_eq!(
            (BlockId::new(&[]), BlockId::new(&[0; 65])),
            (Err(BlockIdError), Err(BlockIdError))
        );
    }

    #[test]
    fn lists_are_read_apart() {
        let document = b"<BlockList><CommittedBlocks><Block><Name>YQ==</Name><Size>3</Size></Block></CommittedBlocks>\
            <UncommittedBlocks><Block><Name>Yg==</Name><Size>4</Size></Block></UncommittedBlocks></BlockList>";
        let block = |id: &str, len| vec![StoredBlock { id: id.to_owned(), len }];
        assert_eq!(parse(document, "CommittedBlocks"), Ok(block("YQ==", 3)));
        assert_eq!(parse(document, "UncommittedBlocks"), Ok(block("Yg==", 4)));
        assert_eq!(
            parse(b"<BlockList><CommittedBlocks/></BlockList>", "CommittedBlocks"),
            Ok(Vec::new())
        );
        let without_size =
            b"<BlockList><CommittedBlocks><Block><Name>YQ==</Name></Block></CommittedBlocks></BlockList>";
        assert!(parse(without_size, "CommittedBlocks").is_err());
    }

    #[test]
    fn a_list_of_no_blocks_is_a_list() {
        for none in ["", "{}", "<?xml version=\"1.0\"?>", "<Error/>", "<EnumerationResults/>"] {
            assert!(parse(none.as_bytes(), "UncommittedBlocks").is_err(), "{none}");
        }
        assert_eq!(parse(b"<BlockList />", "UncommittedBlocks"), Ok(Vec::new()));
    }
}
