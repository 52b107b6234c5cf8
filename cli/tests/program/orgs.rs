//! `zkv org`: the organisation as a file.

use serde_json::Value;
use zkvault_core::key::VaultKey;
use zkvault_simulator::{Fault, Kind, seed};
use zkvault_test_support::{Desk, Service, json_of, stderr_of, stdout};

fn world() -> (Desk, Service) {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    (desk, service)
}

#[test]
fn an_export_is_a_file_that_two_runs_write_alike() {
    let (desk, service) = world();
    let export = |file: &str| service.zkv(&desk, &["org", "export", "-o", file]).assert().success();
    export("one.yaml");
    export("two.yaml");
    let text = String::from_utf8(desk.read("one.yaml")).unwrap();
    assert_eq!(text.as_bytes(), desk.read("two.yaml"));
    for line in [
        "- group: Engineering",
        "    mateus@haldenfrey.example: [create, assign]",
        "- site: GitHub",
        "    mateus@haldenfrey.example: [read, update]",
        "  active: false",
        "  - On call",
    ] {
        assert!(text.lines().any(|known| known == line), "{line:?} in {text}");
    }
    let again = stderr_of(&mut service.zkv(&desk, &["org", "export", "-o", "one.yaml"]), 1);
    assert!(again.contains("--force"), "{again}");
    service
        .zkv(&desk, &["org", "export", "-o", "one.yaml", "--force"])
        .assert()
        .success();
}

/// `zkv org export > org.yaml` in PowerShell.
#[test]
fn a_file_in_utf_16_is_read() {
    let (desk, service) = world();
    let text = stdout(&mut service.zkv(&desk, &["org", "export"]));
    let units = std::iter::once('\u{feff}'.to_string()).chain([text.replace('\n', "\r\n")]);
    let bytes: Vec<u8> = units
        .flat_map(|text| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())
        .collect();
    desk.write("org.yaml", bytes);
    service.zkv(&desk, &["org", "plan", "org.yaml"]).assert().success();
}

#[test]
fn json_says_the_same_and_no_form_has_a_value_of_a_site() {
    let (desk, service) = world();
    service
        .zkv(&desk, &["org", "export", "-o", "org.json"])
        .assert()
        .success();
    let file: Value = serde_json::from_slice(&desk.read("org.json")).unwrap();
    let printed = json_of(&mut service.zkv(&desk, &["org", "export", "--json"]));
    assert_eq!(file, printed);
    assert_eq!(file["zkvault-org"], 1);
    let yaml = stdout(&mut service.zkv(&desk, &["org", "export"]));
    let organisation = service.organisation();
    let values = organisation.all(Kind::Site).flat_map(|(_, site)| {
        let inputs = site["login"]["inputs"].as_array().unwrap().clone();
        inputs
            .into_iter()
            .map(|input| input["value"].as_str().unwrap().to_owned())
    });
    for value in values {
        assert!(!yaml.contains(&value) && !file.to_string().contains(&value), "{value}");
    }
    assert!(!yaml.contains("ServiceLogin"), "no address is in it");
}

#[test]
fn a_table_is_rows_for_spreadsheets_and_programs() {
    let (desk, service) = world();
    let csv = stdout(&mut service.zkv(&desk, &["org", "export", "--table", "assignments", "--format", "csv"]));
    assert!(csv.starts_with("site,to,name,read,update,delete"), "{csv}");
    assert!(
        csv.contains("GitHub,user,mateus@haldenfrey.example,true,true,false"),
        "{csv}"
    );
    let members = json_of(&mut service.zkv(&desk, &["org", "export", "--table", "members", "--json"]));
    assert_eq!(members.as_array().unwrap().len(), 11);
    let none = stderr_of(&mut service.zkv(&desk, &["org", "export", "--format", "csv"]), 2);
    assert!(none.contains("--table"), "{none}");
}

