//! The new key after a rotation, from the administrator who rotated to the people who were given the old one.

use serde_json::{Value, json};
use zkvault_test_support::{Desk, Service, json_of, stderr_of, stdout};

const USER: &str = "1921";

/// An administrator who gave the key `company` to Priya's identity, and to somebody of another account under a code.
struct Team {
    desk: Desk,
    services: [Service; 2],
    priya: Desk,
}

impl Team {
    fn new() -> Self {
        let (desk, priya) = (Desk::with_keyring(), Desk::with_keyring());
        desk.write("company.key", [7; 32]);
        desk.zkv(&["key", "import", "company.key", "--label", "company"])
            .assert()
            .success();
        let team = Self {
            services: [(); 2].map(|()| Service::demo(&desk)),
            desk,
            priya,
        };
        let show = |what| stdout(&mut team.priya.zkv(&["identity", what])).trim().to_owned();
        let to = ["--to", &show("show"), "--fingerprint", &show("fingerprint")];
        team.activate(0, &[&to[..], &["-o", "priya.txt"]].concat());
        team.activate(1, &["--code", "--code-file", "code.txt", "-o", "other.txt"]);
        team.receives(&team.receive("priya.txt"));
        team
    }

    fn activate(&self, service: usize, args: &[&str]) {
        let activate = [&["user", "activate", USER, "--key", "company"][..], args].concat();
        self.services[service].zkv(&self.desk, &activate).assert().success();
    }

    fn account(&self, service: usize) -> String {
        self.services[service].address().to_string()
    }

    fn receive(&self, file: &str) -> String {
        let sender = stdout(&mut self.desk.zkv(&["identity", "show"]));
        let account = self.account(0);
        format!(
            "zkv activate {file} --host {account} --user-id {USER} --from {}",
            sender.trim()
        )
    }

    /// Priya runs what she was told.
    fn receives(&self, command: &str) {
        let args: Vec<_> = command.split(' ').skip(1).collect();
        let file = args[1];
        self.priya.write("a.txt", self.desk.read(file));
        let args: Vec<_> = args
            .iter()
            .map(|arg| if *arg == file { "a.txt" } else { arg })
            .collect();
        self.priya.zkv(&[&args[..], &["--yes"]].concat()).assert().success();
    }

    fn priya_has(&self) -> Vec<(Value, Value, Value)> {
        let keys = json_of(self.priya.zkv(&["key", "list"]).arg("--json"));
        let row = |key: &Value| (key["label"].clone(), key["state"].clone(), key["replaces"].clone());
        keys.as_array().unwrap().iter().map(row).collect()
    }

    fn hand_over(&self, args: &[&str]) -> Value {
        let command = [&["key", "hand-over"][..], args, &["--json"]].concat();
        json_of(&mut self.desk.zkv(&command))
    }
}

