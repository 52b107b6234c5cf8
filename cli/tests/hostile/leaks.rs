//! A search for secrets in everything that leaves the program: requests, blobs, output, files, temporary files, and the
//! command lines and environments of its processes. Every command of the program is run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::json;
use zkvault_simulator::{Attack, Received, Tenant};
use zkvault_test_support::{API_SECRET, Canaries, Desk, LoomeService, PASSPHRASE, Service, stdout};

use crate::world::{GITHUB, SECRET};

/// Where output is thrown away.
const NOWHERE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };
const TYPED: &str = "canary of the clear document 3f81";

/// Everything there is, and the secrets that nobody may see.
struct Office {
    desk: Desk,
    logmeonce: Service,
    loome: LoomeService,
    canaries: Canaries,
    /// Of links to the storage: the storage itself is shown them with every request.
    signatures: Canaries,
    commands: BTreeSet<String>,
}

/// Files that hold secrets because the test put them there, or asked for them.
const MAY_HOLD: [&str; 7] = [
    "vault.key",
    "passphrase.txt",
    "secret.txt",
    "clear.json",
    "code.txt",
    "exported.key",
    "full.sas",
];

impl Office {
    fn new() -> Self {
        let desk = Desk::with_keyring();
        let logmeonce = Service::demo(&desk);
        let loome = LoomeService::demo();
        desk.write("passphrase.txt", PASSPHRASE);
        desk.write("secret.txt", API_SECRET);
        let clear = json!([{"id": 7, "login": {"inputs": [{"name": "pw", "type": "password", "value": TYPED}]}}]);
        desk.write("clear.json", clear.to_string());
        desk.write("note.txt", TYPED);
        desk.write("app.tmpl", "{{ zkv://GitHub/password }}");
        std::fs::create_dir(desk.path("tmp")).unwrap();
        let mut canaries = Canaries::default();
        canaries.add("the passphrase", PASSPHRASE.as_bytes());
        canaries.add("the key of the company", &desk.read("vault.key"));
        canaries.add("the secret of the API", API_SECRET.as_bytes());
        canaries.add("a password of a site", SECRET.as_bytes());
        canaries.add("the clear document", TYPED.as_bytes());
        Self {
            desk,
            logmeonce,
            loome,
            canaries,
            signatures: Canaries::default(),
            commands: BTreeSet::new(),
        }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut zkv = self.desk.zkv_std(args);
        zkv.env_remove("ZKV_PASSPHRASE");
        zkv.env("ZKV_PASSPHRASE_FILE", self.desk.path("passphrase.txt"));
        zkv.env("TMPDIR", self.desk.path("tmp"));
        // What other programs take to be told to talk.
        for name in ["ZKV_LOG", "RUST_LOG", "RUST_BACKTRACE"] {
            zkv.env(name, if name == "RUST_BACKTRACE" { "full" } else { "trace" });
        }
        if self.desk.path("full.sas").exists() {
            zkv.env("ZKV_SAS_FILE", self.desk.path("full.sas"));
        }
        zkv
    }

