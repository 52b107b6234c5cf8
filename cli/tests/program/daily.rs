//! Secrets that are used without being printed: one-time codes, environments, templates.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use zkvault_core::key::VaultKey;
use zkvault_core::value::{ValueContext, seal_bound};
use zkvault_simulator::{Attack, Kind, seed};
use zkvault_test_support::{Desk, Service, stderr_of, stdout};

/// A program that leaves a trace.
const TOUCH: [&str; 3] = if cfg!(windows) {
    ["cmd", "/c", "type nul > started"]
} else {
    ["sh", "-c", "touch started"]
};
const GITHUB_PASSWORD: &str = "compass-rose-Vector-31";
/// A program that is given a password, and says nothing of it.
pub(crate) const RUN_WITH_GOOGLE: [&str; 6] = [
    "run",
    "--env",
    "V=zkv://Google/password",
    "--",
    env!("CARGO_BIN_EXE_zkv"),
    "--version",
];
/// A code is the same for 30 seconds.
const SEED: &str = "otpauth://totp/GitHub:bot?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=GitHub";

/// A desk that knows the account, with a seed of one-time codes at GitHub.
pub(crate) fn office() -> (Desk, Service) {
    let desk = Desk::new();
    let key = VaultKey::generate().unwrap();
    desk.write("vault.key", key.expose_secret());
    let service = Service::sealed_with(&key);
    add_input(&service, &key, "otp", "[\"otp\"]", SEED);
    synced(&desk, &service);
    (desk, service)
}

pub(crate) fn add_input(service: &Service, key: &VaultKey, input_type: &str, name: &str, text: &str) {
    let place = ValueContext {
        site_id: seed::GITHUB,
        input_type,
        input_name: name,
    };
    let value = seal_bound(key, &place, text).unwrap();
    service.change(|organisation| {
        let site = organisation.get_mut(Kind::Site, seed::GITHUB).unwrap();
        let inputs = site["login"]["inputs"].as_array_mut().unwrap();
        inputs.push(json!({"name": name, "type": input_type, "value": value}));
    });
}

fn synced(desk: &Desk, service: &Service) {
    for _ in 0..2 {
        service.zkv(desk, &["sync"]).assert().success();
    }
}

fn fails(service: &Service, desk: &Desk, args: &[&str], code: i32) -> String {
    stderr_of(&mut service.zkv(desk, args), code)
}

/// The codes of now and of the two periods beside it: time passes during a test.
fn codes() -> BTreeSet<String> {
    let totp = zkvault_core::totp::Totp::parse(&zkvault_test_support::secret(SEED)).unwrap();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let times = [now - 30, now, now + 30, now + 60];
    times
        .iter()
        .map(|time| totp.at(*time).text.expose_secret().to_owned())
        .collect()
}

#[test]
fn a_code_comes_from_the_seed_in_the_site() {
    let (desk, service) = office();
    let code = stdout(&mut service.zkv(&desk, &["totp", "github"]));
    assert!(codes().contains(code.trim_end()), "{code}");
    let shown: Value = serde_json::from_str(&stdout(&mut service.zkv(&desk, &["totp", "GitHub", "--json"]))).unwrap();
    assert!(codes().contains(shown["code"].as_str().unwrap()));
    assert_eq!(shown["period"], 30);
    assert!((1..=30).contains(&shown["seconds_left"].as_u64().unwrap()));
    assert_eq!(
        (&shown["layout"], &shown["trust"]),
        (&"bound".into(), &"authenticated".into())
    );
    let next = stdout(&mut service.zkv(&desk, &["totp", "GitHub", "otp", "--next"]));
    assert!(codes().contains(next.trim_end()) && next != code, "{next}");
}

