//! What a service can do to the sites it lists.

use serde_json::{Value, json};
use zkvault_simulator::{Attack, Kind};

use crate::world::{GITHUB, GOOGLE, SECRET, World};

#[test]
fn z01_swapped_inputs_are_tampered_with_in_both_layouts() {
    let world = World::synced();
    for site in [GITHUB, GOOGLE] {
        let before = world.read(site, "password");
        let swap = Attack::SwapValues {
            one: (site, 0),
            other: (site, 1),
        };
        assert_eq!(world.verdict_under([swap], site), "tampered");
        assert_eq!(
            world.read(site, "password"),
            before,
            "the copy of before is what is read"
        );
        let others = world.verdicts();
        assert_eq!(
            others.iter().filter(|verdict| *verdict == "ok").count(),
            others.len() - 1
        );
        world.recovers();
    }
}

/// All leaves of what the service tells of a site, by JSON pointer.
fn leaves(value: &Value, at: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, member)| leaves(member, &format!("{at}/{name}"), found)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(place, item)| leaves(item, &format!("{at}/{place}"), found)),
        leaf => found.push((at.to_owned(), leaf.clone())),
    }
}

/// What may be told differently without being noticed: a counter, and a later time of change.
const MEANINGLESS: [&str; 2] = ["/used", "/updated"];

#[test]
fn z03_every_member_that_a_site_is_served_with_is_compared() {
    let world = World::synced();
    let mut members = Vec::new();
    leaves(&world.stored(GOOGLE), "", &mut members);
    assert!(members.len() > 12, "{members:?}");
    for (pointer, value) in members.into_iter().filter(|(pointer, _)| pointer != "/id") {
        let edited = match &value {
            Value::Number(number) => json!(number.as_u64().unwrap() + 1),
            Value::String(text) => json!(format!("{text}x")),
            other => panic!("decide how to edit {pointer}: {other}"),
        };
        let verdict = world.verdict_under([Attack::change(GOOGLE, &pointer, edited)], GOOGLE);
        let expected = match pointer.rsplit('/').next().unwrap() {
            "type" | "value" => "tampered",
            _ if MEANINGLESS.contains(&pointer.as_str()) => "ok",
            _ => "metadata-changed",
        };
        assert_eq!(verdict, expected, "{pointer}");
        if expected == "metadata-changed" {
            // The difference is shown: what it was, and what it would be.
            let difference = world.fails(&["trust", &GOOGLE.to_string(), "--no-input"], 5);
            assert!(
                difference.contains("    - ") && difference.contains("    + ") && difference.contains("changed"),
                "{pointer}: {difference}"
            );
        }
        if pointer == "/updated" {
            // A later time was believed: the truth has to continue from there.
            world.change(GOOGLE, |site| site["updated"] = json!(value.as_u64().unwrap() + 2));
        }
        world.recovers();
    }
}

#[test]
fn z04_a_flipped_type_is_tampering_and_flipped_flags_are_shown() {
    let world = World::synced();
    let stored = world.stored(GITHUB);
    for input in [0, 1] {
        for input_type in ["text", "password", "hidden", "email", ""] {
            let same = stored["login"]["inputs"][input]["type"] == input_type;
            let verdict = world.verdict_under([Attack::input_type(GITHUB, input, input_type)], GITHUB);
            assert_eq!(verdict, if same { "ok" } else { "tampered" }, "{input} {input_type}");
            assert!(
                !world.stdout(&["show", "GitHub"]).contains(SECRET),
                "it does not become a text that is shown"
            );
            world.recovers();
        }
        for flags in [0, 1, 1 << 40] {
            assert_eq!(
                world.verdict_under([Attack::input_flags(GITHUB, input, flags)], GITHUB),
                "metadata-changed"
            );
            world.recovers();
        }
    }
}

#[test]
fn z08_a_bound_value_replaced_by_one_in_the_weaker_layout_is_noticed() {
    let world = World::synced();
    // Sealed under the very key: somebody who once had it, or the vendor's own client.
    let mut weaker = world.zkv(&[
        "encrypt",
        "--layout",
        "vendor",
        "--unconfirmed",
        "vendor-gcm",
        "--site-id",
        "1",
        "--type",
        "x",
        "--name",
        "x",
    ]);
    weaker
        .env("ZKV_KEY_FILE", "vault.key")
        .write_stdin("chosen-by-the-server");
    let weaker = zkvault_test_support::stdout(&mut weaker).trim().to_owned();
    let attack = Attack::change(GITHUB, "/login/inputs/1/value", weaker);
    assert_eq!(world.verdict_under([attack], GITHUB), "tampered");
    assert_eq!(world.read(GITHUB, "password"), SECRET);
    world.recovers();
}

