//! Looking at what was committed: are all the parts there, and nothing else?

use zkvault_client::blob::{BlobErrorKind, Etag, StoredBlock};

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
    match is_complete(content, properties.len, &blocks)? {
        true => Ok(()),
        false => Err(CliError::new(Exit::Integrity, "incomplete", WHAT)
            .cause("the blocks in the storage are not those that were sent")
            .hint("upload it again with --overwrite")),
    }
}

/// Whether a blob of this length and of these blocks is what was sent.
fn is_complete(content: &Content, len: u64, blocks: &[StoredBlock]) -> Result<bool> {
    let mut complete = len == content.len() && blocks.len() as u64 == content.parts();
    for (part, block) in (0..content.parts()).zip(blocks) {
        complete &= content.id(part)?.is(&block.id) && block.len == content.part_len(part);
    }
    Ok(complete)
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    const MIB: u64 = 1 << 20;

    /// What the storage has, once it is complete.
    fn blocks(content: &Content) -> Vec<StoredBlock> {
        let block = |part| StoredBlock {
            id: content.id(part).unwrap().as_base64().to_owned(),
            len: content.part_len(part),
        };
        (0..content.parts()).map(block).collect()
    }

    #[test]
    fn nothing_but_what_was_sent_is_complete() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(17 * MIB).unwrap();
        let source = Source::open(file.path()).unwrap();
        let content = Content::plain(&source).unwrap();
        let sent = blocks(&content);
        assert_eq!(
            sent.iter().map(|block| block.len).collect::<Vec<_>>(),
            [8 * MIB, 8 * MIB, MIB]
        );
        assert!(is_complete(&content, 17 * MIB, &sent).unwrap());

        let changed = |change: fn(&mut Vec<StoredBlock>)| {
            let mut blocks = sent.clone();
            change(&mut blocks);
            blocks
        };
        let twice = changed(|blocks| blocks.push(blocks[2].clone()));
        let cut = changed(|blocks| drop(blocks.pop()));
        let swapped = changed(|blocks| blocks.swap(0, 1));
        let longer = changed(|blocks| blocks[1].len += 1);
        let other = changed(|blocks| blocks[1].id = blocks[0].id.clone());
        for (what, len, blocks) in [
            ("a byte less", 17 * MIB - 1, &sent),
            ("a block twice", 17 * MIB, &twice),
            ("a block less", 17 * MIB, &cut),
            ("two blocks in each other's place", 17 * MIB, &swapped),
            ("a block of another length", 17 * MIB, &longer),
            ("a block with the name of another", 17 * MIB, &other),
            ("no block", 17 * MIB, &Vec::new()),
        ] {
            assert!(!is_complete(&content, len, blocks).unwrap(), "{what}");
        }
        let another = Content::plain(&source).unwrap();
        assert!(!is_complete(&another, 17 * MIB, &sent).unwrap(), "another upload's");
    }
}
