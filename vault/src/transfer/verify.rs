//! A look at what was committed: are all the parts there, and nothing else?

use zkvault_client::blob::{Committed, Etag};
use zkvault_core::file::PartMark;

use super::error::{Reason, StorageError, TransferError};
use super::plan::Content;
use super::{Container, Result};

/// Compares the committed blob with what was sent. A token that may not read cannot: then the storage's word, and
/// the checksum of every block, have to do.
pub(super) async fn committed(
    container: &Container,
    name: &str,
    blob: &str,
    content: &Content,
    etag: &Etag,
) -> Result<()> {
    let committed = container.committed(blob, etag).await;
    match committed.map_err(|error| StorageError::new(format!("{name}: the upload could not be verified"), error))? {
        Committed::Unknown => Ok(()),
        Committed::Replaced => Err(TransferError::Replaced {
            name: name.to_owned(),
            source: Reason::new("somebody else uploads under the same name"),
        }),
        Committed::Present { len, blocks } => {
            let listed = blocks.iter().map(|block| (block.id.as_str(), block.len));
            match content.plan().is_complete(len, listed, |_| PartMark::default()) {
                true => Ok(()),
                false => Err(TransferError::Incomplete {
                    name: name.to_owned(),
                    source: Reason::new("the blocks in the storage are not those that were sent"),
                }),
            }
        }
    }
}