/// Fifty sites: each lie about which there are, at several places of the list.
#[test]
fn z13_dropped_doubled_reordered_and_resurrected_sites() {
    let world = World::of_sites(50);
    let old = world.service.organisation();
    for site in [1, 25, 50] {
        let text = world.read(site, "password");
        assert_eq!(world.verdict_under([Attack::Drop { site }], site), "missing");
        assert_eq!(world.read(site, "password"), text, "the copy is kept");
        world.recovers();
        assert_eq!(world.verdict_under([Attack::Duplicate { site }], site), "tampered");
        assert_eq!(world.read(site, "password"), text);
        world.recovers();
        assert_eq!(world.verdict_under([Attack::Repeat { site }], site), "ok");
        world.recovers();
        assert_eq!(world.verdict_under([Attack::Reverse], site), "ok");
        world.recovers();
        // Deleted in truth, accepted by a person, and back again.
        world
            .service
            .change(|organisation| organisation.remove(Kind::Site, site));
        world.sync(0);
        world.stdout(&["trust", &site.to_string(), "--yes"]);
        let resurrect = Attack::Resurrect {
            from: Box::new(old.clone()),
            site,
        };
        world.service.attack(resurrect);
        world.sync(10);
        world.service.behave();
        world.service.change(|organisation| *organisation = old.clone());
        world.stdout(&["trust", &site.to_string(), "--yes"]);
        world.recovers();
    }
}

#[test]
fn z14_an_older_state_of_everything_or_of_one_value_is_a_rollback() {
    let world = World::synced();
    let mut states = Vec::new();
    let mut values = Vec::new();
    for round in 0..3_u64 {
        let now = world.stored(GITHUB);
        states.push(world.service.organisation());
        values.push(now["login"]["inputs"][1]["value"].clone());
        let sealed = seal(&world, GITHUB, 1, &format!("password number {round}"));
        world.change(GITHUB, |site| {
            site["login"]["inputs"][1]["value"] = sealed.into();
            site["updated"] = json!(now["updated"].as_u64().unwrap() + 1);
        });
        world.sync(0);
        for (state, value) in states.iter().zip(&values) {
            let whole = Attack::OlderState(Box::new(state.clone()));
            assert_eq!(world.verdict_under([whole], GITHUB), "rolled-back");
            assert_eq!(world.read(GITHUB, "password"), format!("password number {round}"));
            world.recovers();
            // The old value under a new time of change gets no further.
            let one = [
                Attack::change(GITHUB, "/login/inputs/1/value", value.clone()),
                Attack::change(GITHUB, "/updated", 2_000_000_000),
            ];
            assert_eq!(world.verdict_under(one, GITHUB), "rolled-back");
            assert_eq!(world.read(GITHUB, "password"), format!("password number {round}"));
            world.recovers();
        }
    }
}

/// A value for an input of a site, as its owner would seal it.
fn seal(world: &World, site: u64, input: usize, text: &str) -> String {
    let stored = world.stored(site);
    let member = |name: &str| stored["login"]["inputs"][input][name].as_str().unwrap().to_owned();
    let id = site.to_string();
    let (input_type, name) = (member("type"), member("name"));
    let mut encrypt = world.zkv(&["encrypt", "--site-id", &id, "--type", &input_type, "--name", &name]);
    zkvault_test_support::stdout(encrypt.write_stdin(text))
        .trim()
        .to_owned()
}

#[test]
fn z42_a_store_that_is_changed_deleted_or_older_is_not_believed() {
    let world = World::synced();
    let path = world.desk.path("data/default/store.db");
    let good = std::fs::read(&path).unwrap();
    let reads = |stop: &[i32]| {
        let output = world
            .zkv(&["read", &format!("zkv://{GITHUB}/password")])
            .output()
            .unwrap();
        let code = output.status.code().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            stop.contains(&code) && (text == SECRET) == (code == 0) && (code == 0 || text.is_empty()),
            "{code} {text}"
        );
    };
    for at in (0..good.len()).step_by(good.len() / 60) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        std::fs::write(&path, bad).unwrap();
        // Right, or refused; never something else. Other sites' regions do not concern this one.
        reads(&[0, 1, 3, 10]);
    }
    for cut in [0, 100, good.len() / 2, good.len() - 1] {
        std::fs::write(&path, &good[..cut]).unwrap();
        reads(if cut < 1000 { &[3, 10] } else { &[0, 1, 3, 10] });
    }
    std::fs::write(&path, &good).unwrap();
    world.sync(0);
    std::fs::write(&path, &good).unwrap();
    reads(&[10]);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(world.json(&["sync"])["account"], "unanchored");
    let warned = world.zkv(&["read", "zkv://GitHub/password"]).output().unwrap();
    assert!(String::from_utf8_lossy(&warned.stderr).contains("not compared with anything"));
}

#[test]
fn r08_bad_sites_are_set_aside_and_the_rest_works() {
    let world = World::of_sites(20);
    let attacks = [
        Attack::SwapValues {
            one: (1, 0),
            other: (1, 1),
        },
        Attack::change(2, "/updated", 1),
        Attack::url(3, "https://evil.example/"),
        Attack::Drop { site: 4 },
        Attack::input_type(5, 1, "text"),
    ];
    let passwords: Vec<_> = (1..=20).map(|site| world.read(site, "password")).collect();
    for site in 6..=20 {
        world.change(site, |stored| stored["updated"] = json!(2_000_000_000));
    }
    assert_eq!(world.verdict_under(attacks, 1), "tampered");
    for site in 2..=20 {
        let expected = ["rolled-back", "metadata-changed", "missing", "tampered"];
        let expected = expected.get(site as usize - 2).unwrap_or(&"ok");
        assert_eq!(world.verdict(site), *expected, "{site}");
    }
    let now: Vec<_> = (1..=20).map(|site| world.read(site, "password")).collect();
    assert_eq!(now, passwords);
    // An honest change of another site got through meanwhile.
    assert_ne!(
        world.json(&["show", "20"])["updated"],
        world.json(&["show", "2"])["updated"]
    );
}
