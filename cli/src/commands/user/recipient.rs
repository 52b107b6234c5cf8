//! To whom the keys of an activation are sealed, and whether that is who it should be.

use zkvault_core::activation::ActivationTarget;
use zkvault_core::identity::{Fingerprint, PublicIdentity};

use crate::args::UserActivate;
use crate::commands::outcomes::Kind;
use crate::commands::{bulk, consent, identity};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::session::Session;
use zkvault::recipients::{Known, Person, Recipients};
use zkvault::time;

const FINGERPRINT_HINT: &str =
    "let the identity's owner read out zkv identity fingerprint over the telephone, and give it with --fingerprint";

/// How the keys are wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To a public identity.
    Identity(PublicIdentity),
    /// To a one-time code.
    Code,
}

impl Way {
    /// What the arguments ask for; `None` when no keys are handed over.
    pub(super) fn of(args: &UserActivate) -> Result<Option<Self>> {
        match &args.to {
            Some(text) => identity::parse(text).map(Self::Identity).map(Some),
            None => Ok(args.code.then_some(Self::Code)),
        }
    }

    /// Refuses, before anything is asked of anybody, a code that nobody would see.
    pub(super) fn must_be_possible(&self, args: &UserActivate, context: &Context<'_>) -> Result<()> {
        if *self == Self::Code && args.code_file.is_none() {
            return context.prompt.must_be_allowed(
                "A terminal to show the one-time code on",
                "write the code to a file with --code-file",
            );
        }
        Ok(())
    }
}

/// Makes sure of a recipient: by the fingerprint that was given, by the identity that was pinned at the first
/// time, or by asking. An identity that took the place of another is refused.
pub(super) fn check(
    identity: &PublicIdentity,
    target: &ActivationTarget,
    args: &UserActivate,
    context: &Context<'_>,
    session: &mut Session<'_>,
) -> Result<()> {
    let given = args
        .fingerprint
        .as_deref()
        .map(|text| compare(text, identity))
        .transpose()?;
    let recipients = Recipients::at(context.profile()?.recipients_path());
    let person = Person {
        account: target.account(),
        user_id: target.user_id(),
    };
    match (recipients.look_up(person, identity)?, given) {
        (Known::Same, _) => return Ok(()),
        (Known::Other(pinned), _) if !args.replace_recipient => return Err(changed(target, identity, &pinned)),
        (_, Some(())) => {}
        // Nothing is asked for a run that seals nothing, unless it could not be.
        (_, None) if args.sending.dry_run => {
            context
                .prompt
                .must_be_allowed("The identity's fingerprint", FINGERPRINT_HINT)?;
        }
        (_, None) => ask(identity, target, context, session)?,
    }
    if args.sending.dry_run {
        return Ok(());
    }
    Ok(recipients.pin(person, identity, time::now()?)?)
}

fn compare(text: &str, identity: &PublicIdentity) -> Result<()> {
    let given: Fingerprint = text
        .parse()
        .map_err(|error| CliError::usage(format!("{text:?} is not a fingerprint")).cause(error))?;
    match given == identity.fingerprint() {
        true => Ok(()),
        false => Err(CliError::new(
            Exit::Integrity,
            "fingerprint",
            "the identity has another fingerprint: nothing was sealed",
        )
        .cause(format!("its fingerprint is {}", identity.fingerprint()))
        .hint("someone may have replaced it with a different identity: ask its owner again, through another channel")),
    }
}

fn changed(target: &ActivationTarget, identity: &PublicIdentity, pinned: &PublicIdentity) -> CliError {
    let message = format!(
        "user {} of {} has another identity than before: nothing was sealed",
        target.user_id(),
        target.account()
    );
    CliError::new(Exit::Integrity, "recipient-changed", message)
        .cause(format!(
            "keys were sealed before to the fingerprint {}, and this one is {}",
            pinned.fingerprint(),
            identity.fingerprint()
        ))
        .hint(
            "ask the user through another channel; if the new one is right, pass --fingerprint and --replace-recipient",
        )
}

fn ask(
    identity: &PublicIdentity,
    target: &ActivationTarget,
    context: &Context<'_>,
    session: &mut Session<'_>,
) -> Result<()> {
    context
        .prompt
        .must_be_allowed("The identity's fingerprint", FINGERPRINT_HINT)?;
    let mut facts = vec![
        format!("identity    {identity}"),
        format!("fingerprint {}", identity.fingerprint()),
    ];
    let subjects: Vec<_> = bulk::subjects(Kind::User, &[target.user_id()]).collect();
    facts.extend(consent::facts(session, &subjects)?);
    context.prompt.confirm(
        &facts,
        "Did the owner give you this fingerprint through another channel?",
        FINGERPRINT_HINT,
    )
}
