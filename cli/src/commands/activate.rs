//! `zkv activate`.

use serde::Serialize;
use zkvault::account::{Account, Service, parse_address};
use zkvault::config::Setting;
use zkvault::time;
use zkvault_core::activation::{Activation, ActivationCode, ActivationPayload, ActivationTarget, OpenActivationError};
use zkvault_core::identity::Fingerprint;
use zkvault_core::keyring::{Keyring, MergeError, ReceivedChange, Reception};
use zkvault_core::text;

use super::key::{KeyRow, print_keys};
use crate::args::Activate;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::Input;
use crate::output::escaped;
use crate::{clock, keychain, keyring_file, passphrase, settings};

/// More than the longest activation in base64, in UTF-16 and wrapped.
const MAX_TEXT_LEN: usize = 64 * 1024;
const HINT: &str = "run it in a terminal to be asked, or give --yes to accept these changes";
const CODE_HINT: &str = "give the one-time code with --code-file, or set ZKV_ACTIVATION_CODE";

#[derive(Serialize)]
struct Received<'a> {
    keys: &'a [KeyRow],
}

pub(crate) fn run(args: &Activate, context: &Context<'_>) -> Result<Exit> {
    let activation = read(args)?;
    let target = target(args)?;
    // Whatever is missing is asked for, or refused, before the keyring is touched.
    let proof = proof(args, context, &activation)?;
    let now = time::now()?;
    let rows: Vec<KeyRow> = keyring_file::change(context, |keyring| {
        let opened = open(&activation, &proof, &target, keyring, now);
        let opened = match (opened, known_there(&target, keyring)) {
            (Err(OpenActivationError::Decrypt(_)), Some(known)) => open(&activation, &proof, &known, keyring, now),
            (opened, _) => opened,
        };
        let payload = opened.map_err(not_opened)?;
        let reception = keyring.plan_reception(&payload, now).map_err(not_received)?;
        agree(&reception, &proof, args, context)?;
        let labels = keyring.receive(reception);
        let entries = labels.iter().map(|label| keychain::find(keyring, Some(label)));
        entries.map(|entry| Ok(KeyRow::new(entry?, keyring))).collect()
    })?;
    print_keys(context, &rows, &Received { keys: &rows })?;
    Ok(Exit::Success)
}

/// The account is given by its name, or by its address.
fn target(args: &Activate) -> Result<ActivationTarget> {
    let named = text::trimmed(&args.host);
    let account = match named.contains("://") {
        true => parse_address(named)?.account(),
        false => named.to_owned(),
    };
    ActivationTarget::new(&account, args.user_id)
        .map_err(|error| CliError::usage(format!("{:?} is not an account", args.host)).cause(error))
}

/// A host alone may stand for the account that is known on this machine, whose address has a port or a path as well.
fn known_there(target: &ActivationTarget, keyring: &Keyring) -> Option<ActivationTarget> {
    let named = settings::text(Setting::AccountUrl).ok().flatten();
    let named = named.and_then(|address| parse_address(&address).ok());
    let stored = || Account::of_keyring(Service::Logmeonce, keyring).ok();
    let url = named.or_else(|| stored().map(|account| account.url))?;
    let is_its_host = url.host() == target.account();
    is_its_host.then(|| ActivationTarget::new(&url.account(), target.user_id()).ok())?
}

/// Shows what the keys change, and asks where that is about keys that are here already or about what seals.
fn agree(reception: &Reception, proof: &Proof, args: &Activate, context: &Context<'_>) -> Result<()> {
    let facts: Vec<_> = reception.changes().iter().map(fact).collect();
    match reception.needs_consent() && !args.yes {
        false => facts.iter().for_each(|fact| context.output.note(&escaped(fact))),
        true => {
            let sender = match proof {
                Proof::Code(_) => "The keys come from the holder of the one-time code.".to_owned(),
                Proof::Sender(sender) => format!("The keys come from the holder of the identity {sender}."),
            };
            let facts: Vec<_> = std::iter::once(sender).chain(facts).collect();
            let confirmed = context.prompt.confirm(&facts, "Accept these changes?", HINT);
            confirmed.inspect_err(|_| {
                // Without a terminal nothing was shown.
                if !context.prompt.is_allowed() {
                    facts.iter().for_each(|fact| context.output.note(&escaped(fact)));
                }
            })?;
        }
    }
    Ok(())
}

