//! `zkv onboard`: people of a file join.

use std::path::Path;

use serde::Serialize;
use zkvault::onboard::{Activated, IdentityState, Joined, MAX_FILE_LEN, Newcomer, Onboarding, People, Way, Welcome};
use zkvault::recipients::Recipients;
use zkvault::time;
use zkvault_core::keyring::KeyEntry;

use super::consent;
use super::outcomes::Kind;
use crate::args::Onboard;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::Input;
use crate::output::{Progress, Table, escaped, shown_path};
use crate::session::{self, Session};
use crate::{keychain, keyring_file};

const HINT: &str = "pass --yes to skip the confirmation, or --dry-run to see what would be done";
const FINGERPRINTS: &str = "let the owners read out zkv identity fingerprint, and add a column fingerprint";
/// People that the question names; of more, the number.
const MAX_NAMED: usize = 20;

pub(crate) fn run(args: &Onboard, context: &Context<'_>) -> Result<Exit> {
    if !args.consent.yes && !args.dry_run {
        context.prompt.must_be_allowed("A confirmation", HINT)?;
    }
    let people = read(&args.file, context)?;
    let keyring = keyring_file::unlock(context)?;
    let named = args.keys.iter().map(|name| keychain::find(&keyring, Some(name)));
    let keys: Vec<&KeyEntry> = named.collect::<Result<_>>()?;
    let recipients = Recipients::at(context.profile()?.recipients_path());
    let mut session = session::logmeonce_with(context, keyring_file::open(context)?)?;
    let folder = args.output.clone().unwrap_or_default();
    let onboarding = Onboarding::new(folder, &session.url().account(), &keyring, &recipients)
        .with_keys(keys)
        .with_lifetime(args.expires)
        .with_parameter(&args.key_parameter);
    let newcomers = resolve(&onboarding, &people, &args.file, &mut session)?;
    let unknown = check_identities(&onboarding, &newcomers, &args.file)?;
    if args.dry_run {
        let rows: Vec<Row<'_>> = newcomers.iter().map(Row::planned).collect();
        print(&rows, context)?;
        return Ok(Exit::Success);
    }
    ask(&newcomers, &unknown, args, context)?;
    let welcomes = join_all(&onboarding, &newcomers, &mut session, context)?;
    let rows = newcomers
        .iter()
        .zip(&welcomes)
        .map(|(newcomer, welcome)| Row::of(newcomer, welcome.as_ref()));
    print(&rows.collect::<Vec<_>>(), context)?;
    finish(&welcomes, args, context)
}

fn read(path: &Path, context: &Context<'_>) -> Result<People> {
    let bytes = Input::open(Some(path))?.read_all(MAX_FILE_LEN as usize)?;
    let people = People::read(bytes.expose_secret()).map_err(|error| named(path, error.into()))?;
    if !people.ignored.is_empty() {
        let ignored = format!("these columns are ignored: {}", people.ignored.join(", "));
        context.output.note(&escaped(&ignored));
    }
    Ok(people)
}

/// The error with the file that it is about.
fn named(path: &Path, error: CliError) -> CliError {
    error.about(format_args!("{} cannot be used", shown_path(path)))
}

fn resolve(
    onboarding: &Onboarding<'_>,
    people: &People,
    path: &Path,
    session: &mut Session<'_>,
) -> Result<Vec<Newcomer>> {
    let (users, groups) =
        session.block_on(async |client| Ok((client.users().await?.records, client.groups().await?.records)))?;
    let newcomers = onboarding.resolve(people, &users, &groups);
    newcomers.map_err(|error| named(path, error.into()))
}

/// Those whose fingerprint nobody has compared. One that cannot be who it should be ends the command.
fn check_identities<'a>(
    onboarding: &Onboarding<'_>,
    newcomers: &'a [Newcomer],
    path: &Path,
) -> Result<Vec<&'a Newcomer>> {
    let mut unknown = Vec::new();
    for newcomer in newcomers {
        let line = newcomer.joiner.line;
        let what = match onboarding.identity(newcomer)? {
            IdentityState::Sure => continue,
            IdentityState::Unknown => {
                unknown.push(newcomer);
                continue;
            }
            IdentityState::Changed => "a different identity was pinned for this user",
            IdentityState::OtherFingerprint => "the identity has a different fingerprint",
        };
        let message = format!("{}, line {line}: {what}: nothing was done", shown_path(path));
        return Err(CliError::new(Exit::Integrity, "recipient-changed", message).hint(
            "someone may have replaced it: ask its owner through another channel; zkv user activate --replace-recipient \
             takes a new one",
        ));
    }
    Ok(unknown)
}

fn ask(newcomers: &[Newcomer], unknown: &[&Newcomer], args: &Onboard, context: &Context<'_>) -> Result<()> {
    if !unknown.is_empty() {
        let facts: Vec<String> = unknown.iter().map(|newcomer| fingerprint(newcomer)).collect();
        if args.consent.yes {
            let lines: Vec<String> = unknown
                .iter()
                .map(|newcomer| newcomer.joiner.line.to_string())
                .collect();
            let message = format!(
                "nobody has compared the fingerprints in these lines: {}",
                lines.join(", ")
            );
            return Err(CliError::new(Exit::InputNeeded, "input-needed", message).hint(FINGERPRINTS));
        }
        let question = "Did the owners give you these fingerprints through another channel?";
        context.prompt.confirm(&facts, question, FINGERPRINTS)?;
    }
    if args.consent.yes {
        return Ok(());
    }
    let facts = consent::first_of(newcomers.iter().map(in_words), MAX_NAMED, " people");
    context.prompt.confirm(&facts, "Onboard these people?", HINT)
}

