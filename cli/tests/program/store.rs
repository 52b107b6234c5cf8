//! The local store through the program: sync, list, search, show, read, trust, status.

use serde_json::{Value, json};
use zkvault_simulator::{Attack, Fault, Kind, seed};
use zkvault_test_support::{Desk, Service, stderr_of, stdout};

/// A desk that was synced twice, so that nothing is new any more.
fn synced() -> (Desk, Service) {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    for _ in 0..2 {
        service.zkv(&desk, &["sync"]).assert().success();
    }
    (desk, service)
}

fn json(service: &Service, desk: &Desk, args: &[&str]) -> Value {
    serde_json::from_str(&stdout(service.zkv(desk, args).arg("--json"))).unwrap()
}

fn fails(service: &Service, desk: &Desk, args: &[&str], code: i32) -> String {
    stderr_of(&mut service.zkv(desk, args), code)
}

/// The verdict of a site in the list.
fn verdict(service: &Service, desk: &Desk, id: u64) -> String {
    let list = json(service, desk, &["list"]);
    let site = list.as_array().unwrap().iter().find(|site| site["id"] == id);
    site.map_or("", |site| site["verdict"].as_str().unwrap()).to_owned()
}

fn password(service: &Service, desk: &Desk, site: u64) -> String {
    stdout(&mut service.zkv(desk, &["read", &format!("zkv://{site}/password")]))
}

#[test]
fn what_was_synced_is_listed_found_shown_and_read_without_the_service() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let first = json(&service, &desk, &["sync"]);
    assert_eq!(
        (&first["sites"], &first["added"], &first["account"]),
        (&json!(12), &json!(12), &json!("first-use"))
    );
    assert_eq!((&first["users"], &first["groups"]), (&json!(9), &json!(5)));
    assert_eq!(first["verdicts"], json!({"new": 12}));
    let second = json(&service, &desk, &["sync"]);
    assert_eq!(
        (&second["added"], &second["updated"], &second["verdicts"]),
        (&json!(0), &json!(0), &json!({"ok": 12}))
    );

    service.conditions().inject(Fault::status(500), usize::MAX, "/");
    let list = stdout(&mut service.zkv(&desk, &["list"]));
    assert_eq!(list.lines().count(), 12);
    assert!(
        list.contains("\n1749398\tGoogle\tmarketing@haldenfrey.example\taccounts.google.com\thttps://accounts.google.com/ServiceLogin?continue=http://www.google.com/\t2020-04-09T17:16:00Z\tok\n"),
        "{list}"
    );
    for (words, found) in [
        (&["goo"][..], 1),
        (&["GITHUB", "login"], 1),
        (&["17494"], 10),
        (&["https://"], 12),
    ] {
        let found_lines = stdout(service.zkv(&desk, &["search"]).args(words)).lines().count();
        assert_eq!(found_lines, found, "{words:?}");
    }
    fails(&service, &desk, &["search", "google", "github"], 3);
    for (format, printed) in [("table", ""), ("tsv", ""), ("ndjson", ""), ("json", "[]\n")] {
        let mut search = service.zkv(&desk, &["search", "goo", "hub", "--format", format]);
        let output = search.assert().code(3).get_output().clone();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), printed, "{format}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("no site matches"), "{format}: {said}");
    }
    let shown = json(&service, &desk, &["show", "github"]);
    assert_eq!(
        shown["fields"][1],
        json!({"label": "password", "names": ["password"], "type": "password", "layout": "bound", "trust": "authenticated"})
    );
    let revealed = stdout(service.zkv(&desk, &["show", "GitHub", "--reveal"]).args(["--json"]));
    assert!(revealed.contains("compass-rose-Vector-31"));
    assert!(!stdout(&mut service.zkv(&desk, &["show", "GitHub"])).contains("compass"));
    assert_eq!(password(&service, &desk, seed::GITHUB), "compass-rose-Vector-31");
    assert_eq!(
        stdout(&mut service.zkv(&desk, &["read", "zkv://google/username"])),
        "marketing@haldenfrey.example"
    );
    let output = |command| -> Value {
        let out = stdout(service.zkv(&desk, &[command, "zkv://Google/Passwd"]).arg("--json"));
        serde_json::from_str(&out).unwrap()
    };
    let (read, shown) = (output("read"), output("show"));
    assert_eq!(read["value"], "Anchor7.Weigh.Dawn");
    assert_eq!(read["trust"], "authenticated");
    let fields = shown["fields"].as_array().unwrap();
    let is_password = |field: &&Value| field["names"].as_array().unwrap().contains(&json!("Passwd"));
    let field = fields.iter().find(is_password).unwrap();
    assert_eq!((&read["layout"], &read["trust"]), (&field["layout"], &field["trust"]));
}

