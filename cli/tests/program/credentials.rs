//! Logins for other programs: git itself asks, and docker by its documented protocol.

use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use zkvault_core::key::VaultKey;
use zkvault_core::value::{ValueContext, seal_bound};
use zkvault_simulator::{Attack, seed};
use zkvault_test_support::{Desk, Service};

const PASSWORD: &str = "compass-rose-Vector-31";
const FILLED: &str = "protocol=https\nhost=github.com\nusername=haldenfrey-bot\npassword=compass-rose-Vector-31\n";

fn office() -> (Desk, Service) {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    synced(&desk, &service);
    (desk, service)
}

fn synced(desk: &Desk, service: &Service) {
    for _ in 0..2 {
        service.zkv(desk, &["sync"]).assert().success();
    }
}

/// Gives another program the environment of zkv, and runs it with this input.
fn run(desk: &Desk, mut command: Command, input: &str) -> Output {
    let zkv = desk.zkv_std(&[]);
    command
        .envs(zkv.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("ZKV_KEY_FILE", desk.path("vault.key"))
        .env("HOME", desk.path("home"))
        .env("DOCKER_CONFIG", desk.path("docker"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env_remove("GIT_ASKPASS")
        .env_remove("SSH_ASKPASS")
        .current_dir(desk.path(""));
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // It may end without reading it.
    let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// `git credential OPERATION`, with zkv as its only helper.
fn git(desk: &Desk, options: &str, operation: &str, input: &str) -> Output {
    let helper = format!(
        "credential.helper=!'{}' credential git {options}",
        env!("CARGO_BIN_EXE_zkv")
    );
    let mut git = Command::new("git");
    git.args(["-c", "credential.helper=", "-c", &helper, "credential", operation]);
    run(desk, git, input)
}

#[test]
fn git_gets_the_login_of_the_repositorys_origin() {
    let (desk, _service) = office();
    for input in [
        "protocol=https\nhost=github.com\n\n",
        "url=https://github.com/haldenfrey/sails.git\n\n",
        "protocol=https\nhost=github.com\nusername=haldenfrey-bot\n\n",
    ] {
        let filled = git(&desk, "", "fill", input);
        assert!(
            text(&filled.stdout).ends_with(&FILLED["protocol=https\n".len()..]),
            "{input}: {filled:?}"
        );
    }
    let port = git(&desk, "", "fill", "protocol=https\nhost=github.com:443\n\n");
    assert!(text(&port.stdout).contains(PASSWORD), "{port:?}");
    let other_field = git(&desk, "--field username", "fill", "protocol=https\nhost=github.com\n\n");
    assert!(
        text(&other_field.stdout).contains("password=haldenfrey-bot"),
        "{other_field:?}"
    );
    for input in [
        "protocol=http\nhost=github.com\n\n",
        "protocol=https\nhost=github.com:8443\n\n",
        "protocol=https\nhost=hub.com\n\n",
        "protocol=https\nhost=a.github.com\n\n",
        "protocol=https\nhost=github.com.evil.example\n\n",
        "protocol=https\nhost=GitHub\n\n",
        "protocol=https\nhost=github.com\nusername=somebody\n\n",
    ] {
        let left_alone = git(&desk, "", "fill", input);
        assert_eq!(left_alone.status.code(), Some(128), "git would ask: {input}");
        assert!(!text(&left_alone.stdout).contains("password="), "{input}");
        assert!(
            !text(&left_alone.stderr).contains("error:"),
            "no error is reported: {left_alone:?}"
        );
    }
}

#[test]
fn git_may_store_and_erase_without_an_effect() {
    let (desk, _service) = office();
    for operation in ["approve", "reject"] {
        let done = git(&desk, "", operation, FILLED);
        assert!(
            done.status.success() && done.stdout.is_empty() && done.stderr.is_empty(),
            "{done:?}"
        );
    }
    // Nothing is opened for an operation that is not known, so that none fails.
    for operation in ["store", "erase", "frobnicate"] {
        let mut zkv = Command::new(env!("CARGO_BIN_EXE_zkv"));
        zkv.args(["credential", "git", operation]);
        let done = run(&Desk::new(), zkv, FILLED);
        assert!(
            done.status.success() && done.stdout.is_empty() && done.stderr.is_empty(),
            "{done:?}"
        );
    }
    assert!(text(&git(&desk, "", "fill", "protocol=https\nhost=github.com\n\n").stdout).contains(PASSWORD));
}

#[test]
fn nobody_gets_the_login_of_a_site_that_was_tampered_with() {
    let (desk, service) = office();
    service.attack(Attack::input_type(seed::GITHUB, 1, "text"));
    service.zkv(&desk, &["sync"]).assert().code(10);
    let refused = git(&desk, "", "fill", "protocol=https\nhost=github.com\n\n");
    assert!(!text(&refused.stdout).contains(PASSWORD), "{refused:?}");
    assert!(
        text(&refused.stderr).contains(&format!("zkv trust {}", seed::GITHUB)),
        "{refused:?}"
    );
    let refused = docker(&desk, "get", "https://github.com");
    assert_eq!(refused.status.code(), Some(10));
    assert!(!text(&refused.stdout).contains(PASSWORD), "{refused:?}");
    // A new address does not get what was meant for the former one.
    let (desk, service) = office();
    service.attack(Attack::url(seed::GITHUB, "https://git.evil.example/login"));
    service.zkv(&desk, &["sync"]).assert().success();
    let elsewhere = git(&desk, "", "fill", "protocol=https\nhost=git.evil.example\n\n");
    assert!(!text(&elsewhere.stdout).contains(PASSWORD), "{elsewhere:?}");
}

#[test]
fn of_several_logins_at_one_origin_the_user_name_decides() {
    let desk = Desk::new();
    let key = VaultKey::generate().unwrap();
    desk.write("vault.key", key.expose_secret());
    let service = Service::sealed_with(&key);
    second_login(&service, &key);
    synced(&desk, &service);
    let several = git(&desk, "", "fill", "protocol=https\nhost=github.com\n\n");
    assert!(!text(&several.stdout).contains("password="), "{several:?}");
    assert!(
        text(&several.stderr).contains("credential.https://HOST.username"),
        "{several:?}"
    );
    for (user, password) in [("haldenfrey-bot", PASSWORD), ("second", "another-Password-32")] {
        let filled = git(
            &desk,
            "",
            "fill",
            &format!("protocol=https\nhost=github.com\nusername={user}\n\n"),
        );
        assert!(
            text(&filled.stdout).contains(&format!("password={password}\n")),
            "{filled:?}"
        );
    }
}

/// Adds a second login at GitHub.
fn second_login(service: &Service, key: &VaultKey) {
    const ID: u64 = 1_750_001;
    let input = |input_type: &str, name: &str, text: &str| {
        let place = ValueContext {
            site_id: ID,
            input_type,
            input_name: name,
        };
        json!({"name": name, "type": input_type, "value": seal_bound(key, &place, text).unwrap()})
    };
    let inputs = [
        input("text", "[\"login\"]", "second"),
        input("password", "[\"password\"]", "another-Password-32"),
    ];
    let login = json!({"Url": "https://github.com/session", "inputs": inputs});
    let site = serde_json::from_value(json!({"id": ID, "name": "GitHub for releases", "login": login})).unwrap();
    service.change(|organisation| organisation.add_site(&site));
}

/// `docker-credential-zkv OPERATION`, as docker calls it: by the name of a link.
fn docker(desk: &Desk, operation: &str, input: &str) -> Output {
    let link = desk.path("docker-credential-zkv");
    if !link.exists() {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_zkv"), &link).unwrap();
    }
    let mut helper = Command::new(link);
    helper.arg(operation);
    run(desk, helper, input)
}

fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn docker_gets_the_login_of_a_registry() {
    let (desk, _service) = office();
    for server in ["github.com", "https://github.com", "https://github.com/v2/\n"] {
        let expected = json!({"ServerURL": server.trim(), "Username": "haldenfrey-bot", "Secret": PASSWORD});
        assert_eq!(json_of(&docker(&desk, "get", server)), expected);
    }
    for server in [
        "ghcr.io",
        "http://github.com",
        "github.com:5000",
        "https://index.docker.io/v1/",
    ] {
        let missing = docker(&desk, "get", server);
        assert_eq!(missing.status.code(), Some(1));
        assert_eq!(
            text(&missing.stdout),
            "credentials not found in native keychain\n",
            "{server}"
        );
    }
    assert_eq!(docker(&desk, "version", "").status.code(), Some(2));
}

#[test]
fn docker_is_told_of_its_own_registries_only_and_changes_nothing() {
    let (desk, _service) = office();
    assert_eq!(json_of(&docker(&desk, "list", "")), json!({}));
    std::fs::create_dir(desk.path("docker")).unwrap();
    let config = json!({"auths": {"https://github.com": {}, "quay.io": {}}, "credHelpers": {"ghcr.io": "zkv"}});
    desk.write("docker/config.json", config.to_string());
    assert_eq!(
        json_of(&docker(&desk, "list", "")),
        json!({"https://github.com": "haldenfrey-bot"})
    );
    let login =
        |secret: &str| json!({"ServerURL": "github.com", "Username": "haldenfrey-bot", "Secret": secret}).to_string();
    assert!(docker(&desk, "store", &login(PASSWORD)).status.success());
    for (wrong, code) in [(login("a-new-Password-33"), 1), ("{}".to_owned(), 2)] {
        let refused = docker(&desk, "store", &wrong);
        assert_eq!(refused.status.code(), Some(code), "{refused:?}");
        assert!(!text(&refused.stdout).is_empty() && !text(&refused.stderr).contains("a-new-Password-33"));
    }
    assert!(docker(&desk, "erase", "github.com").status.success());
    assert_eq!(json_of(&docker(&desk, "get", "github.com"))["Secret"], PASSWORD);
}