#[test]
fn a_seed_is_found_by_what_it_is_and_a_missing_or_wrong_one_is_named() {
    let desk = Desk::new();
    let key = VaultKey::generate().unwrap();
    desk.write("vault.key", key.expose_secret());
    let service = Service::sealed_with(&key);
    add_input(&service, &key, "text", "[\"notes\"]", SEED);
    synced(&desk, &service);
    let code = stdout(&mut service.zkv(&desk, &["totp", "github"]));
    assert!(codes().contains(code.trim_end()), "{code}");
    let missing = fails(&service, &desk, &["totp", "Google"], 3);
    assert!(missing.contains("zkv totp SITE FIELD"), "{missing}");
    let wrong = fails(&service, &desk, &["totp", "github", "password"], 1);
    assert!(wrong.contains("base32") && !wrong.contains(GITHUB_PASSWORD), "{wrong}");
}

#[test]
fn the_field_of_a_seed_is_remembered_for_its_site_and_sealed() {
    let desk = Desk::new();
    let key = VaultKey::generate().unwrap();
    desk.write("vault.key", key.expose_secret());
    let service = Service::sealed_with(&key);
    // Base32 under a name that says nothing: nothing finds it by itself.
    add_input(
        &service,
        &key,
        "hidden",
        "[\"zz-blue-field\"]",
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    );
    synced(&desk, &service);
    let told = fails(&service, &desk, &["totp", "github"], 3);
    assert!(told.contains("--remember"), "{told}");
    // What is no seed is not remembered.
    fails(&service, &desk, &["totp", "github", "password", "--remember"], 1);
    fails(&service, &desk, &["totp", "github"], 3);
    fails(&service, &desk, &["totp", "github", "--remember"], 2);
    let code = |args: &[&str]| {
        let code = stdout(&mut service.zkv(&desk, &[&["totp"], args].concat()));
        assert!(codes().contains(code.trim_end()), "{code}");
    };
    code(&["github", "zz-blue-field", "--remember"]);
    code(&["github"]);
    code(&["zkv://GitHub/password"]);
    // A sync and a change of another kind leave it, and the files of the store do not show it.
    synced(&desk, &service);
    service
        .zkv(&desk, &["trust", "github", "--follow", "--yes"])
        .assert()
        .success();
    code(&["github"]);
    for entry in std::fs::read_dir(desk.path("data/default")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(13).any(|part| part == b"zz-blue-field"));
    }
    // Another site has its own.
    fails(&service, &desk, &["totp", "Google"], 3);
    let forgotten = stderr_of(&mut service.zkv(&desk, &["totp", "github", "--forget"]), 0);
    assert!(forgotten.contains("zz-blue-field"), "{forgotten}");
    fails(&service, &desk, &["totp", "github"], 3);
}

#[test]
fn a_remembered_field_that_is_gone_is_named() {
    let desk = Desk::new();
    let key = VaultKey::generate().unwrap();
    desk.write("vault.key", key.expose_secret());
    let service = Service::sealed_with(&key);
    add_input(&service, &key, "hidden", "[\"seed\"]", SEED);
    synced(&desk, &service);
    service
        .zkv(&desk, &["totp", "github", "seed", "--remember"])
        .assert()
        .success();
    service.change(|organisation| {
        let site = organisation.get_mut(Kind::Site, seed::GITHUB).unwrap();
        site["login"]["inputs"].as_array_mut().unwrap().pop();
    });
    service.zkv(&desk, &["sync"]).assert().success();
    service.zkv(&desk, &["trust", "github", "--yes"]).assert().success();
    let gone = fails(&service, &desk, &["totp", "github"], 3);
    assert!(gone.contains("\"seed\"") && gone.contains("--forget"), "{gone}");
    service.zkv(&desk, &["totp", "github", "--forget"]).assert().success();
    assert!(!fails(&service, &desk, &["totp", "github"], 3).contains("seed\" that was remembered"));
}