#[test]
fn lists_have_forms_for_other_programs() {
    let (desk, service) = synced();
    service.change(|organisation| {
        organisation.get_mut(Kind::Site, seed::GITHUB).unwrap()["name"] = json!("=HYPERLINK(\"x\"),\n\u{1b}[2J");
    });
    service.zkv(&desk, &["sync"]).assert().success();
    service.zkv(&desk, &["trust", "1749412", "--yes"]).assert().success();
    let csv = stdout(&mut service.zkv(&desk, &["list", "--format", "csv"]));
    assert!(
        csv.starts_with("id,name,username,host,url,updated,verdict\r\n"),
        "{csv}"
    );
    assert!(
        csv.contains("\r\n1749412,\"'=HYPERLINK(\"\"x\"\"),\\n\\u{1b}[2J\",haldenfrey-bot,github.com,"),
        "{csv}"
    );
    let lines = stdout(&mut service.zkv(&desk, &["list", "--format", "ndjson"]));
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (lines.len(), &lines[1]["url"]),
        (12, &json!("https://signin.aws.amazon.com/signin"))
    );
    let sorted: Vec<_> = lines
        .iter()
        .map(|line| line["name"].as_str().unwrap().to_lowercase())
        .collect();
    assert!(sorted.is_sorted(), "{sorted:?}");
    let first = stdout(&mut service.zkv(&desk, &["search", "google", "--format", "env"]));
    assert!(
        first.starts_with("zkv_id='1749398' zkv_name='Google' zkv_username='marketing@haldenfrey.example'"),
        "{first}"
    );
    let table = stdout(&mut service.zkv(&desk, &["list", "--format", "table"]));
    assert!(
        table.starts_with("ID ") && table.contains("years ago") && !table.contains('\u{1b}'),
        "{table}"
    );
    let dates = stdout(&mut service.zkv(&desk, &["list", "--format", "table", "--iso"]));
    assert!(dates.contains("2020-04-09T17:16:00Z"), "{dates}");
    fails(&service, &desk, &["list", "--format", "csv", "--json"], 2);
    let refused = fails(&service, &desk, &["list", "--format", "json", "--no-such"], 2);
    assert!(refused.starts_with('{'), "{refused}");
    assert!(!stdout(&mut service.zkv(&desk, &["list"])).contains('\u{1b}'));
}

#[test]
fn references_with_odd_characters_name_one_thing_or_are_refused() {
    let (desk, service) = synced();
    service.change(|organisation| {
        let name = |id: u64, name: &str| (id, json!(name));
        for (id, name) in [
            name(1_749_399, "a/b?c#d%e"),
            name(1_749_400, "Größe 大"),
            name(1_749_401, "github"),
            name(1_749_402, "GITHUB"),
            name(1_749_403, "1749398"),
        ] {
            organisation.get_mut(Kind::Site, id).unwrap()["name"] = name;
        }
    });
    service.zkv(&desk, &["sync"]).assert().success();
    let renamed: Vec<String> = (1_749_399..=1_749_403).map(|id: u64| id.to_string()).collect();
    service
        .zkv(&desk, &["trust", "--yes"])
        .args(&renamed)
        .assert()
        .success();
    for (reference, value) in [
        ("zkv://a%2Fb%3Fc%23d%25e/password", "gull%Harbour%19"),
        ("zkv://gr%C3%B6%c3%9fe%20大/password", "sailcloth-Blue-88"),
        ("zkv://github/password", "Ledger&Keel&2291"),
        ("zkv://GitHub/password", "compass-rose-Vector-31"),
        ("zkv://1749398/password", "Anchor7.Weigh.Dawn"),
        ("zkv://1749403/PIN", "Windlass!Bollard!6"),
    ] {
        assert_eq!(
            stdout(&mut service.zkv(&desk, &["read", reference])),
            value,
            "{reference}"
        );
    }
    let ambiguous = fails(&service, &desk, &["read", "zkv://gitHUB/password"], 6);
    for id in ["1749401", "1749402", "1749412"] {
        assert!(ambiguous.contains(id), "{ambiguous}");
    }
    let unknown = fails(&service, &desk, &["read", "zkv://GitHub/pin"], 3);
    assert!(
        unknown.contains("it has login (text), password (password)"),
        "{unknown}"
    );
    fails(&service, &desk, &["read", "zkv://nobody/password"], 3);
    fails(&service, &desk, &["read", "zkv://a%2/password"], 2);
    fails(&service, &desk, &["read", "GitHub/password"], 3);
}

