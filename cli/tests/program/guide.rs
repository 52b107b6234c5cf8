//! What the administrator's guide shows works as it stands there.

use zkvault_test_support::{Desk, Service, stdout};

use crate::shell::{commands_below, run};

#[test]
fn every_command_of_the_guide_succeeds_in_its_order() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    desk.zkv(&["key", "import", "vault.key", "--label", "company"])
        .assert()
        .success();
    let [(_, url), (_, key), (_, secret)] = service.environment();
    desk.write("secret.txt", secret);
    let user = Desk::with_keyring();
    let identity = |what| stdout(&mut user.zkv(&["identity", what])).trim().to_owned();

    let commands = commands_below("docs/guide-admin.md", "# Administering a LogMeOnce account");
    assert!(commands.len() > 15, "{commands:?}");
    let environment = [
        ("ACCOUNT", url),
        ("API_KEY", key),
        ("IDENTITY", identity("show")),
        ("FINGERPRINT", identity("fingerprint")),
    ];
    run(&desk, &commands, &environment);
}
