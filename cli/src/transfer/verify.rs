//! Looking at what was committed: are all the parts there, and nothing else?

use zkvault_client::{BlobErrorKind, Etag};

use super::content::Content;
use crate::error::{CliError, Exit, Result};
use crate::repo::{Container, failed};

/// Compares the committed blob with what was sent. A token that may not read cannot: then the storage's word, and
/// the checksum of every block, have to do.
pub(super) async fn committed(container: &Container, blob: &str, content: &Content, etag: &Etag) -> Result<()> {
    const WHAT: &str = "the upload could not be verified";
    let properties = match container.properties(blob).await {
        Err(error) if matches!(error.kind(), BlobErrorKind::Permission { .. }) => return Ok(()),
        properties => properties.map_err(|error| failed(WHAT, &error))?,
    };
    if properties.etag != *etag {
        let replaced = CliError::new(
            Exit::Other,
            "conflict",
            "the file was replaced right after it was uploaded",
        );
        return Err(replaced.cause("somebody else uploads under the same name"));
    }
    let blocks = container
        .committed_blocks(blob)
        .await
        .map_err(|error| failed(WHAT, &error))?;
    let mut complete = properties.len == content.len() && blocks.len() as u64 == content.parts();
    for (part, block) in (0..content.parts()).zip(&blocks) {
        complete &= content.id(part)?.is(&block.id) && block.len == content.part_len(part);
    }
    match complete {
        true => Ok(()),
        false => Err(CliError::new(Exit::Integrity, "incomplete", WHAT)
            .cause("the blocks in the storage are not those that were sent")
            .hint("upload it again with --overwrite")),
    }
}