/// Every lie of the simulator: what it is called, how the sync ends, and that the copy stays.
#[test]
fn a_hostile_service_is_found_out_and_the_good_copies_stay() {
    const GOOGLE: u64 = seed::GOOGLE;
    const GITHUB: u64 = seed::GITHUB;
    let cases = [
        (
            Attack::url(GITHUB, "https://github.com.evil.example/"),
            GITHUB,
            "metadata-changed",
            0,
        ),
        (Attack::regex(GITHUB, ".*"), GITHUB, "metadata-changed", 0),
        (Attack::input_flags(GITHUB, 1, 3), GITHUB, "metadata-changed", 0),
        (Attack::change(GITHUB, "/name", "Google"), GITHUB, "metadata-changed", 0),
        (
            Attack::change(GITHUB, "/icon", "https://evil.example/1.png"),
            GITHUB,
            "metadata-changed",
            0,
        ),
        (Attack::Drop { site: GITHUB }, GITHUB, "missing", 0),
        (Attack::change(GITHUB, "/updated", 5), GITHUB, "rolled-back", 10),
        (Attack::input_type(GITHUB, 1, "text"), GITHUB, "tampered", 10),
        (Attack::Duplicate { site: GITHUB }, GITHUB, "tampered", 10),
        (Attack::Repeat { site: GITHUB }, GITHUB, "ok", 0),
        (
            Attack::SwapValues {
                one: (GITHUB, 0),
                other: (GITHUB, 1),
            },
            GITHUB,
            "tampered",
            10,
        ),
        (
            Attack::SwapValues {
                one: (GOOGLE, 1),
                other: (GITHUB, 1),
            },
            GOOGLE,
            "tampered",
            10,
        ),
        (Attack::Reverse, GITHUB, "ok", 0),
    ];
    let (desk, service) = synced();
    for (attack, site, expected, code) in cases {
        let name = format!("{attack:?}");
        service.attack(attack);
        service.zkv(&desk, &["sync"]).assert().code(code);
        assert_eq!(verdict(&service, &desk, site), expected, "{name}");
        assert_eq!(password(&service, &desk, GITHUB), "compass-rose-Vector-31", "{name}");
        let warned = service
            .zkv(&desk, &["read", &format!("zkv://{site}/password")])
            .output()
            .unwrap()
            .stderr;
        assert_eq!(warned.is_empty(), expected == "ok", "{name}");
        service.behave();
        service.zkv(&desk, &["sync"]).assert().success();
        assert_eq!(verdict(&service, &desk, site), "ok", "{name}");
    }
}

