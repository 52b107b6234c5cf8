//! `zkv user activate`: the administrator's side of an activation.

use zkvault_client::logmeonce::Call;
use zkvault_core::SecretText;
use zkvault_core::activation::ActivationTarget;

use super::handover::{Handover, Sent};
use super::recipient::{self, Way};
use crate::args::UserActivate;
use crate::commands::names::Names;
use crate::commands::outcomes::Kind;
use crate::commands::{bulk, request};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::keyring_file;
use crate::session::{self, Session};

const NEVER_ACTIVATED: &str = "a user who was never activated needs keys: give --to zkv1… or --code";
const ACTIVATED_BEFORE: &str = "a user who was activated before has keys: leave --to, --code and --key out";

pub(super) fn run(args: &UserActivate, context: &Context<'_>) -> Result<Exit> {
    let users = Names::to_change(context).all(Kind::User, &args.users)?;
    let Some(way) = Way::of(args)? else {
        return without_keys(&users, args, context);
    };
    match users.as_slice() {
        [user] => with_keys(*user, &way, args, context),
        _ => Err(CliError::usage("keys are handed over to one user at a time")
            .hint("run the command once for each user; --to, --code and --key are for one")),
    }
}

/// Users who were activated before.
fn without_keys(users: &[u64], args: &UserActivate, context: &Context<'_>) -> Result<Exit> {
    if args.sending.dry_run {
        let calls: Vec<_> = users.iter().map(|user| Call::activate_user(*user, None)).collect();
        return request::print(context, &calls);
    }
    let mut session = session::logmeonce(context)?.with_form(args.sending.form);
    let outcomes = bulk::each(&mut session, (Kind::User, users), "activated", async |client, user| {
        let activated = client.activate_user(user, None).await;
        activated.map_err(|error| hinted(error.into(), "rejected", NEVER_ACTIVATED))
    })?;
    outcomes.finish(context)
}

/// A user who was never activated.
fn with_keys(user: u64, way: &Way, args: &UserActivate, context: &Context<'_>) -> Result<Exit> {
    way.must_be_possible(args, context)?;
    let mut session = open_session(way, args, context)?.with_form(args.sending.form);
    let target = ActivationTarget::new(&session.url().account(), user)
        .map_err(|error| CliError::usage("the account cannot be named in an activation").cause(error))?;
    if let Way::Identity(identity) = way {
        recipient::check(identity, &target, args, context, &mut session)?;
    }
    let handover = Handover::seal(way, &target, args, session.keyring())?;
    if args.sending.dry_run {
        handover.must_have_room(args)?;
        let key = (args.key_parameter.as_str(), SecretText::from(String::new()));
        return request::print(context, &[Call::activate_user(user, Some(key))]);
    }
    // Before it is sent: what the service has taken must not be lost by a crash or a full disk.
    handover.save(args, context)?;
    let key = SecretText::from(handover.text());
    let sent = session.block_on(async |client| {
        let sent = client.activate_user(user, Some((&args.key_parameter, key))).await;
        sent.map_err(CliError::from)
    });
    match sent {
        Ok(()) => {
            handover.report(Sent::Activated, args, context)?;
            handover.remember(context)?;
            Ok(Exit::Success)
        }
        Err(error) if was_refused(&error) => {
            handover.withdraw(args);
            let error = hinted(
                error,
                "rejected",
                "--key-parameter names the parameter as the service wants it",
            );
            Err(hinted(error, "conflict", ACTIVATED_BEFORE))
        }
        Err(error) => {
            handover.report(Sent::Uncertain, args, context)?;
            handover.remember(context)?;
            Err(error)
        }
    }
}

/// The keyring is opened only for what is in it.
fn open_session<'a>(way: &Way, args: &UserActivate, context: &'a Context<'a>) -> Result<Session<'a>> {
    match (way, args.keys.as_slice()) {
        (Way::Code, []) => session::logmeonce(context),
        _ => session::logmeonce_with(context, keyring_file::open(context)?),
    }
}

/// Whether the service has surely not activated the user.
fn was_refused(error: &CliError) -> bool {
    match error.exit {
        Exit::NotAuthenticated | Exit::Forbidden | Exit::NotFound | Exit::RateLimited | Exit::Usage => true,
        _ => matches!(error.code, "rejected" | "conflict"),
    }
}

fn hinted(error: CliError, code: &str, hint: &str) -> CliError {
    match error.code == code {
        true => error.hint(hint),
        false => error,
    }
}
