//! What services and storages in the world do and their pages do not say, to be played by name.

use std::fmt;
use std::str::FromStr;

/// A way in which a service or a storage differs from what its page describes. Each comes from public reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Quirk {
    /// Changes are refused under status 200, and not carried out.
    RefusalUnder200,
    /// Tokens are refused under status 200.
    TokenRefusalUnder200,
    /// Numbers are texts, and truth values 0 and 1.
    NumbersAsText,
    /// Lists are objects with numbers for names, with gaps between them.
    ListsAsObjects,
    /// One site has a text for its login.
    OddSite,
    /// One user has an id below zero.
    OddUser,
    /// One name has half of a surrogate pair in it.
    HalfCharacter,
    /// There are no groups: 404.
    NoGroups,
    /// There are no users: 501.
    NoUsers,
    /// Lists come in parts, with page, pages and total beside them.
    Pages,
    /// Lists come in parts, with a `Link` to the next one.
    LinkedPages,
    /// Lists come in parts, and nothing says how to get the next one.
    HalfLists,
    /// JSON begins with a byte order mark.
    ByteOrderMark,
    /// JSON is in UTF-16.
    Utf16,
    /// Everything is compressed by gzip, whatever the client accepts.
    Gzip,
    /// Everything is compressed by deflate without the frame of zlib.
    Deflate,
    /// JSON is labelled as HTML.
    HtmlLabel,
    /// The lifetime of a token is a text, and its other members are odd.
    OddToken,
    /// A firewall of the storage account lets nobody in.
    StorageFirewall,
    /// The token is for other addresses.
    StorageAddress,
    /// The storage account is disabled.
    StorageDisabled,
    /// The storage account takes no token that its key signed.
    StorageKeysOff,
    /// The storage knows no version of its API by name.
    StorageOld,
    /// Every blob is in the archive tier.
    StorageArchive,
    /// Every blob is immutable.
    StorageImmutable,
    /// No token may replace a blob that is there.
    StorageNoReplacing,
    /// Every blob has snapshots.
    StorageSnapshots,
    /// Blocks of a different program wait under every name.
    StorageForeignBlocks,
    /// Folders are blobs, as in a hierarchical namespace.
    StorageFolders,
    /// Blobs are listed that cannot be used, beside those that can.
    StorageOddBlobs,
    /// Blobs are listed with absurd lengths.
    StorageHugeLengths,
    /// The listing leads round in a circle.
    StorageCircle,
    /// The listing has ever new names.
    StorageEndless,
}