#[test]
fn every_earlier_state_that_is_served_again_is_a_rollback_and_changes_nothing() {
    let (desk, service) = synced();
    let mut states = Vec::new();
    for round in 0..3 {
        states.push(service.organisation());
        service.change(|organisation| {
            let other = organisation.get(Kind::Site, seed::GITHUB).unwrap()["updated"]
                .as_u64()
                .unwrap();
            let site = organisation.get_mut(Kind::Site, seed::GITHUB).unwrap();
            site["updated"] = json!(other + 100);
            site["used"] = json!(round);
        });
        service.zkv(&desk, &["sync"]).assert().success();
        let before = json(&service, &desk, &["show", "GitHub"]);
        for state in &states {
            service.attack(Attack::OlderState(Box::new(state.clone())));
            let found = fails(&service, &desk, &["sync"], 10);
            assert!(found.contains("1 site was tampered with or rolled back"), "{found}");
            assert_eq!(verdict(&service, &desk, seed::GITHUB), "rolled-back");
            assert_eq!(json(&service, &desk, &["show", "GitHub"])["updated"], before["updated"]);
            service.behave();
        }
        service.zkv(&desk, &["sync"]).assert().success();
        assert_eq!(json(&service, &desk, &["show", "GitHub"]), before);
    }
}

#[test]
fn trust_shows_the_difference_and_accepts_after_a_yes() {
    let (desk, service) = synced();
    service.attack(Attack::url(
        seed::GITHUB,
        "https://login.github.example/\u{1b}]0;owned\u{7}",
    ));
    service.attack(Attack::Drop { site: seed::GOOGLE });
    let synced = stdout(&mut service.zkv(&desk, &["sync"]));
    assert!(
        synced.contains("1749412\tGitHub\tmetadata-changed\tthe login page is at another place"),
        "{synced}"
    );
    let waiting = json(&service, &desk, &["trust"]);
    assert_eq!(
        (&waiting[0]["id"], &waiting[1]["id"]),
        (&json!(seed::GITHUB), &json!(seed::GOOGLE))
    );
    let facts = fails(&service, &desk, &["trust", "GitHub"], 5);
    assert!(
        facts.contains("its values would go to no web page, no more to https://github.com"),
        "{facts}"
    );
    assert!(!facts.contains('\u{1b}'), "{facts}");
    assert_eq!(verdict(&service, &desk, seed::GITHUB), "metadata-changed");

    service.behave();
    service.attack(Attack::url(seed::GITHUB, "https://login.github.example/"));
    service.attack(Attack::Drop { site: seed::GOOGLE });
    service.zkv(&desk, &["sync"]).assert().success();
    let accepted = json(
        &service,
        &desk,
        &["trust", "GitHub", "google", "1749412", "Jira", "--yes"],
    );
    assert_eq!(
        accepted,
        json!([{"id": seed::GITHUB, "verdict": "ok"}, {"id": seed::GOOGLE, "verdict": "gone"}])
    );
    assert_eq!(
        json(&service, &desk, &["show", "GitHub"])["origin"],
        "https://login.github.example"
    );
    assert_eq!(json(&service, &desk, &["list"]).as_array().unwrap().len(), 11);
    assert_eq!(json(&service, &desk, &["trust"]), json!([]));
    let again = json(&service, &desk, &["sync"]);
    assert_eq!(
        (&again["verdicts"], &again["updated"]),
        (&json!({"ok": 11, "gone": 1}), &json!(0))
    );
    // One that was accepted to be gone and is back is noticed.
    service.behave();
    fails(&service, &desk, &["sync"], 10);
    assert_eq!(verdict(&service, &desk, seed::GOOGLE), "rolled-back");
    service
        .zkv(&desk, &["trust", "Google", "GitHub", "--yes"])
        .assert()
        .success();
    assert_eq!(json(&service, &desk, &["sync"])["verdicts"], json!({"ok": 12}));
}

#[test]
fn two_sites_of_one_number_cannot_be_accepted() {
    let (desk, service) = synced();
    service.attack(Attack::Duplicate { site: seed::GITHUB });
    fails(&service, &desk, &["sync"], 10);
    let refused = fails(&service, &desk, &["trust", "GitHub", "--yes"], 10);
    assert!(refused.contains("two sites as 1749412"), "{refused}");
}

