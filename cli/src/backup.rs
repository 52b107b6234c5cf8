//! Backups for the commands: with the keys, the passphrase and the storage of this terminal, and what is said about them.

mod catalog;

use std::path::{Path, PathBuf};

use zkvault::backup::{
    Access, BackupFile, ChainNote, FILES, KnownHeads, Listing, Loaded, OneAccount, Wanted, newest_in_chain,
};
use zkvault_core::backup::{BackupRecord, ChainTag, Chains, KnownChain};
use zkvault_core::keyring::Keyring;
use zkvault_core::snapshot::SnapshotHead;

pub(crate) use self::catalog::{Terminal, TerminalCatalog, problem};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::repo::Rights;
use crate::{key_source, keychain, keyring_file};

/// A backup that was asked for.
pub(crate) enum Source<'a> {
    File(&'a Path),
    Repository(Wanted),
}

impl Source<'_> {
    /// Fetches and opens it, with `access` or the keyring that came along.
    pub(crate) fn load(&self, access: Option<Access>, known: &KnownHeads, context: &Context<'_>) -> Result<Loaded> {
        match self {
            Self::File(path) => {
                let file = BackupFile::read(path)?;
                let access = match access {
                    Some(access) => access,
                    None => {
                        context.with_passphrase(|passphrase| Ok(file.unlock(passphrase, &mut Terminal { context })?))?
                    }
                };
                Ok(file.open(access)?)
            }
            Self::Repository(wanted) => {
                let catalog = TerminalCatalog::new(Rights::Read, context)?;
                let (access, listing) = match access {
                    Some(access) => {
                        let listing =
                            catalog.list(&wanted_chains(&access.chains, wanted.chain)?, known, context.output)?;
                        (access, listing)
                    }
                    None => catalog.search(wanted.chain, &*context.passphrase()?, known, context)?,
                };
                catalog.load(&listing, *wanted, access)
            }
        }
    }
}

/// The chains of the account that one of them names; all where none is named.
pub(crate) fn wanted_chains(chains: &Chains, chain: Option<ChainTag>) -> Result<Chains> {
    let Some(tag) = chain else { return Ok(chains.clone()) };
    match chains.find(tag) {
        Some(_) => Ok(chains.beside(tag)),
        None => Err(
            CliError::new(Exit::NotFound, "not-found", format!("the keyring has no chain {tag}"))
                .hint("zkv backup list shows its chains"),
        ),
    }
}

/// The profile's keyring, with key files for values; nothing where there is none.
pub(crate) fn find_access(files: &[PathBuf], context: &Context<'_>) -> Result<Option<Access>> {
    if !context.profile()?.keyring_path().exists() {
        return Ok(None);
    }
    access(files, context).map(Some)
}

/// The keyring, or an error that says how to get one.
pub(crate) fn access(files: &[PathBuf], context: &Context<'_>) -> Result<Access> {
    if !context.profile()?.keyring_path().exists() {
        return Err(CliError::new(Exit::NotFound, "no-keyring", "there is no keyring")
            .hint("zkv backup restore brings one back, and zkv init makes a new one"));
    }
    of_keyring(keyring_file::unlock(context)?, files)
}

/// What a keyring opens, and key files besides.
pub(crate) fn of_keyring(keyring: Keyring, files: &[PathBuf]) -> Result<Access> {
    let files = keychain::store_keys_of_files(&key_source::selected(files))?;
    Ok(Access::of_keyring(keyring).with_keys(files.of_files()))
}

/// What the profile remembers of the newest backups.
pub(crate) fn known_heads(keyring: Option<&Keyring>, context: &Context<'_>) -> Result<KnownHeads> {
    Ok(KnownHeads::read(&context.profile()?.known_backups_path(), keyring)?)
}

/// What happens when a place is behind the chain that is known from elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behind {
    /// It is said.
    Noted,
    /// It is refused: an old state would come back.
    Refused,
}