/// Every quirk with its name, and what it plays.
const TABLE: [(Quirk, &str, &str); 33] = [
    (
        Quirk::RefusalUnder200,
        "refusal-under-200",
        "changes are refused under status 200",
    ),
    (
        Quirk::TokenRefusalUnder200,
        "token-refusal-under-200",
        "tokens are refused under status 200",
    ),
    (
        Quirk::NumbersAsText,
        "numbers-as-text",
        "numbers are texts, truth values 0 and 1",
    ),
    (
        Quirk::ListsAsObjects,
        "lists-as-objects",
        "lists are objects with numbers for names",
    ),
    (Quirk::OddSite, "odd-site", "one site has a text for its login"),
    (Quirk::OddUser, "odd-user", "one user has an id below zero"),
    (
        Quirk::HalfCharacter,
        "half-character",
        "one name has half of a surrogate pair in it",
    ),
    (Quirk::NoGroups, "no-groups", "groups are not offered: 404"),
    (Quirk::NoUsers, "no-users", "users are not offered: 501"),
    (Quirk::Pages, "pages", "lists come in pages that are numbered"),
    (
        Quirk::LinkedPages,
        "linked-pages",
        "lists come in pages with a Link to the next",
    ),
    (
        Quirk::HalfLists,
        "half-lists",
        "lists are cut, and only their total says so",
    ),
    (
        Quirk::ByteOrderMark,
        "byte-order-mark",
        "JSON begins with a byte order mark",
    ),
    (Quirk::Utf16, "utf-16", "JSON is in UTF-16"),
    (Quirk::Gzip, "gzip", "responses are compressed by gzip unasked"),
    (
        Quirk::Deflate,
        "deflate",
        "responses are compressed by raw deflate unasked",
    ),
    (Quirk::HtmlLabel, "html-label", "JSON is labelled as text/html"),
    (
        Quirk::OddToken,
        "odd-token",
        "a token's lifetime is a text, its scope a list",
    ),
    (
        Quirk::StorageFirewall,
        "storage-firewall",
        "403 AuthorizationFailure to every request",
    ),
    (
        Quirk::StorageAddress,
        "storage-address",
        "403 AuthorizationSourceIPMismatch to every request",
    ),
    (
        Quirk::StorageDisabled,
        "storage-disabled",
        "403 AccountIsDisabled to every request",
    ),
    (
        Quirk::StorageKeysOff,
        "storage-keys-off",
        "403 KeyBasedAuthenticationNotPermitted to every request",
    ),
    (
        Quirk::StorageOld,
        "storage-old",
        "400 InvalidHeaderValue to every request with x-ms-version",
    ),
    (
        Quirk::StorageArchive,
        "storage-archive",
        "409 BlobArchived to who reads or replaces a blob",
    ),
    (
        Quirk::StorageImmutable,
        "storage-immutable",
        "409 BlobImmutableDueToPolicy to who replaces or deletes a blob",
    ),
    (
        Quirk::StorageNoReplacing,
        "storage-no-replacing",
        "403 UnauthorizedBlobOverwrite to who replaces a blob",
    ),
    (
        Quirk::StorageSnapshots,
        "storage-snapshots",
        "409 SnapshotsPresent to who deletes a blob",
    ),
    (
        Quirk::StorageForeignBlocks,
        "storage-foreign-blocks",
        "400 InvalidBlobOrBlock to who puts a block",
    ),
    (
        Quirk::StorageFolders,
        "storage-folders",
        "folders are listed as empty blobs with hdi_isfolder",
    ),
    (
        Quirk::StorageOddBlobs,
        "storage-odd-blobs",
        "blobs without a name, with 300 metadata, or with an unreadable name are listed",
    ),
    (
        Quirk::StorageHugeLengths,
        "storage-huge-lengths",
        "every blob is listed with a length of 2^64-1",
    ),
    (
        Quirk::StorageCircle,
        "storage-circle",
        "two markers of the listing lead to each other",
    ),
    (
        Quirk::StorageEndless,
        "storage-endless",
        "every page of the listing leads to a new one with new names",
    ),
];

impl Quirk {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(quirk, ..)| *quirk)
    }

    /// Its name, such as `storage-firewall`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().map_or("", |(_, name, _)| name)
    }

    /// What it plays, in a line.
    #[must_use]
    pub fn description(self) -> &'static str {
        self.row().map_or("", |(.., description)| description)
    }

    fn row(self) -> Option<&'static (Self, &'static str, &'static str)> {
        TABLE.iter().find(|(quirk, ..)| *quirk == self)
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that stands for no quirk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownQuirk;

impl fmt::Display for UnknownQuirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no quirk has this name")
    }
}

impl std::error::Error for UnknownQuirk {}

impl FromStr for Quirk {
    type Err = UnknownQuirk;

    fn from_str(text: &str) -> Result<Self, UnknownQuirk> {
        Self::all().find(|quirk| quirk.name() == text).ok_or(UnknownQuirk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quirk_is_found_by_its_name() {
        for quirk in Quirk::all() {
            assert_eq!(quirk.name().parse(), Ok(quirk));
            assert!(!quirk.description().is_empty(), "{quirk}");
        }
        assert_eq!("nothing".parse::<Quirk>(), Err(UnknownQuirk));
    }
}
