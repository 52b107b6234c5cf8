//! Whether docs/json.md says what `--json` prints: every command that it names is run, and every member of what comes out
//! is looked up in its table.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use zkvault_simulator::{Attack, Tenant, seed};
use zkvault_test_support::{ALL, Desk, HOUR, LoomeService, Service, StorageService, repository};

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
            .extend(faults.into_iter().map(|fault| format!("zkv {command}: {fault}")));
    }
}

/// A machine with a keyring and a company's key, a service, a storage and Loome Assist.
struct World {
    desk: Desk,
    service: Service,
    loome: LoomeService,
    storage: StorageService,
}

impl World {
    fn new() -> Self {
        let desk = Desk::with_keyring();
        let service = Service::demo(&desk);
        let (loome, storage) = (LoomeService::demo(), StorageService::new("backups"));
        desk.write("report.pdf", "content");
        desk.write("value.txt", "plain");
        Self {
            desk,
            service,
            loome,
            storage,
        }
    }

    fn run(&self, args: &[&str]) -> std::process::Output {
        let mut zkv = self.desk.zkv(args);
        let link = self.storage.sas_url(ALL, std::time::SystemTime::now() + HOUR);
        zkv.env("ZKV_SAS", link)
            .env("ZKV_NEW_PASSPHRASE", "otter-brisk-lantern-mosaic");
        zkv.envs(self.service.environment()).envs(self.loome.environment());
        zkv.output().unwrap()
    }
}

/// The commands that are run, in this order. `#` is a step that only makes the next ones possible.
const STEPS: &[&str] = &[
    "# key import vault.key --label company --default",
    "sync",
    "status",
    "list",
    "search github",
    "show github",
    "show github --reveal",
    "read zkv://GitHub/password",
    "read zkv://GitHub/username",
    "key list",
    "key rotate --label next",
    "key retire vault",
    "key reinstate vault",
    "identity show",
    "identity fingerprint",
    "auth status",
    "vendor show --stored",
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
    "project list --email mara.halden@haldenfrey.example",
    "repo list --project 12",
    "repo check-name newdata",
    "repo create newdata --project 12",
    "repo network 340 --project 12",
    "repo sas 341 --project 12 --full-access -o link.sas",
    "workstation list --project 12",
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
    "keyring pull",
];

#[test]
fn every_command_prints_what_its_table_says() {
    let (world, shapes) = (World::new(), documented());
    world.desk.write("template", "{{ zkv://GitHub/password }}\n");
    std::fs::copy(repository("examples/sites.json"), world.desk.path("examples")).unwrap();
    assert_eq!(Tenant::DEMO_EMAIL, "mara.halden@haldenfrey.example");
    let mut tried = Tried::default();
    let mut step = |step: &str| {
        let args: Vec<&str> = step.trim_start_matches("# ").split(' ').collect();
        let output = world.run(&[&args[..], &["--json"]].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        if step.starts_with('#') {
            return assert!(output.status.success(), "{step}: {errors}");
        }
        let is_dry = step.contains("--dry-run") && shapes.contains_key("--dry-run") && !args.contains(&"rekey");
        let command = args.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        let command = match (
            is_dry && args[0] == "user",
            shapes.contains_key(&format!("zkv {command}")),
        ) {
            (true, _) => "--dry-run".to_owned(),
            (_, true) => format!("zkv {command}"),
            (_, false) => format!("zkv {}", args[0]),
        };
        // What prints nothing has no table.
        if output.stdout.is_empty() && output.status.success() && !shapes.contains_key(&command) {
            return;
        }
        let Ok(json) = serde_json::from_slice::<Value>(&output.stdout) else {
            let printed = String::from_utf8_lossy(&output.stdout);
            return tried.1.push(format!("zkv {step}: {printed:?} {errors}"));
        };
        let nothing = BTreeMap::new();
        tried.output(&command, shapes.get(&command).unwrap_or(&nothing), &json);
    };
    STEPS.iter().for_each(|one| step(one));
    world
        .service
        .attack(Attack::url(seed::GITHUB, "https://github.com.login.example/session"));
    ["sync", "trust", "trust github --yes", "passphrase change"]
        .iter()
        .for_each(|one| step(one));
    let Tried(seen, mut faults) = tried;
    for (command, shape) in &shapes {
        let seen = seen.get(command);
        let missing = |path: &&String| !seen.is_some_and(|seen| seen.contains(*path));
        let required = shape
            .iter()
            .filter(|(_, kind)| !kind.contains("optional"))
            .map(|(path, _)| path);
        faults.extend(
            required
                .filter(missing)
                .map(|path| format!("{command}: {path} was in no output")),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
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