/// The newest backup at a place, if the chain continues to it from those that are known; or, with `accept`, whatever it
/// is. What is worth a word is said.
pub(crate) fn newest(
    records: &[BackupRecord],
    known: KnownChain,
    accept: bool,
    behind: Behind,
    context: &Context<'_>,
) -> Result<Newest> {
    let newest = newest_in_chain(records, known, accept)?;
    let mut found = Newest {
        head: newest.head,
        is_decided: false,
        is_new_place: false,
    };
    for note in newest.notes {
        match note {
            ChainNote::Accepted(error) => {
                found.is_decided = true;
                context.output.warning(&error.to_string());
            }
            ChainNote::Behind(error) if behind == Behind::Refused && !accept => {
                return Err(zkvault::backup::BackupError::from(error).into());
            }
            ChainNote::Behind(error) => context
                .output
                .warning(&format!("this place is behind the chain: {error}")),
            ChainNote::NewPlace => found.is_new_place = true,
            _ => context
                .output
                .warning("backups between the last one that was known and the newest are missing"),
        }
    }
    Ok(found)
}

/// The newest backup at a place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Newest {
    pub(crate) head: Option<SnapshotHead>,
    /// A person decided that it counts.
    is_decided: bool,
    pub(crate) is_new_place: bool,
}

impl Newest {
    /// Says so if the place never had a backup of the chain.
    pub(crate) fn note_place(self, context: &Context<'_>) -> Self {
        if self.is_new_place {
            context
                .output
                .note("the chain of backups is known, and this place never had one of it");
        }
        self
    }

    /// Remembers it as the newest of its chain at a place.
    pub(crate) fn remember(self, account: &OneAccount<'_>, place: &str, known: &mut KnownHeads) -> Result<()> {
        let Some(head) = self.head else { return Ok(()) };
        let entry = account.own.iter().find(|(_, record)| record.head() == head);
        match entry {
            Some((entry, _)) => Ok(known.remember(entry.tag, place, head, self.is_decided)?),
            None => Ok(()),
        }
    }
}

/// Compares the newest backup where this one is from with those that are remembered, and remembers it when it continues
/// from there. A file is compared with the chain alone.
pub(crate) fn check_chain(
    loaded: &Loaded,
    known: &mut KnownHeads,
    accept: bool,
    behind: Behind,
    context: &Context<'_>,
) -> Result<()> {
    let place = loaded.place.as_deref().unwrap_or(FILES);
    let mut heads = known.of(&loaded.chains(), place);
    if loaded.place.is_none() {
        // Older files may lie about; what a file may not be is another chain's.
        heads.place = None;
    }
    let newest = match loaded.opened.record {
        Some(_) => newest(&loaded.records, heads, accept, behind, context)?,
        None => return Ok(()),
    };
    match (newest.head, &loaded.place) {
        (Some(head), Some(place)) => {
            newest.note_place(context);
            let tag = loaded.tag_of(head).unwrap_or(loaded.opened.tag);
            Ok(known.remember(tag, place, head, newest.is_decided)?)
        }
        _ => Ok(()),
    }
}

/// Compares what is in the repository with the newest backups that are remembered, and remembers how they continue.
pub(crate) fn check_repository(keyring: &Keyring, context: &Context<'_>) -> Result<()> {
    let mut known = known_heads(Some(keyring), context)?;
    let catalog = TerminalCatalog::new(Rights::Read, context)?;
    let listing = catalog.list(&Chains::of_keyring(keyring), &known, context.output)?;
    check_listing(
        &listing,
        &Chains::of_keyring(keyring),
        &catalog.place(),
        &mut known,
        context,
    )
}

/// The same of what was listed, account by account.
pub(crate) fn check_listing(
    listing: &Listing,
    chains: &Chains,
    place: &str,
    known: &mut KnownHeads,
    context: &Context<'_>,
) -> Result<()> {
    for chain in chains.iter().filter(|chain| !chain.is_former()) {
        let account = OneAccount::of(listing, chains, Some(chain.tag()))?;
        let heads = known.of(&account.chains, place);
        let newest = newest(&account.records(), heads, false, Behind::Noted, context)?;
        newest.note_place(context).remember(&account, place, known)?;
    }
    Ok(())
}

/// Reads a head as `zkv backup push` prints it: `12:be7c…`.
pub(crate) fn parse_head(text: &str) -> Result<SnapshotHead> {
    text.parse().map_err(|error| {
        CliError::usage(format!("{text:?} is not the head of a backup"))
            .cause(error)
            .hint("zkv backup push prints one, and list shows them")
    })
}
