//! `zkv onboard`: people of a file join, each once.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use zkvault_simulator::seed::{ENGINEERING, MARKETING};
use zkvault_simulator::{Fault, Kind, Relation};
use zkvault_test_support::{Desk, Service, json_of, stderr_of, stdout};

use crate::sessions::logged_in;

const PRIYA: u64 = 1921;
const JONAS: u64 = 1922;

fn is_active(service: &Service, user: u64) -> bool {
    service.organisation().get(Kind::User, user).unwrap()["active"] == true
}

fn groups(service: &Service, user: u64) -> Vec<u64> {
    service.organisation().linked(Relation::GroupUser, Kind::User, user)
}

fn activations(service: &Service, user: u64) -> usize {
    service.requests(&format!("/rest/users/{user}/activate")).len()
}

/// As Excel writes it: Priya with an identity, Jonas with a code, Noor for a group alone.
fn people(desk: &Desk, person: &Desk) -> String {
    let of = |what| stdout(&mut person.zkv(&["identity", what])).trim().to_owned();
    let file = format!(
        "\u{feff}E-Mail;Groups;Identity;Fingerprint;Code;Office\r\n\
         priya@haldenfrey.example;\"Engineering;On call\";{};{};;Oslo\r\n\
         jonas@haldenfrey.example;Marketing;;;yes;Bergen\r\n\
         noor@haldenfrey.example;Finance;;;;\r\n",
        of("show"),
        of("fingerprint")
    );
    desk.write("people.csv", &file);
    file
}

const RUN: [&str; 5] = ["onboard", "people.csv", "-o", "welcome", "--yes"];

/// Takes the keys of an activation, as the letter says.
fn receive(person: &Desk, activation: &Path, service: &Service, user: &str, by: [&str; 2]) {
    let activation = activation.to_str().unwrap();
    let host = service.address().to_string();
    let receive = ["activate", activation, "--host", &host, "--user-id", user];
    person.zkv(&receive).args(by).assert().success();
}

fn run(desk: &Desk) -> Vec<Value> {
    let mut zkv = desk.zkv(&RUN);
    json_of(zkv.arg("--json")).as_array().unwrap().clone()
}

fn states(rows: &[Value]) -> Vec<(&str, &str)> {
    rows.iter()
        .map(|row| (row["activation"].as_str().unwrap(), row["groups"].as_str().unwrap()))
        .collect()
}

#[test]
fn everybody_of_a_file_joins_once_and_gets_a_letter_without_the_code() {
    let (desk, service) = logged_in();
    let person = Desk::with_keyring();
    people(&desk, &person);
    let planned = json_of(&mut desk.zkv(&["onboard", "people.csv", "--dry-run", "--json"]));
    assert_eq!(planned.as_array().unwrap().len(), 3);
    assert!(!is_active(&service, PRIYA) && !desk.path("welcome").exists());
    assert!(stderr_of(&mut desk.zkv(&RUN[..4]), 5).contains("--yes"));

    let rows = run(&desk);
    assert_eq!(
        states(&rows),
        [
            ("activated", "joined"),
            ("activated", "joined"),
            ("not asked for", "joined")
        ]
    );
    assert!(is_active(&service, PRIYA) && is_active(&service, JONAS));
    let joined = groups(&service, PRIYA);
    // She was in Marketing before.
    assert!(
        joined.len() == 3 && joined.contains(&ENGINEERING) && joined.contains(&MARKETING),
        "{joined:?}"
    );
    let code = String::from_utf8(desk.read("welcome/codes/1922-jonas.txt")).unwrap();
    assert!(!desk.path("welcome/codes/1921-priya.txt").exists());
    for letter in ["html", "md"] {
        let text = String::from_utf8(desk.read(&format!("welcome/letters/1922-jonas.{letter}"))).unwrap();
        assert!(!text.contains(code.trim()), "the code is in the letter");
        assert!(text.contains("zkv activate") && text.contains("1922"), "{text}");
    }
    // The letter's activation opens for its person alone.
    let activation = desk.path("welcome/activations/1921-priya.txt");
    let ours = stdout(&mut desk.zkv(&["identity", "show"]));
    receive(&person, &activation, &service, "1921", ["--from", ours.trim()]);
    std::fs::write(person.path("code.txt"), code).unwrap();
    let activation = desk.path("welcome/activations/1922-jonas.txt");
    receive(&person, &activation, &service, "1922", ["--code-file", "code.txt"]);

    // Again: nobody is activated twice.
    let again = run(&desk);
    assert_eq!(states(&again), states(&rows));
    assert_eq!((activations(&service, PRIYA), activations(&service, JONAS)), (1, 1));
}

#[test]
fn a_file_that_says_what_cannot_be_meant_changes_nothing() {
    let (desk, service) = logged_in();
    desk.write("people.csv", "user,groups,code\nnobody@x.example,,yes\npriya@haldenfrey.example,Nowhere,yes\njonas@haldenfrey.example,,maybe\n");
    let error = stderr_of(&mut desk.zkv(&RUN), 2);
    assert!(error.contains("line 4"), "{error}");
    desk.write(
        "people.csv",
        "user,groups,code\nnobody@x.example,,yes\npriya@haldenfrey.example,Nowhere,yes\n",
    );
    let error = stderr_of(&mut desk.zkv(&RUN), 2);
    assert!(error.contains("line 2") && error.contains("line 3"), "{error}");
    let person = Desk::with_keyring();
    let file = people(&desk, &person);
    let other = stdout(&mut desk.zkv(&["identity", "fingerprint"]));
    let own = stdout(&mut person.zkv(&["identity", "fingerprint"]));
    desk.write("people.csv", file.replace(own.trim(), other.trim()));
    assert!(stderr_of(&mut desk.zkv(&RUN), 10).contains("line 2"));
    desk.write("people.csv", file.replace(own.trim(), ""));
    assert!(stderr_of(&mut desk.zkv(&RUN), 5).contains("fingerprint"));
    assert_eq!(activations(&service, PRIYA) + activations(&service, JONAS), 0);
}