#[test]
fn a_store_that_is_gone_or_older_is_not_trusted_again() {
    let (desk, service) = synced();
    let store = desk.path("data/default/store.db");
    let older = std::fs::read(&store).unwrap();
    service.zkv(&desk, &["sync"]).assert().success();
    let newer = std::fs::read(&store).unwrap();
    std::fs::write(&store, older).unwrap();
    for command in [
        &["list"][..],
        &["read", "zkv://GitHub/password"],
        &["sync"],
        &["trust"],
        &["status"],
    ] {
        let stale = fails(&service, &desk, command, 10);
        assert!(stale.contains("not the one that is remembered"), "{stale}");
    }
    std::fs::write(&store, newer).unwrap();
    service.zkv(&desk, &["list"]).assert().success();

    std::fs::remove_file(&store).unwrap();
    let gone = fails(&service, &desk, &["list"], 3);
    assert!(gone.contains("is gone"), "{gone}");
    assert_eq!(json(&service, &desk, &["status"])["there"], json!(false));
    let synced = json(&service, &desk, &["sync"]);
    assert_eq!(
        (&synced["account"], &synced["verdicts"]),
        (&json!("unanchored"), &json!({"new": 12}))
    );
    let warned = service
        .zkv(&desk, &["read", "zkv://GitHub/password"])
        .assert()
        .success();
    assert!(String::from_utf8_lossy(&warned.get_output().stderr).contains("not compared with anything"));
    assert_eq!(json(&service, &desk, &["trust"]).as_array().unwrap().len(), 12);
}

#[test]
fn the_keyring_remembers_a_store_when_the_files_are_gone() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let key = desk.path("vault.key");
    desk.zkv(&["key", "import", key.to_str().unwrap(), "--label", "company"])
        .assert()
        .success();
    let zkv = |args: &[&str]| {
        let mut zkv = desk.zkv(args);
        zkv.envs(service.environment());
        zkv
    };
    zkv(&["sync"]).assert().success();
    assert_eq!(
        stdout(&mut zkv(&["read", "zkv://GitHub/password"])),
        "compass-rose-Vector-31"
    );
    // The store is for this keyring's own key, not for those that are shared.
    zkv(&["list", "--key-file", "vault.key"]).assert().code(10);
    std::fs::remove_file(desk.path("config/default/known-stores.json")).unwrap();
    std::fs::remove_dir_all(desk.path("data")).unwrap();
    let synced: Value = serde_json::from_str(&stdout(zkv(&["sync"]).arg("--json"))).unwrap();
    assert_eq!(synced["account"], "unanchored");
    // No vault key opens it, also not the default one, and a rotation changes nothing about that.
    desk.zkv(&["key", "export", "-o", "old.key"]).assert().success();
    zkv(&["list", "--key-file", "old.key"]).assert().code(10);
    desk.zkv(&["key", "rotate"]).assert().success();
    zkv(&["sync"]).assert().success();
    zkv(&["list"]).assert().success();
    zkv(&["list", "--key-file", "old.key"]).assert().code(10);
}

#[test]
fn status_asks_for_nothing_and_says_what_is_sealed() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let status = stdout(&mut service.zkv(&desk, &["status"]));
    assert!(status.contains("never: zkv sync"), "{status}");
    fails(&service, &desk, &["list"], 3);
    service.zkv(&desk, &["sync"]).assert().success();
    let mut without_key = desk.zkv(&["status"]);
    let status = stdout(without_key.env_remove("ZKV_PASSPHRASE"));
    assert!(
        status.contains("account\t127.0.0.1") && status.contains("sites\tsealed"),
        "{status}"
    );
    let account = service.environment()[0].1.replace("http://", "");
    let status = json(&service, &desk, &["status", "--verify"]);
    assert_eq!(
        (&status["sites"], &status["verdicts"], &status["host"]),
        (&json!(12), &json!({"new": 12}), &json!(account))
    );
}

