//! The newest backups that are known: of each chain, and of each chain at each place. By this memory an older or another
//! state is noticed. It lies beside the keyring and in it, and holds no secret (docs/spec/backup.md#memory).

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zkvault_core::SecretText;
use zkvault_core::backup::{ChainTag, Chains, KnownChain};
use zkvault_core::keyring::{Keyring, MAX_CREDENTIAL_LEN};
use zkvault_core::snapshot::SnapshotHead;

use super::Result;
use super::error::BackupError;
use crate::fs::{self, FileAction, FileError, FileLock};
use crate::store::StoreError;
use crate::transfer::Reason;

const FORMAT: &str = "zkvault.known-backups";
const VERSION: u64 = 2;
/// The name of the credential.
const CREDENTIAL: &str = "known-backups";
/// Chains that are remembered, and places of each: the last ones.
const MAX_CHAINS: usize = 64;
const MAX_PLACES: usize = 32;
/// Bytes of the file at most: each place is an address of at most a few hundred.
const MAX_LEN: u64 = 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    chain: ChainTag,
    /// The newest of the chain, wherever it was seen.
    head: SnapshotHead,
    /// That of the last printed sheet.
    sheet: Option<SnapshotHead>,
    /// The address of a container without its token, or `file`; the last one that was seen at the end.
    places: Vec<(String, SnapshotHead)>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u64,
    chains: Vec<ChainJson>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChainJson {
    chain: String,
    head: String,
    sheet: Option<String>,
    places: Vec<PlaceJson>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceJson {
    place: String,
    head: String,
}

/// What is remembered.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("known-backups.json");
/// use zkvault::backup::KnownHeads;
/// use zkvault::core::backup::ChainTag;
/// use zkvault::core::snapshot::SnapshotHead;
///
/// let (tag, place) = ("enngyl6bu3nlp4yq".parse::<ChainTag>()?, "https://acme.blob.core.windows.net/vault");
/// let head = |revision: u64| format!("{revision}:{}", "5a".repeat(32)).parse::<SnapshotHead>();
/// let mut known = KnownHeads::read(&path, None)?;
/// known.remember(tag, place, head(7)?, false)?;
/// // An older one at a different place is noted for that place, and is not the newest of the chain.
/// known.remember(tag, "file", head(3)?, false)?;
/// assert_eq!(KnownHeads::read(&path, None)?.head(tag), Some(head(7)?));
/// # Ok(())
/// # }
/// ```
///
/// Every change is written at once, as a whole file, and costs nothing where it changes nothing. Of more than 64
/// chains, or more than 32 places of a chain, those that changed last are kept.
///
/// A change is of the file as it is then, under a lock beside it (`known-backups.lock`), and not as it was read: what
/// another process remembered meanwhile stays.
#[derive(Debug)]
pub struct KnownHeads {
    path: PathBuf,
    chains: Vec<Known>,
    /// What keyrings know and the file does not yet.
    recalled: Vec<Known>,
}

impl KnownHeads {
    /// Reads the memory: the file at `path`, and what the keyring knows besides. A file that is missing is an empty one;
    /// one that cannot be read is not.
    ///
    /// A keyring's memory that cannot be read is passed over, since the file is the one that is checked: what it knows
    /// can only add.
    ///
    /// # Errors
    ///
    /// [`BackupError::Memory`] or [`BackupError::File`].
    pub fn read(path: &Path, keyring: Option<&Keyring>) -> Result<Self> {
        let mut known = Self {
            path: path.to_owned(),
            chains: read_file(path)?,
            recalled: Vec::new(),
        };
        if let Some(keyring) = keyring {
            known.recall(keyring);
        }
        Ok(known)
    }

    /// Takes what a keyring knows as well. Its memory may be that of another device, or of an earlier time: it adds to
    /// what is known here and replaces nothing, unless it is later.
    pub fn recall(&mut self, keyring: &Keyring) {
        let credential = keyring.credentials().get(CREDENTIAL);
        let chains = credential.and_then(|text| parse(text.expose_secret()));
        for theirs in chains.unwrap_or_default() {
            self.recalled.push(theirs.clone());
            self.add(theirs);
        }
    }

    fn add(&mut self, theirs: Known) {
        match self.chains.iter_mut().find(|known| known.chain == theirs.chain) {
            Some(known) => known.recall(theirs),
            None => self.chains.push(theirs),
        }
    }

    /// The newest backups that are known of an account: of its chains, and of them at a place.
    ///
    /// Former chains of the account count as well: after a renewal of the personal key the revisions continue.
    #[must_use]
    pub fn of(&self, chains: &Chains, place: &str) -> KnownChain {
        let known = || self.chains.iter().filter(|known| chains.find(known.chain).is_some());
        let heads = |heads: Vec<SnapshotHead>| heads.into_iter().max_by_key(|head| head.revision);
        KnownChain {
            chain: heads(known().map(|known| known.head).collect()),
            place: heads(known().filter_map(|known| known.at(place)).collect()),
        }
    }

    /// The head of a chain.
    #[must_use]
    pub fn head(&self, chain: ChainTag) -> Option<SnapshotHead> {
        self.chains
            .iter()
            .find(|known| known.chain == chain)
            .map(|known| known.head)
    }

    /// The head on the last sheet that was printed for an account.
    #[must_use]
    pub fn sheet(&self, chains: &Chains) -> Option<SnapshotHead> {
        let known = self.chains.iter().filter(|known| chains.find(known.chain).is_some());
        known.filter_map(|known| known.sheet).max_by_key(|head| head.revision)
    }

    /// Remembers the newest backup at a place. With `decided`, a person decided that it is the newest of the chain, even if
    /// a later one is known.
    ///
    /// # Errors
    ///
    /// [`BackupError::File`], [`BackupError::Memory`] when the file cannot be read any more, and [`StoreError::Busy`] when
    /// another process does not finish writing it.
    pub fn remember(&mut self, chain: ChainTag, place: &str, head: SnapshotHead, decided: bool) -> Result<()> {
        self.change(chain, head, |known| {
            if decided || head.revision >= known.head.revision {
                known.head = head;
            }
            known.places.retain(|(other, _)| other != place);
            known.places.push((place.to_owned(), head));
            let excess = known.places.len().saturating_sub(MAX_PLACES);
            known.places.drain(..excess);
        })
    }

    /// Remembers that a sheet with this head was printed.
    ///
    /// # Errors
    ///
    /// As for [`Self::remember`].
    pub fn remember_sheet(&mut self, chain: ChainTag, head: SnapshotHead) -> Result<()> {
        self.change(chain, head, |known| known.sheet = Some(head))
    }

    /// Changes what is known of a chain, moves the chain to the end, and writes the file if that made a difference.
    fn change(&mut self, chain: ChainTag, head: SnapshotHead, change: impl FnOnce(&mut Known)) -> Result<()> {
        let _held = self.hold()?;
        self.chains = read_file(&self.path)?;
        self.recalled.clone().into_iter().for_each(|theirs| self.add(theirs));
        let before = self.chains.clone();
        let position = self.chains.iter().position(|known| known.chain == chain);
        let mut known = match position {
            Some(position) => self.chains.remove(position),
            None => Known {
                chain,
                head,
                sheet: None,
                places: Vec::new(),
            },
        };
        change(&mut known);
        self.chains.push(known);
        let excess = self.chains.len().saturating_sub(MAX_CHAINS);
        self.chains.drain(..excess);
        if self.chains == before {
            return Ok(());
        }
        let json = write(&self.chains)?;
        fs::write(&self.path, json.as_bytes(), fs::Existing::Replace)?;
        self.recalled.clear();
        Ok(())
    }

    /// Keeps other processes from changing the file. Each of them does so only while it writes.
    fn hold(&self) -> Result<FileLock> {
        let path = self.path.with_extension("lock");
        let held = FileLock::take_soon(&path)?;
        held.ok_or_else(|| {
            let source = FileLock::holder(&path).map(Into::into);
            StoreError::Busy { source }.into()
        })
    }

    /// Puts it into a keyring, which is saved afterwards: the newest places first where not all of them fit.
    ///
    /// # Errors
    ///
    /// [`BackupError::NotKept`] when the keyring is full.
    pub fn remember_in(&self, keyring: &mut Keyring) -> Result<()> {
        if self.chains.is_empty() {
            return Ok(());
        }
        let mut chains = self.chains.clone();
        let mut json = write(&chains)?;
        while json.len() > MAX_CREDENTIAL_LEN {
            shorten(&mut chains);
            json = write(&chains)?;
        }
        let kept = keyring.credentials_mut().set(CREDENTIAL, SecretText::from(json));
        kept.map_err(|error| BackupError::NotKept(Reason::new(error)))
    }
}

impl Known {
    fn at(&self, place: &str) -> Option<SnapshotHead> {
        let mut places = self.places.iter();
        places.find(|(known, _)| known == place).map(|(_, head)| *head)
    }

    /// Takes what is later. A place that was not known here counts as seen before all others, so that it goes first.
    fn recall(&mut self, theirs: Self) {
        if theirs.head.revision > self.head.revision {
            self.head = theirs.head;
        }
        if theirs.sheet.map(|head| head.revision) > self.sheet.map(|head| head.revision) {
            self.sheet = theirs.sheet;
        }
        for (place, head) in theirs.places {
            match self.places.iter_mut().find(|(known, _)| *known == place) {
                Some((_, known)) if head.revision > known.revision => *known = head,
                Some(_) => {}
                None => self.places.insert(0, (place, head)),
            }
        }
    }
}

/// A file that is missing is an empty one; one that cannot be read is not.
fn read_file(path: &Path) -> Result<Vec<Known>> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_LEN + 1).read_to_string(&mut text));
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FileError::system(FileAction::Read, path, error).into()),
        Ok(_) => {}
    }
    let unreadable = || BackupError::Memory { path: path.to_owned() };
    parse(&text).ok_or_else(unreadable)
}