    /// Runs a command and looks at all that it left. What it prints may hold secrets only if that is what it is for.
    fn run(&mut self, args: &[&str], prints_secrets: bool) -> Output {
        self.commands.insert(args[0].to_owned());
        let child = self
            .command(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let seen = watch(child.id());
        let output = child.wait_with_output().unwrap();
        let watched = seen.join().unwrap();
        self.nothing_in(&watched, &format!("{args:?}: command lines and environments"));
        assert!(
            output.status.success() || output.status.code() == Some(10),
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        if !prints_secrets {
            self.nothing_in(&output.stdout, &format!("{args:?}: stdout"));
        }
        self.nothing_in(&output.stderr, &format!("{args:?}: stderr"));
        for path in files_below(&self.desk.path("")) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if !MAY_HOLD.contains(&name.as_str()) && name != "note.txt" && name != "back.txt" {
                self.nothing_in(
                    &std::fs::read(&path).unwrap_or_default(),
                    &format!("{args:?}: {}", path.display()),
                );
            }
        }
        output
    }

    #[track_caller]
    fn nothing_in(&self, bytes: &[u8], what: &str) {
        self.no_secret_in(bytes, what);
        assert!(self.signatures.found_in(bytes).is_empty(), "{what} holds a signature");
    }

    #[track_caller]
    fn no_secret_in(&self, bytes: &[u8], what: &str) {
        let found = self.canaries.found_in(bytes);
        assert!(
            found.is_empty(),
            "{what} holds {found:?}: {}",
            String::from_utf8_lossy(bytes)
        );
    }

    /// All that went to services and storages. The secret of the API goes to where tokens are asked for, and only there.
    fn nothing_in_traffic(&self) -> usize {
        let mut requests = self.logmeonce.conditions().requests();
        requests.extend(self.loome.conditions().requests());
        for request in requests.iter().filter(|request| !request.path.ends_with("/token")) {
            self.nothing_in(&whole(request), &request.path);
        }
        let to_storage = self.loome.storage.conditions().requests();
        for request in &to_storage {
            self.no_secret_in(&whole(request), &request.path);
        }
        for container in ["hullruns", "hullbackups"] {
            for name in self.loome.storage.names(container) {
                let blob = self.loome.storage.blob(container, &name).unwrap();
                self.nothing_in(
                    &[format!("{name}{:?}", blob.metadata).into_bytes(), blob.content].concat(),
                    &name,
                );
            }
        }
        requests.len() + to_storage.len()
    }
}

/// Method, address, headers and body.
fn whole(request: &Received) -> Vec<u8> {
    [format!("{request:?}").into_bytes(), request.body.clone()].concat()
}

/// Command lines and environments of a process and its children, as long as it lives.
fn watch(id: u32) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut seen = Vec::new();
        let read = |path: String| std::fs::read(path).unwrap_or_default();
        for _ in 0..200 {
            let command = read(format!("/proc/{id}/cmdline"));
            if command.is_empty() {
                break;
            }
            seen.extend(command);
            seen.extend(read(format!("/proc/{id}/environ")));
            for child in String::from_utf8_lossy(&read(format!("/proc/{id}/task/{id}/children"))).split_whitespace() {
                seen.extend(
                    [
                        read(format!("/proc/{child}/cmdline")),
                        read(format!("/proc/{child}/environ")),
                    ]
                    .concat(),
                );
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        seen
    })
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] })
        .collect()
}

/// The commands of `zkv help`.
fn all_commands(desk: &Desk) -> BTreeSet<String> {
    let help = stdout(&mut desk.zkv(&["help"]));
    let lines = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty());
    lines
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

/// Those that need more than a desk, or write nothing but themselves: they have tests of their own.
const ELSEWHERE: [&str; 12] = [
    "init",
    "unlock",
    "lock",
    "agent",
    // The program that it starts has the values, which is what it is for; the simulated account has no seeds.
    "run",
    "totp",
    "passphrase",
    "demo",
    "completions",
    "man",
    "help",
    "workstation",
];