#[test]
fn those_who_were_given_the_old_key_are_named_and_get_the_new_one() {
    let team = Team::new();
    let rotate = ["key", "rotate", "company", "--label", "company-2"];
    let plan = stdout(&mut team.desk.zkv(&[&rotate[..], &["--dry-run"]].concat()));
    let needs = |service| format!("User {USER} of {} was given the old key", team.account(service));
    assert!(plan.contains(&needs(0)) && plan.contains(&needs(1)), "{plan}");
    let asked = team.services[0].conditions().requests().len();
    let said = stderr_of(&mut team.desk.zkv(&rotate), 0);
    assert!(said.contains(&needs(0)) && said.contains("zkv key hand-over"), "{said}");

    let planned = team.hand_over(&["company-2", "--dry-run"]);
    assert_eq!(planned.as_array().unwrap().len(), 2);
    assert!(planned[0]["file"].is_null() && !team.desk.path("handover").exists());
    let made = team.hand_over(&["company-2", "-o", "out"]);
    let fingerprint = stdout(&mut team.priya.zkv(&["identity", "fingerprint"]));
    assert_eq!(made[0]["fingerprint"], fingerprint.trim());
    let file = made[0]["file"].as_str().unwrap();
    assert_eq!(made[0]["receive"], team.receive(file));
    assert_eq!(
        made[1],
        json!({"account": team.account(1), "user": 1921, "fingerprint": null, "file": null, "receive": null})
    );
    assert_eq!(
        team.services[0].conditions().requests().len(),
        asked,
        "no service takes part"
    );
    team.receives(made[0]["receive"].as_str().unwrap());
    let expected = [
        ("vault", "active", None),
        ("company", "retired", None),
        ("company-2", "active", Some("company")),
    ];
    let expected = expected.map(|(label, state, replaces)| (json!(label), json!(state), json!(replaces)));
    assert_eq!(team.priya_has(), expected);

    // She has it now. A later rotation is for her again, and brings the whole line along.
    let left = team.hand_over(&["company-2", "--dry-run"]);
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(left[0]["account"], team.account(1));
    let rotate = |from: &str, to: &str| {
        let rotated = team.desk.zkv(&["key", "rotate", from, "--label", to]).assert();
        rotated.success();
    };
    rotate("company-2", "x");
    rotate("x", "company-4");
    let again = team.hand_over(&["company-4", "-o", "again"]);
    team.receives(again[0]["receive"].as_str().unwrap());
    let labels: Vec<_> = team.priya_has().into_iter().map(|(label, ..)| label).collect();
    assert_eq!(labels, ["vault", "company", "company-2", "x", "company-4"]);
    // Nobody else's key.
    assert_eq!(team.hand_over(&["vault"]), json!([]));
}

#[test]
fn an_activation_that_is_there_is_not_replaced_unless_that_is_asked() {
    let team = Team::new();
    team.desk.zkv(&["key", "rotate", "company"]).assert().success();
    let made = team.hand_over(&["company-2"]);
    let file = made[0]["file"].as_str().unwrap().to_owned();
    let before = team.desk.read(&file);
    // The record is lost, or an earlier one came back: everybody who has the old key is there again.
    let record = std::fs::read_dir(team.desk.keyring().parent().unwrap()).unwrap();
    let record = record
        .map(|entry| entry.unwrap().path())
        .find(|path| path.ends_with("recipients.json"));
    let record = record.unwrap();
    let text = std::fs::read_to_string(&record).unwrap();
    let ids = json_of(team.desk.zkv(&["key", "list"]).arg("--json"));
    let new = ids[2]["id"].as_str().unwrap();
    std::fs::write(&record, text.replace(&format!(",\"{new}\""), "")).unwrap();
    let error = stderr_of(&mut team.desk.zkv(&["key", "hand-over", "company-2"]), 1);
    assert!(error.contains("exists already"), "{error}");
    assert_eq!(team.desk.read(&file), before);
    team.hand_over(&["company-2", "--force"]);
    assert_ne!(team.desk.read(&file), before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_person_at_a_terminal_is_asked_and_a_no_rotates_all_the_same() {
    use zkvault_simulator::seed;
    use zkvault_test_support::PASSPHRASE;

    use crate::terminal::at_terminal;

    let team = Team::new();
    let answers = |rotate: &str, answers: &[&str]| {
        let command = format!("export ZKV_PASSPHRASE='{PASSPHRASE}'; {rotate}");
        at_terminal(&team.desk, &command, answers)
    };
    let Some((shown, code)) = answers("zkv key rotate company --label second", &["y\n", "n\n"]) else {
        return;
    };
    assert!(code == 0 && shown.contains("needs the new one"), "{shown}");
    assert!(
        shown.contains("for these 2 users?") && shown.contains("at any time"),
        "{shown}"
    );
    assert!(!team.desk.path("handover-second").exists());
    let (shown, code) = answers("zkv key rotate second --label third", &["y\n", "y\n"]).unwrap();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("runs: zkv activate handover-third"), "{shown}");
    let file = format!(
        "handover-third/{}-user-{}.txt",
        team.account(0).replace(':', "-"),
        seed::NEW_USER
    );
    team.receives(&team.receive(&file));
    assert_eq!(team.priya_has().last().unwrap().0, "third");
    let (shown, code) = answers("zkv key rotate third", &["n\n"]).unwrap();
    assert!(code == 1 && shown.contains("it was not confirmed"), "{shown}");
}
