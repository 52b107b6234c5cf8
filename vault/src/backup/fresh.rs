//! A fresh machine among other people's chains, and junk: which keyring of those that came along with backups does the
//! passphrase open? (docs/spec/backup.md#fresh-machines)
//!
//! Anyone who may write to the storage can put there any number of keyrings that are as costly to try as they like. So
//! the chains take turns, each keyring is tried once, and what takes long is asked about.
//!
//! The order is by the storage's clock, which the storage may set as it likes: it decides what is tried first, and not
//! what is believed. Each turn costs a request for a header and, for a keyring with a salt that was not tried in this
//! chain, one derivation. A keyring that opens names its chains by keys that nobody else has, and from there on nothing
//! else is looked at (`z54_a_fresh_machine_finds_its_chain_among_others_and_junk`).
//!
//! ```
//! use zkvault::backup::is_costly;
//! use zkvault::core::kdf::KdfParams;
//!
//! assert!(!is_costly(KdfParams::default()));
//! assert!(!is_costly(KdfParams::new(1 << 20, 3, 4)?), "1 GiB, a few seconds");
//! assert!(is_costly(KdfParams::new(1 << 20, 4, 4)?), "a person is asked first");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::time::{Duration, Instant};

use zkvault_client::blob::ListedBlob;
use zkvault_core::SecretText;
use zkvault_core::backup::{BACKUP_PREFIX, ChainTag};
use zkvault_core::kdf::KdfParams;
use zkvault_core::keyring::{SealedKeyring, UnlockKeyringError};

use super::Result;
use super::access::Access;
use super::catalog::{Catalog, Listing};
use super::error::{BackupError, Missing};
use super::known::KnownHeads;
use super::source::{BackupFile, none_there};
use crate::transfer::Reason;

/// What is computed without a question: 1 GiB of memory, and 16 times the work of today's default.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_WORK: u64 = 3_145_728;
/// After so long, and again and again, somebody is asked.
const ASK_AFTER: Duration = Duration::from_secs(60);

/// Who watches the search, and decides how long it continues.
///
/// Without one that says no, a storage could keep a machine computing for ever. A program that nobody watches gives
/// limits of its own; the search then ends with [`BackupError::GaveUp`].
pub trait Watcher {
    /// A keyring of this chain is tried, the `number`th.
    fn trying(&mut self, number: usize, chain: ChainTag);

    /// Whether a keyring of this chain may cost so much.
    fn may_cost(&mut self, chain: ChainTag, params: KdfParams) -> bool;

    /// Whether to continue, after so many and so long.
    fn continues(&mut self, tried: usize, elapsed: Duration) -> bool;
}

/// The blobs of each chain that is there, the newest first.
#[derive(Debug)]
struct Queue {
    tag: ChainTag,
    /// The next one at the end.
    blobs: Vec<ListedBlob>,
    /// Keyrings of this chain that the passphrase did not open. The same header again needs no second derivation.
    tried: Vec<SealedKeyring>,
}

/// How a search stands.
struct Search<'a> {
    watcher: &'a mut dyn Watcher,
    passphrase: &'a SecretText,
    tried: usize,
    /// Keyrings that were there, also those that were not tried.
    seen: usize,
    /// When somebody was asked last, without the time in which they thought about it.
    asked: Instant,
    started: Instant,
}

