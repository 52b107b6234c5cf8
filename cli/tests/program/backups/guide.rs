//! What the guide to backups shows works as it stands there.

use zkvault_test_support::ALL;

use super::storage::Office;
use crate::shell::{commands_below, run};

#[test]
fn every_command_of_the_guide_succeeds_in_its_order() {
    let office = Office::new();
    office.desk.write("sas.txt", office.sas(ALL));
    let head = office.push(&office.desk);
    let commands = commands_below("docs/guide-backup.md", "# Backups");
    assert!(commands.len() > 10, "{commands:?}");
    let mut environment = office.service.environment().to_vec();
    environment.extend([("ZKV_SAS_FILE", "sas.txt".to_owned()), ("HEAD", head)]);
    run(&office.desk, &commands, &environment);
}

#[test]
fn every_command_of_the_readme_for_storage_succeeds_in_its_order() {
    let office = Office::new();
    office.desk.write("sas.txt", office.sas(ALL));
    office.desk.write("report.pdf", "a report");
    std::fs::create_dir(office.desk.path("docs")).unwrap();
    office.desk.write("docs/inner.txt", "inner");
    let commands = commands_below("README.md", "### With files in Azure storage");
    assert_eq!(commands.len(), 4, "{commands:?}");
    let mut environment = office.service.environment().to_vec();
    environment.push(("ZKV_SAS_FILE", "sas.txt".to_owned()));
    let printed = run(&office.desk, &commands, &environment);
    assert!(printed[1].contains("docs/inner.txt\t5"), "{printed:?}");
    assert_eq!(office.desk.read("restored/docs/inner.txt"), b"inner");
}
