//! `zkv backup verify`.

use serde::Serialize;
use zkvault_core::{Account, PinSet, SealedKeyring, Site, Verdict, assess};

use super::{check, source};
use crate::args::BackupVerify;
use crate::backup::{self, Access, KnownHeads, Loaded};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Table;
use crate::{clock, sync};

#[derive(Debug, Serialize)]
struct Verified {
    head: String,
    time: String,
    device: String,
    sites: usize,
    /// Whether a keyring came along.
    keyring: bool,
    /// Whether a holder of the vault key made it. A recipient cannot know.
    authentic: bool,
}

pub(crate) fn run(args: &BackupVerify, context: &Context<'_>) -> Result<Exit> {
    let access = Access::local(&args.place.keys.paths, context)?;
    let mut known = KnownHeads::read(context)?;
    let loaded = source(&args.place).load(access, context)?;
    let sites = structure(&loaded)?;
    values(&loaded)?;
    check(&loaded, &args.place, &mut known, context)?;
    let manifest = &loaded.opened.snapshot.manifest;
    let verified = Verified {
        head: backup::shown(loaded.head()),
        time: clock::shown(manifest.time),
        device: manifest.device.clone(),
        sites,
        keyring: loaded.opened.keyring.is_some(),
        authentic: loaded.opened.record.is_some(),
    };
    if !verified.authentic {
        context
            .output
            .warning("you are a recipient of it: whoever else can open it could have changed it");
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

/// Checks that the parts belong together, every pin to its site, and that the keyring can be read. Returns the number
/// of sites.
pub(super) fn structure(loaded: &Loaded) -> Result<usize> {
    let snapshot = &loaded.opened.snapshot;
    let pins = PinSet::from_json(snapshot.pins.get()).map_err(|error| bad(error.to_string()))?;
    let sites = sync::sites(snapshot)?;
    for pin in pins.iter() {
        let site = sites.get(&pin.site_id());
        let (site, _) = site.ok_or_else(|| bad(format!("the pinned site {} is missing", pin.site_id())))?;
        sync::check_pin(site, pin)?;
    }
    if let Some(keyring) = &loaded.opened.keyring {
        SealedKeyring::parse(keyring).map_err(|error| bad(format!("its keyring: {error}")))?;
    }
    Ok(sites.len())
}

/// Opens the values with the keys at hand: one that is bound to another place does not, nor does one that was changed.
fn values(loaded: &Loaded) -> Result<()> {
    let snapshot = &loaded.opened.snapshot;
    let pins = PinSet::from_json(snapshot.pins.get()).map_err(|error| bad(error.to_string()))?;
    let sites = sync::sites(snapshot)?;
    let pinned = |site: &&Site| pins.get(site.id).is_some_and(|pin| !pin.is_gone());
    let present = sites.values().map(|(site, _)| site).filter(pinned);
    let assessment = assess(Account::Pinned(&pins), present, &loaded.access.keys);
    let tampered = assessment
        .sites()
        .iter()
        .find(|site| site.verdict() == Verdict::Tampered);
    match tampered {
        Some(site) => Err(bad(format!("a value of site {} does not belong to it", site.site_id()))),
        None => Ok(()),
    }
}

fn bad(cause: String) -> CliError {
    CliError::new(Exit::Integrity, "backup-malformed", "the backup contradicts itself").cause(cause)
}
