//! Writing: whole blobs, blocks, their commit, and deletion.

use bytes::Bytes;
use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::BlobContainer;
use super::block::BlockId;
use super::error::{BlobError, BlobErrorKind};
use super::exchange::{Ask, expect};
use super::payload::Payload;
use super::read::Etag;
use crate::transport::Transport;

/// What a write answers with: 201 in Azure's documents, and 200 from some that stand in front of it.
const WRITTEN: [StatusCode; 2] = [StatusCode::CREATED, StatusCode::OK];
/// What a deletion answers with: 202 in Azure's documents, and the others of HTTP (RFC 9110 §9.3.5).
const DELETED: [StatusCode; 3] = [StatusCode::ACCEPTED, StatusCode::OK, StatusCode::NO_CONTENT];

/// What must be the case, or else nothing is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing: what is there is replaced.
    Always,
    /// There is no such blob.
    Absent,
    /// The blob is this very version.
    Unchanged(Etag),
}

/// How a blob is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOptions {
    /// What must be the case.
    pub condition: Condition,
    /// Names of lower-case letters and digits, and values of printable ASCII; 8 KiB in all.
    pub metadata: Vec<(String, String)>,
    /// What the service says the content is.
    pub content_type: String,
}

impl<T: Transport> BlobContainer<T> {
    /// Writes a blob at once. Needs the right to write, or only to create when there is no such blob.
    ///
    /// If the answer to a first try was lost and the second meets its own blob, that is a success: the metadata, which
    /// should hold something that no other upload has, tells that it is.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn put_blob(
        &self,
        blob: &str,
        content: impl Into<Payload>,
        options: &WriteOptions,
    ) -> Result<Etag, BlobError> {
        let ask = Ask::new(Method::PUT, blob, "cw").header("x-ms-blob-type", "BlockBlob");
        let ask = with_options(with_content(ask, content.into()), options);
        self.write(&ask, options).await
    }

    /// Puts a block, which waits for its commit for a week. A block of the same identifier is replaced.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn put_block(&self, blob: &str, id: &BlockId, content: impl Into<Payload>) -> Result<(), BlobError> {
        let parameters = format!(
            "comp=block&blockid={}",
            utf8_percent_encode(id.as_base64(), NON_ALPHANUMERIC)
        );
        let ask = Ask {
            parameters: &parameters,
            ..with_content(Ask::new(Method::PUT, blob, "w"), content.into())
        };
        self.ask(&ask, |answer| async move { expect(&answer, &WRITTEN) }).await
    }

    /// Makes the blob of these blocks, all at once. Other blocks that wait are dropped.
    ///
    /// A lost answer is met as in [`put_blob`](Self::put_blob).
    ///
    /// # Errors
    /// [`BlobError`]; of the kind [`BlockList`](BlobErrorKind::BlockList) when one of the blocks is missing.
    pub async fn commit(&self, blob: &str, ids: &[BlockId], options: &WriteOptions) -> Result<Etag, BlobError> {
        let blocks: String = ids
            .iter()
            .map(|id| format!("<Latest>{}</Latest>", id.as_base64()))
            .collect();
        let list = format!(r#"<?xml version="1.0" encoding="utf-8"?><BlockList>{blocks}</BlockList>"#);
        let ask = Ask {
            parameters: "comp=blocklist",
            ..with_content(Ask::new(Method::PUT, blob, "w"), Bytes::from(list).into())
        };
        self.write(&with_options(ask, options), options).await
    }

    /// Deletes a blob. Not to find one is a success only after a try whose answer was lost.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn delete(&self, blob: &str) -> Result<(), BlobError> {
        let ask = Ask::new(Method::DELETE, blob, "d");
        match self.ask(&ask, |answer| async move { expect(&answer, &DELETED) }).await {
            Err(error) if error.kind() == BlobErrorKind::NotFound && error.was_repeated() => Ok(()),
            done => done,
        }
    }

    async fn write(&self, ask: &Ask<'_>, options: &WriteOptions) -> Result<Etag, BlobError> {
        let written = self.ask(ask, |answer| async move {
            expect(&answer, &WRITTEN)?;
            Ok(Etag::of(answer.headers()).ok())
        });
        match written.await {
            Ok(Some(etag)) => Ok(etag),
            Ok(None) => self.own(ask.blob, options).await.ok_or_else(Etag::missing),
            // A repeated write may have failed because the first one had succeeded.
            Err(error) => {
                let own = match may_be_own(error.kind()) && error.was_repeated() {
                    true => self.own(ask.blob, options).await,
                    false => None,
                };
                own.ok_or(error)
            }
        }
    }

    /// The version of a blob that has the metadata of this very write. A token that may not read cannot tell.
    async fn own(&self, blob: &str, options: &WriteOptions) -> Option<Etag> {
        if options.metadata.is_empty() {
            return None;
        }
        let there = self.properties(blob).await.ok()?;
        let is_own = options.metadata.iter().all(|pair| there.metadata.contains(pair));
        is_own.then_some(there.etag)
    }
}

/// Whether a second write may be refused in this way because the first one was carried out: there is a blob now, which
/// the token may not replace, or which the container's policy, its default tier or somebody who saw it keeps as it is.
const fn may_be_own(kind: BlobErrorKind) -> bool {
    matches!(
        kind,
        BlobErrorKind::Conflict
            | BlobErrorKind::BlockList
            | BlobErrorKind::OverwriteDenied
            | BlobErrorKind::Immutable
            | BlobErrorKind::Archived
            | BlobErrorKind::Leased
    )
}

fn with_options<'a>(ask: Ask<'a>, options: &WriteOptions) -> Ask<'a> {
    let ask = ask.header("x-ms-blob-content-type", &options.content_type);
    let ask = match &options.condition {
        Condition::Always => ask,
        Condition::Absent => ask.header("if-none-match", "*"),
        Condition::Unchanged(etag) => ask.header("if-match", etag.as_str()),
    };
    let metadata = options.metadata.iter();
    metadata.fold(ask, |ask, (name, value)| ask.header(format!("x-ms-meta-{name}"), value))
}

fn with_content(ask: Ask<'_>, content: Payload) -> Ask<'_> {
    let ask = ask.header("x-ms-content-crc64", content.checksum());
    Ask {
        body: content.into_bytes(),
        ..ask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_was_carried_out_is_refused_the_second_time_in_many_ways() {
        use BlobErrorKind::*;
        for own in [Conflict, BlockList, OverwriteDenied, Immutable, Archived, Leased] {
            assert!(may_be_own(own), "{own:?}");
        }
        for other in [
            NotFound,
            Signature,
            Snapshots,
            Rejected,
            Server,
            Permission { needs: "w" },
        ] {
            assert!(!may_be_own(other), "{other:?}");
        }
    }
}
