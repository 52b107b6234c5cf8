//! `zkv offboard`: somebody leaves.

mod print;
mod status;

use std::path::PathBuf;

use zkvault::offboard::{self, Departure, Followed, Known, Leaving, Leavings, follow};
use zkvault::org::{self, Applied, Names as OrgNames, Words};
use zkvault::recipients::Recipients;
use zkvault::time;

use self::print::Shown;
use super::consent;
use super::names::Names;
use super::outcomes::Kind;
use crate::args::{Offboard, OffboardCommand, ReportFile, Which};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::keyring_file;
use crate::output::{Document, Progress, escaped, shown_path};
use crate::session::{self, Session};
use crate::sink::Sink;
use crate::vault::{self, Vault};

const HINT: &str = "pass --yes to skip the confirmation, or --dry-run to see what would be taken away";
/// Lines that the question names; of more, the number.
const MAX_NAMED: usize = 20;

pub(crate) fn run(args: &Offboard, context: &Context<'_>) -> Result<Exit> {
    match (&args.command, &args.user) {
        (Some(OffboardCommand::Status(args)), _) => status::run(args, context),
        (None, Some(user)) => leave(user, args, context),
        (None, None) => Err(CliError::usage("name the user who leaves")),
    }
}

/// The keyring, which may be in use for the session, and the store if it is of this account.
struct Place<'a> {
    session: Session<'a>,
    store: Option<Vault>,
    leavings: Leavings,
    recipients: Recipients,
}

impl<'a> Place<'a> {
    fn open(context: &'a Context<'a>) -> Result<Self> {
        let mut store = open_store(context)?;
        let keyring = match store.as_mut().and_then(|store| store.keyring.take()) {
            Some(keyring) => keyring,
            None => keyring_file::open(context)?,
        };
        let profile = context.profile()?.files()?;
        let leavings = Leavings::of(&profile, keyring.keyring().personal_keys());
        let session = session::logmeonce_with(context, keyring)?;
        let account = session.url().account();
        Ok(Self {
            store: store.filter(|store| store.contents.store.head().host == account),
            recipients: Recipients::at(profile.recipients_path()),
            session,
            leavings,
        })
    }
}

