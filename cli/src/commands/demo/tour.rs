//! The tour: an administrator, a new colleague, a service that begins to lie, and a backup that outlives it.

use serde_json::Value;
use zkvault_simulator::{Attack, Fault, Tenant, seed};

use super::stage::{KEY_FILE, LINK_FILE, Stage};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Story;
use crate::shell;

const ADMIN: &str = "ingrid";
const NEWCOMER: &str = "priya";
const NEW_LAPTOP: &str = "ingrid-new-laptop";
const LIE: &str = "https://github.com.login.example/session";
const PASSWORD: &str = "zkv://GitHub/password";
const VENDORS_PASSWORD: &str = "zkv://Google/password";
const ACTIVATION_FILE: &str = "priya.txt";
/// How a program gets the password.
const RUN: [&str; 4] = ["run", "--env", "PW=zkv://GitHub/password", "--"];
/// A program that says how long what it got is.
#[cfg(unix)]
const COUNT: [&str; 3] = ["sh", "-c", "echo a password of ${#PW} characters"];
#[cfg(not(unix))]
const COUNT: [&str; 3] = ["cmd", "/c", "echo a password"];

/// A chapter: what it is about, and what happens in it. Each fits a terminal of 80 columns and 24 rows.
type Chapter<'a> = (&'static str, fn(&Tour<'a>) -> Result<()>);

fn chapters<'a>() -> [Chapter<'a>; 11] {
    [
        ("A keyring, and the key of the company", Tour::make_a_vault),
        ("Sites come encrypted, and are opened here", Tour::fetch),
        ("Daily use: a part of a name is enough", Tour::use_daily),
        (
            "Half of the values came from the vendor's client; nobody published how",
            Tour::find_the_layout,
        ),
        ("Marketing gets GitHub; first what would be sent", Tour::administer),
        (
            "Priya is new: she makes an identity, Ingrid encrypts the key to it",
            Tour::welcome_a_colleague,
        ),
        ("Priya gets the key, and the sites", Tour::receive_the_key),
        (
            "The service is compromised: an address and two values are changed",
            Tour::meet_a_lie,
        ),
        (
            "What it changed is shown, and ignored until somebody accepts it",
            Tour::look_at_a_lie,
        ),
        (
            "No program gets the value, and the last good copy stays",
            Tour::refuse_a_lie,
        ),
        (
            "A backup, then the service goes down and the laptop into the harbour",
            Tour::lose_everything_else,
        ),
    ]
}

/// Tells the story; at a terminal, a chapter at a time.
pub(super) fn give(stage: &Stage, context: &Context<'_>, pauses: bool) -> Result<Exit> {
    let story = context.output.story();
    let tour = Tour { stage, story };
    if pauses {
        story.turn_page()?;
    }
    tour.introduce()?;
    for (index, (title, play)) in chapters().iter().enumerate() {
        if index > 0 && pauses && !turns_page(story, context)? {
            return Ok(Exit::Success);
        }
        story.heading(&format!("{}. {title}", index + 1))?;
        play(&tour)?;
    }
    if pauses && !turns_page(story, context)? {
        return Ok(Exit::Success);
    }
    story.heading("That was it")?;
    story.remark("The services, all profiles and every file of the tour are gone now.")?;
    story.line("Next: zkv demo --serve to try it yourself, zkv setup for your own account.")?;
    Ok(Exit::Success)
}

/// Waits for a person to read on, on a screen that is empty then; or to leave.
fn turns_page(story: Story, context: &Context<'_>) -> Result<bool> {
    story.line("")?;
    let leaves = context.prompt.reply("Enter turns the page, q ends the tour")? == "q";
    if !leaves {
        story.turn_page()?;
    }
    Ok(!leaves)
}

struct Tour<'a> {
    stage: &'a Stage,
    story: Story,
}

