//! What the administrator's guide shows works as it stands there.

use std::process::Command;

use crate::service::Service;
use crate::support::{Desk, PASSPHRASE, repository, stdout};

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
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_zkv")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());

    let guide = std::fs::read_to_string(repository("docs/guide-admin.md")).unwrap();
    let blocks = guide
        .split("```sh\n")
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0);
    let commands: Vec<_> = blocks.flat_map(str::lines).collect();
    assert!(commands.len() > 15, "{commands:?}");
    for command in commands {
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(desk.path("."))
            .env("PATH", &path)
            .env("ZKV_CONFIG_DIR", desk.path("config"))
            .env("ZKV_PASSPHRASE", PASSPHRASE)
            .envs([("ACCOUNT", &url), ("API_KEY", &key)])
            .envs([("IDENTITY", identity("show")), ("FINGERPRINT", identity("fingerprint"))])
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {errors}");
    }
}
