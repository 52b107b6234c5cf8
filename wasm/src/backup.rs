//! Backups of an account (docs/spec/backup.md): the line that they make, what goes into one, and what comes out.

mod parts;
mod restore;

use std::sync::Arc;

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::backup::{
    BackupLine, BackupLineError, BackupRecord, BackupStanding, BackupStart, LineProgress, ParsedBackup,
    backup_blob_name,
};
use zkvault_core::key::KeySet;
use zkvault_core::snapshot::{Manifest, Snapshot, SnapshotDigest};
use zkvault_core::trust::Head;

use crate::error::{Error, Result};
use crate::json;
use crate::upload::Sealing;
use crate::vault::Vault;

pub use parts::Parts;

/// Bytes of a document at most: what a module of 32 bits can hold a few times.
const MAX_DOCUMENT_LEN: usize = 256 << 20;

/// How much of a blob is the start of a backup: how many bytes it takes, and 1 when `bytes` have all of them. `len` is
/// that of the blob.
///
/// # Errors
/// `backup-not-opened`, or `unsupported-version`.
#[wasm_bindgen(js_name = backupStart)]
pub fn backup_start(bytes: &[u8], len: u64) -> std::result::Result<Vec<f64>, Error> {
    match BackupStart::parse(bytes)? {
        ParsedBackup::Whole(start) => {
            let end = start.file_offset() as u64 + start.prelude().layout().prelude_len();
            Ok(vec![end as f64, 1.0])
        }
        ParsedBackup::Needs(more) if more as u64 > len || more > BackupStart::MAX_LEN => Err(cut_off()),
        ParsedBackup::Needs(more) => Ok(vec![more as f64, 0.0]),
    }
}

/// The keyring that came along. Nothing vouches for it.
///
/// # Errors
/// As for [`backup_start`].
#[wasm_bindgen(js_name = backupKeyring)]
pub fn backup_keyring(start: &[u8]) -> std::result::Result<Option<Vec<u8>>, Error> {
    Ok(whole(start)?.keyring().map(<[u8]>::to_vec))
}

/// The backups at one place, as far as a vault's keys open their records.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Backups(Vec<BackupRecord>);

/// A backup as JavaScript sees it.
#[derive(Serialize)]
struct Row<'a> {
    head: String,
    revision: u64,
    parent: Option<String>,
    time: u64,
    device: &'a str,
    host: &'a str,
    synced: u64,
    line: &'static str,
}

#[wasm_bindgen]
impl Backups {
    /// None yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the start of a backup; not one that is for other keys, or was changed.
    pub fn add(&mut self, vault: &Vault, start: &[u8]) -> bool {
        let record = open(start, vault.key_set());
        let taken = record.is_ok();
        self.0.extend(record);
        taken
    }

    /// All of them in the order in which they were taken, as JSON.
    ///
    /// # Errors
    /// `argument`.
    pub fn rows(&self, known: Option<String>) -> std::result::Result<String, Error> {
        let (line, known) = (BackupLine::new(&self.0), head(known)?);
        let rows = self.0.iter().map(|record| Row {
            head: record.head().to_string(),
            revision: record.manifest.revision,
            parent: record.manifest.parent.map(|parent| parent.to_string()),
            time: record.manifest.time,
            device: &record.manifest.device,
            host: &record.host,
            synced: record.synced,
            line: line.standing(record, known).name(),
        });
        json::write(&rows.collect::<Vec<_>>())
    }

    /// Whether backups are missing between the known one and the newest. To `accept` takes whatever is there.
    ///
    /// # Errors
    /// `argument`, `backup-older`, or `backup-forked`.
    pub fn check(&self, known: Option<String>, accept: bool) -> std::result::Result<bool, Error> {
        match BackupLine::new(&self.0).check(head(known)?) {
            Err(error) if !accept => Err(error.into()),
            progress => Ok(progress != Ok(LineProgress::Whole)),
        }
    }