/// The local store, unless nothing was synced.
fn open_store(context: &Context<'_>) -> Result<Option<Vault>> {
    match vault::open(&[], context) {
        Ok(store) => Ok(Some(store)),
        Err(error) if error.exit == Exit::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn leave(user: &Which, args: &Offboard, context: &Context<'_>) -> Result<Exit> {
    if !args.consent.yes && !args.dry_run {
        context.prompt.must_be_allowed("A confirmation", HINT)?;
    }
    let report = ReportSink::open(&args.report)?;
    let user = Names::to_change(context).id(Kind::User, user)?;
    let mut place = Place::open(context)?;
    let Place {
        session,
        store,
        leavings,
        recipients,
    } = &mut place;
    let _held = match args.dry_run {
        true => None,
        false => Some(leavings.lock()?),
    };
    let contents = store.as_ref().map(|store| &store.contents);
    if contents.is_none() {
        context
            .output
            .warning("there is no local store of this account, so no changed password will be noticed: zkv sync first");
    }
    let known = Known {
        leavings,
        recipients,
        contents,
    };
    let progress = Progress::of_requests(context.output.is_json());
    let reading = session.block_on(async |client| Ok(org::read_of_user(client, user, &progress).await?))?;
    drop(progress);
    let account = session.url().account();
    let mut departure = Departure::prepare(reading, user, &account, known, time::now()?)?;
    super::org::warn(departure.reading(), context);
    let applied = match args.dry_run || departure.plan().changes.is_empty() && departure.leaving().left.is_some() {
        true => None,
        false => Some(carry_out(&mut departure, known, args, session, context)?),
    };
    let keyring = session
        .keyring()
        .ok_or_else(|| CliError::usage("a keyring is needed"))?;
    let followed = follow(departure.leaving(), contents, keyring)?;
    show(&departure, applied.as_ref(), &followed, context)?;
    if let Some(report) = report.filter(|_| !args.dry_run) {
        report.write(departure.leaving(), &followed, context)?;
    }
    finish(&departure, applied, &followed, context)
}

/// Asks, and takes everything away.
fn carry_out(
    departure: &mut Departure,
    known: Known<'_>,
    args: &Offboard,
    session: &mut Session<'_>,
    context: &Context<'_>,
) -> Result<Applied> {
    if !args.consent.yes {
        context
            .prompt
            .confirm(&facts(departure), "Take all of this away?", HINT)?;
    }
    for (kind, id, name) in OrgNames::of(&departure.reading().organisation).all() {
        context.learn(kind, id, name);
    }
    let (progress, now) = (Progress::of_requests(context.output.is_json()), time::now()?);
    let Known {
        leavings, recipients, ..
    } = known;
    session.block_on(async |client| {
        let applied = departure.carry_out(client, leavings, recipients, now, &progress);
        Ok(applied.await?)
    })
}

/// What a person agrees to.
fn facts(departure: &Departure) -> Vec<String> {
    let (leaving, plan) = (departure.leaving(), departure.plan());
    let words = Words::of(plan, &departure.reading().organisation);
    let mut facts = vec![format!("account {}", plan.account)];
    let lines = plan.changes.iter().map(|change| words.line(change));
    facts.extend(consent::first_of(lines, MAX_NAMED, " changes"));
    facts.push(format!(
        "{} can read {} sites, and was handed {} keys",
        leaving.name,
        leaving.sites.len(),
        leaving.keys.len()
    ));
    facts
}

fn show(departure: &Departure, applied: Option<&Applied>, followed: &Followed, context: &Context<'_>) -> Result<()> {
    let (leaving, plan) = (departure.leaving(), departure.plan());
    let words = Words::of(plan, &departure.reading().organisation);
    let lines: Vec<String> = plan.changes.iter().map(|change| words.line(change)).collect();
    Shown::new(leaving, followed)
        .with_changes(&lines, applied)
        .print(context)
}

/// Says by the exit code whether the user has left.
fn finish(departure: &Departure, applied: Option<Applied>, followed: &Followed, context: &Context<'_>) -> Result<Exit> {
    let leaving = departure.leaving();
    let Some(applied) = applied else {
        if departure.plan().changes.is_empty() {
            context.output.note(&escaped(&format!(
                "{} has nothing that could be taken away",
                leaving.name
            )));
        }
        return Ok(Exit::Success);
    };
    let (total, done) = (applied.outcomes.len(), applied.done());
    let after = applied.after.map_err(CliError::from)?;
    if done < total {
        let message = format!("{} of {total} changes were not made", total - done);
        return Err(CliError::new(Exit::PartlyFailed, "partly-failed", message)
            .hint("the list says why; the same command again makes those that are missing, and no other"));
    }
    if leaving.left.is_none() {
        let message = format!(
            "{} may still have something: not everything could be read",
            leaving.name
        );
        return Err(CliError::new(Exit::PartlyFailed, "partly-failed", escaped(&message))
            .hint("the warnings say what; the same command again looks once more"));
    }
    let (sites, keys) = followed.open();
    context.output.note(&escaped(&format!(
        "{} has left: {sites} passwords to change and {keys} keys to rotate; zkv offboard status {} follows them",
        leaving.name, leaving.user
    )));
    super::org::finish(&after)
}

/// The file of a report, which appears when it is complete.
struct ReportSink {
    sink: Sink,
    path: PathBuf,
    document: Document,
}

impl ReportSink {
    /// Opens the file before anything is done: one that is there ends the command.
    fn open(file: &ReportFile) -> Result<Option<Self>> {
        let Some(path) = &file.path else { return Ok(None) };
        let document = Document::named(path)?;
        let sink = Sink::open(Some(path), file.force)?;
        Ok(Some(Self {
            sink,
            path: path.clone(),
            document,
        }))
    }

    fn write(mut self, leaving: &Leaving, followed: &Followed, context: &Context<'_>) -> Result<()> {
        let report = offboard::report(leaving, followed, time::now()?);
        self.sink.write(self.document.of(&report).as_bytes())?;
        self.sink.commit()?;
        context.output.note(&format!("wrote {}", shown_path(&self.path)));
        Ok(())
    }
}
