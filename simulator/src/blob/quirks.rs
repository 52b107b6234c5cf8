//! The quirks of storages.

use super::operation::Operation;
use super::reply::Problem;
use super::request::BlobRequest;
use super::state::State;
use crate::quirk::Quirk;

/// Metadata of one blob in an odd listing.
const METADATA: usize = 300;
/// Blobs of a page of an endless listing, and letters of their names.
const PAGE_LEN: usize = 4000;
const NAME_LEN: usize = 900;

/// What a storage with this quirk says to a request, where it refuses it.
pub(super) fn refusal(quirk: Quirk, operation: Operation, request: &BlobRequest, state: &mut State) -> Option<Problem> {
    use Operation::{DeleteBlob, GetBlob, PutBlob, PutBlock, PutBlockList};
    let mut replaces = || {
        let writes = matches!(operation, PutBlob | PutBlock | PutBlockList | DeleteBlob);
        writes && state.committed(&request.container, &request.blob).is_ok()
    };
    match quirk {
        Quirk::StorageFirewall => Some(Problem::forbidden("AuthorizationFailure")),
        Quirk::StorageAddress => Some(Problem::forbidden("AuthorizationSourceIPMismatch")),
        Quirk::StorageDisabled => Some(Problem::new(
            403,
            "AccountIsDisabled",
            "The specified account is disabled.",
        )),
        Quirk::StorageKeysOff => Some(Problem::new(
            403,
            "KeyBasedAuthenticationNotPermitted",
            "Key based authentication is not permitted on this storage account.",
        )),
        Quirk::StorageOld => request.header("x-ms-version").map(|_| {
            Problem::new(
                400,
                "InvalidHeaderValue",
                "The API version that x-ms-version names is not supported by this storage.",
            )
        }),
        Quirk::StorageArchive if operation == GetBlob => Some(archived()),
        Quirk::StorageArchive if operation != DeleteBlob => replaces().then(archived),
        Quirk::StorageImmutable => replaces().then(|| {
            Problem::new(
                409,
                "BlobImmutableDueToPolicy",
                "This operation is not permitted as the blob is immutable due to a policy.",
            )
        }),
        Quirk::StorageNoReplacing if operation != DeleteBlob => {
            replaces().then(|| Problem::forbidden("UnauthorizedBlobOverwrite"))
        }
        Quirk::StorageSnapshots if operation == DeleteBlob => Some(Problem::new(
            409,
            "SnapshotsPresent",
            "This operation is not permitted because the blob has snapshots.",
        )),
        Quirk::StorageForeignBlocks if operation == PutBlock => Some(Problem::new(
            400,
            "InvalidBlobOrBlock",
            "The specified blob or block content is invalid.",
        )),
        _ => None,
    }
}

/// What somebody reads or replaces who does not see that it is in the archive tier.
pub(super) fn archived() -> Problem {
    Problem::new(
        409,
        "BlobArchived",
        "This operation is not permitted on an archived blob.",
    )
}

/// Blobs in a listing that no program can use, and usable ones with more than most expect.
pub(super) fn odd_blobs(prefix: &str) -> String {
    let metadata: String = (0..METADATA)
        .map(|number| format!("<k{number}>v</k{number}>"))
        .collect();
    let name = |text: &str| format!("<Name>{}{text}</Name>", quick_xml::escape::escape(prefix));
    [
        "<Blob><Properties><Content-Length>1</Content-Length></Properties></Blob>".to_owned(),
        format!("<Blob><Name Encoded=\"true\">{}%FF</Name><Properties/></Blob>", prefix.replace('/', "%2F")),
        format!("<Blob>{}<Properties><Content-Length>-1</Content-Length></Properties></Blob>", name("negative")),
        format!(
            "<Blob><Name Encoded=\"true\">{}odd%EF%BF%BE</Name><Properties><Content-Length>1</Content-Length></Properties></Blob>",
            prefix.replace('/', "%2F")
        ),
        format!(
            "<Blob>{}<Properties><Content-Length>1</Content-Length></Properties><Metadata>{metadata}</Metadata></Blob>",
            name("many")
        ),
    ]
    .concat()
}

/// A folder of a hierarchical namespace.
pub(super) fn folder(name: &str) -> String {
    format!(
        "<Blob><Name>{}</Name><Properties><Content-Length>0</Content-Length><ResourceType>directory</ResourceType>\
        </Properties><Metadata><Hdi_isfolder>true</Hdi_isfolder></Metadata></Blob>",
        quick_xml::escape::escape(name)
    )
}

/// A page of names that no other page has.
pub(super) fn ever_new(prefix: &str, page: u64) -> String {
    let padding = "n".repeat(NAME_LEN);
    let prefix = quick_xml::escape::escape(prefix);
    (0..PAGE_LEN)
        .map(|number| format!("<Blob><Name>{prefix}~{page}-{number}-{padding}</Name><Properties/></Blob>"))
        .collect()
}
