//! The tour: an administrator, a new colleague, a service that begins to lie, and a backup that outlives it.

use serde_json::Value;
use zkvault_simulator::{Attack, Fault, Tenant, seed};

use super::stage::{KEY_FILE, LINK_FILE, Stage};
use crate::error::{CliError, Exit, Result};
use crate::output::Story;
use crate::shell;

const ADMIN: &str = "ingrid";
const NEWCOMER: &str = "priya";
const NEW_LAPTOP: &str = "ingrid-new-laptop";
const LIE: &str = "https://github.com.login.example/session";
const PASSWORD: &str = "zkv://GitHub/password";
const VENDORS_PASSWORD: &str = "zkv://Google/password";

pub(super) fn give(stage: &Stage, story: Story) -> Result<Exit> {
    let tour = Tour { stage, story };
    tour.introduce()?;
    tour.make_a_vault()?;
    tour.fetch_and_read()?;
    tour.find_the_layout()?;
    tour.administer()?;
    tour.welcome_a_colleague()?;
    tour.meet_a_lie()?;
    tour.lose_everything_else()?;
    story.heading("That was it")?;
    story.remark("The services, all profiles and every file of the tour are gone now.")?;
    story.line("Next: zkv demo --serve to try it yourself, zkv help for all commands.")?;
    Ok(Exit::Success)
}

struct Tour<'a> {
    stage: &'a Stage,
    story: Story,
}

impl Tour<'_> {
    fn introduce(&self) -> Result<()> {
        self.story.heading("zkvault: credentials that the server never sees")?;
        self.story.remark(
            "LogMeOnce and Loome Assist are simulated on this machine, for the made-up company Halden & Frey.\n\
             Ingrid administers it. Every command below is really run.",
        )
    }

    fn make_a_vault(&self) -> Result<()> {
        self.story.heading("1. A keyring, and the key of the company")?;
        self.run(ADMIN, &["init"])?;
        let number = seed::VENDOR_KEY_ID.to_string();
        let label = ["--label", "company", "--key-id", &number, "--default"];
        self.run(ADMIN, &[&["key", "import", KEY_FILE], label.as_slice()].concat())
    }

    fn fetch_and_read(&self) -> Result<()> {
        self.story.heading("2. Sites come sealed, and are opened here")?;
        self.run(ADMIN, &["sync"])?;
        self.run(ADMIN, &["list"])?;
        self.story
            .remark("What the server knows of GitHub's password, and what Ingrid does:")?;
        self.story.line(&self.sealed_password()?)?;
        self.run(ADMIN, &["read", PASSWORD])?;
        self.story.line("")
    }

    /// Half of the values are the vendor's own, under keys of their sites.
    fn find_the_layout(&self) -> Result<()> {
        self.story
            .heading("3. Half of the values came from the vendor's client, whose layout nobody published")?;
        self.expect(ADMIN, &["read", VENDORS_PASSWORD], Exit::Integrity)?;
        self.run(ADMIN, &["vendor", "discover"])?;
        self.story.remark(
            "It is kept in the keyring. From now on it is tried alone, and nothing that a server says changes it.",
        )?;
        self.run(ADMIN, &["read", VENDORS_PASSWORD])?;
        self.story.line("")
    }

    fn administer(&self) -> Result<()> {
        self.story
            .heading("4. Marketing gets GitHub; first what would be sent")?;
        let site = seed::GITHUB.to_string();
        let group = seed::MARKETING.to_string();
        let assign = ["site", "assign", &site, "--group", &group];
        self.run(ADMIN, &[assign.as_slice(), &["--dry-run"]].concat())?;
        self.run(ADMIN, &assign)?;
        self.run(ADMIN, &["group", "sites", &group])
    }

    /// An activation, from the administrator's terminal to the colleague's first password.
    fn welcome_a_colleague(&self) -> Result<()> {
        self.story
            .heading("5. Priya is new: she makes an identity, Ingrid seals the key to it")?;
        self.run(NEWCOMER, &["init"])?;
        let (ingrid, priya) = (self.identity(ADMIN)?, self.identity(NEWCOMER)?);
        self.story
            .remark("They compare fingerprints over the telephone, so that the server cannot slip in its own key.")?;
        let user = seed::NEW_USER.to_string();
        let to = ["--to", &priya.identity, "--fingerprint", &priya.fingerprint];
        let sealed = ["--key", "company", "-o", "priya.txt"];
        self.run(ADMIN, &[&["user", "activate", &user], to.as_slice(), &sealed].concat())?;
        let place = ["--host", self.stage.account(), "--user-id", &user];
        let from = ["--from", &ingrid.fingerprint];
        self.run(
            NEWCOMER,
            &[&["activate", "priya.txt"], place.as_slice(), &from].concat(),
        )?;
        self.run(NEWCOMER, &["sync"])?;
        self.run(NEWCOMER, &["read", PASSWORD])?;
        self.story.line("")
    }

    fn meet_a_lie(&self) -> Result<()> {
        self.story
            .heading("6. The server is compromised: GitHub's address leads elsewhere, two passwords are swapped")?;
        let service = self.stage.service();
        service.attack(Attack::url(seed::GITHUB, LIE));
        service.attack(Attack::SwapValues {
            one: (seed::GITHUB, 1),
            other: (seed::GITHUB + 1, 1),
        });
        self.expect(ADMIN, &["sync"], Exit::Integrity)?;
        self.expect(ADMIN, &["trust", "GitHub"], Exit::InputNeeded)?;
        self.story
            .remark("Ingrid does not accept that. Until somebody does, the last good copy stays:")?;
        self.run(ADMIN, &["read", PASSWORD])?;
        self.story.line("")
    }

    /// A backup in a data repository of Loome Assist, and a machine that has a passphrase and the link to it.
    fn lose_everything_else(&self) -> Result<()> {
        self.story
            .heading("7. A backup goes to Azure storage, the service goes down, the laptop into the harbour")?;
        let project = Tenant::DEMO_PROJECT.to_string();
        let repository = Tenant::DEMO_BACKUPS.to_string();
        let link = ["repo", "sas", &repository, "--project", &project, "--full-access"];
        self.run(ADMIN, &[link.as_slice(), &["-o", LINK_FILE]].concat())?;
        self.run(ADMIN, &["backup", "push"])?;
        self.stage
            .service()
            .conditions()
            .inject(Fault::status(503), usize::MAX, "/");
        self.story
            .remark("The storage holds nothing that it can read. The passphrase and the link bring all of it back:")?;
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
