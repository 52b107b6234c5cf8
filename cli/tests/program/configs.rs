//! `zkv config`, and what the settings do.

use serde_json::Value;
use zkvault_test_support::{Desk, Service, json_of, repository, stderr_of, stdout};

/// A setting of `zkv config list`: its value, and where that comes from.
fn listed(desk: &Desk, name: &str, variables: &[(&str, &str)]) -> (Value, String) {
    let rows = json_of(desk.zkv(&["config", "list", "--json"]).envs(variables.iter().copied()));
    let rows = rows.as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == name).unwrap();
    (row["value"].clone(), row["from"].as_str().unwrap().to_owned())
}

#[test]
fn a_value_comes_from_a_flag_the_environment_the_file_or_is_the_default() {
    let desk = Desk::new();
    assert_eq!(listed(&desk, "colour", &[]), ("auto".into(), "default".to_owned()));
    assert_eq!(listed(&desk, "key-file", &[]), (Value::Null, "default".to_owned()));
    stderr_of(&mut desk.zkv(&["config", "get", "key-file"]), 3);
    stdout(&mut desk.zkv(&["config", "set", "key-file", "company.key"]));
    let path = desk.path("company.key").to_str().unwrap().to_owned();
    assert_eq!(
        listed(&desk, "key-file", &[]),
        (path.as_str().into(), "file".to_owned())
    );
    assert_eq!(stdout(&mut desk.zkv(&["config", "get", "key-file"])).trim_end(), path);
    let other = [("ZKV_KEY_FILE", "other.key")];
    assert_eq!(
        listed(&desk, "key-file", &other),
        ("other.key".into(), "environment".to_owned())
    );
    let noted = stderr_of(desk.zkv(&["config", "set", "key-file", "company.key"]).envs(other), 0);
    assert!(
        noted.contains("ZKV_KEY_FILE is set, and comes before the file"),
        "{noted}"
    );
    stdout(&mut desk.zkv(&["config", "set", "colour", "always"]));
    for (variables, value, from) in [
        (&[][..], "always", "file"),
        (&[("NO_COLOR", "1")], "never", "environment"),
        (&[("NO_COLOR", "1"), ("ZKV_COLOUR", "auto")], "auto", "environment"),
    ] {
        assert_eq!(listed(&desk, "colour", variables), (value.into(), from.to_owned()));
    }
    assert_eq!(listed(&desk, "profile", &[]).1, "default");
    assert_eq!(listed(&desk, "config-dir", &[]).1, "environment");
    let flagged = json_of(&mut desk.zkv(&["config", "list", "--json", "--profile", "work"]));
    assert_eq!(
        (&flagged[0]["value"], &flagged[0]["from"]),
        (&"work".into(), &"flag".into())
    );
    stdout(&mut desk.zkv(&["config", "unset", "key-file"]));
    assert_eq!(listed(&desk, "key-file", &[]).1, "default");
    stderr_of(&mut desk.zkv(&["config", "unset", "key-file"]), 3);
}

#[test]
fn a_key_file_of_the_settings_opens_what_that_of_a_flag_would() {
    let desk = Desk::new();
    let (document, key) = (repository("examples/sites.json"), repository("examples/example.key"));
    let decrypt = ["decrypt", &document, "--json"];
    let by_flag = stdout(desk.zkv(&decrypt).args(["--key-file", &key]));
    let missing = stderr_of(&mut desk.zkv(&decrypt), 3);
    assert!(missing.contains("no keyring"), "{missing}");
    stdout(&mut desk.zkv(&["config", "set", "key-file", &key]));
    assert_eq!(stdout(&mut desk.zkv(&decrypt)), by_flag);
    // What the environment and a flag say comes first.
    desk.write("other.key", "07".repeat(32));
    desk.zkv(&decrypt).env("ZKV_KEY_FILE", "other.key").assert().code(10);
    let flagged = stdout(
        desk.zkv(&decrypt)
            .env("ZKV_KEY_FILE", "other.key")
            .args(["--key-file", &key]),
    );
    assert_eq!(flagged, by_flag);
}

