//! The SQLite file: its schema, its settings, and what its errors mean. All that is in it is sealed before it gets
//! here.
//!
//! The file is in WAL mode: readers keep the state from before a change until they open again, and a writer never waits
//! for them. While it is open, SQLite has `store.db-wal` and `store.db-shm` beside it, with the permissions of the file
//! itself. A transaction that was not committed when its process was killed is in the `-wal` file and is ignored;
//! nothing has to be repaired.
//!
//! What the settings are for:
//!
//! * `synchronous = FULL`: a revision that the memory beside the keyring announces must not be lost with the power, or
//!   the store would look as if it had been put back.
//! * `secure_delete`: a record that was removed is overwritten with zeros (`what_was_removed_is_wiped_from_the_file`).
//!   It was sealed; this way not even its ciphertext stays.
//! * `trusted_schema` off, `temp_store` in memory: the file is untrusted input, and nothing of it goes to a temporary
//!   file.
//! * `auto_vacuum = INCREMENTAL`: after a commit with more than an eighth of the pages free, the file is made smaller.
//!
//! SQLite's errors become three of ours: the file is in use ([`StoreError::Busy`]), the disk or its permissions refuse
//! ([`StoreError::Io`], nothing was changed), or the file is not what it was ([`StoreError::Damaged`]).

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::blob::Blob;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags, OptionalExtension as _, Row, TransactionBehavior, params};
use zkvault_core::key::KeyId;
use zkvault_core::store::{StoreId, WrappedStoreKey};

use super::error::{Damage, NewerVersion};
use super::{Records, SealedPart, StoreError, TakeRecord};
use crate::fs::{FileAction, FileError, create_private_folder, open_private};

type Result<T> = std::result::Result<T, StoreError>;

