//! What a person at a terminal is told while something takes long.

use std::time::Duration;

use zkvault_test_support::{ALL, Desk, HOUR, Service, StorageService};

use crate::pty::{Pty, variables};

/// Longer than a person waits without a word.
const LATENCY: Duration = Duration::from_millis(2500);

fn terminal(desk: &Desk, variables: &[(&str, &str)], command: &str) -> Pty {
    let agent = ("ZKV_AGENT", "off");
    Pty::run_with(desk, (24, 160), &[variables, &[agent]].concat(), command)
}

#[test]
fn a_sync_counts_sites_and_knows_from_the_last_time_how_many_there_are() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let environment = service.environment();
    let variables = variables(&environment, &[]);
    service.conditions().set_latency(Duration::from_secs(1));
    let first = terminal(&desk, &variables, "zkv sync");
    first.wait_for(" 0 sites");
    let (code, written) = first.end();
    assert!(code == 0 && !written.contains("/12 sites"), "{written}");
    let second = terminal(&desk, &variables, "zkv sync");
    second.wait_for(" 0/12 sites");
    assert_eq!(second.end().0, 0);
    let quiet = terminal(&desk, &variables, "zkv sync -q");
    let (code, written) = quiet.end();
    assert!(code == 0 && !written.contains("12 sites"), "{written}");
}

#[test]
fn commands_about_files_say_that_they_wait_for_the_storage() {
    let desk = Desk::new();
    let storage = StorageService::new("files");
    desk.write("link.sas", storage.sas_url(ALL, std::time::SystemTime::now() + HOUR));
    storage.storage.conditions().set_latency(LATENCY);
    for (command, code) in [
        ("zkv repo ls --plain", 0),
        ("zkv repo delete --plain --yes nothing", 3),
        ("zkv repo delete --plain --dry-run nothing", 3),
        ("zkv doctor", 0),
    ] {
        let pty = terminal(&desk, &[("ZKV_SAS_FILE", "link.sas")], command);
        let told = pty.wait_for("zkv: still waiting for a response of http://127.0.0.1");
        assert!(!told.contains("sig="), "{told}");
        let (ended, written) = pty.end();
        assert_eq!(ended, code, "{command}: {written}");
        assert!(!written.contains("sig="), "{written}");
    }
}