#[test]
fn a_damaged_store_names_the_site_and_the_rest_works() {
    let (desk, service) = synced();
    let store = rusqlite::Connection::open(desk.path("data/default/store.db")).unwrap();
    store
        .execute_batch("UPDATE record SET sealed = zeroblob(900) WHERE row = 1")
        .unwrap();
    drop(store);
    let damaged = fails(&service, &desk, &["read", "zkv://Google/password"], 10);
    assert!(damaged.contains("of site 1749398 was changed or damaged"), "{damaged}");
    assert_eq!(password(&service, &desk, seed::GITHUB), "compass-rose-Vector-31");
    fails(&service, &desk, &["status", "--verify"], 10);
    let synced = fails(&service, &desk, &["sync"], 10);
    assert!(synced.contains("damaged at site 1749398"), "{synced}");
    assert_eq!(verdict(&service, &desk, seed::GOOGLE), "new");
    service.zkv(&desk, &["status", "--verify"]).assert().success();
    service.zkv(&desk, &["trust", "Google", "--yes"]).assert().success();
    assert_eq!(json(&service, &desk, &["sync"])["verdicts"], json!({"ok": 12}));
}

/// What a backup would not find is found before.
#[test]
fn damaged_users_and_groups_are_verified_too() {
    let (desk, service) = synced();
    service.zkv(&desk, &["status", "--verify"]).assert().success();
    for kind in [4, 5] {
        let store = rusqlite::Connection::open(desk.path("data/default/store.db")).unwrap();
        let damage = format!("UPDATE part SET sealed = zeroblob(900) WHERE kind = {kind}");
        assert_eq!(store.execute(&damage, []).unwrap(), 1, "{kind}");
        drop(store);
        let said = fails(&service, &desk, &["status", "--verify"], 10);
        assert!(said.contains("zkv sync"), "{said}");
        service.zkv(&desk, &["sync"]).assert().success();
        service.zkv(&desk, &["status", "--verify"]).assert().success();
    }
}

#[test]
fn a_sync_that_fails_leaves_the_state_before_it() {
    let (desk, service) = synced();
    let before = json(&service, &desk, &["list"]);
    service.change(|organisation| {
        organisation.get_mut(Kind::Site, seed::GITHUB).unwrap()["updated"] = json!(2_000_000_000);
    });
    let faults = [
        ("/rest/sites", Fault::Truncated),
        ("/rest/sites", Fault::Malformed),
        ("/rest/sites", Fault::HtmlPage),
    ];
    for (path, fault) in faults {
        let name = format!("{fault:?}");
        service.conditions().inject(fault, usize::MAX, path);
        let failed = service.zkv(&desk, &["sync"]).output().unwrap();
        assert!(!failed.status.success() && failed.stdout.is_empty(), "{name}");
        assert_eq!(json(&service, &desk, &["list"]), before, "{name}");
        service.conditions().clear_faults();
    }
    // Users and groups that cannot be fetched keep no site from being stored, and stay as they were.
    for (path, fault) in [("/rest/users", Fault::Truncated), ("/rest/groups", Fault::status(400))] {
        service.conditions().inject(fault, usize::MAX, path);
        service.zkv(&desk, &["sync"]).assert().code(11);
        assert_ne!(json(&service, &desk, &["list"]), before, "{path}");
        assert_eq!(json(&service, &desk, &["status"])["users"], json!(9), "{path}");
        service.conditions().clear_faults();
    }
    service.zkv(&desk, &["sync"]).assert().success();
    service.conditions().inject(Fault::status(403), 1, "/rest/users");
    let partly = service.zkv(&desk, &["sync"]).assert().success();
    assert!(String::from_utf8_lossy(&partly.get_output().stderr).contains("the users were not fetched"));
    assert_eq!(json(&service, &desk, &["status"])["users"], json!(9));
}

