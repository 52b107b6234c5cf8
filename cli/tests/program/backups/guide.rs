//! What the guide to backups shows works as it stands there.

use super::storage::{ALL, Office};
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
