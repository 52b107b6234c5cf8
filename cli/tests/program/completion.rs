//! Completion in real shells: what Tab puts on the command line, with names that a hostile service chose, and what it does
//! not do. A test leaves itself out where its shell is missing.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::json;
use zkvault_simulator::{Kind, Organisation, seed};
use zkvault_test_support::{Desk, Service, json_of};

use crate::pty::Pty;

/// Names that would do something if a shell read them, and by what they are completed.
const HOSTILE: &[(&str, &str)] = &[
    ("h01", "h01 $(touch pwned)"),
    ("h02", "h02 `touch pwned`"),
    ("h03", "h03; touch pwned; #"),
    ("h04", "h04' touch pwned '\" touch pwned \""),
    ("h05", "h05:a=b@c d:e"),
    ("h06", "h06 !!touch !pwned"),
    ("h07", "h07\\"),
    ("h08", "h08*?[a-z]{a,b}"),
    ("h09", "h09 <(touch pwned) >pwned & | ~ ^"),
    ("h10", "h10 Größe 大きさ %s %n"),
    ("h11", "h11:$(touch pwned)"),
];

/// Names that cannot be words of a command line, and mean something else or nothing: their ids stand for them.
const BY_ID: &[(u64, &str)] = &[
    (31_000_001, "two\n$(touch pwned)"),
    (32_000_002, "\u{1b}]0;owned\u{7}"),
    (33_000_003, "-rf"),
    (34_000_004, "~root"),
    (35_000_005, "1749412"),
    (36_000_006, "zkv://GitHub/password"),
    (37_000_007, "tab\there"),
    (38_000_008, "a\u{202e}b"),
];

/// How often something is asked for that a busy machine may be too slow for.
const TRIES: usize = 4;

/// A desk that knows an account with such names, and an agent that ends with the test.
struct Office {
    desk: Desk,
    service: Service,
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = self.typed_nothing(&["lock"]).output();
    }
}

impl Office {
    fn new(change: impl FnOnce(&mut Organisation)) -> Self {
        let desk = Desk::with_keyring();
        let service = Service::demo(&desk);
        service.change(change);
        let import = ["key", "import", "vault.key", "--label", "company", "--default"];
        desk.zkv(&import).assert().success();
        let runtime = desk.path("runtime");
        std::fs::create_dir_all(&runtime).unwrap();
        std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700)).unwrap();
        let office = Self { desk, service };
        let mut sync = office.desk.zkv(&["sync"]);
        sync.envs(office.service.environment()).assert().success();
        office
    }

    fn hostile() -> Self {
        Self::new(|organisation| {
            let named = HOSTILE.iter().zip(2_000_001..).map(|((_, name), id)| (id, *name));
            named
                .chain(BY_ID.iter().copied())
                .for_each(|(id, name)| add(organisation, id, name));
        })
    }

    fn unlocked(self) -> Self {
        self.desk.zkv(&["unlock"]).assert().success();
        self
    }

    /// The program as somebody runs it who typed nothing.
    fn typed_nothing(&self, args: &[&str]) -> Command {
        let mut command = self.desk.zkv_std(args);
        command.env_remove("ZKV_PASSPHRASE").stdin(Stdio::null());
        command
    }

    fn asked(&self, words: &[&str]) -> Output {
        let command = [&["completions", "zsh", "--"], words].concat();
        self.typed_nothing(&command).output().unwrap()
    }

    /// What is offered for the last word.
    #[track_caller]
    fn offered(&self, words: &[&str]) -> Vec<String> {
        let output = self.asked(words);
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().skip(1).map(str::to_owned).collect()
    }

    /// Writes a shell's script where the guide says.
    fn install(&self, shell: &str, folder: &str, name: &str) {
        let script = self.typed_nothing(&["completions", shell]).output().unwrap().stdout;
        std::fs::create_dir_all(self.desk.path(folder)).unwrap();
        self.desk.write(&format!("{folder}/{name}"), script);
    }

    /// The same, where there is something.
    #[track_caller]
    fn names(&self, words: &[&str]) -> Vec<String> {
        let mut tries = (0..TRIES).map(|_| self.offered(words));
        tries.find(|names| !names.is_empty()).unwrap_or_default()
    }

    /// A shell at a terminal, with the script of zkv and a `zkv` that prints its arguments.
    fn shell(&self, command: &str) -> Pty {
        let folder = Path::new(env!("CARGO_BIN_EXE_zkv")).parent().unwrap();
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        let home = self.desk.path("").display().to_string();
        let variables = [
            ("PATH", path.as_str()),
            ("HOME", &home),
            ("ZDOTDIR", &home),
            ("XDG_CONFIG_HOME", ""),
            ("XDG_DATA_HOME", ""),
            ("LC_ALL", "C.UTF-8"),
        ];
        Pty::run_with(&self.desk, (24, 200), &variables, &format!("exec {command}"))
    }
}