#[test]
fn z18_z33_no_secret_is_in_anything_that_leaves_the_program() {
    let mut office = Office::new();
    let (url, loome_url) = (office.logmeonce.environment()[0].1.clone(), office.loome.url());
    let [_, (_, api_key), _] = office.logmeonce.environment();
    let login = ["auth", "login", "--secret-file", "secret.txt"];
    office.run(&[&login[..], &["--url", &url, "--api-key", &api_key]].concat(), false);
    let loome = ["--service", "loome", "--url", &loome_url, "--api-key", "simulator-key"];
    office.run(&[&login[..], &loome].concat(), false);
    let quiet: [&[&str]; 53] = [
        &["auth", "status"],
        &["key", "import", "vault.key", "--label", "company", "--default"],
        &["key", "list"],
        &["identity", "show"],
        &["identity", "fingerprint"],
        &["sync"],
        &["sync", "--full"],
        &["status", "--verify"],
        &["list"],
        &["list", "--format", "csv"],
        &["search", "git"],
        &["show", "GitHub"],
        &["inject", "-i", "app.tmpl", "--check"],
        &["trust"],
        &["site", "list"],
        &["site", "get", "1749412"],
        &["site", "assign", "1749399", "--user", "1917"],
        &["site", "privileges", "1749412", "--user", "1917"],
        &["user", "list"],
        &["user", "get", "1917"],
        &["user", "update", "1917", "--city", "Bergen"],
        &[
            "user",
            "activate",
            "1921",
            "--code",
            "--code-file",
            "code.txt",
            "--key",
            "company",
        ],
        &["user", "deactivate", "1918"],
        &["group", "list"],
        &["group", "create", "New"],
        &["api", "logmeonce", "GET", "/groups"],
        &["doctor"],
        &["encrypt", "clear.json", "-o", "sealed.json"],
        &[
            "encrypt",
            "clear.json",
            "--layout",
            "vendor",
            "--unconfirmed",
            "vendor-gcm",
            "-o",
            "vendor.json",
        ],
        &["inspect", "sealed.json"],
        &["inspect", "vendor.json"],
        &["vendor", "discover", "vendor.json"],
        &["vendor", "show"],
        &["decrypt", "sealed.json", "-o", NOWHERE],
        &["key", "rotate", "--document", "sealed.json", "-o", "again.json"],
        &["file", "encrypt", "note.txt", "-o", "note.zkv"],
        &["file", "decrypt", "note.zkv", "-o", "back.txt"],
        &["file", "inspect", "note.zkv"],
        &["project", "list", "--email", Tenant::DEMO_EMAIL],
        &["repo", "list", "--project", "12"],
        &[
            "repo",
            "sas",
            "341",
            "--project",
            "12",
            "--full-access",
            "-o",
            "full.sas",
        ],
        &["repo", "upload", "note.txt"],
        &["repo", "ls"],
        &["repo", "download", "note.txt", "--to", "down"],
        &["backup", "push"],
        &["backup", "push", "-o", "vault.zkvb"],
        &["backup", "list"],
        &["backup", "sheet", "-o", "sheet.html"],
        &["keyring", "pull"],
        &["backup", "verify"],
        &["backup", "verify", "--file", "vault.zkvb"],
        &["backup", "diff", "--file", "vault.zkvb"],
        &["sync", "--check-backups"],
    ];
    for command in quiet {
        office.run(command, false);
        if command[0] == "repo" && command[1] == "sas" {
            let link = String::from_utf8(office.desk.read("full.sas")).unwrap();
            let signature = link
                .split("sig=")
                .nth(1)
                .unwrap()
                .split('&')
                .next()
                .unwrap()
                .trim()
                .to_owned();
            office.signatures.add("the signature of the link", signature.as_bytes());
        }
        if command.contains(&"code.txt") {
            let code = String::from_utf8(office.desk.read("code.txt")).unwrap();
            office
                .canaries
                .add("the code of the activation", code.trim().as_bytes());
        }
    }
    // A service that lies, so that there is something to complain about.
    office.logmeonce.attack(Attack::input_type(GITHUB, 1, "text"));
    office.run(&["sync"], false);
    office.run(&["trust"], false);
    let activation = office.logmeonce.organisation().activation_key(1921).unwrap().to_owned();
    office.desk.write("a.txt", activation);
    office.run(
        &[
            "activate",
            "a.txt",
            "--host",
            &office.logmeonce.url(),
            "--user-id",
            "1921",
            "--code-file",
            "code.txt",
        ],
        false,
    );
    // What these print is what they are for. Their messages are not.
    for command in [
        &["read", "zkv://GitHub/password"][..],
        &["show", "GitHub", "--reveal"],
        &["decrypt", "sealed.json", "--json"],
        &["key", "export", "company", "-o", "exported.key"],
        &["generate"],
    ] {
        office.run(command, true);
    }
    office.run(&["auth", "logout"], false);
    let requests = office.nothing_in_traffic();
    assert!(requests > 40, "{requests}");

    let missing: Vec<_> = all_commands(&office.desk)
        .into_iter()
        .filter(|name| !office.commands.contains(name) && !ELSEWHERE.contains(&name.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "a new command belongs into this search: {missing:?}"
    );
}
