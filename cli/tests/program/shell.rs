//! The commands that a document shows, run as they stand there.

use std::process::Command;

use zkvault_test_support::{Desk, PASSPHRASE, repository};

/// The lines of all `sh` blocks of a document of the repository, from a heading on to the next of its level.
pub(crate) fn commands_below(document: &str, heading: &str) -> Vec<String> {
    let text = std::fs::read_to_string(repository(document)).unwrap();
    let level = heading.split_once(' ').unwrap().0;
    let section = text.split_once(&format!("{heading}\n")).unwrap().1;
    let section = section.split(&format!("\n{level} ")).next().unwrap();
    let blocks = section.split("```sh\n").skip(1);
    let blocks = blocks.map(|rest| rest.split_once("```").unwrap().0);
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

/// Runs commands at a desk, each in a shell of its own; all must succeed. Returns what they printed.
pub(crate) fn run(desk: &Desk, commands: &[String], environment: &[(&str, String)]) -> Vec<String> {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_zkv")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let run = |command: &String| {
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(desk.path("."))
            .env("PATH", &path)
            .env("ZKV_CONFIG_DIR", desk.path("config"))
            .env("ZKV_DATA_DIR", desk.path("data"))
            .env("ZKV_PASSPHRASE", PASSPHRASE)
            .env("ZKV_NO_INPUT", "1")
            .envs(environment.iter().cloned())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    };
    commands.iter().map(run).collect()
}
