//! What the README shows works as it stands there.

use zkvault_test_support::{Desk, Service, repository};

use crate::shell::{commands_below, run};

#[test]
fn every_command_for_local_use_succeeds_in_its_order() {
    let desk = Desk::new();
    for (name, source) in [
        ("site.key", "examples/example.key"),
        ("sites.json", "examples/sites.json"),
        ("plain.json", "cli/tests/fixtures/plain.json"),
        ("report.pdf", "README.md"),
    ] {
        desk.write(name, std::fs::read(repository(source)).unwrap());
    }
    let commands = commands_below("README.md", "### On this machine alone");
    assert!(commands.len() >= 7, "{commands:?}");
    run(&desk, &commands, &[]);
}

#[test]
fn every_command_for_an_account_succeeds_in_its_order() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let import = ["key", "import", "vault.key", "--label", "company", "--default"];
    desk.zkv(&import).assert().success();
    let [(_, url), (_, key), (_, secret)] = service.environment();
    desk.write("secret.txt", secret);
    let commands = commands_below("README.md", "### With a LogMeOnce account");
    assert!(commands.len() >= 6, "{commands:?}");
    let printed = run(&desk, &commands, &[("ACCOUNT", url), ("API_KEY", key)]);
    assert!(
        printed.iter().any(|text| text == "compass-rose-Vector-31"),
        "{printed:?}"
    );
}

#[test]
fn the_first_command_is_the_demo() {
    let commands = commands_below("README.md", "## Try it");
    assert_eq!(commands, ["cargo run --profile demo --locked -p zkv -- demo"]);
}
