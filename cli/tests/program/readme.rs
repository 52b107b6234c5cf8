//! What the README shows works as it stands there.

use std::process::Command;

use crate::support::{Desk, PASSPHRASE, repository};

/// The lines of the code block below a heading.
fn commands(heading: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let section = readme.split_once(heading).unwrap().1;
    let block = section.split_once("```sh\n").unwrap().1;
    block.split_once("```").unwrap().0.lines().map(str::to_owned).collect()
}

#[test]
fn every_command_of_the_readme_succeeds_in_its_order() {
    let desk = Desk::new();
    for (name, source) in [
        ("site.key", "examples/example.key"),
        ("sites.json", "examples/sites.json"),
        ("plain.json", "cli/tests/fixtures/plain.json"),
        ("report.pdf", "README.md"),
    ] {
        desk.write(name, std::fs::read(repository(source)).unwrap());
    }
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_zkv")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let commands = commands("## Use it");
    assert!(commands.len() >= 7, "{commands:?}");
    for command in commands {
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(desk.path("."))
            .env("PATH", &path)
            .env("ZKV_CONFIG_DIR", desk.path("config"))
            .env("ZKV_PASSPHRASE", PASSPHRASE)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {errors}");
    }
}

#[test]
fn the_first_command_opens_the_example_document() {
    let command = commands("## Try it").remove(0);
    let (_, arguments) = command.split_once(" -- ").unwrap();
    let mut arguments: Vec<_> = arguments.split(' ').map(str::to_owned).collect();
    for argument in arguments
        .iter_mut()
        .filter(|argument| argument.starts_with("examples/"))
    {
        *argument = repository(argument);
    }
    let desk = Desk::new();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let assert = desk.zkv(&arguments).assert().success();
    let document = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(document.contains("correct horse battery staple"), "{document}");
}
