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
    service.zkv(&desk, &["org", "export", "-o", "one.yaml", "--force"]).assert().success();
}

#[test]
fn json_says_the_same_and_no_form_has_a_value_of_a_site() {
    let (desk, service) = world();
    service.zkv(&desk, &["org", "export", "-o", "org.json"]).assert().success();
    let file: Value = serde_json::from_slice(&desk.read("org.json")).unwrap();
    let printed = json_of(&mut service.zkv(&desk, &["org", "export", "--json"]));
    assert_eq!(file, printed);
    assert_eq!(file["zkvault-org"], 1);
    let yaml = stdout(&mut service.zkv(&desk, &["org", "export"]));
    let organisation = service.organisation();
    let values = organisation.all(Kind::Site).flat_map(|(_, site)| {
        let inputs = site["login"]["inputs"].as_array().unwrap().clone();
        inputs.into_iter().map(|input| input["value"].as_str().unwrap().to_owned())
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
    assert!(csv.contains("GitHub,user,mateus@haldenfrey.example,true,true,false"), "{csv}");
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
    service.conditions().inject(Fault::status(403), 1, "/rest/groups/5717/sites");
    let errors = stderr_of(&mut service.zkv(&desk, &["org", "export", "-o", "org.yaml"]), 11);
    assert!(errors.contains("the sites of group 5717 cannot be read"), "{errors}");
    let text = String::from_utf8(desk.read("org.yaml")).unwrap();
    assert!(text.contains("incomplete:") && text.contains("- group: Finance"), "{text}");
}

#[test]
fn a_service_that_lists_nothing_is_an_error_and_leaves_no_file() {
    let desk = Desk::new();
    let service = Service::sealed_with(&VaultKey::generate().unwrap());
    service.conditions().inject(Fault::status(403), 9, "/rest/users");
    service.zkv(&desk, &["org", "export", "-o", "org.yaml"]).env_remove("ZKV_KEY_FILE").assert().code(7);
    assert!(!desk.path("org.yaml").exists());
}