/// Written into the file's header, so that other programs' files are not taken for stores: "zkvs".
const APPLICATION_ID: i32 = 0x7a6b_7673;
/// The version of the tables and of what is sealed in them, in `user_version`. Versions 1 to 4 were made by
/// pre-releases; there is no migration, since a sync fetches everything again.
const SCHEMA_VERSION: i32 = 5;
const SCHEMA: &str = "
    CREATE TABLE store (store_id BLOB NOT NULL) STRICT;
    CREATE TABLE store_key (key_id BLOB PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE part (kind INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE record (row INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;";
/// Records of about a kilobyte fill large pages better than small ones.
const PAGE_LEN: i32 = 32 * 1024;
/// Another process holds the file only for the moment in which it commits.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// One page in so many may be free before the file is made smaller.
const FREE_PAGE_SHARE: i64 = 8;

/// Records in an SQLite file, from one moment or of one change.
#[derive(Debug)]
pub struct SqliteRecords {
    connection: Connection,
    path: PathBuf,
}

impl SqliteRecords {
    /// Opens the file if it is there. Everything that is read until the end is of one moment.
    ///
    /// A deferred transaction sees the state of its first read. An immediate one is the writer's: SQLite gives it to
    /// one process at a time.
    ///
    /// # Errors
    ///
    /// [`StoreError::Newer`], [`StoreError::PreRelease`], and [`StoreError::Damaged`] with [`Damage::OtherKind`] for a
    /// file of a different program; what SQLite and the file system say.
    pub(super) fn open(path: &Path, behavior: TransactionBehavior) -> Result<Option<Self>> {
        if !path
            .try_exists()
            .map_err(|error| FileError::system(FileAction::Open, path, error))?
        {
            return Ok(None);
        }
        let file = Self::connect(path)?;
        let version = file.number("PRAGMA user_version")?;
        let is_ours = file.number("PRAGMA application_id")? == i64::from(APPLICATION_ID);
        match version {
            // Killed before the first commit.
            0 if !is_ours && file.number("SELECT count(*) FROM sqlite_schema")? == 0 => return Ok(None),
            version if is_ours && version == i64::from(SCHEMA_VERSION) => {}
            newer if is_ours && newer > i64::from(SCHEMA_VERSION) => return Err(file.newer(newer)),
            1..=4 if is_ours => return Err(StoreError::PreRelease { path: path.to_owned() }),
            _ => return Err(StoreError::damaged(path, Damage::OtherKind)),
        }
        file.begin(behavior)?;
        Ok(Some(file))
    }

    /// Opens the file, creates it where it is missing, and begins to write the first revision of a store.
    ///
    /// The file is created with the permissions of its owner only before SQLite opens it, because SQLite would create
    /// it with those of the process.
    pub(super) fn create(path: &Path, id: StoreId) -> Result<Self> {
        if let Some(folder) = path.parent() {
            create_private_folder(folder)?;
        }
        // SQLite gives the files beside it the same permissions.
        open_private(path)?;
        let file = Self::connect(path)?;
        // Both only have an effect while the file is empty.
        file.set("page_size", PAGE_LEN)?;
        file.set("auto_vacuum", "INCREMENTAL")?;
        file.set("journal_mode", "WAL")?;
        file.begin(TransactionBehavior::Immediate)?;
        file.set("application_id", APPLICATION_ID)?;
        file.set("user_version", SCHEMA_VERSION)?;
        file.run(|connection| connection.execute_batch(SCHEMA))?;
        file.run(|connection| connection.execute("INSERT INTO store VALUES (?1)", [id.to_bytes()]))?;
        Ok(file)
    }

    /// Begins to write the first revision of another store in this one's place. What is there stays until the commit.
    ///
    /// The rows are deleted within the transaction, instead of the file: a restore that is killed leaves the old store
    /// as it was.
    pub(super) fn replace(path: &Path, id: StoreId) -> Result<Self> {
        const TABLES: &str = "DELETE FROM store; DELETE FROM store_key; DELETE FROM part; DELETE FROM record;";
        let file = Self::connect(path)?;
        file.begin(TransactionBehavior::Immediate)?;
        file.run(|connection| connection.execute_batch(TABLES))?;
        file.run(|connection| connection.execute("INSERT INTO store VALUES (?1)", [id.to_bytes()]))?;
        Ok(file)
    }

    /// Opens the file, without a transaction yet, and without creating it. The connection has no mutex of SQLite's own:
    /// it belongs to one [`SqliteRecords`], which is not shared between threads.
    fn connect(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| explain(path, error))?;
        let file = Self {
            connection,
            path: path.to_owned(),
        };
        file.run(|connection| connection.busy_timeout(BUSY_TIMEOUT))?;
        // A revision that was announced elsewhere must not be lost with the power.
        file.set("synchronous", "FULL")?;
        file.set("secure_delete", true)?;
        file.set("temp_store", "MEMORY")?;
        // What a file says about itself is not to be trusted.
        file.set("trusted_schema", false)?;
        Ok(file)
    }

    /// Does something with the connection, and gives its error the words of this crate.
    fn run<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&self.connection).map_err(|error| explain(&self.path, error))
    }

    fn set(&self, name: &str, value: impl rusqlite::ToSql) -> Result<()> {
        self.run(|connection| connection.pragma_update(None, name, value))
    }

    fn number(&self, query: &str) -> Result<i64> {
        self.run(|connection| connection.query_row(query, [], |row| row.get(0)))
    }

    /// Begins a transaction by hand. A transaction of `rusqlite` borrows the connection, and this one outlives the
    /// function.
    fn begin(&self, behavior: TransactionBehavior) -> Result<()> {
        self.run(|connection| {
            connection.execute_batch(match behavior {
                TransactionBehavior::Immediate => "BEGIN IMMEDIATE",
                _ => "BEGIN",
            })
        })
    }

    /// Gives the free pages back: one page with every row that is read.
    fn vacuum(&self) -> rusqlite::Result<()> {
        let mut vacuum = self.connection.prepare("PRAGMA incremental_vacuum")?;
        let mut pages = vacuum.query([])?;
        while pages.next()?.is_some() {}
        Ok(())
    }

    fn newer(&self, version: i64) -> StoreError {
        let supported = i64::from(SCHEMA_VERSION);
        StoreError::Newer {
            path: self.path.clone(),
            source: NewerVersion { version, supported },
        }
    }
}

impl Records for SqliteRecords {
    fn path(&self) -> &Path {
        &self.path
    }

    fn store_id(&self) -> Result<StoreId> {
        let id = self.run(|connection| connection.query_row("SELECT store_id FROM store", [], |row| row.get(0)));
        id.map(StoreId::from_bytes)
    }

    fn wrapped_keys(&self) -> Result<Vec<WrappedStoreKey>> {
        self.run(|connection| {
            let mut query = connection.prepare("SELECT key_id, sealed FROM store_key")?;
            let rows = query.query_map([], |row| {
                Ok(WrappedStoreKey {
                    key_id: key_id(row)?,
                    sealed: row.get(1)?,
                })
            })?;
            rows.collect()
        })
    }

    fn put_wrapped_key(&self, wrapped: &WrappedStoreKey) -> Result<()> {
        let WrappedStoreKey { key_id, sealed } = wrapped;
        self.run(|connection| {
            connection.execute(
                "INSERT OR REPLACE INTO store_key VALUES (?1, ?2)",
                params![key_id.map(KeyId::to_bytes).as_ref().map_or(&[][..], |id| id), sealed],
            )
        })?;
        Ok(())
    }

    fn remove_wrapped_keys(&self) -> Result<()> {
        self.run(|connection| connection.execute("DELETE FROM store_key", []))?;
        Ok(())
    }