    /// Whether backups are missing between the expected one and the one that is `number` in the order of the rows. It may
    /// be of another line than the newest, but for `accept`, and never of a different one than the expected.
    ///
    /// # Errors
    /// As for [`Self::check`].
    pub fn expect(&self, number: usize, expected: Option<String>, accept: bool) -> std::result::Result<bool, Error> {
        let (line, expected) = (BackupLine::new(&self.0), head(expected)?);
        let record = self.0.get(number).ok_or_else(cut_off)?;
        if !accept && line.standing(record, None) == BackupStanding::Forked {
            return Err(BackupLineError::forked(record).into());
        }
        let progress = expected.map(|expected| line.follows(record, expected)).transpose()?;
        Ok(progress == Some(LineProgress::Gap))
    }

    /// The next backup: it follows the newest that is there, or the known one if that is later. `now` is in seconds since
    /// 1970 (UTC).
    ///
    /// # Errors
    /// `argument`, `backup-malformed`, or `too-long`.
    pub fn next(
        &self,
        parts: &Parts,
        known: Option<String>,
        device: String,
        synced: u64,
        now: u64,
    ) -> std::result::Result<Draft, Error> {
        let parent = BackupLine::new(&self.0).parent(head(known)?);
        let manifest = Manifest {
            revision: parent.map_or(0, |head| head.revision) + 1,
            parent: parent.map(|head| head.digest),
            time: now,
            device,
        };
        let snapshot = parts.snapshot(manifest);
        // What no reader would take is not written.
        snapshot.contents()?;
        Draft::new(parts.host(), synced, snapshot)
    }
}

/// A backup that is not sealed yet.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Draft {
    record: BackupRecord,
    document: Vec<u8>,
}

impl Draft {
    fn new(host: &str, synced: u64, snapshot: Snapshot) -> Result<Self> {
        let document = snapshot.to_document(MAX_DOCUMENT_LEN)?;
        let record = BackupRecord {
            host: host.to_owned(),
            synced,
            digest: SnapshotDigest::of_document(&document),
            manifest: snapshot.manifest,
        };
        Ok(Self { record, document })
    }
}

#[wasm_bindgen]
impl Draft {
    /// What is to be compressed.
    #[wasm_bindgen(getter)]
    pub fn document(&self) -> Vec<u8> {
        self.document.clone()
    }

    /// Where it will stand.
    #[wasm_bindgen(getter)]
    pub fn head(&self) -> String {
        self.record.head().to_string()
    }
}

#[wasm_bindgen]
impl Vault {
    /// Begins to seal a backup under the default key. Its document takes `len` bytes when it is compressed. The keyring goes
    /// along unless `keyring` is false, or there is none.
    ///
    /// # Errors
    /// `no-keyring` where one is wanted, `no-key`, `retired`, `too-long`, or `random`.
    #[wasm_bindgen(js_name = sealBackup)]
    pub fn seal_backup(
        &mut self,
        draft: &Draft,
        len: u64,
        keyring: Option<bool>,
    ) -> std::result::Result<Sealing, Error> {
        let keyring = match keyring.unwrap_or_else(|| self.has_keyring()) {
            true => self.to_keyring()?,
            false => Vec::new(),
        };
        let key = self.default_key()?;
        let blob = backup_blob_name(&key, draft.record.manifest.revision);
        let (sealer, start) = draft.record.create(&[Arc::clone(&key)], &[], &keyring, len)?;
        Ok(Sealing::of_backup(sealer, start, blob))
    }
}

fn head(text: Option<String>) -> Result<Option<Head>> {
    Ok(text.map(|text| text.parse()).transpose()?)
}

fn whole(start: &[u8]) -> Result<BackupStart> {
    match BackupStart::parse(start)? {
        ParsedBackup::Whole(start) => Ok(*start),
        ParsedBackup::Needs(_) => Err(cut_off()),
    }
}

fn open(start: &[u8], keys: &KeySet) -> Result<BackupRecord> {
    Ok(whole(start)?.open(keys)?)
}

fn cut_off() -> Error {
    Error::new("backup-not-opened", "the backup is cut off")
}
