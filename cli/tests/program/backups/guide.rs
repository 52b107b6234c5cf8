//! What the guide to backups shows works as it stands there.

use std::process::Command;

use super::storage::{ALL, Office};
use crate::support::{PASSPHRASE, repository};

#[test]
fn every_command_of_the_guide_succeeds_in_its_order() {
    let office = Office::new();
    office.desk.write("sas.txt", office.sas(ALL));
    let head = office.push(&office.desk);
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_zkv")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let guide = std::fs::read_to_string(repository("docs/guide-backup.md")).unwrap();
    let blocks = guide.split("```sh\n").skip(1);
    let commands: Vec<_> = blocks
        .flat_map(|rest| rest.split_once("```").unwrap().0.lines())
        .collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(office.desk.path("."))
            .env("PATH", &path)
            .env("ZKV_CONFIG_DIR", office.desk.path("config"))
            .env("ZKV_DATA_DIR", office.desk.path("data"))
            .env("ZKV_PASSPHRASE", PASSPHRASE)
            .env("ZKV_SAS_FILE", "sas.txt")
            .env("HEAD", &head)
            .envs(office.service.environment())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {errors}");
    }
}