#[test]
fn the_account_and_the_keyring_are_where_the_settings_say() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let [(_, url), (key_name, key), (secret_name, secret)] = service.environment();
    stdout(&mut desk.zkv(&["config", "set", "account-url", &url]));
    stdout(&mut desk.zkv(&["config", "set", "keyring", "elsewhere/keyring.json"]));
    let cheap = ["init", "--kdf-memory", "19MiB", "--kdf-passes", "2", "--kdf-lanes", "1"];
    stdout(&mut desk.zkv(&cheap));
    assert!(desk.path("elsewhere/keyring.json").exists() && !desk.keyring().exists());
    stdout(&mut desk.zkv(&["key", "import", "vault.key", "--label", "company"]));
    // An address alone is no account.
    let unknown = stderr_of(&mut desk.zkv(&["sync"]), 4);
    assert!(unknown.contains("zkv auth login"), "{unknown}");
    desk.write("secret.txt", &secret);
    stdout(&mut desk.zkv(&["auth", "login", "--api-key", &key, "--secret-file", "secret.txt"]));
    stdout(&mut desk.zkv(&["sync"]));
    // With an API key of the environment it is one, without the keyring.
    let mut users = desk.zkv(&["user", "list"]);
    users
        .env_remove("ZKV_PASSPHRASE")
        .env(key_name, &key)
        .env(secret_name, &secret);
    assert_eq!(stdout(&mut users).lines().count(), 9);
}

#[test]
fn a_mistake_in_the_file_is_named_and_can_be_repaired() {
    let desk = Desk::with_keyring();
    let file = desk.path("config/default/config.toml");
    for (text, message, hint) in [
        (
            "color = \"never\"\n",
            "has a setting that there is not: color",
            "zkv config unset \"color\"",
        ),
        (
            "colour = \"purple\"\n",
            "colour cannot have this value",
            "zkv config unset colour",
        ),
        ("colour = canary\n", "cause: line 1: ", "correct the file"),
        (
            "sas-file = \"https://a.example/c?sig=canary\"\n",
            "it is an address",
            "zkv config unset sas-file",
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        let refused = desk.zkv(&["key", "list"]).assert().failure();
        let refused = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
        assert!(refused.contains(message) && refused.contains(hint), "{text}: {refused}");
        assert!(!refused.contains("canary"), "{refused}");
        // What a shell runs at its start continues.
        stdout(&mut desk.zkv(&["completions", "bash"]));
        desk.zkv(&["config", "list"]).assert().failure();
    }
    stdout(&mut desk.zkv(&["config", "unset", "sas-file"]));
    stdout(&mut desk.zkv(&["key", "list"]));
    let typo = stderr_of(&mut desk.zkv(&["config", "set", "account_url", "x"]), 2);
    assert!(typo.contains("account-url"), "{typo}");
    stderr_of(
        &mut desk.zkv(&["config", "set", "account-url", "http://plain.example"]),
        2,
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "");
}

#[test]
fn each_profile_has_its_own_settings() {
    let desk = Desk::new();
    stdout(&mut desk.zkv(&["config", "set", "account-url", "one.example"]));
    stdout(&mut desk.zkv(&["--profile", "two", "config", "set", "account-url", "two.example"]));
    let get = ["config", "get", "account-url"];
    assert_eq!(stdout(&mut desk.zkv(&get)), "one.example\n");
    assert_eq!(stdout(desk.zkv(&get).env("ZKV_PROFILE", "two")), "two.example\n");
    assert!(desk.path("config/two/config.toml").exists());
}

#[cfg(unix)]
#[test]
fn times_are_dates_where_the_settings_say_so() {
    let desk = Desk::with_keyring();
    let listed = |variable: &str| {
        let key_list = format!("{variable} zkv key list");
        let mut pty = crate::pty::Pty::run(&desk, 24, 120, &key_list);
        pty.reply("Passphrase: ", zkvault_test_support::PASSPHRASE);
        pty.end().1
    };
    let date = |text: &str| text.contains("Z ") || text.contains("Z\r");
    assert!(!date(&listed("")));
    stdout(&mut desk.zkv(&["config", "set", "iso", "true"]));
    assert!(date(&listed("")), "{}", listed(""));
    assert!(!date(&listed("ZKV_ISO=0")));
}

#[cfg(target_os = "linux")]
#[test]
fn colours_are_as_the_settings_say() {
    let desk = Desk::new();
    stdout(&mut desk.zkv(&["config", "set", "colour", "always"]));
    let coloured = stderr_of(&mut desk.zkv(&["key", "list"]), 3);
    assert!(coloured.contains("\u{1b}["), "{coloured:?}");
    let plain = stderr_of(desk.zkv(&["key", "list"]).env("ZKV_COLOUR", "never"), 3);
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    stderr_of(desk.zkv(&["key", "list"]).env("ZKV_COLOUR", "purple"), 2);
}
