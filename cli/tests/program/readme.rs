//! What the README shows works as it stands there.

use zkvault_core::key::VaultKey;
use zkvault_simulator::seed;
use zkvault_test_support::{ALL, Desk, HOUR, Service, StorageService, repository};

use crate::sessions::logged_in;
use crate::shell::{commands_below, run};

/// The files that the README names.
fn put_files(desk: &Desk) {
    for (name, source) in [
        ("site.key", "examples/example.key"),
        ("sites.json", "examples/sites.json"),
        ("plain.json", "cli/tests/fixtures/plain.json"),
        ("report.pdf", "README.md"),
    ] {
        desk.write(name, std::fs::read(repository(source)).unwrap());
    }
}

#[test]
fn every_command_for_local_use_succeeds_in_its_order() {
    let desk = Desk::new();
    put_files(&desk);
    let commands = commands_below("README.md", "### On this machine alone");
    assert!(commands.len() >= 7, "{commands:?}");
    run(&desk, &commands, &[]);
}

#[test]
fn every_command_for_an_account_succeeds_in_its_order() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    add_one_time_codes(&service, &VaultKey::from_slice(&desk.read("vault.key")).unwrap());
    let import = ["key", "import", "vault.key", "--label", "company", "--default"];
    desk.zkv(&import).assert().success();
    let [(_, url), (_, key), (_, secret)] = service.environment();
    desk.write("secret.txt", secret);
    let mut commands = commands_below("README.md", "### With a LogMeOnce account");
    commands.retain(|command| !goes_to_the_clipboard(command));
    assert!(commands.len() >= 6, "{commands:?}");
    let printed = run(&desk, &commands, &[("ACCOUNT", url), ("API_KEY", key)]);
    assert!(
        printed.iter().any(|text| text == "compass-rose-Vector-31"),
        "{printed:?}"
    );
}

#[test]
fn every_command_for_an_organisation_succeeds_in_its_order() {
    let (desk, _service) = logged_in();
    let import = ["key", "import", "vault.key", "--label", "company", "--default"];
    desk.zkv(&import).assert().success();
    desk.zkv(&["sync"]).assert().success();
    desk.write(
        "people.csv",
        "user,groups,code\njonas@haldenfrey.example,Marketing,yes\n",
    );
    let commands = commands_below("README.md", "### For an organisation");
    assert!(commands.len() >= 8, "{commands:?}");
    let printed = run(&desk, &commands, &[]);
    assert!(
        printed.iter().any(|text| text.contains("assign site GitHub")),
        "the journal has the first of them: {printed:?}"
    );
}

#[test]
fn the_first_command_is_the_demo() {
    let commands = commands_below("README.md", "## Try it");
    assert_eq!(commands, ["cargo run --profile demo --locked -p zkv -- demo"]);
}

/// The README prints a one-time code of GitHub.
fn add_one_time_codes(service: &Service, key: &VaultKey) {
    service.change(|organisation| seed::add_one_time_codes(organisation, key).unwrap());
}

/// The clipboard is that of the person who runs this: program/clipboard.rs has displays of its own.
fn goes_to_the_clipboard(command: &str) -> bool {
    command.starts_with("zkv copy")
}

/// Somebody reads the README from its first command on, with an empty folder and the files that it names.
#[test]
fn a_newcomer_gets_from_an_empty_folder_to_a_backup() {
    let desk = Desk::new();
    let key = VaultKey::from_file(&std::fs::read(repository("examples/example.key")).unwrap()).unwrap();
    let (service, storage) = (Service::sealed_with(&key), StorageService::new("files"));
    add_one_time_codes(&service, &key);
    put_files(&desk);
    std::fs::create_dir(desk.path("docs")).unwrap();
    desk.write("docs/inner.txt", "inner");
    let [(_, url), (_, api_key), (_, secret)] = service.environment();
    desk.write("secret.txt", secret);
    let link = storage.sas_url(ALL, std::time::SystemTime::now() + HOUR);
    desk.write("link.sas", link);
    let headings = [
        "### On this machine alone",
        "### With a LogMeOnce account",
        "### With files in Azure storage",
    ];
    let commands: Vec<String> = headings
        .iter()
        .flat_map(|heading| commands_below("README.md", heading))
        .filter(|command| !goes_to_the_clipboard(command))
        .collect();
    assert_eq!(commands.len(), 19, "{commands:?}");
    let environment = [
        ("ACCOUNT", url),
        ("API_KEY", api_key),
        ("ZKV_SAS_FILE", "link.sas".to_owned()),
    ];
    let printed = run(&desk, &commands, &environment);
    assert!(
        printed.iter().any(|text| text == "compass-rose-Vector-31"),
        "{printed:?}"
    );
    assert_eq!(desk.read("restored/docs/inner.txt"), b"inner");
}