impl Catalog {
    /// Finds a keyring that the passphrase opens and that names its chains, and lists the backups of those. `chain` goes
    /// straight to one chain.
    ///
    /// A keyring opens and yet nothing is returned for it if no backup of its chains has a record that opens: somebody
    /// may have put an old keyring of this person among junk.
    ///
    /// # Errors
    ///
    /// [`BackupError::NoneThere`], [`BackupError::WrongPassphrase`], [`BackupError::GaveUp`], [`BackupError::NotOpened`]
    /// when no keyring came along, and [`BackupError::Storage`].
    #[expect(
        clippy::future_not_send,
        reason = "the watcher may be a terminal, which stays on its thread"
    )]
    pub async fn search(
        &self,
        chain: Option<ChainTag>,
        passphrase: &SecretText,
        known: &KnownHeads,
        watcher: &mut dyn Watcher,
    ) -> Result<(Access, Listing)> {
        let mut queues = self.queues(chain).await?;
        let blobs: usize = queues.iter().map(|queue| queue.blobs.len()).sum();
        let mut search = Search::new(watcher, passphrase);
        while !queues.is_empty() {
            for queue in &mut queues {
                let Some(access) = self.next(queue, &mut search).await? else {
                    continue;
                };
                let listing = self.list(&access.chains, known).await?;
                if listing.entries.iter().any(|entry| entry.record().is_some()) {
                    return Ok((access, listing));
                }
            }
            queues.retain(|queue| !queue.blobs.is_empty());
        }
        Err(match (blobs, search.seen) {
            (0, _) => none_there(0),
            (_, 0) => BackupError::missing("no keyring came along with the backups", Missing::Keyring),
            _ => wrong_passphrase(),
        })
    }

    /// The chains in the order of their newest blobs.
    async fn queues(&self, chain: Option<ChainTag>) -> Result<Vec<Queue>> {
        let prefix = chain.map_or_else(|| BACKUP_PREFIX.to_owned(), ChainTag::folder);
        let mut blobs = self.blobs(&prefix).await?;
        blobs.retain(|blob| !blob.is_archived);
        blobs.sort_by(|one, other| (one.modified, &one.name).cmp(&(other.modified, &other.name)));
        let mut queues: Vec<Queue> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for blob in blobs.into_iter().rev() {
            let Some(tag) = ChainTag::of_blob(&blob.name) else {
                continue;
            };
            let place = *places.entry(tag).or_insert_with(|| {
                queues.push(Queue {
                    tag,
                    blobs: Vec::new(),
                    tried: Vec::new(),
                });
                queues.len() - 1
            });
            if let Some(queue) = queues.get_mut(place) {
                queue.blobs.push(blob);
            }
        }
        // The next one is taken from the end.
        queues.iter_mut().for_each(|queue| queue.blobs.reverse());
        Ok(queues)
    }

    /// Takes the turn of a chain: its next blob.
    #[expect(
        clippy::future_not_send,
        reason = "the watcher may be a terminal, which stays on its thread"
    )]
    async fn next(&self, queue: &mut Queue, search: &mut Search<'_>) -> Result<Option<Access>> {
        let Some(blob) = queue.blobs.pop() else { return Ok(None) };
        search.ask_after_a_while()?;
        let Ok(found) = self.header(&blob.name).await? else {
            return Ok(None);
        };
        let Some(file) = found.header.keyring().filter(|_| found.header.tag() == queue.tag) else {
            return Ok(None);
        };
        let Ok(keyring) = SealedKeyring::parse(file) else {
            return Ok(None);
        };
        // A passphrase that does not open one does not open another that is under the same key.
        if queue.tried.iter().any(|tried| tried.has_same_passphrase(&keyring)) {
            return Ok(None);
        }
        let access = search.unlock(queue.tag, &keyring, file)?;
        queue.tried.push(keyring);
        Ok(access)
    }
}

impl BackupFile {
    /// Opens the keyring that came along.
    ///
    /// # Errors
    ///
    /// [`BackupError::NotOpened`] when there is none, [`BackupError::WrongPassphrase`] and [`BackupError::GaveUp`].
    pub fn unlock(&self, passphrase: &SecretText, watcher: &mut dyn Watcher) -> Result<Access> {
        let missing = |error| BackupError::missing(error, Missing::Keyring);
        let file = self.header().keyring();
        let file = file.ok_or_else(|| missing("no keyring came along with it".to_owned()))?;
        let keyring = SealedKeyring::parse(file).map_err(|error| missing(error.to_string()))?;
        let mut search = Search::new(watcher, passphrase);
        let access = search.unlock(self.header().tag(), &keyring, file)?;
        access.ok_or_else(wrong_passphrase)
    }
}

impl<'a> Search<'a> {
    fn new(watcher: &'a mut dyn Watcher, passphrase: &'a SecretText) -> Self {
        let now = Instant::now();
        Self {
            watcher,
            passphrase,
            tried: 0,
            seen: 0,
            asked: now,
            started: now,
        }
    }

    /// Asks whether to continue, each time another minute has passed.
    fn ask_after_a_while(&mut self) -> Result<()> {
        if self.asked.elapsed() < ASK_AFTER {
            return Ok(());
        }
        let continues = self.watcher.continues(self.tried, self.started.elapsed());
        self.asked = Instant::now();
        match continues {
            true => Ok(()),
            false => Err(BackupError::GaveUp { tried: self.tried }),
        }
    }