/// Leaves out the place that was seen first, of the chain that has most; then whole chains.
fn shorten(chains: &mut Vec<Known>) {
    let longest = chains.iter_mut().max_by_key(|known| known.places.len());
    match longest {
        Some(known) if !known.places.is_empty() => drop(known.places.remove(0)),
        _ => drop(chains.drain(..1)),
    }
}

fn write(chains: &[Known]) -> Result<String> {
    let place = |(place, head): &(String, SnapshotHead)| PlaceJson {
        place: place.clone(),
        head: head.to_string(),
    };
    let chain = |known: &Known| ChainJson {
        chain: known.chain.to_string(),
        head: known.head.to_string(),
        sheet: known.sheet.map(|head| head.to_string()),
        places: known.places.iter().map(place).collect(),
    };
    let document = Document {
        format: FORMAT.to_owned(),
        version: VERSION,
        chains: chains.iter().map(chain).collect(),
    };
    serde_json::to_string(&document).map_err(BackupError::NotRemembered)
}

/// `None` for anything that is not exactly as specified: it must not count as an empty memory.
fn parse(text: &str) -> Option<Vec<Known>> {
    let document: Document = serde_json::from_str(text).ok()?;
    let is_ours = document.format == FORMAT && document.version == VERSION && text.len() as u64 <= MAX_LEN;
    let chain = |json: ChainJson| {
        let place = |json: PlaceJson| Some((json.place, json.head.parse().ok()?));
        Some(Known {
            chain: json.chain.parse().ok()?,
            head: json.head.parse().ok()?,
            sheet: json.sheet.map(|head| head.parse()).transpose().ok()?,
            places: json.places.into_iter().map(place).collect::<Option<_>>()?,
        })
    };
    is_ours.then(|| document.chains.into_iter().map(chain).collect())?
}