    fn part(&self, kind: i64) -> Result<Option<Box<dyn SealedPart + '_>>> {
        let is_there = self.run(|connection| {
            let mut query = connection.prepare_cached("SELECT 1 FROM part WHERE kind = ?1")?;
            query.exists([kind])
        })?;
        if !is_there {
            return Ok(None);
        }
        let blob = self.connection.blob_open(MAIN_DB, c"part", c"sealed", kind, true);
        let blob = blob.map_err(|error| explain(&self.path, error))?;
        Ok(Some(Box::new(SqlitePart { blob, path: &self.path })))
    }

    fn put_part(&self, kind: i64, sealed: &[u8]) -> Result<()> {
        self.run(|connection| {
            let mut insert = connection.prepare_cached("INSERT OR REPLACE INTO part VALUES (?1, ?2)")?;
            insert.execute(params![kind, sealed])
        })?;
        Ok(())
    }

    fn record(&self, row: u64) -> Result<Option<Vec<u8>>> {
        // SQLite counts rows with signed numbers; there is none of a larger one.
        let Ok(row) = i64::try_from(row) else {
            return Ok(None);
        };
        self.run(|connection| {
            let mut query = connection.prepare_cached("SELECT sealed FROM record WHERE row = ?1")?;
            query.query_row([row], |found| found.get(0)).optional()
        })
    }

    fn add_record(&self, sealed: &[u8]) -> Result<u64> {
        let row = self.run(|connection| {
            let mut insert = connection.prepare_cached("INSERT INTO record (sealed) VALUES (?1)")?;
            insert.insert([sealed])
        })?;
        u64::try_from(row).map_err(|_| StoreError::damaged(&self.path, Damage::Row))
    }

    fn replace_record(&self, row: u64, sealed: &[u8]) -> Result<()> {
        let Ok(row) = i64::try_from(row) else {
            return Ok(());
        };
        self.run(|connection| {
            let mut update = connection.prepare_cached("UPDATE record SET sealed = ?2 WHERE row = ?1")?;
            update.execute(params![row, sealed])
        })?;
        Ok(())
    }

    fn remove_record(&self, row: u64) -> Result<()> {
        let Ok(row) = i64::try_from(row) else {
            return Ok(());
        };
        self.run(|connection| {
            let mut delete = connection.prepare_cached("DELETE FROM record WHERE row = ?1")?;
            delete.execute([row])
        })?;
        Ok(())
    }

    fn records(&self, take: &mut TakeRecord<'_>) -> Result<()> {
        let explain = |error| explain(&self.path, error);
        let mut query = self
            .connection
            .prepare("SELECT row, sealed FROM record ORDER BY row")
            .map_err(explain)?;
        let mut rows = query.query([]).map_err(explain)?;
        while let Some(found) = rows.next().map_err(explain)? {
            let row: i64 = found.get(0).map_err(explain)?;
            let sealed = found
                .get_ref(1)
                .and_then(|value| Ok(value.as_blob()?))
                .map_err(explain)?;
            take(row.cast_unsigned(), sealed)?;
        }
        Ok(())
    }

    /// The transaction that begins afterwards is deferred: it reads what was committed.
    fn commit(&self) -> Result<()> {
        self.run(|connection| connection.execute_batch("COMMIT"))?;
        let (free, all) = (self.number("PRAGMA freelist_count")?, self.number("PRAGMA page_count")?);
        if free > all / FREE_PAGE_SHARE {
            // Readers may be in the way; then it is done another time.
            let _ = self.vacuum();
        }
        self.begin(TransactionBehavior::Deferred)
    }
}

/// A part in an SQLite file, which reads the pages that it needs.
struct SqlitePart<'a> {
    blob: Blob<'a>,
    path: &'a Path,
}

impl SealedPart for SqlitePart<'_> {
    fn size(&self) -> u64 {
        self.blob.len() as u64
    }

    fn read(&self, offset: u64, into: &mut [u8]) -> Result<()> {
        // No part is that long; reading beyond its end is an error as well.
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let read = self.blob.read_at_exact(into, offset);
        read.map_err(|error| explain(self.path, error))
    }
}

/// The first column: the id of a vault key, or nothing for a personal key.
fn key_id(row: &Row<'_>) -> rusqlite::Result<Option<KeyId>> {
    match row.get_ref(0)?.as_blob()? {
        [] => Ok(None),
        _ => Ok(Some(KeyId::from_bytes(row.get(0)?))),
    }
}

/// What an error of SQLite means. All that is not plainly the disk's or a different process's counts as damage: a file
/// that SQLite cannot read, or whose rows have types that no store writes.
fn explain(path: &Path, error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy {
            source: Some(error.into()),
        },
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen) => {
            StoreError::Io {
                path: path.to_owned(),
                source: error.into(),
            }
        }
        _ => StoreError::damaged(path, Damage::Keeper(error.into())),
    }
}