    /// Nothing where the passphrase does not fit, or nobody wants to pay for it.
    fn unlock(&mut self, chain: ChainTag, keyring: &SealedKeyring, file: &[u8]) -> Result<Option<Access>> {
        self.seen += 1;
        let params = keyring.params();
        let asked = Instant::now();
        if is_costly(params) && !self.watcher.may_cost(chain, params) {
            return Ok(None);
        }
        // The time in which somebody thinks does not count.
        self.asked += asked.elapsed();
        self.tried += 1;
        self.watcher.trying(self.tried, chain);
        match keyring.unlock(self.passphrase) {
            Ok(keyring) => Ok(Some(Access::came_along(keyring, self.passphrase, file))),
            // One that the storage made up must not hide the others, also one that takes more memory than there is.
            Err(UnlockKeyringError::Decrypt | UnlockKeyringError::Kdf(_) | UnlockKeyringError::Read(_)) => Ok(None),
            Err(error) => Err(BackupError::not_opened(error)),
        }
    }
}

/// Whether a keyring costs more to try than is done without a question.
#[must_use]
pub fn is_costly(params: KdfParams) -> bool {
    let work = u64::from(params.memory_kib()) * u64::from(params.iterations());
    params.memory_kib() > MAX_MEMORY_KIB || work > MAX_WORK
}

fn wrong_passphrase() -> BackupError {
    let cause = "the passphrase is wrong, or the keyrings were changed";
    BackupError::WrongPassphrase(Reason::new(cause))
}

#[cfg(test)]
mod tests {
    use zkvault_client::NativeTransport;
    use zkvault_client::blob::{BlobContainer, SasUrl};

    use super::*;

    #[test]
    fn what_costs_more_than_a_few_seconds_is_asked_about() {
        let costs = |memory, iterations| is_costly(KdfParams::new(memory, iterations, 1).unwrap());
        assert!(!costs(65_536, 3));
        assert!(!costs(1 << 20, 3));
        assert!(costs((1 << 20) + 1, 2));
        assert!(costs(1 << 20, 4));
        assert!(!costs(65_536, 48) && costs(65_536, 49));
    }

    struct Impatient(Vec<String>);

    impl Watcher for Impatient {
        fn trying(&mut self, number: usize, _: ChainTag) {
            self.0.push(format!("try {number}"));
        }

        fn may_cost(&mut self, _: ChainTag, params: KdfParams) -> bool {
            self.0.push(format!("cost {}", params.memory_kib()));
            false
        }

        fn continues(&mut self, tried: usize, _: Duration) -> bool {
            self.0.push(format!("continue {tried}"));
            false
        }
    }

    #[tokio::test]
    async fn the_question_comes_before_the_next_backup_is_fetched() {
        // Nobody listens there, and nobody is asked.
        let address = SecretText::from("https://127.0.0.1:1/vault?sp=rl&sig=x".to_owned());
        let container = BlobContainer::new(NativeTransport::new(), SasUrl::parse(&address).unwrap());
        let (mut watcher, passphrase) = (Impatient(Vec::new()), SecretText::from("x".to_owned()));
        let mut search = Search::new(&mut watcher, &passphrase);
        search.asked -= ASK_AFTER;
        let mut queue = Queue {
            tag: "enngyl6bu3nlp4yq".parse().unwrap(),
            blobs: vec![ListedBlob::default()],
            tried: Vec::new(),
        };
        let ended = Catalog::new(container).next(&mut queue, &mut search).await;
        assert!(matches!(ended, Err(BackupError::GaveUp { tried: 0 })), "{ended:?}");
    }

    #[test]
    fn a_minute_ends_in_a_question_and_a_no_ends_the_search() {
        let (mut watcher, passphrase) = (Impatient(Vec::new()), SecretText::from("x".to_owned()));
        let mut search = Search::new(&mut watcher, &passphrase);
        search.ask_after_a_while().unwrap();
        search.asked -= ASK_AFTER;
        assert_eq!(search.ask_after_a_while().unwrap_err().code(), "input-needed");
        search.ask_after_a_while().unwrap();
        assert_eq!(watcher.0, ["continue 0"]);
    }
}
