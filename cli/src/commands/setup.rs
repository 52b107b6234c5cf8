//! `zkv setup`: the first steps, each of which is a command of its own.

mod key;
mod state;

use clap::Parser as _;
use serde::Serialize;
use zkvault::vault::{Opens, Vault};

use self::state::State;
use crate::agent;
use crate::args::{Arguments, Setup};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Table;
use crate::shell;

/// A step, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    Keyring,
    Account,
    Key,
    Sync,
    Unlock,
}

impl Step {
    const ALL: [Self; 5] = [Self::Keyring, Self::Account, Self::Key, Self::Sync, Self::Unlock];

    fn name(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Account => "account",
            Self::Key => "key",
            Self::Sync => "sync",
            Self::Unlock => "unlock",
        }
    }

    /// What it is for.
    fn purpose(self) -> &'static str {
        match self {
            Self::Keyring => {
                "A keyring holds your keys in one file, encrypted under a passphrase that only\n\
                 you know. If you have a backup, leave this out and run zkv backup restore."
            }
            Self::Account => {
                "zkv reads your LogMeOnce account with an API key, which you create under\n\
                 Settings, Developer. The API secret is kept in the keyring."
            }
            Self::Key => {
                "The values of your account are encrypted with a key that the service does not\n\
                 have. Without it zkv shows names and addresses, and no passwords."
            }
            Self::Sync => {
                "A sync fetches the account into an encrypted store on this machine. zkv read\n\
                 works without a network after that."
            }
            Self::Unlock => {
                "An agent can keep the keyring unlocked, so that no command asks for the\n\
                 passphrase, until it was not used for 15 minutes or zkv lock locks it. Until\n\
                 then any program that you run can use it too."
            }
        }
    }

    /// The command that does it, with capitals for what it depends on.
    fn command(self) -> &'static str {
        match self {
            Self::Keyring => "zkv init",
            Self::Account => "zkv auth login --url URL --api-key KEY --secret-file FILE",
            Self::Key => "zkv key import FILE --default",
            Self::Sync => "zkv sync",
            Self::Unlock => "zkv unlock",
        }
    }
}

pub(crate) fn run(args: &Setup, context: &Context<'_>) -> Result<Exit> {
    match context.prompt.is_allowed() && !context.output.is_json() {
        true => Guide { args, context }.lead(),
        false => list(context),
    }
}

/// A step as other programs get it.
#[derive(Serialize)]
struct Row {
    step: Step,
    /// Unknown while the keyring is closed.
    done: Option<bool>,
    command: &'static str,
}

fn list(context: &Context<'_>) -> Result<Exit> {
    let state = State::without_asking(context)?;
    let rows = Step::ALL.map(|step| Row {
        step,
        done: state.is_done(step),
        command: step.command(),
    });
    let mut table = Table::new(&["STEP", "STATE", "COMMAND"]);
    for row in &rows {
        let done = match row.done {
            Some(true) => "done",
            Some(false) => "open",
            None => "unknown",
        };
        table.row([row.step.name().to_owned(), done.to_owned(), row.command.to_owned()]);
    }
    context.output.rows(&table, &rows)?;
    context
        .output
        .note("at a terminal, zkv setup leads through these steps; zkv key derive and zkv activate also give a key");
    Ok(Exit::Success)
}

/// Leads a person through the steps.
struct Guide<'a> {
    args: &'a Setup,
    context: &'a Context<'a>,
}

impl Guide<'_> {
    fn lead(&self) -> Result<Exit> {
        let mut state = State::of(self.context)?;
        let mut left_out = Vec::new();
        for (index, step) in Step::ALL.into_iter().enumerate() {
            self.say(&format!("\n{}/{} {}", index + 1, Step::ALL.len(), step.name()))?;
            self.take(step, &mut state)?;
            if state.is_done(step) != Some(true) {
                left_out.push(step.name());
            }
        }
        self.end(&left_out, &state)?;
        Ok(Exit::Success)
    }

    /// Does a step, unless it is done or the person leaves it out.
    fn take(&self, step: Step, state: &mut State) -> Result<()> {
        if state.is_done(step) == Some(true) {
            return self.say("done already");
        }
        if let Some(missing) = missing(step, state) {
            return self.say(missing);
        }
        self.say(step.purpose())?;
        // A sync that found something to review has synced, and ends with an error.
        while state.is_done(step) != Some(true) {
            let Some(arguments) = self.arguments(step)? else { break };
            match self.execute(&arguments) {
                Err(error) if error.exit == Exit::Interrupted => return Err(error),
                Err(error) => drop(self.context.output.failure(&error)),
                Ok(()) => {}
            }
            *state = State::of(self.context)?;
        }
        Ok(())
    }

    /// The command of a step, as the person wants it; nothing to leave it out.
    fn arguments(&self, step: Step) -> Result<Option<Vec<String>>> {
        let words: &[&str] = match step {
            Step::Key => return key::arguments(self.context),
            Step::Keyring => &["init"],
            Step::Account => &["auth", "login"],
            Step::Sync => &["sync"],
            Step::Unlock => &["unlock"],
        };
        let mut arguments: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let question = format!("Enter runs {}, s leaves it out", shell::command(&arguments));
        if step == Step::Keyring {
            arguments.extend(self.cost());
        }
        Ok(match self.context.prompt.reply(&question)?.as_str() {
            "" | "y" | "yes" => Some(arguments),
            _ => None,
        })
    }

    fn cost(&self) -> [String; 3] {
        let cost = &self.args.kdf;
        [
            format!("--kdf-memory={}", cost.kdf_memory),
            format!("--kdf-passes={}", cost.kdf_passes),
            format!("--kdf-lanes={}", cost.kdf_lanes),
        ]
    }

    fn execute(&self, arguments: &[String]) -> Result<()> {
        let words = std::iter::once("zkv").chain(arguments.iter().map(String::as_str));
        let parsed = Arguments::try_parse_from(words);
        let parsed = parsed.map_err(|error| CliError::usage("this cannot be run").cause(error.kind()))?;
        super::dispatch(&parsed.command, self.context).map(drop)
    }

    fn end(&self, left_out: &[&str], state: &State) -> Result<()> {
        if !left_out.is_empty() {
            let names = left_out.join(", ");
            self.say(&format!("\nleft out: {names}; zkv setup resumes there"))?;
        }
        self.say(match state.synced {
            true => "\nReady: zkv list shows your sites, and zkv read NAME prints a password.",
            false => "\nzkv help shows what else there is; zkv demo shows it at work.",
        })
    }

    fn say(&self, text: &str) -> Result<()> {
        self.context.output.request(text)
    }
}

/// What has to be done before a step.
fn missing(step: Step, state: &State) -> Option<&'static str> {
    match step {
        Step::Account | Step::Key | Step::Sync | Step::Unlock if !state.keyring => {
            Some("left out: this needs a keyring")
        }
        Step::Sync if state.account == Some(false) => Some("left out: this needs an account"),
        Step::Unlock if agent::find().is_none() => Some("left out: an agent is off, or has no place here"),
        _ => None,
    }
}

/// Warns after a sync if no key opens any of the values, and names what adds one.
pub(super) fn warn_without_key(vault: &Vault, context: &Context<'_>) {
    // A store that cannot be read was reported by then.
    if let Ok(Opens::Nothing) = vault.contents().and_then(|contents| contents.opens()) {
        context.output.warning(
            "no key opens a value of this account: zkv key import, zkv key derive or zkv activate adds the key; \
             where the key is the right one, zkv vendor discover finds the layout",
        );
    }
}
