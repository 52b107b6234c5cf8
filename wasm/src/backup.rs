//! Backups of an account (docs/spec/backup.md): the chain that they make, what goes into one, and what comes out.

mod parts;
mod restore;

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::account::AccountName;
use zkvault_core::backup::{
    BackupChain, BackupChainError, BackupHeader, BackupRecord, BackupStanding, ChainKey, ChainProgress, ChainTag,
    Chains, Follows, KeyringStamp, KnownChain, ParsedBackup, is_superseded,
};
use zkvault_core::snapshot::SnapshotHead;
use zkvault_core::snapshot::{Manifest, Snapshot, SnapshotDigest};

use crate::error::{Error, Result};
use crate::json;
use crate::upload::Sealing;
use crate::vault::Vault;

pub use parts::Parts;

/// Bytes of a document at most: what a module of 32 bits can hold a few times.
const MAX_DOCUMENT_LEN: usize = 256 << 20;
/// How far a chain may have gone since its head was known: one backup a day for half a century.
const MAX_AHEAD: u64 = 20_000;

/// How much of a blob is the header of a backup: how many bytes it takes, and 1 when `bytes` have all of them. `len` is
/// that of the blob.
///
/// # Errors
/// `backup-not-opened`, `pre-release`, or `unsupported-version`.
#[wasm_bindgen(js_name = backupStart)]
pub fn backup_start(bytes: &[u8], len: u64) -> std::result::Result<Vec<f64>, Error> {
    match BackupHeader::parse(bytes)? {
        ParsedBackup::Whole(start) => {
            let end = start.file_offset() as u64 + start.prelude().layout().prelude_len();
            Ok(vec![end as f64, 1.0])
        }
        ParsedBackup::Needs(more) if more as u64 > len || more > BackupHeader::MAX_LEN => Err(cut_off()),
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

/// The chain in whose folder a blob lies; nothing where there is none.
#[wasm_bindgen(js_name = chainOfBlob)]
#[must_use]
pub fn chain_of_blob(blob: &str) -> Option<String> {
    ChainTag::of_blob(blob).map(|tag| tag.to_string())
}

/// The backups of an account at one place.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Backups {
    chains: Chains,
    known: KnownChain,
    /// The names that backups of the chains may have, as many as were needed so far, up to the revision `named` of `last`.
    names: HashSet<String>,
    named: u64,
    last: u64,
    found: Vec<Found>,
}

#[derive(Debug)]
struct Found {
    tag: ChainTag,
    /// How old its personal key is: 0 for the one in use.
    age: usize,
    record: BackupRecord,
}

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
    chain: String,
    standing: &'static str,
}

/// What a comparison with the known heads found.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Check {
    gap: bool,
    behind: bool,
    new_place: bool,
}

#[wasm_bindgen]
impl Backups {
    /// None yet, of the account at `host`; without a host, of the only account that the keyring names. `chain` is the newest
    /// head that is known of the chain, and `place` the newest that this place showed.
    ///
    /// # Errors
    /// `no-keyring`, `host`, or `argument`.
    #[wasm_bindgen(constructor)]
    pub fn new(
        vault: &Vault,
        host: Option<String>,
        chain: Option<String>,
        place: Option<String>,
    ) -> std::result::Result<Self, Error> {
        let account = host.map(|host| AccountName::parse(&host)).transpose()?;
        let chains = vault.chains(account.as_ref())?;
        let known = KnownChain {
            chain: head(chain)?,
            place: head(place)?,
        };
        if chains.iter().any(|other| {
            chains
                .iter()
                .next()
                .is_some_and(|first| first.account() != other.account())
        }) {
            return Err(Error::new(
                "argument",
                "the keyring has backups of several accounts: give host",
            ));
        }
        let known_to = known
            .chain
            .into_iter()
            .chain(known.place)
            .map(|head| head.revision)
            .max();
        let last = known_to.unwrap_or_default().saturating_add(MAX_AHEAD);
        Ok(Self {
            names: HashSet::new(),
            named: 0,
            last,
            chains,
            known,
            found: Vec::new(),
        })
    }

    /// The folders of the chains.
    #[must_use]
    pub fn folders(&self) -> Vec<String> {
        self.chains.iter().map(|chain| chain.tag().folder()).collect()
    }