fn fingerprint(newcomer: &Newcomer) -> String {
    let fingerprint = match newcomer.joiner.way {
        Some(Way::Identity(identity, _)) => identity.fingerprint().to_string(),
        _ => String::new(),
    };
    format!("{} {fingerprint}", newcomer.name)
}

/// Such as `priya@halden.example: activate under a one-time code; join Sales, On call`.
fn in_words(newcomer: &Newcomer) -> String {
    let activate = match newcomer.joiner.way {
        Some(Way::Identity(..)) => Some("activate to an identity".to_owned()),
        Some(Way::Code) => Some("activate under a one-time code".to_owned()),
        None => None,
    };
    let groups: Vec<&str> = newcomer.groups.iter().map(|(_, name)| name.as_str()).collect();
    let join = (!groups.is_empty()).then(|| format!("join {}", groups.join(", ")));
    let deeds: Vec<String> = [activate, join].into_iter().flatten().collect();
    format!("{}: {}", newcomer.name, deeds.join("; "))
}

/// One after the other; nobody after an error that everybody would meet.
fn join_all(
    onboarding: &Onboarding<'_>,
    newcomers: &[Newcomer],
    session: &mut Session<'_>,
    context: &Context<'_>,
) -> Result<Vec<Option<Welcome>>> {
    for newcomer in newcomers {
        context.learn(Kind::User, newcomer.user, &newcomer.name);
        for (id, name) in &newcomer.groups {
            context.learn(Kind::Group, *id, name);
        }
    }
    let (progress, now) = (
        Progress::of_people(newcomers.len(), context.output.is_json()),
        time::now()?,
    );
    session.block_on(async |client| {
        let mut welcomes = Vec::new();
        let mut is_over = false;
        for newcomer in newcomers {
            let welcome = match is_over {
                true => None,
                false => Some(onboarding.join(client, newcomer, now).await),
            };
            is_over |= welcome.as_ref().is_some_and(Welcome::ends_all);
            welcomes.push(welcome);
            progress.add(1);
        }
        Ok(welcomes)
    })
}

/// What became of somebody, as programs get it.
#[derive(Serialize)]
struct Row<'a> {
    line: u64,
    user: u64,
    name: &'a str,
    activation: &'static str,
    groups: &'static str,
    letter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl<'a> Row<'a> {
    fn planned(newcomer: &'a Newcomer) -> Self {
        Self {
            line: newcomer.joiner.line,
            user: newcomer.user,
            name: &newcomer.name,
            activation: match newcomer.joiner.way {
                Some(_) => "to do",
                None => "not asked for",
            },
            groups: if newcomer.groups.is_empty() { "none" } else { "to do" },
            letter: None,
            code: None,
            message: None,
        }
    }

    fn of(newcomer: &'a Newcomer, welcome: Option<&Welcome>) -> Self {
        let planned = Self::planned(newcomer);
        let Some(welcome) = welcome else {
            return Self {
                activation: "not tried",
                groups: "not tried",
                ..planned
            };
        };
        let error = welcome.error();
        Self {
            activation: match welcome.activated {
                Activated::NotAsked => "not asked for",
                Activated::Before => "active before",
                Activated::Done => "activated",
                Activated::Failed(_) => "failed",
            },
            groups: match welcome.joined {
                Joined::Done if newcomer.groups.is_empty() => "none",
                Joined::Done => "joined",
                Joined::Failed(_) => "failed",
                Joined::NotTried => "not tried",
            },
            letter: welcome.letter.as_deref().map(|path| path.display().to_string()),
            code: error.map(zkvault::onboard::OnboardError::code),
            message: error.map(ToString::to_string),
            ..planned
        }
    }
}

fn print(rows: &[Row<'_>], context: &Context<'_>) -> Result<()> {
    let mut table = Table::new(&["LINE", "USER", "NAME", "ACTIVATION", "GROUPS", "LETTER"])
        .cut(&["NAME"])
        .wrapped(&["ACTIVATION", "GROUPS", "LETTER"]);
    for row in rows {
        let with = |state: &str| match (&row.message, state) {
            (Some(message), "failed") => format!("failed: {message}"),
            _ => state.to_owned(),
        };
        table.row([
            row.line.to_string(),
            row.user.to_string(),
            row.name.to_owned(),
            with(row.activation),
            with(row.groups),
            row.letter.clone().unwrap_or_default(),
        ]);
    }
    context.output.rows(&table, &rows)
}

/// Says by the exit code whether everybody joined.
fn finish(welcomes: &[Option<Welcome>], args: &Onboard, context: &Context<'_>) -> Result<Exit> {
    let failed = welcomes
        .iter()
        .filter(|welcome| welcome.as_ref().is_none_or(|welcome| welcome.error().is_some()))
        .count();
    if failed > 0 {
        let message = format!("{failed} of {} people did not join", welcomes.len());
        return Err(CliError::new(Exit::PartlyFailed, "partly-failed", message)
            .hint("the list says why; the same command again does what is missing, and activates nobody twice"));
    }
    if let Some(folder) = &args.output {
        context.output.note(&format!(
            "letters are in {}; send the codes, which are in its folder codes, through a different channel",
            shown_path(folder)
        ));
    }
    Ok(Exit::Success)
}