#[test]
fn the_address_of_a_site_is_its_field_url() {
    let (desk, service) = office();
    let url = "https://github.com/login";
    assert_eq!(
        stdout(&mut service.zkv(&desk, &["read", "zkv://github/url"])).trim_end(),
        url
    );
    let listed = stdout(&mut service.zkv(&desk, &["read", "zkv://GitHub/url", "zkv://GitHub/username"]));
    assert_eq!(listed, format!("{url}\nhaldenfrey-bot\n"));
    desk.write("t", "{{ zkv://GitHub/URL }}");
    assert_eq!(stdout(&mut service.zkv(&desk, &["inject", "-i", "t"])), url);
    let unknown = fails(&service, &desk, &["read", "zkv://GitHub/pin"], 3);
    assert!(unknown.contains("url (the address of the site)"), "{unknown}");
    // An input of this name comes first.
    let key = VaultKey::from_slice(&desk.read("vault.key")).unwrap();
    add_input(&service, &key, "text", "[\"url\"]", "db.example:5432");
    service.zkv(&desk, &["sync"]).assert().success();
    service.zkv(&desk, &["trust", "github", "--yes"]).assert().success();
    assert_eq!(
        stdout(&mut service.zkv(&desk, &["read", "zkv://GitHub/url"])).trim_end(),
        "db.example:5432"
    );
}

