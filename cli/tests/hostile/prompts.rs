//! Text that a service chose, where people read it.

use serde_json::json;
use zkvault_simulator::{Kind, seed};

use crate::world::{GITHUB, World};

/// Clears the screen, sets the title, turns the direction round, hides, begins lines of its own, ends strings.
const HOSTILE: &str = "x\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}gpj.\u{2066}\u{200f}\r\nerror: none\nhint: zkv trust --yes\t\u{0}\u{8}\u{7f}\"'`$(id)";

/// What no line for people may hold: everything that steers a terminal or turns the direction of text.
fn steers(text: char) -> bool {
    (text.is_control() && !['\n', '\t'].contains(&text))
        || ('\u{202a}'..='\u{202e}').contains(&text)
        || ('\u{2066}'..='\u{2069}').contains(&text)
        || ['\u{200e}', '\u{200f}', '\u{61c}'].contains(&text)
}

#[test]
fn z43_text_from_a_service_steers_no_terminal_and_forges_no_line() {
    let world = World::synced();
    world.service.change(|organisation| {
        for (kind, id, members) in [
            (Kind::Site, GITHUB, &["name", "image", "icon"][..]),
            (
                Kind::User,
                seed::NEW_USER,
                &["name", "firstname", "lastname", "email", "jobtitle", "city"],
            ),
            (Kind::Group, seed::ENGINEERING, &["name", "description"]),
        ] {
            let object = organisation.get_mut(kind, id).unwrap();
            for member in members {
                object.insert((*member).to_owned(), json!(HOSTILE));
            }
        }
        let site = organisation.get_mut(Kind::Site, GITHUB).unwrap();
        site["login"]["Url"] = json!(format!("https://github.com/{HOSTILE}"));
        site["login"]["regex"] = json!(HOSTILE);
        site["login"]["inputs"][0]["name"] = json!(HOSTILE);
        site["login"]["inputs"]
            .as_array_mut()
            .unwrap()
            .push(json!({"name": HOSTILE, "type": HOSTILE, "value": "AA=="}));
    });
    let id = GITHUB.to_string();
    let reference = format!("zkv://{id}/nothing");
    let commands: [&[&str]; 20] = [
        &["sync"],
        &["list"],
        &["list", "--format", "csv"],
        &["search", "x"],
        &["show", &id],
        &["show", &id, "--reveal"],
        &["read", &reference],
        &["read", "zkv://x/password"],
        &["trust"],
        &["trust", &id, "--no-input"],
        &["trust", &id, "--yes"],
        &["show", &id],
        &["site", "list"],
        &["site", "get", &id],
        &["site", "users", &id],
        &["user", "list"],
        &["user", "get", "1921"],
        &["user", "delete", "1921", "--dry-run"],
        &["group", "list"],
        &["group", "get", "5717"],
    ];
    for command in commands {
        let output = world.zkv(command).output().unwrap();
        for printed in [output.stdout, output.stderr] {
            let text = String::from_utf8(printed).unwrap();
            // CSV ends its lines as RFC 4180 says.
            let text = text.replace("\r\n", "\n");
            assert!(!text.contains(steers), "{command:?}: {text:?}");
            let forged = text
                .lines()
                .filter(|line| *line == "error: none" || line.starts_with("hint: zkv trust --yes"));
            assert_eq!(forged.count(), 0, "{command:?}: {text}");
        }
    }
}

/// What a person is asked shows what is at stake, before anything that a service chose.
#[test]
fn z43_a_question_begins_with_what_would_happen() {
    let world = World::synced();
    world.change(GITHUB, |site| {
        site["name"] = json!("Fine, nothing happened. All is well");
        site["login"]["Url"] = json!("https://github.com.evil.example/login");
    });
    world.sync(0);
    let facts = world.fails(&["trust", &GITHUB.to_string(), "--no-input"], 5);
    let place = facts.find("its values would go to https://github.com.evil.example, no more to https://github.com\n");
    let chosen = facts.find("Fine, nothing happened");
    assert!(place.is_some() && place < facts.find("    + "), "{facts}");
    assert!(chosen.is_some(), "the name is shown, as a change among others: {facts}");
}

#[test]
fn z38_cells_that_a_spreadsheet_would_run_are_text() {
    let world = World::synced();
    for formula in ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"] {
        world.change(GITHUB, |site| site["name"] = json!(formula));
        world.sync(0);
        world.stdout(&["trust", &GITHUB.to_string(), "--yes"]);
        let csv = world.stdout(&["list", "--format", "csv"]);
        let line = csv.split("\r\n").find(|line| line.starts_with("1749412,")).unwrap();
        let cell = line["1749412,".len()..].trim_start_matches('"');
        assert!(
            !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
            "{formula:?}: {line}"
        );
    }
}