    /// Whether a blob of that name may be a backup of the chains.
    #[wasm_bindgen(js_name = mayBe)]
    #[must_use]
    pub fn may_be(&mut self, blob: &str) -> bool {
        while !self.names.contains(blob) {
            if self.named >= self.last {
                return false;
            }
            self.named += 1;
            let of_chains = self.chains.iter().map(|chain| chain.blob_name(self.named));
            self.names.extend(of_chains);
        }
        true
    }

    /// Takes the header of a backup; not one that is of another chain or under another name, or was changed.
    pub fn add(&mut self, blob: &str, start: &[u8]) -> bool {
        let Ok(start) = whole(start) else { return false };
        let Ok((chain, record)) = open(&start, &self.chains) else {
            return false;
        };
        if chain.blob_name(record.manifest.revision) != blob {
            return false;
        }
        let (tag, age) = (chain.tag(), self.chains.generation(chain.tag()).unwrap_or_default());
        self.found.push(Found { tag, age, record });
        true
    }

    /// All of them in the order in which they were taken, as JSON.
    ///
    /// # Errors
    /// `too-long`.
    pub fn rows(&self) -> std::result::Result<String, Error> {
        let records = self.records();
        let chain = BackupChain::new(&records);
        let rows = self.found.iter().map(|Found { tag, record, .. }| Row {
            head: record.head().to_string(),
            revision: record.manifest.revision,
            parent: record.manifest.parent.map(|parent| parent.to_string()),
            time: record.manifest.time,
            device: &record.manifest.device,
            host: record.account.as_str(),
            synced: record.synced,
            chain: tag.to_string(),
            standing: match records.contains(record) {
                true => chain.standing(record, self.known.place).name(),
                false => "superseded",
            },
        });
        json::write(&rows.collect::<Vec<_>>())
    }

    /// Compares the newest with the known heads, as JSON. To `accept` takes whatever is there.
    ///
    /// # Errors
    /// `backup-older`, or `backup-forked`.
    pub fn check(&self, accept: bool) -> std::result::Result<String, Error> {
        let found = match BackupChain::new(&self.records()).check(self.known) {
            Ok(check) => Check {
                gap: check.has_gap,
                behind: check.behind.is_some(),
                new_place: check.is_new_place,
            },
            Err(_) if accept => Check {
                gap: true,
                behind: false,
                new_place: false,
            },
            Err(error) => return Err(error.into()),
        };
        json::write(&found)
    }

    /// Whether backups are missing between the expected one and the one that is `number` in the order of the rows. But for
    /// `accept`, the place must not be behind the chain, and the backup neither be of another chain than the newest nor under
    /// a former personal key; whatever is accepted, it is never of a different chain than the expected one.
    ///
    /// # Errors
    /// `backup-older`, `backup-forked`, `former-key`, or `argument`.
    pub fn expect(&self, number: usize, expected: Option<String>, accept: bool) -> std::result::Result<bool, Error> {
        let (records, expected) = (self.records(), head(expected)?);
        let chain = BackupChain::new(&records);
        let Found { age, record, .. } = self.found.get(number).ok_or_else(cut_off)?;
        if !accept {
            if let Some(behind) = chain.check(self.known)?.behind {
                return Err(behind.into());
            }
            if !records.contains(record) || chain.standing(record, None) == BackupStanding::Forked {
                return Err(BackupChainError::forked(record).into());
            }
            if *age > 0 {
                let message =
                    "the backup was made with a former personal key: anyone who knew the old passphrase may have it";
                return Err(Error::new("former-key", message));
            }
        }
        let progress = expected.map(|expected| chain.follows(record, expected)).transpose()?;
        Ok(progress == Some(ChainProgress::Gap))
    }

    /// The next backup: it follows the newest that is there, or the known one if that is later. `now` is in seconds since
    /// 1970 (UTC).
    ///
    /// # Errors
    /// `backup-malformed`, or `too-long`.
    pub fn next(&self, parts: &Parts, device: String, synced: u64, now: u64) -> std::result::Result<Draft, Error> {
        let records = self.records();
        let parent = BackupChain::new(&records).parent(self.known);
        let manifest = Manifest {
            revision: parent.map_or(0, |head| head.revision) + 1,
            parent: parent.map(|head| head.digest),
            time: now,
            device,
        };
        let snapshot = parts.snapshot(manifest);
        // What no reader would take is not written.
        snapshot.contents()?;
        let chain = self.chains.iter().next().map(Arc::clone).ok_or_else(cut_off)?;
        Draft::new(
            chain,
            self.follows(parent),
            BackupChain::new(&records).keyring_serial(),
            synced,
            snapshot,
        )
    }
}

