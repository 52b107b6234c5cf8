//! `zkv backup`.

mod diff;
mod list;
mod prune;
mod push;
mod restore;
mod sheet;
mod verify;

use zkvault::backup::{KnownHeads, Loaded, Wanted};
use zkvault_core::backup::{BackupChain, BackupChainError, ChainProgress};
use zkvault_core::snapshot::Lineage;

use crate::args::{BackupCommand, BackupPlace};
use crate::backup::{self, Behind, Source};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};

pub(crate) fn run(command: &BackupCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        BackupCommand::Push(args) => push::run(args, context),
        BackupCommand::List(args) => list::run(args, context),
        BackupCommand::Verify(args) => verify::run(args, context),
        BackupCommand::Restore(args) => restore::run(args, context),
        BackupCommand::Diff(args) => diff::run(args, context),
        BackupCommand::Prune(args) => prune::run(args, context),
        BackupCommand::Sheet(args) => sheet::run(args, context),
    }
}

/// The backup that was asked for.
fn source(place: &BackupPlace) -> Source<'_> {
    match &place.file {
        Some(path) => Source::File(path),
        None => Source::Repository(Wanted {
            revision: place.revision,
            chain: place.chain,
        }),
    }
}

/// Compares a backup with the head that a person expects, and the repository with what is remembered.
fn check(
    loaded: &Loaded,
    place: &BackupPlace,
    known: &mut KnownHeads,
    behind: Behind,
    context: &Context<'_>,
) -> Result<()> {
    if let Some(text) = &place.expect {
        expected(loaded, text, context)?;
    }
    if !place.accept {
        loaded.check_own()?;
    }
    backup::check_chain(loaded, known, place.accept, behind, context)
}

/// An older one than expected, or one of another chain, is refused. A later one has to follow the expected one.
fn expected(loaded: &Loaded, text: &str, context: &Context<'_>) -> Result<()> {
    let head = backup::parse_head(text)?;
    let followed = match &loaded.opened.record {
        Some(record) => BackupChain::new(&loaded.records).follows(record, head),
        None => match head.compare(&loaded.opened.snapshot.manifest, loaded.opened.digest) {
            Lineage::Same | Lineage::Next => Ok(ChainProgress::Whole),
            Lineage::Later => Ok(ChainProgress::Gap),
            Lineage::Older => Err(BackupChainError::Older {
                newest: loaded.head(),
                known: head,
            }),
            _ => Err(BackupChainError::Forked {
                newest: loaded.head(),
                device: loaded.opened.snapshot.manifest.device.clone(),
            }),
        },
    };
    let (code, message) = match followed {
        Ok(ChainProgress::Whole) => return Ok(()),
        Ok(_) => {
            let warning = "backups between the expected one and this one are missing";
            context.output.warning(warning);
            return Ok(());
        }
        Err(BackupChainError::Older { .. }) => ("backup-older", "the backup is older than expected"),
        Err(_) => ("backup-forked", "the backup is not of the chain that is expected"),
    };
    let found = loaded.head();
    Err(CliError::new(Exit::Integrity, code, message)
        .cause(format!("it is {found}, and {text} is expected"))
        .hint("ask for a newer one, or look at it with zkv backup verify and diff"))
}
