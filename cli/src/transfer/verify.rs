//! Looking at what was committed: are all the parts there, and nothing else?

use zkvault_client::blob::{Committed, Etag};
use zkvault_core::file::PartMark;

use super::content::Content;
use crate::error::{CliError, Exit, Result};
use crate::repo::{Container, failed};

/// Compares the committed blob with what was sent. A token that may not read cannot: then the storage's word, and
/// the checksum of every block, have to do.
pub(super) async fn committed(container: &Container, blob: &str, content: &Content, etag: &Etag) -> Result<()> {
    const WHAT: &str = "the upload could not be verified";
    match container
        .committed(blob, etag)
        .await
        .map_err(|error| failed(WHAT, &error))?
    {
        Committed::Unknown => Ok(()),
        Committed::Replaced => {
            let message = "the file was replaced right after it was uploaded";
            Err(CliError::new(Exit::Other, "conflict", message).cause("somebody else uploads under the same name"))
        }
        Committed::Present { len, blocks } => {
            let listed = blocks.iter().map(|block| (block.id.as_str(), block.len));
            match content.plan().is_complete(len, listed, |_| PartMark::default()) {
                true => Ok(()),
                false => Err(CliError::new(Exit::Integrity, "incomplete", WHAT)
                    .cause("the blocks in the storage are not those that were sent")
                    .hint("upload it again with --overwrite")),
            }
        }
    }
}
