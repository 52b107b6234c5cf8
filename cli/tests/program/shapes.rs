//! Whether docs/json.md says what `--json` prints: every command that it names is run, and every member of what comes out
//! is looked up in its table.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Output;

use serde_json::Value;
use zkvault_core::key::VaultKey;
use zkvault_simulator::{Attack, Tenant, seed};
use zkvault_test_support::{ALL, Desk, HOUR, LoomeService, Service, StorageService, repository, stdout};

use crate::{daily, vendors};

/// What a document says of the output of commands: the types by paths, and by commands.
type Shapes = BTreeMap<String, BTreeMap<String, String>>;

/// The tables below headings of the form ``### `zkv list`, `zkv search` ``, or whose first paragraph begins with "Printed by".
/// Each row has a path, a type and a meaning.
fn documented() -> Shapes {
    let text = std::fs::read_to_string(repository("docs/json.md")).unwrap();
    let mut shapes = Shapes::new();
    for section in text.split("\n### ").skip(1) {
        let (heading, body) = section.split_once('\n').unwrap();
        let body = body.split("\n## ").next().unwrap();
        let rows = body.lines().filter_map(|line| line.strip_prefix("| `")).map(|row| {
            let (path, rest) = row.split_once("` | ").unwrap();
            (path.to_owned(), rest.split(" |").next().unwrap().to_owned())
        });
        let rows: BTreeMap<_, _> = rows.collect();
        assert!(!rows.is_empty(), "{heading} has no table");
        let printed_by = body
            .split("\n\n")
            .find(|text| text.trim_start().starts_with("Printed by "));
        let names = heading.to_owned() + printed_by.unwrap_or_default();
        for command in names.replace('\n', " ").split('`').skip(1).step_by(2) {
            assert!(
                shapes.insert(command.to_owned(), rows.clone()).is_none(),
                "{command} twice"
            );
        }
    }
    shapes
}

/// Compares a value with the types of its place. Numbers of arrays are `[]` in a path; what is below an `object` is not
/// ours to describe.
fn compare(
    path: &str,
    value: &Value,
    shape: &BTreeMap<String, String>,
    seen: &mut BTreeSet<String>,
    faults: &mut Vec<String>,
) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(text) if is_time(text) => "time",
        Value::String(_) => "text",
        Value::Array(items) => {
            seen.insert(path.to_owned());
            return items
                .iter()
                .for_each(|item| compare(&format!("{path}[]"), item, shape, seen, faults));
        }
        Value::Object(_) => "object",
    };
    let said = shape.get(path).map(String::as_str);
    let words: Vec<&str> = said.unwrap_or_default().split(|c: char| !c.is_alphabetic()).collect();
    let fits = words.contains(&kind) || (kind == "time" && words.contains(&"text"));
    seen.insert(path.to_owned());
    match value {
        Value::Object(members) if !fits => {
            for (name, value) in members {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                compare(&path, value, shape, seen, faults);
            }
        }
        _ if !fits => faults.push(format!("| `{path}` | {kind} | but docs/json.md says {said:?}")),
        _ => {}
    }
}

/// The form of every time: `2026-11-29T14:30:00Z`.
fn is_time(text: &str) -> bool {
    let form = |(place, character): (usize, char)| match place {
        4 | 7 => character == '-',
        10 => character == 'T',
        13 | 16 => character == ':',
        19 => character == 'Z',
        _ => character.is_ascii_digit(),
    };
    text.len() == 20 && text.chars().enumerate().all(form)
}

/// What a command printed, compared with its table. What the table does not call optional must have been there in one of
/// the command's runs.
#[derive(Default)]
struct Tried(BTreeMap<String, BTreeSet<String>>, Vec<String>);

impl Tried {
    fn output(&mut self, command: &str, shape: &BTreeMap<String, String>, json: &Value) {
        let seen = self.0.entry(command.to_owned()).or_default();
        let mut faults = Vec::new();
        compare("", json, shape, seen, &mut faults);
        self.1
            .extend(faults.into_iter().map(|fault| format!("{command}: {fault}")));
    }

