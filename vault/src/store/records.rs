//! Where a store's records lie: what it needs of a file, a database or a test.

use std::fmt;
use std::path::Path;

use zkvault_core::store::{StoreId, WrappedStoreKey};

use super::StoreError;

/// Takes the row of a record and the record, which is sealed.
pub type TakeRecord<'a> = dyn FnMut(u64, &[u8]) -> Result<(), StoreError> + 'a;

/// A part as it lies: sealed bytes, of which a lookup reads a few.
pub trait SealedPart {
    /// How many bytes it has.
    fn size(&self) -> u64;

    /// Fills `into` with the bytes from `offset` on.
    ///
    /// # Errors
    ///
    /// What keeps the records says, and also when there are not so many.
    fn read(&self, offset: u64, into: &mut [u8]) -> Result<(), StoreError>;
}

/// Sealed records, from one moment or of one change: what is read does not change until [`commit`](Self::commit), and
/// what is written counts from then on, all of it or nothing. Everything in it is sealed, so nothing of it is secret, and
/// nothing of it is believed.
///
/// # Errors
///
/// Every method fails when what keeps the records fails.
///
/// [`SqliteRecords`](super::SqliteRecords) is the one that this crate has. A different one may lose, repeat or exchange
/// records: the store notices and reports damage. What it must not do is to let a change be seen in part, since a
/// reader would take that for damage too.
pub trait Records: fmt::Debug + Send {
    /// What messages call the place.
    fn path(&self) -> &Path;

    /// Which store this is.
    fn store_id(&self) -> Result<StoreId, StoreError>;

    /// The store's key, sealed under each key that opens it.
    fn wrapped_keys(&self) -> Result<Vec<WrappedStoreKey>, StoreError>;

    /// Adds one of them, or replaces the one under the same key.
    fn put_wrapped_key(&self, wrapped: &WrappedStoreKey) -> Result<(), StoreError>;

    /// Removes all of them.
    fn remove_wrapped_keys(&self) -> Result<(), StoreError>;

    /// A part, by its number.
    fn part(&self, kind: i64) -> Result<Option<Box<dyn SealedPart + '_>>, StoreError>;

    /// Writes a part in the place of the one before.
    fn put_part(&self, kind: i64, sealed: &[u8]) -> Result<(), StoreError>;

    /// A record, by its row.
    fn record(&self, row: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// Adds a record and returns its row.
    fn add_record(&self, sealed: &[u8]) -> Result<u64, StoreError>;

    /// Writes a record in the place of the one in that row, if there is one.
    fn replace_record(&self, row: u64, sealed: &[u8]) -> Result<(), StoreError>;

    /// Removes a record, if it is there.
    fn remove_record(&self, row: u64) -> Result<(), StoreError>;

    /// Reads all records in the order in which they lie, until `take` fails.
    fn records(&self, take: &mut TakeRecord<'_>) -> Result<(), StoreError>;

    /// Makes what was written what everybody reads, and begins to read again.
    fn commit(&self) -> Result<(), StoreError>;
}