impl Backups {
    /// Those that count: a former chain ends where the next begins.
    fn records(&self) -> Vec<BackupRecord> {
        let all: Vec<_> = self.found.iter().map(|found| (found.age, &found.record)).collect();
        let counts = |(age, record): &&(usize, &BackupRecord)| !is_superseded(record, *age, &all);
        all.iter().filter(counts).map(|(_, record)| (*record).clone()).collect()
    }

    /// The parent, where it is in a former chain.
    fn follows(&self, parent: Option<SnapshotHead>) -> Option<Follows> {
        let head = parent?;
        if self.found.iter().any(|found| found.age == 0) {
            return None;
        }
        let found = self.found.iter().find(|found| found.record.head() == head)?;
        let chain = found.tag;
        Some(Follows { chain, head })
    }
}

/// A backup that is not sealed yet.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Draft {
    chain: Arc<ChainKey>,
    record: BackupRecord,
    /// The highest serial of a keyring in the chain.
    keyring: Option<u64>,
    document: Vec<u8>,
}

impl Draft {
    fn new(
        chain: Arc<ChainKey>,
        follows: Option<Follows>,
        keyring: Option<u64>,
        synced: u64,
        snapshot: Snapshot,
    ) -> std::result::Result<Self, Error> {
        let document = snapshot.to_document(MAX_DOCUMENT_LEN)?;
        let record = BackupRecord {
            account: chain.account().clone(),
            synced,
            keyring: None,
            follows,
            digest: SnapshotDigest::of_document(&document),
            manifest: snapshot.manifest,
        };
        Ok(Self {
            chain,
            record,
            keyring,
            document,
        })
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
    /// Begins to seal a backup. Its document takes `len` bytes when it is compressed. The keyring goes along unless `keyring`
    /// is false, and names the account from then on.
    ///
    /// # Errors
    /// `no-keyring`, `keyring-behind` when the chain has a newer copy of the keyring, `keyring-full`, `too-long`, or
    /// `random`.
    #[wasm_bindgen(js_name = sealBackup)]
    pub fn seal_backup(
        &mut self,
        draft: &Draft,
        len: u64,
        keyring: Option<bool>,
    ) -> std::result::Result<Sealing, Error> {
        let mut record = draft.record.clone();
        self.name_account(&record.account)?;
        let file = match keyring.unwrap_or(true) {
            false => Vec::new(),
            true => {
                let (file, serial) = self.keyring_and_serial()?;
                if draft.keyring.is_some_and(|theirs| theirs > serial) {
                    let message = "a backup in the chain has a newer copy of the keyring: unlock that one, and merge";
                    return Err(Error::new("keyring-behind", message));
                }
                record.keyring = Some(KeyringStamp::new(serial, &file));
                file
            }
        };
        let blob = draft.chain.blob_name(record.manifest.revision);
        let (sealer, start) = record.create(&draft.chain, &[], &file, len)?;
        Ok(Sealing::without_entry(sealer, start, blob))
    }
}

fn head(text: Option<String>) -> Result<Option<SnapshotHead>> {
    Ok(text.map(|text| text.parse()).transpose()?)
}

fn whole(start: &[u8]) -> Result<BackupHeader> {
    match BackupHeader::parse(start)? {
        ParsedBackup::Whole(start) => Ok(*start),
        ParsedBackup::Needs(_) => Err(cut_off()),
    }
}

/// The record of a backup, and the chain that it is in.
fn open(start: &BackupHeader, chains: &Chains) -> Result<(Arc<ChainKey>, BackupRecord)> {
    let chain = chains
        .find(start.tag())
        .ok_or(zkvault_core::backup::BackupError::NoKey)?;
    Ok((Arc::clone(chain), start.open(chain)?))
}

fn cut_off() -> Error {
    Error::new("backup-not-opened", "the backup is cut off")
}
