//! People who had a key, and a service that helps them: retired keys, values that no pin has seen, and names that shadow
//! others.

use std::sync::Arc;

use assert_cmd::Command;
use serde_json::{Value, json};
use zkvault_core::key::VaultKey;
use zkvault_core::value::{ValueContext, seal_bound, seal_vendor};
use zkvault_simulator::{Attack, Kind, Organisation, seed};
use zkvault_test_support::{Desk, Service, json_of, stdout};

use crate::world::{GITHUB, GOOGLE, SECRET, World};

/// Somebody with a keyring, and the service.
struct Person {
    desk: Desk,
    service: Service,
}

impl Person {
    /// A new keyring, whose first key the values of the service are under.
    fn new() -> (Self, Arc<VaultKey>) {
        let desk = Desk::with_keyring();
        let key = exported(&desk, "vault");
        let service = Service::of(seed::demo(&key).unwrap());
        let person = Self { desk, service };
        (0..2).for_each(|_| drop(stdout(&mut person.zkv(&["sync"]))));
        (person, key)
    }

    fn zkv(&self, args: &[&str]) -> Command {
        at(&self.desk, &self.service, args)
    }

    fn fails(&self, args: &[&str], code: i32) -> String {
        let failed = self.zkv(args).assert().code(code);
        String::from_utf8(failed.get_output().stderr.clone()).unwrap()
    }
}

fn at(desk: &Desk, service: &Service, args: &[&str]) -> Command {
    let mut zkv = desk.zkv(args);
    zkv.envs(service.environment());
    zkv
}

fn exported(desk: &Desk, label: &str) -> Arc<VaultKey> {
    let output = desk
        .zkv(&["key", "export", label, "--encoding", "raw"])
        .output()
        .unwrap();
    Arc::new(VaultKey::from_slice(&output.stdout).unwrap())
}

fn verdicts(desk: &Desk, service: &Service) -> Vec<(u64, String)> {
    let list = json_of(at(desk, service, &["list"]).arg("--json"));
    let sites = list.as_array().unwrap().iter();
    let row = |site: &Value| {
        (
            site["id"].as_u64().unwrap(),
            site["verdict"].as_str().unwrap().to_owned(),
        )
    };
    sites.map(row).collect()
}

fn verdict(desk: &Desk, service: &Service, id: u64) -> String {
    let found = verdicts(desk, service).into_iter().find(|(site, _)| *site == id);
    found.map(|(_, verdict)| verdict).unwrap_or_default()
}

