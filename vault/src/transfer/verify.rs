//! A look at what was committed: are all the parts there, and nothing else?
//!
//! Every block carries a checksum that the storage compares, and the commit names the blocks in their order. What is
//! left to go wrong is on the storage's side: a list that it took in part, or a different writer's blocks of the same
//! length. The list of committed blocks shows both without a download; it is compared by identifier, order and length,
//! and with the length of the blob.

use zkvault_client::blob::{Committed, Etag};
use zkvault_core::file::PartMark;

use super::error::{Reason, StorageError, TransferError};
use super::plan::Content;
use super::{Container, Result};

/// Compares the committed blob with what was sent. A token that may not read cannot: then the storage's word, and
/// the checksum of every block, have to do.
///
/// [`TransferError::Replaced`] is no fault of this upload: its own commit was followed by somebody else's.
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