fn fact(change: &ReceivedChange) -> String {
    match change {
        ReceivedChange::Added {
            label,
            is_retired: false,
        } => format!("The key {label:?} is added."),
        ReceivedChange::Added { label, .. } => {
            format!("The key {label:?} is added as a retired key, which only opens.")
        }
        ReceivedChange::Retired { label } => {
            format!("Your key {label:?} is retired: it still opens what it sealed, and seals nothing more.")
        }
        ReceivedChange::Replaces { label, replaced } => {
            format!(
                "The key {label:?} replaces your key {replaced:?}: values under it are trusted as those under that one."
            )
        }
        ReceivedChange::Default { label } => format!("The key {label:?} seals new values, files and backups."),
        ReceivedChange::StaysRetired { label } => {
            format!("Your key {label:?} stays retired, although the sender uses it: zkv key reinstate makes it active.")
        }
        _ => "The keyring changes.".to_owned(),
    }
}

fn not_received(error: MergeError) -> CliError {
    CliError::new(Exit::Other, "key", "the keys were not added").cause(error)
}

/// What shows that an activation is meant for us.
enum Proof {
    /// It was sealed with this code.
    Code(ActivationCode),
    /// It was sealed to our identity by this sender.
    Sender(Fingerprint),
}

fn read(args: &Activate) -> Result<Activation> {
    let input = Input::open(args.file.as_deref())?;
    let name = input.name().to_owned();
    let text = input.read_base64(MAX_TEXT_LEN)?;
    text.expose_secret()
        .parse()
        .map_err(|error| CliError::new(Exit::Other, "malformed", format!("{name} is not an activation")).cause(error))
}

fn proof(args: &Activate, context: &Context<'_>, activation: &Activation) -> Result<Proof> {
    match (activation.sender(), args.from.as_deref()) {
        (None, Some(_)) => Err(
            CliError::usage("--from is for an activation that was sealed to your identity")
                .cause("this one opens with a one-time code, which does not tell who sent it"),
        ),
        (None, None) => code(args, context).map(Proof::Code),
        (Some(_), Some(expected)) => fingerprint(expected).map(Proof::Sender),
        (Some(sender), None) => Err(CliError::usage("it must be said from whom the keys are expected")
            .cause(format!(
                "the activation names a sender with the fingerprint {}",
                sender.fingerprint()
            ))
            .hint("compare the fingerprint with the sender, over the telephone for instance, and give it with --from")),
    }
}

fn fingerprint(text: &str) -> Result<Fingerprint> {
    Fingerprint::of_text(text).map_err(|error| {
        CliError::usage(format!("{text:?} is neither a public identity nor a fingerprint")).cause(error)
    })
}

fn code(args: &Activate, context: &Context<'_>) -> Result<ActivationCode> {
    let given = match &args.code_file {
        Some(path) => Some(passphrase::read_secret_file(path)?),
        None => passphrase::from_environment("ZKV_ACTIVATION_CODE")?,
    };
    let text = given.map_or_else(|| context.prompt.secret("One-time code", CODE_HINT), Ok)?;
    text.expose_secret()
        .parse()
        .map_err(|error| CliError::new(Exit::Other, "code", "that is not a one-time code").cause(error))
}

fn open(
    activation: &Activation,
    proof: &Proof,
    target: &ActivationTarget,
    keyring: &Keyring,
    now: u64,
) -> std::result::Result<ActivationPayload, OpenActivationError> {
    match proof {
        Proof::Code(code) => activation.open_with_code(code, target, now),
        Proof::Sender(sender) => activation.open(keyring.identity(), sender, target, now),
    }
}

fn not_opened(error: OpenActivationError) -> CliError {
    let failed = CliError::new(Exit::Integrity, "activation", "the activation did not open");
    match error {
        OpenActivationError::Expired { expires } => failed
            .cause(format!("it expired at {}", clock::shown(expires)))
            .hint("ask for a new one"),
        OpenActivationError::Decrypt(_) => failed
            .cause(error)
            .hint("check --host and --user-id: an activation opens for the user and account it was made for"),
        error => failed.cause(error),
    }
}