#[test]
fn one_who_is_refused_stops_nobody_and_is_tried_again() {
    let (desk, service) = logged_in();
    people(&desk, &Desk::with_keyring());
    service
        .conditions()
        .inject(Fault::status(403), 1, "/rest/users/1921/activate");
    let mut zkv = desk.zkv(&RUN);
    let failed = zkv.arg("--json").output().unwrap();
    assert_eq!(failed.status.code(), Some(11));
    let rows: Value = serde_json::from_slice(&failed.stdout).unwrap();
    assert_eq!(rows[0]["activation"], "failed");
    assert_eq!(
        (&rows[1]["activation"], &rows[2]["groups"]),
        (&"activated".into(), &"joined".into())
    );
    let before = desk.read("welcome/activations/1921-priya.txt");
    assert_eq!(states(&run(&desk))[0], ("activated", "joined"));
    assert_eq!(
        desk.read("welcome/activations/1921-priya.txt"),
        before,
        "the same activation is sent again"
    );
    assert_eq!(activations(&service, JONAS), 1);
}

/// A run that resumes sends the activation that is there, whatever keys it was given.
#[test]
fn the_keys_that_an_activation_has_are_those_that_are_remembered() {
    let (desk, service) = logged_in();
    people(&desk, &Desk::with_keyring());
    desk.write("other.key", "17".repeat(32));
    for (file, label) in [("vault.key", "company"), ("other.key", "other")] {
        desk.zkv(&["key", "import", file, "--label", label]).assert().success();
    }
    service
        .conditions()
        .inject(Fault::status(403), 1, "/rest/users/1921/activate");
    desk.zkv(&RUN).args(["--key", "company"]).assert().code(11);
    desk.zkv(&RUN).args(["--key", "other"]).assert().success();
    let left = json_of(&mut desk.zkv(&["offboard", "priya@haldenfrey.example", "--dry-run", "--json"]));
    let labels: Vec<&Value> = left["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["label"])
        .collect();
    assert_eq!(labels, ["company"]);
}

#[test]
fn an_answer_that_is_lost_activates_nobody_twice_and_a_lie_is_found() {
    let (desk, service) = logged_in();
    people(&desk, &Desk::with_keyring());
    service
        .conditions()
        .inject(Fault::AnswerLost, 1, "/rest/users/1921/activate");
    assert_eq!(states(&run(&desk))[0], ("activated", "joined"));
    assert_eq!(activations(&service, PRIYA), 1);

    let (desk, service) = logged_in();
    people(&desk, &Desk::with_keyring());
    let (liar, before) = (service.simulator.clone(), service.organisation());
    service.conditions().set_rewriter(Some(Arc::new(move |request, _| {
        if request.method != "GET" && request.path.starts_with("/rest") {
            let before = before.clone();
            liar.change(|organisation| *organisation = before);
        }
    })));
    let mut zkv = desk.zkv(&RUN);
    let failed = zkv.arg("--json").output().unwrap();
    assert_eq!(failed.status.code(), Some(11));
    let rows: Value = serde_json::from_slice(&failed.stdout).unwrap();
    assert!(
        rows.as_array().unwrap().iter().all(|row| row["code"] == "not-changed"),
        "{rows}"
    );
}

#[cfg(unix)]
#[test]
fn a_run_that_is_killed_anywhere_is_continued_and_activates_nobody_twice() {
    use crate::killed::{Left, kill};
    let (desk, service) = logged_in();
    desk.write(
        "people.csv",
        "user,groups,code\njonas@haldenfrey.example,Marketing,yes\n",
    );
    let whole = service.organisation();
    let mut asked = 0;
    let look = || {
        let left = match (
            is_active(&service, JONAS),
            desk.path("welcome/letters/1922-jonas.html").exists(),
        ) {
            (true, true) if groups(&service, JONAS).contains(&MARKETING) => Left::After,
            (false, _) => Left::Before,
            _ => Left::Between,
        };
        desk.zkv(&RUN).assert().success();
        assert!(is_active(&service, JONAS) && groups(&service, JONAS).contains(&MARKETING));
        // What opens is what the service was sent last, and the code that is there opens it.
        let now = activations(&service, JONAS);
        assert!(now - asked <= 2, "{left:?}");
        asked = now;
        let person = Desk::with_keyring();
        std::fs::copy(desk.path("welcome/codes/1922-jonas.txt"), person.path("code.txt")).unwrap();
        let activation = desk.path("welcome/activations/1922-jonas.txt");
        receive(&person, &activation, &service, "1922", ["--code-file", "code.txt"]);
        let before = whole.clone();
        service.change(|organisation| *organisation = before);
        std::fs::remove_dir_all(desk.path("welcome")).unwrap();
        left
    };
    kill("an onboarding", || desk.zkv_std(&RUN), look);
}