#[cfg(test)]
mod tests {
    use zkvault_core::account::AccountName;

    use super::*;

    fn head(revision: u64) -> SnapshotHead {
        format!("{revision}:{}", format!("{revision:02x}").repeat(32))
            .parse()
            .unwrap()
    }

    fn keyring() -> (Keyring, Chains) {
        let keyring = crate::cheap::keyring();
        let chains = Chains::of_account(&keyring, &AccountName::parse("a.example").unwrap());
        (keyring, chains)
    }

    #[test]
    fn what_another_process_remembered_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known.json");
        let read = |keyring| KnownHeads::read(&path, keyring).unwrap();
        let (mut keyring, chains) = keyring();
        let chain = chains.iter().next().unwrap().tag();
        let mut elsewhere = KnownHeads::read(&folder.path().join("elsewhere.json"), None).unwrap();
        elsewhere.remember(chain, "there", head(3), false).unwrap();
        elsewhere.remember_in(&mut keyring).unwrap();
        // Two processes read it, and a person decides in one of them for an earlier backup than the other knows.
        read(None).remember(chain, "file", head(9), false).unwrap();
        let (mut one, mut other) = (read(Some(&keyring)), read(Some(&keyring)));
        one.remember(chain, "file", head(4), true).unwrap();
        other.remember_sheet(chain, head(2)).unwrap();
        for known in [other, read(None)] {
            assert_eq!(known.head(chain), Some(head(4)));
            assert_eq!(known.sheet(&chains), Some(head(2)));
            assert_eq!(known.of(&chains, "there").place, Some(head(3)), "of the keyring");
        }
    }

    #[test]
    fn a_chain_and_each_of_its_places_are_remembered_here_and_in_the_keyring() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x/known.json");
        let (mut keyring, chains) = keyring();
        let chain = chains.iter().next().unwrap().tag();
        let mut known = KnownHeads::read(&path, Some(&keyring)).unwrap();
        assert_eq!(known.of(&chains, "one"), KnownChain::default());
        known.remember(chain, "one", head(1), false).unwrap();
        known.remember(chain, "two", head(2), false).unwrap();
        known.remember_sheet(chain, head(1)).unwrap();
        let heads = |known: &KnownHeads| {
            let at = |place| known.of(&chains, place).place.map(|head| head.revision);
            (
                known.head(chain).unwrap().revision,
                at("one"),
                at("two"),
                known.sheet(&chains).map(|head| head.revision),
            )
        };
        let expected = (2, Some(1), Some(2), Some(1));
        assert_eq!(heads(&known), expected);
        known.remember_in(&mut keyring).unwrap();
        assert_eq!(heads(&KnownHeads::read(&path, None).unwrap()), expected);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(heads(&KnownHeads::read(&path, Some(&keyring)).unwrap()), expected);

        // What is behind the chain is the newest at its place alone, until a person decides otherwise.
        let mut known = KnownHeads::read(&path, None).unwrap();
        known.remember(chain, "two", head(9), false).unwrap();
        known.remember(chain, "one", head(3), false).unwrap();
        assert_eq!(heads(&known), (9, Some(3), Some(9), None));
        known.recall(&keyring);
        assert_eq!(
            heads(&known),
            (9, Some(3), Some(9), Some(1)),
            "an older memory changes nothing"
        );
        known.remember(chain, "one", head(3), true).unwrap();
        assert_eq!(known.head(chain), Some(head(3)));
        std::fs::write(&path, "{}").unwrap();
        assert_eq!(KnownHeads::read(&path, None).unwrap_err().code(), "known-backups");
    }

    #[test]
    fn a_memory_that_is_too_long_for_a_keyring_keeps_its_heads_and_its_latest_places() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known.json");
        let (mut keyring, chains) = keyring();
        let chain = chains.iter().next().unwrap().tag();
        let mut known = KnownHeads::read(&path, None).unwrap();
        for number in 1..=40 {
            let place = format!("{number}-{}", "x".repeat(500));
            known.remember(chain, &place, head(number), false).unwrap();
        }
        known.remember_in(&mut keyring).unwrap();
        std::fs::remove_file(&path).unwrap();
        let recalled = KnownHeads::read(&path, Some(&keyring)).unwrap();
        assert_eq!(recalled.head(chain), Some(head(40)));
        let at = |number: u64| recalled.of(&chains, &format!("{number}-{}", "x".repeat(500))).place;
        assert_eq!((at(40), at(1)), (Some(head(40)), None));
    }

    /// An account has several chains after its personal key was renewed: the newest of all of them counts, not that of the
    /// chain that was remembered first or last.
    #[test]
    fn the_newest_of_all_chains_of_an_account_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let (mut keyring, _) = keyring();
        keyring.renew_personal_key().unwrap();
        let of = |name| Chains::of_account(&keyring, &AccountName::parse(name).unwrap());
        let (chains, others) = (of("a.example"), of("b.example"));
        let tags: Vec<_> = chains.iter().map(|chain| chain.tag()).collect();
        let other = others.iter().next().unwrap().tag();
        for order in [[0, 1], [1, 0]] {
            let mut known = KnownHeads::read(&folder.path().join(format!("{order:?}")), None).unwrap();
            known.remember(other, "place", head(99), false).unwrap();
            known.remember_sheet(other, head(98)).unwrap();
            for which in order {
                let revision = [7, 4][which];
                known.remember(tags[which], "place", head(revision), false).unwrap();
                known
                    .remember(tags[which], "elsewhere", head(revision - 1), false)
                    .unwrap();
                known.remember_sheet(tags[which], head(revision - 2)).unwrap();
            }
            let expected = KnownChain {
                chain: Some(head(7)),
                place: Some(head(7)),
            };
            assert_eq!(known.of(&chains, "place"), expected, "{order:?}");
            assert_eq!(known.of(&chains, "elsewhere").place, Some(head(6)));
            assert_eq!(known.of(&chains, "nowhere").place, None);
            assert_eq!(known.sheet(&chains), Some(head(5)));
            assert_eq!(
                (known.head(tags[0]), known.head(tags[1])),
                (Some(head(7)), Some(head(4)))
            );
            assert_eq!(known.of(&others, "place").chain, Some(head(99)));
        }
    }

    /// What a keyring says adds to what is known here: of two heads of one revision the one that was seen here stays.
    #[test]
    fn an_earlier_memory_replaces_nothing_and_a_later_one_does() {
        let folder = tempfile::tempdir().unwrap();
        let (mut keyring, chains) = keyring();
        let chain = chains.iter().next().unwrap().tag();
        let forked = |revision: u64| -> SnapshotHead { format!("{revision}:{}", "ff".repeat(32)).parse().unwrap() };
        let read = |name: &str| KnownHeads::read(&folder.path().join(name), None).unwrap();
        let mut theirs = read("theirs");
        theirs.remember(chain, "one", forked(5), false).unwrap();
        theirs.remember(chain, "two", forked(4), false).unwrap();
        theirs.remember_sheet(chain, forked(3)).unwrap();
        theirs.remember_in(&mut keyring).unwrap();
        for (name, seen, expected) in [
            ("earlier", [4, 3, 2], [forked(5), forked(4), forked(3)]),
            ("equal", [5, 4, 3], [head(5), head(4), head(3)]),
            ("later", [6, 5, 4], [head(6), head(5), head(4)]),
        ] {
            let mut ours = read(name);
            ours.remember(chain, "one", head(seen[0]), false).unwrap();
            ours.remember(chain, "two", head(seen[1]), false).unwrap();
            ours.remember_sheet(chain, head(seen[2])).unwrap();
            ours.recall(&keyring);
            let at = |place| ours.of(&chains, place).place;
            assert_eq!(ours.head(chain), Some(expected[0]), "{name}");
            assert_eq!((at("one"), at("two")), (Some(expected[0]), Some(expected[1])), "{name}");
            assert_eq!(ours.sheet(&chains), Some(expected[2]), "{name}");
        }
        // Of one revision the one that was seen last counts.
        let mut known = read("again");
        known.remember(chain, "one", head(5), false).unwrap();
        known.remember(chain, "two", forked(5), false).unwrap();
        assert_eq!(known.head(chain), Some(forked(5)));
    }

    #[test]
    fn what_was_not_seen_for_longest_is_forgotten_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known.json");
        let (mut keyring, chains) = keyring();
        let chain = chains.iter().next().unwrap();
        let mut known = KnownHeads::read(&path, None).unwrap();
        let places = MAX_PLACES as u64;
        for number in 1..=places {
            known
                .remember(chain.tag(), &number.to_string(), head(number), false)
                .unwrap();
        }
        known.remember(chain.tag(), "1", head(places), false).unwrap();
        known.remember(chain.tag(), "new", head(places), false).unwrap();
        let at = |place: &str| known.of(&chains, place).place.is_some();
        assert!(at("1") && !at("2") && at("3") && at("new"));
        // What the keyring knows of besides was seen before all of it.
        let mut elsewhere = KnownHeads::read(&folder.path().join("elsewhere.json"), None).unwrap();
        elsewhere.remember(chain.tag(), "there", head(1), false).unwrap();
        elsewhere.remember_in(&mut keyring).unwrap();
        known.recall(&keyring);
        assert!(known.of(&chains, "there").place.is_some());
        known.remember(chain.tag(), "new", head(places), false).unwrap();
        let at = |place: &str| known.of(&chains, place).place.is_some();
        assert!(!at("there") && at("3") && at("1") && at("new"));
        let key = |number: usize| zkvault_core::personal::PersonalKey::from_slice(&[number as u8; 32]).unwrap();
        let tag = |number| zkvault_core::backup::ChainKey::derive(&key(number), chain.account()).tag();
        for number in 1..MAX_CHAINS {
            known.remember(tag(number), "x", head(1), false).unwrap();
        }
        known.remember(chain.tag(), "1", head(places), false).unwrap();
        known.remember(tag(MAX_CHAINS), "x", head(1), false).unwrap();
        let heads = [chain.tag(), tag(1), tag(2), tag(MAX_CHAINS)].map(|chain| known.head(chain).is_some());
        assert_eq!(heads, [true, false, true, true]);
    }
}