impl Tour<'_> {
    fn introduce(&self) -> Result<()> {
        self.story.heading("zkvault: credentials that the server never sees")?;
        self.story.remark(
            "LogMeOnce and Loome Assist are simulated on this machine, for the made-up\n\
             company Halden & Frey. Ingrid administers it. Every command is really run.",
        )
    }

    fn make_a_vault(&self) -> Result<()> {
        self.run(ADMIN, &["init"])?;
        let number = seed::VENDOR_KEY_ID.to_string();
        let label = ["--label", "company", "--key-id", &number, "--default"];
        self.run(ADMIN, &[&["key", "import", KEY_FILE], label.as_slice()].concat())
    }

    fn fetch(&self) -> Result<()> {
        self.run(ADMIN, &["sync"])?;
        self.run(ADMIN, &["list"])
    }

    fn use_daily(&self) -> Result<()> {
        self.story
            .remark("What the server knows of GitHub's password, and what Ingrid does:")?;
        self.story.line(&self.sealed_password()?)?;
        self.run(ADMIN, &["read", "git"])?;
        self.story.line("")?;
        self.story.remark(
            "zkv copy git puts it on the clipboard, which is cleared 45 seconds later: not\n\
             here, because that clipboard is yours. A one-time code:",
        )?;
        self.run(ADMIN, &["totp", "git"])?;
        self.story
            .remark("A program gets it in its environment, and what it prints does not show it:")?;
        self.run(ADMIN, &[RUN.as_slice(), &COUNT].concat())
    }

    /// Half of the values are the vendor's own, under keys of their sites.
    fn find_the_layout(&self) -> Result<()> {
        self.expect(ADMIN, &["read", VENDORS_PASSWORD], Exit::Integrity)?;
        self.run(ADMIN, &["vendor", "discover"])?;
        self.story.remark(
            "It is kept in the keyring. From now on it is tried alone, and nothing that a\n\
             server says changes it.",
        )?;
        self.run(ADMIN, &["read", VENDORS_PASSWORD])?;
        self.story.line("")
    }

    fn administer(&self) -> Result<()> {
        let site = seed::GITHUB.to_string();
        let group = seed::MARKETING.to_string();
        let assign = ["site", "assign", &site, "--group", &group];
        self.run(ADMIN, &[assign.as_slice(), &["--dry-run"]].concat())?;
        self.run(ADMIN, &assign)?;
        self.run(ADMIN, &["group", "sites", &group])
    }

    fn welcome_a_colleague(&self) -> Result<()> {
        self.run(NEWCOMER, &["init"])?;
        let priya = self.identity(NEWCOMER)?;
        self.story.remark(
            "They compare fingerprints over the telephone, so that the server cannot slip\n\
             in its own key.",
        )?;
        let user = seed::NEW_USER.to_string();
        let to = ["--to", &priya.identity, "--fingerprint", &priya.fingerprint];
        let sealed = ["--key", "company", "-o", ACTIVATION_FILE];
        self.run(ADMIN, &[&["user", "activate", &user], to.as_slice(), &sealed].concat())
    }

    /// An activation, from the administrator's terminal to the colleague's first password.
    fn receive_the_key(&self) -> Result<()> {
        let ingrid = self.identity(ADMIN)?;
        let user = seed::NEW_USER.to_string();
        let place = ["--host", self.stage.account(), "--user-id", &user];
        let from = ["--from", &ingrid.fingerprint];
        self.run(
            NEWCOMER,
            &[&["activate", ACTIVATION_FILE], place.as_slice(), &from].concat(),
        )?;
        self.run(NEWCOMER, &["sync"])?;
        self.run(NEWCOMER, &["read", PASSWORD])?;
        self.story.line("")
    }

    fn meet_a_lie(&self) -> Result<()> {
        let service = self.stage.service();
        service.attack(Attack::url(seed::GITHUB, LIE));
        service.attack(Attack::SwapValues {
            one: (seed::GITHUB, 1),
            other: (seed::GITHUB + 1, 1),
        });
        self.expect(ADMIN, &["sync"], Exit::Integrity)
    }

    fn look_at_a_lie(&self) -> Result<()> {
        self.expect(ADMIN, &["trust", "GitHub"], Exit::InputNeeded)
    }

    fn refuse_a_lie(&self) -> Result<()> {
        self.expect(ADMIN, &[RUN.as_slice(), &COUNT].concat(), Exit::NotRun)?;
        self.story
            .remark("Ingrid does not accept the change. She can still read what was there before:")?;
        self.run(ADMIN, &["read", PASSWORD])?;
        self.story.line("")
    }

    /// A backup in a data repository of Loome Assist, and a machine that has a passphrase and the link to it.
    fn lose_everything_else(&self) -> Result<()> {
        let project = Tenant::DEMO_PROJECT.to_string();
        let repository = Tenant::DEMO_BACKUPS.to_string();
        let link = ["repo", "sas", &repository, "--project", &project, "--full-access"];
        self.run(ADMIN, &[link.as_slice(), &["-o", LINK_FILE]].concat())?;
        self.run(ADMIN, &["backup", "push"])?;
        self.stage
            .service()
            .conditions()
            .inject(Fault::status(503), usize::MAX, "/");
        self.story.remark(
            "The storage holds nothing that it can read. The passphrase and the link bring\n\
             all of it back:",
        )?;
        self.run(NEW_LAPTOP, &["backup", "restore"])?;
        self.run(NEW_LAPTOP, &["read", PASSWORD])?;
        self.story.line("")
    }

    /// Runs what must succeed.
    fn run(&self, person: &str, arguments: &[&str]) -> Result<()> {
        self.expect(person, arguments, Exit::Success)
    }

    /// Runs a command that must end with this exit code.
    fn expect(&self, person: &str, arguments: &[&str], exit: Exit) -> Result<()> {
        let command = shell::command(arguments);
        self.story.command(person, &command)?;
        match self.stage.play(person, arguments)? {
            Some(code) if code == exit as i32 => Ok(()),
            code => Err(stopped(&command, code)),
        }
    }

    fn identity(&self, person: &str) -> Result<Identity> {
        let output = self.stage.ask(person, &["identity", "show", "--json"])?;
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let text = |name: &str| shown.get(name).and_then(Value::as_str).map(str::to_owned);
        match (text("identity"), text("fingerprint")) {
            (Some(identity), Some(fingerprint)) => Ok(Identity { identity, fingerprint }),
            _ => Err(stopped("zkv identity show", output.status.code())),
        }
    }

    fn sealed_password(&self) -> Result<String> {
        let organisation = self.stage.service().organisation();
        let site = organisation.get(zkvault_simulator::Kind::Site, seed::GITHUB);
        let value = site.and_then(|site| site.get("login")?.pointer("/inputs/1/value")?.as_str());
        value.map(str::to_owned).ok_or_else(|| stopped("the service", None))
    }
}

/// A public identity and how it is compared.
struct Identity {
    identity: String,
    fingerprint: String,
}

fn stopped(command: &str, code: Option<i32>) -> CliError {
    let code = code.map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
    CliError::new(Exit::Other, "demo", "the tour stopped here").cause(format!("{command} ended with {code}"))
}
