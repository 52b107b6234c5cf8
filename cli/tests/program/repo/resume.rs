//! What was interrupted resumes.

use std::collections::HashSet;

use zkvault_simulator::Fault;
use zkvault_test_support::{ALL, Repository};

const BLOCKS: usize = 5;
const LARGE: usize = BLOCKS << 23;

/// Ends an upload without warning once the storage has so many of its blocks; what it asks after them is never answered.
fn kill_after(repository: &Repository, permissions: &str, blocks: usize) -> usize {
    // Before the blocks it asks for what is there already.
    repository
        .conditions()
        .inject_after(1 + blocks, Fault::Stall, usize::MAX, "");
    let mut run = repository.spawn(permissions, &["upload", "large"]);
    let stored = || {
        let requests = repository.conditions().requests();
        let blobs: HashSet<_> = requests.iter().map(|request| request.path.clone()).collect();
        let name = |path: &String| path.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
        blobs
            .iter()
            .map(|path| {
                repository
                    .storage()
                    .uncommitted(&repository.container, &name(path))
                    .len()
            })
            .sum::<usize>()
    };
    while stored() < blocks {
        assert!(run.try_wait().unwrap().is_none(), "it was to be killed");
        std::thread::yield_now();
    }
    run.kill().unwrap();
    run.wait().unwrap();
    repository.conditions().clear_faults();
    stored()
}

#[test]
fn only_what_is_missing_is_sent_after_a_kill() {
    let repository = Repository::simulated();
    let content = Repository::content(LARGE);
    repository.desk.write("large", &content);
    let stored = kill_after(&repository, ALL, 3);
    assert_eq!(stored, 3);
    let before = repository.block_requests();
    let ran = repository.run(&["upload", "large"]).done();
    // The prelude is a block of its own.
    assert_eq!(repository.block_requests() - before, BLOCKS + 1 - stored);
    assert!(ran.stderr.contains("were there already"), "{ran:?}");
    repository.run(&["download", "large", "--to", "out"]).done();
    assert!(repository.desk.read("out/large") == content);
    assert_eq!(
        std::fs::read_dir(repository.desk.path("data/uploads")).unwrap().count(),
        0
    );
}

#[test]
fn a_token_that_cannot_read_goes_on_from_the_journal() {
    let repository = Repository::simulated();
    let content = Repository::content(LARGE);
    repository.desk.write("large", &content);
    let stored = kill_after(&repository, "cw", 3);
    let before = repository.block_requests();
    repository.with_permissions("cw", &["upload", "large"]).done();
    let sent = repository.block_requests() - before;
    // The answers to the last blocks may have been lost with the program.
    assert!(
        sent < BLOCKS + 1 && sent >= BLOCKS + 1 - stored,
        "{sent} of {}",
        BLOCKS + 1
    );
    repository.run(&["download", "large", "--to", "out"]).done();
    assert!(repository.desk.read("out/large") == content);
}

#[test]
fn a_source_that_changed_begins_anew() {
    let repository = Repository::simulated();
    repository.desk.write("large", Repository::content(LARGE));
    kill_after(&repository, ALL, 3);
    let changed = [&[1][..], &Repository::content(LARGE)[1..]].concat();
    repository.desk.write("large", &changed);
    let before = repository.block_requests();
    repository.run(&["upload", "large"]).done();
    assert_eq!(repository.block_requests() - before, BLOCKS + 1);
    repository.run(&["download", "large", "--to", "out"]).done();
    assert!(repository.desk.read("out/large") == changed);
}

#[test]
fn an_upload_whose_end_was_not_seen_is_found_to_be_done() {
    let repository = Repository::simulated();
    repository.desk.write("large", Repository::content((8 << 20) + 1));
    // The commit is carried out, and whatever is asked next is refused.
    let requests = 5;
    repository
        .conditions()
        .inject_after(requests, Fault::status(403), 9, "");
    repository.run(&["upload", "large", "--json"]).refused(4, "sas-refused");
    repository.conditions().clear_faults();
    assert_eq!(repository.storage().names(&repository.container).len(), 1);
    let before = repository.block_requests();
    repository.run(&["upload", "large"]).done();
    assert_eq!(repository.block_requests(), before);
    // Now that it is known to be done, the name is taken.
    repository.run(&["upload", "large", "--json"]).refused(1, "conflict");
}

#[test]
fn a_folder_goes_on_with_the_files_that_are_missing() {
    let repository = Repository::simulated();
    std::fs::create_dir(repository.desk.path("many")).unwrap();
    for number in 0..30 {
        repository.desk.write(&format!("many/{number:02}"), number.to_string());
    }
    let fault = Fault::status(403);
    repository.conditions().inject_after(10, fault, 30, "");
    assert_eq!(repository.run(&["upload", "many"]).code, 4);
    repository.conditions().clear_faults();
    let there = repository.storage().names(&repository.container).len();
    assert!((1..30).contains(&there), "{there}");
    repository.desk.write("many/00", "changed");
    let puts = || {
        let requests = repository.conditions().requests();
        requests.iter().filter(|request| request.method == "PUT").count()
    };
    let before = puts();
    let ran = repository.run(&["upload", "many", "--json"]);
    // One of those that were there has changed since: that is a conflict, if it was among them.
    assert!(matches!(ran.code, 0 | 11), "{ran:?}");
    assert!(puts() - before <= 30 - there + 1 + 16, "{} of {there}", puts() - before);
    assert_eq!(repository.storage().names(&repository.container).len(), 30);
}