fn add(organisation: &mut Organisation, id: u64, name: &str) {
    let site = json!({"id": id, "name": name, "login": {"url": "https://login.example/", "inputs": []}});
    organisation.add_site(&serde_json::from_value(site).unwrap());
}

fn is_there(shell: &str) -> bool {
    let found = Command::new(shell).arg("--version").output().is_ok();
    if !found {
        println!("left out: there is no {shell}");
    }
    found
}

/// Types lines with tabs in them, and compares what the shell made of each. No name may have been run.
fn types(office: &Office, mut shell: Pty, lines: &[(String, Vec<String>)]) {
    for (line, expected) in lines {
        let expected = format!("{}]]", expected.join("|"));
        // A busy machine may be too slow for an agent or a person to wait for: nothing is offered then.
        for tries_left in (0..TRIES).rev() {
            shell.reply("READY> ", line);
            let shown = shell.wait_for("]]");
            let (_, read) = shown.rsplit_once("[[").unwrap();
            if read == expected {
                break;
            }
            assert!(tries_left > 0, "{line:?} is {read:?}, not {expected:?}: {shown}");
        }
    }
    shell.reply("READY> ", "exit");
    let (_, written) = shell.end();
    assert!(!office.desk.path("pwned").exists(), "{written}");
    assert!(
        !written.contains("error:") && !written.contains("not found"),
        "{written}"
    );
}

fn line(typed: &str, words: &[&str]) -> (String, Vec<String>) {
    (typed.to_owned(), words.iter().map(|word| (*word).to_owned()).collect())
}

/// What is completed alike in every shell.
fn lines() -> Vec<(String, Vec<String>)> {
    let mut lines = vec![
        line("zkv un\t", &["unlock"]),
        line("zkv read github\t", &["read", "GitHub"]),
        line("zkv copy github\tpass\t", &["copy", "GitHub", "password"]),
        line("zkv read zkv://git\tpas\t", &["read", "zkv://GitHub/password"]),
        line(
            "zkv run --env T=zkv://git\tpas\t x",
            &["run", "--env", "T=zkv://GitHub/password", "x"],
        ),
        line("zkv user get priya@h\t", &["user", "get", "priya@haldenfrey.example"]),
        line("zkv group get eng\t", &["group", "get", "Engineering"]),
        line("zkv config list --format=nd\t", &["config", "list", "--format=ndjson"]),
        line("zkv read zkv://h01\t", &["read", "zkv://h01%20$(touch%20pwned)/"]),
        line("zkv show \"h01\t", &["show", "h01 $(touch pwned)"]),
        line("zkv show \"h02\t", &["show", "h02 `touch pwned`"]),
        line("zkv show 'h01\t", &["show", "h01 $(touch pwned)"]),
    ];
    for (typed, name) in HOSTILE {
        lines.push(line(&format!("zkv show {typed}\t"), &["show", name]));
    }
    for (id, _) in BY_ID {
        let id = id.to_string();
        lines.push(line(&format!("zkv show {}\t", &id[..3]), &["show", &id]));
    }
    lines
}

#[test]
fn z63_a_name_is_one_word_in_bash_and_is_never_run() {
    if !is_there("bash") {
        return;
    }
    let office = Office::hostile().unlocked();
    office.desk.write(
        "bashrc",
        "PS1='READY> '; HISTFILE=$HOME/history\neval \"$(command zkv completions bash)\"\n\
         bind 'set bell-style none'\nzkv() { local IFS='|'; printf '[[%s]]\\n' \"$*\"; }\n",
    );
    types(&office, office.shell("bash --noprofile --rcfile bashrc -i"), &lines());
    let history = String::from_utf8(office.desk.read("history")).unwrap();
    assert!(history.contains("zkv read GitHub"), "what was entered");
    assert!(!history.contains("Mailchimp"), "what was only offered: {history}");
}

#[test]
fn z63_a_name_is_one_word_in_zsh_and_is_never_run() {
    if !is_there("zsh") {
        return;
    }
    let office = Office::hostile().unlocked();
    office.install("zsh", ".zfunc", "_zkv");
    office.desk.write(
        ".zshrc",
        "PS1='READY> '; unsetopt beep; bindkey -e\nfpath+=(~/.zfunc); autoload -Uz compinit; compinit -u -d ~/dump\n\
         zkv() { printf '[[%s]]\\n' \"${(j:|:)@}\" }\n",
    );
    types(&office, office.shell("zsh -d -i"), &lines());
}

#[test]
fn z63_a_name_is_one_word_in_fish_and_is_never_run() {
    if !is_there("fish") {
        return;
    }
    let office = Office::hostile().unlocked();
    office.install("fish", ".config/fish/completions", "zkv.fish");
    office.desk.write(
        ".config/fish/config.fish",
        "function fish_prompt; printf 'READY> '; end\nset -g fish_greeting\n\
         function zkv; printf '[[%s]]\\n' (string join '|' -- $argv); end\n",
    );
    types(&office, office.shell("fish -i"), &lines());
}

