//! `zkv backup`.

mod diff;
mod list;
mod prune;
mod push;
mod restore;
mod verify;

use zkvault::backup::{BackupError, KnownHeads, Loaded};
use zkvault_core::backup::{BackupLine, BackupLineError, BackupStanding};
use zkvault_core::keyring::{KeyState, Keyring};
use zkvault_core::trust::Lineage;

use crate::args::{BackupCommand, BackupPlace};
use crate::backup::{self, Source};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::keyring_file;

pub(crate) fn run(command: &BackupCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        BackupCommand::Push(args) => push::run(args, context),
        BackupCommand::List(args) => list::run(args, context),
        BackupCommand::Verify(args) => verify::run(args, context),
        BackupCommand::Restore(args) => restore::run(args, context),
        BackupCommand::Diff(args) => diff::run(args, context),
        BackupCommand::Prune(args) => prune::run(args, context),
    }
}

/// The backup that was asked for.
fn source(place: &BackupPlace) -> Source<'_> {
    match &place.file {
        Some(path) => Source::File(path),
        None => Source::Repository(place.revision),
    }
}

/// Compares a backup with the head that a person expects, and the repository with what is remembered.
fn check(loaded: &Loaded, place: &BackupPlace, known: &mut KnownHeads, context: &Context<'_>) -> Result<()> {
    if let Some(text) = &place.expect {
        expected(loaded, text, context)?;
    }
    if !place.accept && is_under_a_retired_key(loaded, context) {
        return Err(CliError::new(
            Exit::Integrity,
            "retired-key",
            "the backup was made with a key that is retired",
        )
        .cause("somebody who kept that key could have made it")
        .hint("a newer backup is under the key that replaced it; --accept takes this one all the same"));
    }
    // An older revision may be of another line than the newest.
    let line = BackupLine::new(&loaded.records);
    if let Some(record) = &loaded.opened.record
        && line.standing(record, None) == BackupStanding::Forked
        && !place.accept
    {
        return Err(BackupError::from(BackupLineError::forked(record)).into());
    }
    backup::check_chain(loaded, known, place.accept, context)
}

/// By the keyring that opened it, and by the one of this profile: the one that comes along may be from before the rotation.
fn is_under_a_retired_key(loaded: &Loaded, context: &Context<'_>) -> bool {
    let opened = &loaded.opened;
    let retired_in = |keyring: &Keyring| {
        let mut keys = keyring.keys().iter().filter(|key| key.id() == opened.key_id).peekable();
        keys.peek().is_some() && keys.all(|key| key.state() == KeyState::Retired)
    };
    let local = || keyring_file::unlock(context).is_ok_and(|keyring| retired_in(&keyring));
    let keyring = loaded.access.keyring.as_ref();
    opened.record.is_some() && keyring.is_some_and(|keyring| retired_in(keyring) || local())
}

/// An older one than expected, or one of another line, is refused. A later one has to follow the expected one.
fn expected(loaded: &Loaded, text: &str, context: &Context<'_>) -> Result<()> {
    let head = backup::parse_head(text)?;
    let manifest = &loaded.opened.snapshot.manifest;
    let lineage = match &loaded.opened.record {
        Some(record) => BackupLine::new(&loaded.records).lineage(record, head),
        None => head.compare(manifest, loaded.opened.digest),
    };
    let (code, message) = match lineage {
        Lineage::Same | Lineage::Next => return Ok(()),
        Lineage::Later => {
            let warning = "backups between the expected one and this one are missing: it may be of another line";
            context.output.warning(warning);
            return Ok(());
        }
        Lineage::Older => ("backup-older", "the backup is older than expected"),
        _ => ("backup-forked", "the backup is not of the line that is expected"),
    };
    let found = loaded.head();
    Err(CliError::new(Exit::Integrity, code, message)
        .cause(format!("it is {found}, and {text} is expected"))
        .hint("ask for a newer one, or look at it with zkv backup verify and diff"))
}