#[test]
fn two_syncs_at_once_are_one_and_readers_are_not_in_the_way() {
    let (desk, service) = synced();
    let lock = std::fs::File::options()
        .write(true)
        .open(desk.path("data/default/store.lock"))
        .unwrap();
    lock.try_lock().unwrap();
    for command in [&["sync"][..], &["trust", "GitHub", "--yes"]] {
        assert!(fails(&service, &desk, command, 1).contains("another zkv"));
    }
    service.zkv(&desk, &["list"]).assert().success();
    drop(lock);
    service.zkv(&desk, &["sync"]).assert().success();
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_named_and_changes_nothing() {
    let (desk, service) = synced();
    let before = json(&service, &desk, &["list"]);
    service.change(|organisation| {
        for id in organisation.ids(Kind::Site).collect::<Vec<_>>() {
            organisation.get_mut(Kind::Site, id).unwrap()["image"] = json!("i".repeat(100_000));
        }
    });
    // A file may get no larger than 128 KiB, as on a disk that is full; the signal for it is ignored.
    let zkv = env!("CARGO_BIN_EXE_zkv");
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 256; exec \"$0\" sync --full", zkv]);
    limited.current_dir(desk.path("")).envs(service.environment());
    limited
        .env("ZKV_CONFIG_DIR", desk.path("config"))
        .env("ZKV_DATA_DIR", desk.path("data"));
    let failed = limited.env("ZKV_KEY_FILE", desk.path("vault.key")).output().unwrap();
    let message = String::from_utf8_lossy(&failed.stderr);
    assert_eq!(failed.status.code(), Some(1), "{message}");
    assert!(message.contains("cannot read or write the local store"), "{message}");
    assert_eq!(json(&service, &desk, &["list"]), before);
    service.zkv(&desk, &["sync"]).assert().success();
}

/// Kills the program at many points of a sync: what is there afterwards is the state before or after, whole.
#[cfg(unix)]
#[test]
fn r01_a_sync_that_is_killed_leaves_the_state_before_or_after() {
    use crate::killed::{Left, kill};
    let (desk, service) = synced();
    let change = |used: u64| {
        service.change(|organisation| {
            for id in organisation.ids(Kind::Site).collect::<Vec<_>>() {
                organisation.get_mut(Kind::Site, id).unwrap()["used"] = json!(used);
            }
        });
    };
    let sync = || {
        let mut command = desk.zkv_std(&["sync", "--full"]);
        command.envs(service.environment()).env("ZKV_KEY_FILE", "vault.key");
        command
    };
    change(1000);
    let mut before = 2;
    kill("sync", sync, || {
        let status = json(&service, &desk, &["status", "--verify"]);
        let revision = status["revision"].as_u64().unwrap();
        assert!(revision == before || revision == before + 1, "{status}");
        assert_eq!(status["verdicts"], json!({"ok": 12}));
        change(before);
        if std::mem::replace(&mut before, revision) == revision {
            Left::Before
        } else {
            Left::After
        }
    });
}

#[test]
fn what_is_trusted_on_first_use_is_said_once() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let first = service.zkv(&desk, &["sync"]).assert().success();
    let said = String::from_utf8_lossy(&first.get_output().stderr).into_owned();
    assert!(said.contains("trusted on first use"), "{said}");
    for command in [&["read", "zkv://GitHub/password"][..], &["show", "GitHub"], &["list"]] {
        let done = service.zkv(&desk, command).assert().success();
        assert_eq!(String::from_utf8_lossy(&done.get_output().stderr), "", "{command:?}");
    }
    let status = stdout(&mut service.zkv(&desk, &["status"]));
    assert!(status.contains("12 sites trusted on first use"), "{status}");
    service.zkv(&desk, &["sync"]).assert().success();
    assert_eq!(json(&service, &desk, &["status"])["first_use"], json!(0));
    let status = stdout(&mut service.zkv(&desk, &["status"]));
    assert!(!status.contains("first use"), "{status}");
}

#[test]
fn a_sync_begins_with_where_a_password_would_go() {
    let (desk, service) = synced();
    service.attack(Attack::Drop { site: seed::GOOGLE });
    service.attack(Attack::url(seed::GITHUB, "https://github.com.login.example/session"));
    let synced = service.zkv(&desk, &["sync"]).assert();
    let said = String::from_utf8_lossy(&synced.get_output().stderr).into_owned();
    let first = "warning: GitHub: its password would now go to github.com.login.example (was github.com)";
    assert_eq!(said.lines().next(), Some(first), "{said}");
    let attention = json(&service, &desk, &["trust"]);
    let order: Vec<_> = attention.as_array().unwrap().iter().map(|site| &site["id"]).collect();
    assert_eq!(order, [seed::GITHUB, seed::GOOGLE]);
}