/// Puts a value into the second input of a site, with a later time.
fn put(organisation: &mut Organisation, site: u64, value: impl Fn(&ValueContext<'_>) -> String) {
    let stored = organisation.get_mut(Kind::Site, site).unwrap();
    let mut whole = Value::Object(std::mem::take(stored));
    let input = whole["login"]["inputs"][1].clone();
    let text = |member: &str| input[member].as_str().unwrap_or_default().to_owned();
    let (input_type, input_name) = (text("type"), text("name"));
    let context = ValueContext {
        site_id: site,
        input_type: &input_type,
        input_name: &input_name,
    };
    whole["login"]["inputs"][1]["value"] = json!(value(&context));
    whole["updated"] = json!(whole["updated"].as_u64().unwrap() + 10);
    *stored = whole.as_object().unwrap().clone();
}

fn password(site: u64) -> String {
    format!("zkv://{site}/password")
}

#[test]
fn z45_a_value_under_a_retired_key_is_not_believed() {
    let (person, old) = Person::new();
    person.zkv(&["key", "rotate"]).assert().success();
    let new = exported(&person.desk, "vault-2");
    let simulator = &person.service.simulator;
    simulator.change(|all| put(all, GITHUB, |context| seal_bound(&new, context, "ours").unwrap()));
    person.zkv(&["sync"]).assert().success();
    assert_eq!(
        verdict(&person.desk, &person.service, GITHUB),
        "ok",
        "the new key follows the old one"
    );
    assert_eq!(stdout(&mut person.zkv(&["read", &password(GITHUB)])), "ours");

    simulator.change(|all| put(all, GITHUB, |context| seal_bound(&old, context, "theirs").unwrap()));
    person.fails(&["sync"], 10);
    assert_eq!(verdict(&person.desk, &person.service, GITHUB), "tampered");
    assert_eq!(
        stdout(&mut person.zkv(&["read", &password(GITHUB)])),
        "ours",
        "the copy before stays"
    );
    let shown = person.fails(&["trust", "GitHub", "--no-input"], 5);
    assert!(
        shown.contains("sealed under a retired key, and came after it was retired"),
        "{shown}"
    );
    // Somebody who knows why reinstates the key.
    person.zkv(&["key", "reinstate", "vault"]).assert().success();
    person.zkv(&["sync"]).assert().success();
    assert_eq!(
        verdict(&person.desk, &person.service, GITHUB),
        "metadata-changed",
        "it does not follow the new key"
    );
}

/// The values at the service stay under the old key: that must not lock out people who join later.
#[test]
fn z45_a_new_device_after_a_rotation_reads_what_is_under_the_old_key() {
    let (person, _) = Person::new();
    person.zkv(&["key", "rotate"]).assert().success();
    person.zkv(&["sync"]).assert().success();
    assert!(
        verdicts(&person.desk, &person.service)
            .iter()
            .all(|(_, verdict)| verdict == "ok"),
        "all are pinned"
    );

    let laptop = Desk::new();
    std::fs::create_dir_all(laptop.keyring().parent().unwrap()).unwrap();
    std::fs::copy(person.desk.keyring(), laptop.keyring()).unwrap();
    let zkv = |args: &[&str]| at(&laptop, &person.service, args);
    for _ in 0..2 {
        zkv(&["sync"]).assert().success();
        let all = verdicts(&laptop, &person.service);
        assert!(all.iter().all(|(_, verdict)| verdict == "metadata-changed"), "{all:?}");
    }
    let read = zkv(&["read", &password(GITHUB)]).assert().success();
    assert_eq!(read.get_output().stdout, SECRET.as_bytes());
    assert!(String::from_utf8_lossy(&read.get_output().stderr).contains("under a retired key"));
    zkv(&["trust", "--key", "vault", "--yes"]).assert().success();
    zkv(&["sync"]).assert().success();
    assert!(
        verdicts(&laptop, &person.service)
            .iter()
            .all(|(_, verdict)| verdict == "ok")
    );
    zkv(&["trust", "--key", "vault", "--yes"]).assert().code(3);
}

#[test]
fn z47_an_unseen_vendor_ciphertext_in_an_existing_site_is_seen_by_a_person_first() {
    let world = World::synced();
    let key = VaultKey::from_slice(&world.desk.read("vault.key")).unwrap();
    let before = world.read(GOOGLE, "password");
    let replace = |text: &str| {
        let value = seal_vendor(&key, seed::VENDOR_KEY_ID, text).unwrap();
        world
            .service
            .simulator
            .change(|all| put(all, GOOGLE, |_| value.clone()));
        world.sync(0);
        world.verdict(GOOGLE)
    };
    assert_eq!(replace(&before), "ok", "the same text, sealed again");
    assert_eq!(replace("the bank's new one"), "value-replaced");
    let refused = world.fails(&["read", &password(GOOGLE)], 10);
    assert!(
        refused.contains("was replaced") && !refused.contains("the bank's"),
        "{refused}"
    );
    assert_eq!(world.stdout(&["read", &password(GOOGLE), "--trusted"]), before);
    world.fails(&["show", &GOOGLE.to_string(), "--reveal", "--json"], 10);
    world.stdout(&["trust", &GOOGLE.to_string(), "--yes"]);
    assert_eq!(world.read(GOOGLE, "password"), "the bank's new one");
    world.sync(0);
    assert_eq!(world.verdict(GOOGLE), "ok");
}

/// A person chooses what is followed, and for how long.
#[test]
fn z47_what_is_followed_is_used_unseen_and_only_that() {
    let world = World::synced();
    let key = VaultKey::from_slice(&world.desk.read("vault.key")).unwrap();
    let replace = |text: &str| {
        let value = seal_vendor(&key, seed::VENDOR_KEY_ID, text).unwrap();
        world
            .service
            .simulator
            .change(|all| put(all, GOOGLE, |_| value.clone()));
    };
    let google = GOOGLE.to_string();
    world.fails(&["trust", &google, "--follow"], 5);
    world.fails(&["trust", "--follow", "--yes"], 2);
    world.stdout(&["trust", &google, "--follow", "--yes"]);
    replace("the second");
    world.sync(0);
    assert_eq!(world.verdict(GOOGLE), "ok");
    assert_eq!(world.read(GOOGLE, "password"), "the second");
    let shown: Value = serde_json::from_str(&world.stdout(&["show", &google, "--json"])).unwrap();
    assert_eq!(shown["followed"], true);
    let status = ["status", "--json", "--key-file", "vault.key"];
    let status = |world: &World| serde_json::from_str::<Value>(&world.stdout(&status)).unwrap();
    assert_eq!(status(&world)["followed"], 1);
    // The address is not followed.
    world.change(GOOGLE, |site| site["login"]["Url"] = json!("https://evil.example/"));
    world.sync(0);
    assert_eq!(world.verdict(GOOGLE), "metadata-changed");
    world.stdout(&["trust", &google, "--yes"]);
    world.stdout(&["trust", &google, "--no-follow"]);
    assert_eq!(status(&world)["followed"], 0);
    replace("the third");
    world.sync(0);
    assert_eq!(world.verdict(GOOGLE), "value-replaced");
    world.fails(&["read", &password(GOOGLE)], 10);
}

#[test]
fn z48_a_site_that_nobody_accepted_shadows_no_other() {
    let world = World::synced();
    let before = world.read(GITHUB, "password");
    // In other letters, and with a number that is another site's name.
    world.change(GOOGLE, |site| site["name"] = json!("365"));
    world.sync(0);
    world.stdout(&["trust", &GOOGLE.to_string(), "--yes"]);
    let google = world.read(GOOGLE, "password");
    let copy = |id: u64, name: &str| {
        let mut site = world.stored(GITHUB);
        (site["id"], site["name"]) = (json!(id), json!(name));
        site["login"]["inputs"] = world.stored(seed::GOOGLE)["login"]["inputs"].clone();
        site
    };
    let added = [copy(77, "github"), copy(365, "New")];
    world.service.simulator.change(|all| {
        for site in &added {
            all.add_site(&serde_json::from_value(site.clone()).unwrap());
        }
    });
    world.sync(10);
    for name in ["github", "GitHub", "GITHUB"] {
        assert_eq!(
            world.stdout(&["read", &format!("zkv://{name}/password")]),
            before,
            "{name}"
        );
    }
    assert_eq!(world.stdout(&["read", "zkv://365/password"]), google);
    // Of a site that was tampered with and never accepted nothing comes out.
    let refused = world.fails(&["read", "zkv://77/password"], 10);
    assert!(refused.contains("no trusted copy"), "{refused}");
}

/// What is accepted is what was shown, to the byte.
#[test]
fn z50_an_acceptance_takes_what_it_showed_and_nothing_else() {
    let world = World::synced();
    let id = GITHUB.to_string();
    let digest = |shown: &str| {
        let line = shown.lines().find_map(|line| line.split_once("digest "));
        line.map(|(_, digest)| digest.trim().to_owned())
            .unwrap_or_else(|| panic!("no digest: {shown}"))
    };
    world.change(GITHUB, |site| site["login"]["Url"] = json!("https://one.example/"));
    world.sync(0);
    let first = digest(&world.fails(&["trust", &id, "--no-input"], 5));
    world.change(GITHUB, |site| site["login"]["Url"] = json!("https://two.example/"));
    world.sync(0);
    let refused = world.fails(&["trust", &id, &format!("--yes={first}")], 10);
    assert!(
        refused.contains("two.example") && refused.contains("not what was shown"),
        "{refused}"
    );
    let second = digest(&refused);
    assert_ne!(first, second);
    world.stdout(&["trust", &id, &format!("--yes={second}")]);
    assert_eq!(world.verdict(GITHUB), "ok");

    // One that was tampered with is not accepted by a mere yes.
    world.verdict_under([Attack::change(GITHUB, "/login/inputs/1/type", "text")], GITHUB);
    let refused = world.fails(&["trust", &id, "--yes"], 5);
    let digest = digest(&refused);
    world.stdout(&["trust", &id, &format!("--yes={digest}")]);
    assert_eq!(world.verdict(GITHUB), "ok");
}

/// Long texts: what there is now is on the screen before the question, wherever it differs.
#[test]
fn z50_both_sides_of_a_long_change_are_shown_around_the_difference() {
    let world = World::synced();
    let long = |end: &str| format!("https://accounts.example/authorize?state={}{end}", "a".repeat(3000));
    let set = |url: &str, regex: &str| {
        world.change(GITHUB, |site| {
            site["login"]["Url"] = json!(url);
            site["login"]["regex"] = json!(regex);
        });
        world.sync(0);
    };
    set(&long("HONEST"), &format!("^https://{}$", "x?".repeat(300)));
    world.stdout(&["trust", &GITHUB.to_string(), "--yes"]);
    set(&long("EVIL"), "EVIL-PATTERN.*");
    let shown = world.fails(&["trust", &GITHUB.to_string(), "--no-input"], 5);
    let lines: Vec<&str> = shown.lines().collect();
    let side = |sign: char, word: &str| {
        let start = format!("    {sign} ");
        let line = lines.iter().find(|line| line.contains(&start) && line.contains(word));
        line.unwrap_or_else(|| panic!("{sign} {word} is not shown: {shown}"))
            .chars()
            .count()
    };
    for (sign, word) in [
        ('-', "HONEST"),
        ('+', "EVIL"),
        ('-', "^https://"),
        ('+', "EVIL-PATTERN"),
    ] {
        assert!(side(sign, word) < 200, "{shown}");
    }
}