#[test]
fn z63_no_names_come_out_of_a_locked_vault() {
    let office = Office::hostile();
    let nothing = |why: &str| {
        for words in [
            &["read", ""][..],
            &["copy", "GitHub", ""],
            &["user", "get", ""],
            &["read", "zkv://"],
        ] {
            assert_eq!(office.offered(words), [""; 0], "{why}: {words:?}");
        }
    };
    nothing("no agent runs");
    assert!(!office.desk.path("runtime/zkv/agent.sock").exists(), "none is started");
    // A passphrase is never used, and nobody is asked for one.
    let mut given = office.desk.zkv(&["completions", "zsh", "--", "read", ""]);
    given
        .env_remove("ZKV_NO_INPUT")
        .assert()
        .success()
        .stdout("words\n")
        .stderr("");

    office.desk.zkv(&["unlock"]).assert().success();
    assert!(office.names(&["read", "git"]).contains(&"GitHub".to_owned()));
    let mut off = office.typed_nothing(&["completions", "zsh", "--", "read", ""]);
    let off = off.env("ZKV_AGENT", "off").output().unwrap();
    assert_eq!(off.stdout, b"words\n", "{off:?}");
    let other = office.offered(&["--profile", "other", "read", ""]);
    assert!(other.is_empty(), "the profile of the line has no keyring: {other:?}");

    let status = json_of(&mut office.desk.zkv(&["agent", "status", "--json"]));
    let process = status["process"].to_string();
    let signal = |name: &str| assert!(Command::new("kill").args([name, &process]).status().unwrap().success());
    signal("-STOP");
    nothing("the agent does not respond");
    signal("-CONT");
    office.desk.zkv(&["lock"]).assert().success();
    nothing("it is locked");
    // Commands, flags and values are no secret.
    assert!(office.offered(&["re"]).iter().any(|word| word.starts_with("read\t")));
}

#[test]
fn z63_completing_changes_nothing_and_uses_no_network() {
    let office = Office::hostile().unlocked();
    let asked = office.service.audit_log().len();
    let before = files(&office.desk.path(""));
    for words in [
        &["read", "h"][..],
        &["copy", "GitHub", ""],
        &["user", "get", ""],
        &["group", "users", ""],
        &["read", "zkv://GitHub/"],
    ] {
        assert!(!office.names(words).is_empty(), "{words:?}");
    }
    assert_eq!(files(&office.desk.path("")), before);
    assert_eq!(office.service.audit_log().len(), asked);
}

/// Every file below a folder, with what is in it.
fn files(folder: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => {
                let content = std::fs::read(&path).unwrap_or_default();
                all.insert(path, content);
            }
        }
    }
    all
}

#[test]
fn z63_names_that_are_no_words_are_offered_as_ids() {
    let office = Office::hostile().unlocked();
    let sites = office.names(&["show", ""]);
    for (id, name) in BY_ID {
        let shown = sites.iter().find(|line| line.starts_with(&id.to_string()));
        let (_, help) = shown.unwrap().split_once('\t').unwrap();
        assert!(!help.contains(char::is_control), "{name:?}: {help:?}");
        assert!(!sites.iter().any(|line| line == name), "{name:?}");
    }
    let references = office.names(&["read", "zkv://h01"]);
    assert_eq!(references, ["zkv://h01%20$(touch%20pwned)/"]);
}

#[test]
fn z63_more_names_than_anyone_reads_are_not_offered() {
    let office = Office::new(|organisation| {
        (0..=1000).for_each(|number| add(organisation, 3_000_000 + number, &format!("bulk {number}")));
    });
    let office = office.unlocked();
    assert!(office.offered(&["read", "bulk"]).is_empty());
    assert_eq!(office.names(&["read", "bulk 99"]).len(), 11, "99, and 990 to 999");
}

#[test]
fn fields_are_those_of_the_site_that_is_named() {
    let office = Office::new(|organisation| {
        let site = organisation.get_mut(Kind::Site, seed::GITHUB).unwrap();
        let inputs = site["login"]["inputs"].as_array_mut().unwrap();
        for name in ["card", "card", "$(touch pwned)", "--flag"] {
            inputs.push(json!({"name": json!([name]).to_string(), "type": "text"}));
        }
    });
    let office = office.unlocked();
    let fields = office.names(&["copy", "github", ""]);
    assert!(fields.contains(&"password".to_owned()), "{fields:?}");
    for number in ["input 3", "input 4", "$(touch pwned)", "input 6"] {
        assert!(fields.contains(&number.to_owned()), "{number}: {fields:?}");
    }
    assert!(!fields.contains(&"card".to_owned()), "it means two of them: {fields:?}");
    assert!(office.offered(&["totp", "nowhere", ""]).is_empty());
    let references = office.names(&["read", "zkv://GitHub/"]);
    assert!(
        references.contains(&"zkv://GitHub/input%203".to_owned()),
        "{references:?}"
    );
}