#[test]
fn names_that_steer_a_terminal_are_spelled_out() {
    let (desk, service) = world();
    service.change(|organisation| {
        let group = organisation.get_mut(Kind::Group, seed::PLATFORM).unwrap();
        group.insert("name".to_owned(), "Plat\u{1b}[2Jform\u{202e}x\nusers:".into());
    });
    let yaml = stdout(&mut service.zkv(&desk, &["org", "export"]));
    assert!(!yaml.contains(['\u{1b}', '\u{202e}']), "{yaml}");
    assert!(yaml.contains("\\u202e") && !yaml.contains("\nusers:\nusers:"), "{yaml}");
    let table = stdout(&mut service.zkv(&desk, &["org", "export", "--table", "groups"]));
    assert!(!table.contains(['\u{1b}', '\u{202e}']), "{table}");
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_written() {
    let (desk, service) = world();
    service
        .conditions()
        .inject(Fault::status(403), 1, "/rest/groups/5717/sites");
    let errors = stderr_of(&mut service.zkv(&desk, &["org", "export", "-o", "org.yaml"]), 11);
    assert!(errors.contains("the sites of group 5717 cannot be read"), "{errors}");
    let text = String::from_utf8(desk.read("org.yaml")).unwrap();
    assert!(
        text.contains("incomplete:") && text.contains("- group: Finance"),
        "{text}"
    );
}

#[test]
fn a_service_that_lists_nothing_is_an_error_and_leaves_no_file() {
    let desk = Desk::new();
    let service = Service::sealed_with(&VaultKey::generate().unwrap());
    service.conditions().inject(Fault::status(403), 9, "/rest/users");
    service
        .zkv(&desk, &["org", "export", "-o", "org.yaml"])
        .env_remove("ZKV_KEY_FILE")
        .assert()
        .code(7);
    assert!(!desk.path("org.yaml").exists());
}

/// A file that changes one thing of each kind.
const WANTED: &str = "\
zkvault-org: 1
users:
- user: mateus@haldenfrey.example
  city: Bergen
- user: pedro@haldenfrey.example
  active: true
- user: nobody@haldenfrey.example
groups:
- group: Engineering
  members:
    camille@haldenfrey.example: [create]
    mateus@haldenfrey.example: [assign]
- group: Sales
  description: Who sells
  members:
    noor@haldenfrey.example: []
sites:
- site: GitHub
  groups:
    Sales: [read, update]
";

#[test]
fn a_plan_says_in_words_what_would_change_and_changes_nothing() {
    let (desk, service) = world();
    desk.write("org.yaml", WANTED);
    let before = service.organisation();
    let plan = service
        .zkv(&desk, &["org", "plan", "org.yaml", "-o", "plan.json"])
        .assert()
        .code(12);
    let text = String::from_utf8(plan.get_output().stdout.clone()).unwrap();
    for line in [
        "user mateus@haldenfrey.example",
        "  ~ city \"Ålesund\" → \"Bergen\"",
        "  + activate",
        "  + add member camille@haldenfrey.example [create]",
        "  - member mateus@haldenfrey.example [create, assign] → [assign]",
        "  + create it, for \"Who sells\"",
        "  + add group Sales [read, update]",
        "5 added, 1 changed, 1 removed",
    ] {
        assert!(text.lines().any(|known| known == line), "{line:?} in {text}");
    }
    assert!(
        text.contains("not possible: line 7: there is no user \"nobody@haldenfrey.example\""),
        "{text}"
    );
    assert!(text.contains("the API creates no users"), "{text}");
    assert_eq!(before, service.organisation());
    service
        .zkv(&desk, &["org", "export", "-o", "all.yaml"])
        .assert()
        .success();
    service
        .zkv(&desk, &["org", "plan", "all.yaml", "--prune"])
        .assert()
        .code(0);
}

#[test]
fn a_plan_is_applied_once_and_finds_nothing_more() {
    let (desk, service) = world();
    desk.write("org.yaml", WANTED);
    let plan = ["org", "plan", "org.yaml", "-o", "plan.json"];
    service.zkv(&desk, &plan).assert().code(12);
    let refused = stderr_of(&mut service.zkv(&desk, &["org", "apply", "plan.json"]), 5);
    assert!(refused.contains("--yes"), "{refused}");
    let rows = json_of(&mut service.zkv(&desk, &["org", "apply", "plan.json", "--yes", "--json"]));
    assert!(
        rows.as_array().unwrap().iter().all(|row| row["result"] == "done"),
        "{rows}"
    );
    service.zkv(&desk, &["org", "plan", "org.yaml"]).assert().code(0);
    let rows = json_of(&mut service.zkv(&desk, &["org", "apply", "plan.json", "--yes", "--json"]));
    assert!(
        rows.as_array()
            .unwrap()
            .iter()
            .all(|row| row["result"] == "done before"),
        "{rows}"
    );
    service.change(|organisation| organisation.remove(Kind::User, 1924));
    let stale = stderr_of(&mut service.zkv(&desk, &["org", "apply", "plan.json", "--yes"]), 1);
    assert!(stale.contains("has changed since the plan was made"), "{stale}");
}

#[test]
fn faults_of_a_file_are_listed_with_their_lines_and_what_may_be_meant() {
    let (desk, service) = world();
    desk.write(
        "org.yaml",
        "zkvault-org: 1\ngroups:\n- group: Engineering\n  members:\n    mateu@haldenfrey.example: []\n    noor@haldenfrey.example: [read]\nsites:\n- site: Githup\n",
    );
    let faults = stderr_of(&mut service.zkv(&desk, &["org", "plan", "org.yaml"]), 2);
    for part in [
        "org.yaml: line 5: there is no user \"mateu@haldenfrey.example\"; did you mean mateus@haldenfrey.example",
        "line 6: read is no permission of members",
        "line 8: there is no site \"Githup\"; did you mean GitHub?",
    ] {
        assert!(faults.contains(part), "{part:?} in {faults}");
    }
    desk.write("org.yaml", "zkvault-org: 1\naccount: other.example\n");
    let other = stderr_of(&mut service.zkv(&desk, &["org", "plan", "org.yaml"]), 2);
    assert!(other.contains("the file is of other.example"), "{other}");
}

#[test]
fn more_removals_than_a_tenth_need_a_word() {
    let (desk, service) = world();
    desk.write(
        "org.yaml",
        "zkvault-org: 1\ngroups:\n- group: Engineering\n  members: {}\n- group: Platform\n  members: {}\n",
    );
    let arguments = ["org", "apply", "org.yaml", "--yes"];
    let nothing = stderr_of(&mut service.zkv(&desk, &arguments), 0);
    assert!(nothing.contains("nothing to change"), "{nothing}");
    let before = service.organisation();
    // The groups that are missing lose their members as well.
    let refused = stderr_of(
        &mut service.zkv(&desk, &["org", "apply", "org.yaml", "--yes", "--prune"]),
        1,
    );
    assert!(
        refused.contains("removes 11 of the") && refused.contains("--max-removals"),
        "{refused}"
    );
    assert_eq!(before, service.organisation());
    service
        .zkv(
            &desk,
            &["org", "apply", "org.yaml", "--yes", "--prune", "--max-removals", "11"],
        )
        .assert()
        .success();
}

#[test]
fn what_is_refused_is_named_and_the_same_command_does_the_rest() {
    let (desk, service) = world();
    desk.write("org.yaml", WANTED);
    // The first two read.
    service
        .conditions()
        .inject_after(2, Fault::status(403), 1, "/rest/users/1917");
    let arguments = ["org", "apply", "org.yaml", "--yes"];
    let errors = stderr_of(&mut service.zkv(&desk, &arguments), 11);
    assert!(errors.contains("1 of 7 changes were not made"), "{errors}");
    service.zkv(&desk, &arguments).assert().success();
    service.zkv(&desk, &["org", "plan", "org.yaml"]).assert().code(0);
}

/// The process is killed in the middle of its changes.
#[test]
fn a_run_that_is_killed_is_continued_by_the_same_command() {
    let (desk, service) = world();
    desk.write("org.yaml", WANTED);
    service
        .zkv(&desk, &["org", "plan", "org.yaml", "-o", "plan.json"])
        .assert()
        .code(12);
    let changes = || {
        let log = service.audit_log();
        let reads = |entry: &zkvault_simulator::AuditEntry| {
            entry.method == "GET" || (entry.parameters.len() == 1 && entry.parameters.contains_key("privileges"))
        };
        log.iter()
            .filter(|entry| !reads(entry))
            .map(|entry| (entry.path.clone(), entry.parameters.clone()))
            .collect::<Vec<_>>()
    };
    let mut zkv = desk.zkv_std(&["org", "apply", "plan.json", "--yes"]);
    let mut child = zkv.envs(service.environment()).spawn().unwrap();
    service.conditions().set_latency(std::time::Duration::from_millis(20));
    while changes().len() < 2 {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    service.conditions().set_latency(std::time::Duration::ZERO);
    let before = changes();
    let rows = json_of(&mut service.zkv(&desk, &["org", "apply", "plan.json", "--yes", "--json"]));
    let results: Vec<&str> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["result"].as_str().unwrap())
        .collect();
    assert!(results.contains(&"done before"), "{results:?} after {before:?}");
    assert!(results.iter().all(|result| result.starts_with("done")), "{results:?}");
    service.zkv(&desk, &["org", "plan", "org.yaml"]).assert().code(0);
}
