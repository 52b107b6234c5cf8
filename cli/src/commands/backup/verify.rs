//! `zkv backup verify`.

use serde::Serialize;
use zkvault::backup::Loaded;
use zkvault_core::key::KeySet;
use zkvault_core::keyring::SealedKeyring;
use zkvault_core::model::Site;
use zkvault_core::snapshot::SnapshotContents;
use zkvault_core::trust::{Account, Verdict, assess};

use super::{check, source};
use crate::args::BackupVerify;
use crate::backup::{self, Behind};
use crate::clock;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::Table;
use zkvault::sync::SyncError;

#[derive(Debug, Serialize)]
struct Verified {
    head: String,
    time: String,
    device: String,
    sites: usize,
    /// Whether a keyring came along.
    keyring: bool,
    /// Whether the person whose chain it is in made it. A recipient cannot know.
    authentic: bool,
}

pub(crate) fn run(args: &BackupVerify, context: &Context<'_>) -> Result<Exit> {
    let access = backup::find_access(&args.place.keys.paths, context)?;
    let local = access.as_ref().map(|access| &access.keyring);
    let mut known = backup::known_heads(local, context)?;
    let loaded = source(&args.place).load(access, &known, context)?;
    known.recall(&loaded.access.keyring);
    let contents = structure(&loaded)?;
    values(&contents, &loaded.value_keys())?;
    let sites = contents.sites.len();
    check(&loaded, &args.place, &mut known, Behind::Noted, context)?;
    let manifest = &loaded.opened.snapshot.manifest;
    let verified = Verified {
        head: loaded.head().to_string(),
        time: clock::shown(manifest.time),
        device: manifest.device.clone(),
        sites,
        keyring: loaded.opened.keyring.is_some(),
        authentic: loaded.opened.record.is_some(),
    };
    if !verified.authentic {
        context
            .output
            .warning("you are a recipient: anyone else who can open it could have changed it");
    }
    let mut table = Table::new(&["HEAD", "TIME", "DEVICE", "SITES"]);
    table.row([
        verified.head.clone(),
        verified.time.clone(),
        verified.device.clone(),
        sites.to_string(),
    ]);
    context.output.rows(&table, &verified)?;
    Ok(Exit::Success)
}

/// Checks that the parts belong together, and that the keyring can be read.
pub(super) fn structure(loaded: &Loaded) -> Result<SnapshotContents<'_>> {
    if let Some(keyring) = &loaded.opened.keyring {
        SealedKeyring::parse(keyring).map_err(|error| SyncError::contradiction(format!("its keyring: {error}")))?;
    }
    Ok(loaded.opened.snapshot.contents().map_err(SyncError::contradiction)?)
}

/// Opens the values with the available keys: one that is bound to another place does not, nor does one that was changed.
fn values(contents: &SnapshotContents<'_>, keys: &KeySet) -> Result<()> {
    let SnapshotContents { sites, pins } = contents;
    let pinned = |site: &&Site| pins.get(site.id).is_some_and(|pin| !pin.is_gone());
    let present = sites.values().map(|saved| &saved.site).filter(pinned);
    let assessment = assess(Account::Pinned(pins), present, keys);
    let tampered = assessment
        .sites()
        .iter()
        .find(|site| site.verdict() == Verdict::Tampered);
    match tampered {
        Some(site) => {
            let cause = format!("a value of site {} does not belong to it", site.site_id());
            Err(SyncError::contradiction(cause).into())
        }
        None => Ok(()),
    }
}