    /// What was found, and what is always there and was in no output of its command.
    fn faults<'a>(self, shapes: impl Iterator<Item = (&'a String, &'a BTreeMap<String, String>)>) -> Vec<String> {
        let Self(seen, mut faults) = self;
        for (command, shape) in shapes {
            let seen = seen.get(command);
            let always = shape.iter().filter(|(_, kind)| !kind.contains("optional"));
            let missing = always.filter(|(path, _)| !seen.is_some_and(|seen| seen.contains(*path)));
            faults.extend(missing.map(|(path, _)| format!("{command}: {path} was in no output")));
        }
        faults
    }
}

/// Whether a document is what the table of its command says, with everything in it that is always there: for tests of
/// commands that need more than [`World`]. Nothing of this kind runs on macOS.
#[cfg(any(target_os = "linux", windows))]
#[track_caller]
pub(crate) fn is_as_documented(command: &str, json: &Value) {
    let shapes = documented();
    let mut tried = Tried::default();
    tried.output(command, &shapes[command], json);
    let faults = tried.faults(shapes.iter().filter(|(known, _)| *known == command));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A machine with a keyring and a company's key, a service, a storage and Loome Assist; and the machine of a new user.
struct World {
    desk: Desk,
    user: Desk,
    service: Service,
    loome: LoomeService,
    storage: StorageService,
    /// What stands for a word in a step.
    words: Vec<(&'static str, String)>,
}

impl World {
    fn new() -> Self {
        let (desk, user) = (Desk::with_keyring(), Desk::with_keyring());
        let service = Service::demo(&desk);
        let key = VaultKey::from_slice(&desk.read("vault.key")).unwrap();
        daily::add_input(&service, &key, "otp", "[\"otp\"]", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let [(_, url), (_, api_key), (_, secret)] = service.environment();
        put_files(&desk, &secret);
        let own = vendors::own_key(&user);
        let values = |layout| vendors::document(vendors::layout(layout), &own, 16);
        user.write("values.json", values("vendor-cbc"));
        user.write("authenticated.json", values("vendor-gcm-16+pkcs7"));
        let shown = |desk: &Desk, what| stdout(&mut desk.zkv(&["identity", what])).trim().to_owned();
        let words = vec![
            ("$IDENTITY", shown(&user, "show")),
            ("$FINGERPRINT", shown(&user, "fingerprint")),
            ("$OURS", shown(&desk, "show")),
            ("$HOST", service.address().to_string()),
            ("$URL", url),
            ("$API_KEY", api_key),
            ("$PRIYA", desk.path("priya.txt").display().to_string()),
            ("$WORKSTATION", Tenant::DEMO_WORKSTATION.to_owned()),
        ];
        Self {
            desk,
            user,
            service,
            loome: LoomeService::demo(),
            storage: StorageService::new("backups"),
            words,
        }
    }

    fn run(&self, step: &Step) -> Output {
        let desk = if step.is_of_user { &self.user } else { &self.desk };
        let word = |word: &String| {
            self.words
                .iter()
                .find(|(name, _)| name == word)
                .map(|(_, text)| text.clone())
        };
        let args: Vec<String> = step
            .args
            .iter()
            .map(|arg| word(arg).unwrap_or_else(|| arg.clone()))
            .collect();
        let mut zkv = desk.zkv(&[]);
        let link = self.storage.sas_url(ALL, std::time::SystemTime::now() + HOUR);
        zkv.args(args)
            .arg("--json")
            .env("ZKV_SAS", link)
            .env("ZKV_NEW_PASSPHRASE", "otter-brisk-lantern-mosaic")
            .env("ZKV_MASTER_PASSWORD", "otter-brisk-lantern");
        zkv.envs(self.service.environment()).envs(self.loome.environment());
        zkv.output().unwrap()
    }
}

fn put_files(desk: &Desk, secret: &str) {
    desk.write("report.pdf", "content");
    desk.write("value.txt", "plain");
    desk.write("secret.txt", secret);
    desk.write("other.key", VaultKey::generate().unwrap().expose_secret());
    let wanted = "- user: nobody@haldenfrey.example\ngroups:\n- group: Finance\n  members:\n    camille@haldenfrey.example: []\n";
    desk.write("wanted.yaml", format!("zkvault-org: 1\nusers:\n{wanted}"));
    desk.write("people.csv", "user,groups,code\njonas@haldenfrey.example,Finance,yes\n");
    desk.write("template", "{{ zkv://GitHub/password }}\n");
    for (name, source) in [
        ("examples", "examples/sites.json"),
        ("plain.json", "cli/tests/fixtures/plain.json"),
    ] {
        desk.write(name, std::fs::read(repository(source)).unwrap());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::create_dir(desk.path("runtime")).unwrap();
        std::fs::set_permissions(desk.path("runtime"), std::fs::Permissions::from_mode(0o700)).unwrap();
    }
}

/// A command that is run.
struct Step {
    args: Vec<String>,
    is_of_user: bool,
    /// It only makes others possible.
    is_only_needed: bool,
}

impl Step {
    fn new(text: &str) -> Self {
        let (rest, is_of_user) = text.strip_prefix("@ ").map_or((text, false), |rest| (rest, true));
        let (rest, is_only_needed) = rest.strip_prefix("# ").map_or((rest, false), |rest| (rest, true));
        Self {
            args: rest.split(' ').map(str::to_owned).collect(),
            is_of_user,
            is_only_needed,
        }
    }

    /// What documents call the command: of those that begin the step, the one that says most of it.
    fn command<'a>(&self, known: impl Iterator<Item = &'a str>) -> String {
        let words = match self.args.first().is_some_and(|first| first == "--profile") {
            true => &self.args[2..],
            false => &self.args,
        };
        if words[0] == "user" && words.iter().any(|word| word == "--dry-run") {
            return "--dry-run".to_owned();
        }
        let line = format!("zkv {} ", words.join(" "));
        let named = known.filter(|name| line.starts_with(&format!("{name} ")));
        named.max_by_key(|name| name.len()).unwrap_or(line.trim()).to_owned()
    }
}

/// The commands that are run, in this order. `#` is a step that only makes the next ones possible, `@` one of the user.
const STEPS: &[&str] = &[
    "setup",
    "--profile second init --kdf-memory 19MiB --kdf-passes 2 --kdf-lanes 1",
    "config set iso true",
    "config get iso",
    "config list",
    "config unset iso",
    "auth login --url $URL --api-key $API_KEY --secret-file secret.txt",
    "auth logout",
    "# key import vault.key --label company --default",
    "sync",
    "status",
    "list",
    "search github",
    "show github",
    "show github --reveal",
    "read zkv://GitHub/password",
    "read zkv://GitHub/username",
    "read github zkv://GitHub/username",
    "totp github",
    "totp --forget github",
    "trust --follow github --yes",
    "trust --no-follow github",
    "user activate --to $IDENTITY --fingerprint $FINGERPRINT --key company -o priya.txt 1921",
    "journal list",
    "journal show 1",
    "journal export",
    "journal verify",
    "@ activate $PRIYA --host $HOST --user-id 1921 --from $OURS",
    "key import other.key --label other",
    "key derive --username maria@example.com --iterations 100000",
    "key export other",
    "key export --personal",
    "key list",
    "key rotate --label next",
    "key hand-over next",
    "key retire vault",
    "key reinstate vault",
    "identity show",
    "identity fingerprint",
    "--profile second identity renew --yes",
    "auth status",
    "encrypt plain.json",
    "encrypt value.txt --site-id 7 --type password --name pin",
    "# encrypt value.txt --site-id 7 --type password --name pin -o sealed.txt",
    "decrypt sealed.txt --site-id 7 --type password --name pin",
    "decrypt examples",
    "@ vendor discover --report values.json",
    "@ vendor discover values.json",
    "@ vendor show",
    "@ vendor show --stored",
    "@ vendor export",
    "@ # vendor export -o layouts.json",
    "@ vendor allow vendor-cbc --yes",
    "@ vendor forget vendor-cbc",
    "@ vendor import layouts.json",
    "@ # vendor forget vendor-cbc",
    "@ # vendor discover authenticated.json",
    "@ vendor confirm vendor-gcm-16+pkcs7 --yes",
    "generate",
    "inspect examples",
    "file encrypt report.pdf -o report.zkv",
    "file inspect report.zkv",
    "file decrypt report.zkv -o again.pdf",
    "inject -i template -o filled",
    "inject -i template --check",
    "doctor",
    "site list",
    "site get 1749412",
    "site users 1749398",
    "site groups 1749398",
    "site assign 1749399 --user 1918",
    "site unassign 1749399 --user 1918",
    "site privileges 1749412 --user 1917",
    "user list",
    "user get 1920",
    "user sites 1917",
    "user groups 1917",
    "user join 1920 5719",
    "user leave 1920 5719",
    "user update 1917 --city Bergen",
    "user deactivate 1920",
    "user activate 1920",
    "user delete 1924 --yes",
    "group list",
    "group get 5717",
    "group users 5717",
    "group sites 5717",
    "group create Sales",
    "group update 5717 --name Engineers",
    "group add 5719 1919",
    "group remove 5719 1919",
    "group privileges 5717 --user 1919",
    "user deactivate 1921 --dry-run",
    "org export",
    "org export --table users",
    "org export --table groups",
    "org export --table members",
    "org export --table sites",
    "org export --table assignments",
    "access report",
    "access report --user mateus",
    "access report --site github",
    "access report --group 5717",
    "audit",
    "org plan wanted.yaml",
    "org apply wanted.yaml --yes",
    "onboard people.csv -o welcome --yes",
    "offboard 1917 --yes",
    "offboard status 1917",
    "offboard status",
    "project list --email mara.halden@haldenfrey.example",
    "repo list --project 12",
    "repo check-name newdata",
    "repo create newdata --project 12",
    "repo network 340 --project 12",
    "repo sas 341 --project 12 --full-access -o link.sas",
    "workstation list --project 12",
    "workstation network $WORKSTATION --project 12",
    "repo upload report.pdf",
    "repo ls",
    "repo download report.pdf --to restored",
    "repo rekey --dry-run",
    "repo delete report.pdf --yes",
    "backup push",
    "backup list",
    "backup verify",
    "backup diff",
    "backup prune --keep 1 --dry-run",
    "backup sheet -o sheet.html",
    "--profile restored backup restore",
    "keyring pull",
    "unlock",
    "agent status",
    "lock",
];

#[test]
fn every_command_prints_what_its_table_says() {
    let (world, shapes, apart) = (World::new(), documented(), Apart::documented());
    assert_eq!(Tenant::DEMO_EMAIL, "mara.halden@haldenfrey.example");
    let (mut tried, mut silent) = (Tried::default(), BTreeSet::new());
    let mut take = |text: &str| {
        let step = Step::new(text);
        let output = world.run(&step);
        let errors = String::from_utf8_lossy(&output.stderr);
        if step.is_only_needed {
            return assert!(output.status.success(), "{text}: {errors}");
        }
        let known = shapes.keys().chain(&apart.silent).map(String::as_str);
        let command = step.command(known);
        if apart.silent.contains(&command) {
            assert!(output.status.success(), "{text}: {errors}");
            assert!(output.stdout.is_empty(), "{text} prints something");
            silent.insert(command);
            return;
        }
        let Ok(json) = serde_json::from_slice::<Value>(&output.stdout) else {
            let printed = String::from_utf8_lossy(&output.stdout);
            return tried.1.push(format!("zkv {text}: {printed:?} {errors}"));
        };
        let nothing = BTreeMap::new();
        tried.output(&command, shapes.get(&command).unwrap_or(&nothing), &json);
    };
    STEPS.iter().for_each(|step| take(step));
    world
        .service
        .attack(Attack::url(seed::GITHUB, "https://github.com.login.example/session"));
    ["sync", "trust", "trust github --yes", "passphrase change"]
        .iter()
        .for_each(|step| take(step));
    let is_tried = |command: &str| !ELSEWHERE.contains(&command);
    let faults = tried.faults(shapes.iter().filter(|(command, _)| is_tried(command)));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(silent, apart.silent, "these are said to print nothing");
}

/// Where the test of a table is: the clipboard needs a display (program/clipboard.rs, windows.rs).
const ELSEWHERE: [&str; 1] = ["zkv copy"];

/// Commands without a table, as the document lists them.
struct Apart {
    /// They print nothing.
    silent: BTreeSet<String>,
    /// They print what is not described.
    other: BTreeSet<String>,
}

impl Apart {
    fn documented() -> Self {
        let text = std::fs::read_to_string(repository("docs/json.md")).unwrap();
        let (_, section) = text.split_once("\n## Commands without a table\n").unwrap();
        let (silent, other) = section.trim().split_once("\n\n").unwrap();
        let named = |text: &str| {
            text.replace('\n', " ")
                .split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect()
        };
        Self {
            silent: named(silent),
            other: named(other),
        }
    }
}

/// A new command fails here until docs/json.md says what it prints for programs.
#[test]
fn every_command_has_a_table_or_is_named_as_one_without() {
    let Apart { silent, other } = Apart::documented();
    let tables = documented();
    let named = tables
        .keys()
        .filter(|name| name.starts_with("zkv "))
        .chain(&silent)
        .chain(&other);
    // Without flags, and as the files of manual pages write it.
    let named: BTreeSet<String> = named
        .map(|name| name.split(" --").next().unwrap().replace(' ', "-"))
        .collect();
    let all = commands();
    let missing: Vec<_> = all.difference(&named).collect();
    assert!(missing.is_empty(), "docs/json.md says nothing about {missing:?}");
    let gone: Vec<_> = named.difference(&all).collect();
    assert!(
        gone.is_empty(),
        "docs/json.md describes {gone:?}, which are no commands"
    );
    let twice: Vec<_> = silent
        .iter()
        .chain(&other)
        .filter(|name| tables.contains_key(*name))
        .collect();
    assert!(twice.is_empty(), "{twice:?} have a table");
}

/// Does something itself, and has a command below it.
const BOTH: &str = "zkv-offboard";

/// All commands below which there are no others, as their manual pages are called; and the one that is a command as well.
fn commands() -> BTreeSet<String> {
    let desk = Desk::new();
    desk.zkv(&["man", "--dir", "pages"]).assert().success();
    let pages = std::fs::read_dir(desk.path("pages")).unwrap();
    let pages: BTreeSet<String> = pages
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .map(|page| page.trim_end_matches(".1").to_owned())
        .collect();
    assert!(pages.len() > 90, "{pages:?}");
    let has_others = |page: &String| pages.iter().any(|other| other.starts_with(&format!("{page}-")));
    let is_command = |page: &&String| !has_others(page) || *page == BOTH;
    pages.iter().filter(is_command).cloned().collect()
}

#[test]
fn a_table_that_is_wrong_is_noticed() {
    let shape = BTreeMap::from([
        ("[].id".to_owned(), "number".to_owned()),
        ("[].at".to_owned(), "time".to_owned()),
    ]);
    let faults = |json: &str| {
        let (mut seen, mut faults) = (BTreeSet::new(), Vec::new());
        compare("", &serde_json::from_str(json).unwrap(), &shape, &mut seen, &mut faults);
        faults.len()
    };
    assert_eq!(faults(r#"[{"id": 1, "at": "2026-11-29T14:30:00Z"}]"#), 0);
    assert_eq!(faults(r#"[{"id": "1", "at": 1795962600}]"#), 2);
    assert_eq!(faults(r#"[{"id": 1, "at": "2026-11-29 14:30"}, {"new": null}]"#), 2);
}