#[cfg(unix)]
#[test]
fn a_program_gets_values_and_none_of_our_secrets() {
    let (desk, service) = office();
    desk.write(
        "app.env",
        "# of the app\nexport DB_USER='zkv://GitHub/username'\nMODE=\"a b\"\n",
    );
    let script = "printf '%s|%s|%s|%s|' \"$DB_PASSWORD\" \"$DB_USER\" \"$MODE\" \"$FROM_OUTSIDE\"; env | grep ^ZKV_";
    let mut command = service.zkv(
        &desk,
        &[
            "run",
            "--no-masking",
            "--env",
            "DB_PASSWORD=zkv://GitHub/password",
            "--env-file",
            "app.env",
            "--",
            "sh",
            "-c",
            script,
        ],
    );
    command
        .env("FROM_OUTSIDE", "zkv://github/password")
        .env("ZKV_PASSPHRASE", "our own")
        .env("ZKV_NEW_THING", "x");
    let output = command.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let (values, ours) = printed.rsplit_once('|').unwrap();
    assert_eq!(
        values,
        format!("{GITHUB_PASSWORD}|haldenfrey-bot|a b|{GITHUB_PASSWORD}")
    );
    for line in ours.lines() {
        let harmless = [
            "ZKV_CONFIG_DIR=",
            "ZKV_DATA_DIR=",
            "ZKV_NO_INPUT=",
            "ZKV_LOGMEONCE_URL=",
        ];
        assert!(harmless.iter().any(|name| line.starts_with(name)), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn z65_values_are_hidden_in_what_the_program_prints() {
    let (desk, service) = office();
    let run = |extra: &[&str]| {
        let script = "echo \"out $V.\"; echo \"err $V.\" >&2";
        let args = [
            &["run", "--env", "V=zkv://GitHub/password"],
            extra,
            &["--", "sh", "-c", script],
        ]
        .concat();
        let output = service.zkv(&desk, &args).output().unwrap();
        [output.stdout, output.stderr].map(|printed| String::from_utf8(printed).unwrap())
    };
    assert_eq!(run(&[]), ["out ********.\n", "err ********.\n"]);
    let open = [format!("out {GITHUB_PASSWORD}.\n"), format!("err {GITHUB_PASSWORD}.\n")];
    assert_eq!(run(&["--no-masking"]), open);
}

#[cfg(unix)]
#[test]
fn z65_a_value_is_hidden_however_the_program_cuts_it() {
    let (desk, service) = office();
    for script in [
        "printf 'a %s b %s' \"$V\" \"$V\"",
        "printf 'a compass-'; sleep 0.2; printf rose-Vector-; sleep 0.2; printf '31 b '; printf %s \"$V\"",
        "printf 'a '; for n in 1 2; do printf %s \"$V\" | fold -w 1 | while read -r c || test -n \"$c\"; do printf %s \"$c\"; done; test $n = 2 || printf ' b '; done",
    ] {
        let args = ["run", "--env", "V=zkv://GitHub/password", "--", "sh", "-c", script];
        let printed = stdout(&mut service.zkv(&desk, &args));
        assert_eq!(printed, "a ******** b ********", "{script}");
    }
    // The beginning of a value at the end of the output is no value.
    let args = [
        "run",
        "--env",
        "V=zkv://GitHub/password",
        "--",
        "printf",
        "compass-rose",
    ];
    assert_eq!(stdout(&mut service.zkv(&desk, &args)), "compass-rose");
}

#[cfg(unix)]
#[test]
fn a_run_ends_as_its_program_does() {
    let (desk, service) = office();
    let code = |extra: &[&str], script: &str| {
        let args = [&["run"], extra, &["--", "sh", "-c", script]].concat();
        service.zkv(&desk, &args).output().unwrap().status.code()
    };
    for extra in [&[][..], &["--env", "V=zkv://GitHub/password"]] {
        assert_eq!(code(extra, "exit 0"), Some(0));
        assert_eq!(code(extra, "exit 7"), Some(7));
        let killed = code(extra, "kill -TERM $$");
        // Where the program took our place, the signal is what ended us.
        assert!(killed == Some(128 + 15) || killed.is_none(), "{killed:?}");
    }
    let missing = fails(&service, &desk, &["run", "--", "there-is-no-such-program"], 127);
    assert!(missing.contains("there-is-no-such-program"), "{missing}");
    desk.write("text", "no program");
    fails(
        &service,
        &desk,
        &["run", "--env", "V=zkv://GitHub/password", "--", "./text"],
        126,
    );
    for (env, told) in [
        ("V=zkv://nowhere/password", "nowhere"),
        ("V=zkv://GitHub/nothing", "nothing"),
        ("V=zkv://GitHub", "V"),
        ("zkv://GitHub/password", "--env"),
    ] {
        let failed = fails(
            &service,
            &desk,
            &["run", "--env", env, "--", env!("CARGO_BIN_EXE_zkv"), "--version"],
            125,
        );
        assert!(failed.contains(told), "{failed}");
    }
    // Nothing to open: no store is needed.
    Desk::new()
        .zkv(&["run", "--", env!("CARGO_BIN_EXE_zkv"), "--version"])
        .assert()
        .success();
}

#[cfg(unix)]
#[test]
fn a_signal_is_passed_on_to_the_program() {
    let (desk, service) = office();
    for signal in ["TERM", "HUP", "USR1", "USR2"] {
        is_passed_on(&desk, &service, signal);
    }
}

#[cfg(unix)]
fn is_passed_on(desk: &Desk, service: &Service, signal: &str) {
    use std::io::{BufRead as _, BufReader};
    let script = format!("trap 'echo got it; exit 9' {signal}; echo ready; while :; do sleep 0.1; done");
    let script = script.as_str();
    let mut command = desk.zkv_std(&["run", "--env", "V=zkv://GitHub/password", "--", "sh", "-c", script]);
    command.env("ZKV_KEY_FILE", "vault.key").envs(service.environment());
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    let signalled = std::process::Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(signalled.success());
    assert_eq!(lines.next().unwrap().unwrap(), "got it");
    assert_eq!(child.wait().unwrap().code(), Some(9));
}

#[test]
fn a_template_is_filled_in_whole_or_not_at_all() {
    let (desk, service) = office();
    desk.write(
        "app.tmpl",
        "user: {{ zkv://GitHub/username }}\npassword: \"{{zkv://github/password}}\"\n{{ other }}\n",
    );
    let expected = format!("user: haldenfrey-bot\npassword: \"{GITHUB_PASSWORD}\"\n{{{{ other }}}}\n");
    assert_eq!(stdout(&mut service.zkv(&desk, &["inject", "-i", "app.tmpl"])), expected);
    let told = service
        .zkv(&desk, &["inject", "-i", "app.tmpl", "-o", "app.conf"])
        .output()
        .unwrap();
    assert!(told.status.success() && told.stdout.is_empty());
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(told.contains("zkv://GitHub/username, zkv://github/password"), "{told}");
    assert_eq!(desk.read("app.conf"), expected.as_bytes());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(desk.path("app.conf")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let exists = fails(&service, &desk, &["inject", "-i", "app.tmpl", "-o", "app.conf"], 1);
    assert!(exists.contains("--force"), "{exists}");

    let checked = stdout(&mut service.zkv(&desk, &["inject", "-i", "app.tmpl", "--check"]));
    assert_eq!(checked, "zkv://GitHub/username\nzkv://github/password\n");
    for (template, told) in [
        (
            "{{ zkv://GitHub/username }} {{ zkv://GitHub/nothing }}",
            "zkv://GitHub/nothing",
        ),
        ("\n{{ zkv://GitHub }}", "line 2"),
        ("{{ zkv://GitHub/password", "line 1"),
    ] {
        desk.write("bad.tmpl", template);
        let args = ["inject", "-i", "bad.tmpl", "-o", "bad.conf"];
        let output = service.zkv(&desk, &args).output().unwrap();
        assert!([Some(2), Some(3)].contains(&output.status.code()), "{template}");
        let printed = String::from_utf8(output.stderr).unwrap();
        assert!(printed.contains(told), "{printed}");
        assert!(!desk.path("bad.conf").exists());
    }
}

#[test]
fn z64_a_template_gets_what_it_names_and_nothing_else() {
    let desk = Desk::new();
    let key = VaultKey::generate().unwrap();
    desk.write("vault.key", key.expose_secret());
    let service = Service::sealed_with(&key);
    // A value that looks like a template is a value.
    add_input(&service, &key, "text", "[\"note\"]", "{{ zkv://GitHub/password }}");
    synced(&desk, &service);
    let template = "a {{ zkv://GitHub/note }}\nzkv://GitHub/password {{zkv:/GitHub/password}} $(zkv read GitHub) ${zkv://GitHub/password}\n";
    desk.write("stranger.tmpl", template);
    let written = service
        .zkv(&desk, &["inject", "-i", "stranger.tmpl", "-o", "out"])
        .output()
        .unwrap();
    assert!(written.status.success(), "{written:?}");
    let expected = template.replace("{{ zkv://GitHub/note }}", "{{ zkv://GitHub/password }}");
    assert_eq!(String::from_utf8(desk.read("out")).unwrap(), expected);
    let told = String::from_utf8(written.stderr).unwrap();
    assert_eq!(
        told.matches("zkv://").count(),
        1,
        "it says which value is asked for: {told}"
    );
    assert!(told.contains("zkv://GitHub/note"), "{told}");
    // Before anything is written, a person can look.
    let checked = stdout(&mut service.zkv(&desk, &["inject", "-i", "stranger.tmpl", "--check"]));
    assert_eq!(checked, "zkv://GitHub/note\n");
    // Without a reference nothing is opened: it needs neither a store nor a key.
    let stranger = Desk::new();
    stranger.write("plain.tmpl", "nothing here\n");
    assert_eq!(
        stdout(&mut stranger.zkv(&["inject", "-i", "plain.tmpl"])),
        "nothing here\n"
    );
}

#[test]
fn z01_a_site_that_was_tampered_with_is_given_to_no_program() {
    let (desk, service) = office();
    service.attack(Attack::input_type(seed::GITHUB, 1, "text"));
    service.zkv(&desk, &["sync"]).assert().code(10);
    desk.write("app.tmpl", "{{ zkv://GitHub/password }}");
    for (args, code) in [
        (
            &[
                "run",
                "--env",
                "V=zkv://GitHub/password",
                "--",
                TOUCH[0],
                TOUCH[1],
                TOUCH[2],
            ][..],
            125,
        ),
        (&["inject", "-i", "app.tmpl", "-o", "app.conf"], 10),
    ] {
        let refused = fails(&service, &desk, args, code);
        assert!(refused.contains(&format!("zkv trust {}", seed::GITHUB)), "{refused}");
        assert!(!refused.contains(GITHUB_PASSWORD), "{refused}");
    }
    assert!(!desk.path("started").exists() && !desk.path("app.conf").exists());
    // Another site is as usable as before.
    service.zkv(&desk, &RUN_WITH_GOOGLE).assert().success();
}
