//! A network and a storage that break, at every place.

use zkvault_simulator::Fault;
use zkvault_test_support::{ALL, Ran, Repository};

/// A block and a byte.
const LARGE: usize = (8 << 20) + 1;

/// The requests of one command that goes well.
fn requests_of(repository: &Repository, args: &[&str]) -> usize {
    let before = repository.conditions().requests().len();
    repository.run(args).done();
    repository.conditions().requests().len() - before
}

#[test]
fn an_upload_survives_a_fault_at_every_request() {
    let repository = Repository::simulated();
    let content = Repository::content(LARGE);
    repository.desk.write("large", &content);
    let requests = requests_of(&repository, &["upload", "large", "--name", "smooth", "--plain"]);
    assert!(requests >= 6, "{requests}");
    let busy = Fault::Status {
        status: 503,
        retry_after: Some(0),
    };
    for fault in [Fault::Reset, Fault::AnswerLost, busy, Fault::status(500)] {
        for request in 0..requests {
            repository.conditions().inject_after(request, fault, 1, "");
            let ran = repository.run(&["upload", "large", "--plain", "--json"]);
            repository.conditions().clear_faults();
            assert_eq!(ran.code, 0, "{fault:?} at request {request}: {ran:?}");
            assert!(
                repository
                    .storage()
                    .blob(&repository.container, "large")
                    .unwrap()
                    .content
                    == content
            );
            repository.run(&["delete", "large", "--plain", "--yes"]).done();
        }
    }
}

#[test]
fn a_lost_answer_is_no_conflict_with_oneself() {
    let repository = Repository::simulated();
    // One goes in a single request, the other is committed after a look, a prelude and two blocks.
    repository.desk.write("small", "x");
    repository.desk.write("large", Repository::content(LARGE));
    for (file, request) in [("small", 0), ("large", 4)] {
        for fault in [Fault::Reset, Fault::AnswerLost] {
            repository.conditions().inject_after(request, fault, 1, "");
            repository.run(&["upload", file, "--json"]).done();
            repository.run(&["delete", file, "--yes"]).done();
        }
    }
}

#[test]
fn a_download_survives_a_fault_at_every_request() {
    let repository = Repository::simulated();
    let content = Repository::content(LARGE);
    repository.desk.write("large", &content);
    repository.run(&["upload", "large"]).done();
    let requests = requests_of(&repository, &["download", "large", "--to", "out"]);
    for fault in [Fault::Reset, Fault::Truncated, Fault::status(503)] {
        for request in 0..requests {
            repository.conditions().inject_after(request, fault, 1, "");
            let ran = repository.run(&["download", "large", "--to", "out", "--force", "--json"]);
            repository.conditions().clear_faults();
            assert_eq!(ran.code, 0, "{fault:?} at request {request}: {ran:?}");
            assert!(
                repository.desk.read("out/large") == content,
                "{fault:?} at request {request}"
            );
        }
    }
}

#[test]
fn a_refusal_in_the_middle_leaves_nothing_under_the_name() {
    // A look at the name, a prelude and two blocks, the commit.
    for request in 0..5 {
        let repository = Repository::simulated();
        repository.desk.write("large", Repository::content(LARGE));
        repository.conditions().inject_after(request, Fault::status(403), 1, "");
        repository.run(&["upload", "large", "--json"]).refused(4, "sas-refused");
        assert!(repository.storage().names(&repository.container).is_empty());
    }
    let repository = Repository::simulated();
    repository.desk.write("large", Repository::content(LARGE));
    repository.run(&["upload", "large"]).done();
    repository.conditions().inject_after(1, Fault::status(403), 1, "");
    repository
        .run(&["download", "large", "--to", "out", "--json"])
        .refused(4, "sas-refused");
    assert_eq!(std::fs::read_dir(repository.desk.path("out")).unwrap().count(), 0);
}

#[test]
fn blocks_that_the_storage_lost_are_sent_again() {
    let repository = Repository::simulated();
    let content = Repository::content(LARGE);
    repository.desk.write("large", &content);
    for (round, permissions) in [(1, ALL), (2, "cw")] {
        // The commit does not go through, and meanwhile the blocks expire.
        repository.conditions().inject_after(4, Fault::status(403), 1, "");
        repository
            .with_permissions(permissions, &["upload", "large", "--json"])
            .refused(4, "sas-refused");
        repository.conditions().clear_faults();
        repository.storage().expire_blocks(&repository.container);
        repository.with_permissions(permissions, &["upload", "large"]).done();
        repository
            .run(&["download", "large", "--to", &format!("out{round}")])
            .done();
        assert!(repository.desk.read(&format!("out{round}/large")) == content);
        repository.run(&["delete", "large", "--yes"]).done();
    }
}

#[test]
fn a_leased_blob_is_left_alone() {
    let repository = Repository::simulated();
    repository.desk.write("small", "x");
    repository.run(&["upload", "small"]).done();
    repository
        .storage()
        .lease(&repository.container, &repository.only_blob(), true);
    repository
        .run(&["upload", "small", "--overwrite", "--json"])
        .refused(1, "leased");
    repository
        .run(&["delete", "small", "--yes", "--json"])
        .refused(1, "leased");
}

#[test]
fn the_storages_clock_decides_whether_a_token_has_expired() {
    let repository = Repository::simulated();
    repository.conditions().set_clock_skew(2 * 3600);
    let ran = repository.run(&["ls", "--json"]);
    ran.refused(4, "sas-expired");
    repository.conditions().set_clock_skew(-2 * 3600);
    repository.run(&["ls"]).done();
}

#[test]
fn a_page_of_html_is_no_answer() {
    let repository = Repository::simulated();
    repository.desk.write("small", "x");
    for command in [&["ls", "--json"][..], &["upload", "small", "--json"]] {
        repository.conditions().inject(Fault::HtmlPage, 1, "");
        repository.run(command).refused(1, "malformed-answer");
    }
}

#[test]
fn a_source_that_changes_is_not_uploaded() {
    let repository = Repository::simulated();
    let path = repository.desk.write("large", Repository::content(LARGE));
    let changed = [&[1][..], &Repository::content(LARGE)[1..]].concat();
    // Long enough that the change comes before the commit, on a busy machine too.
    repository.conditions().set_latency(std::time::Duration::from_secs(2));
    let run = repository.spawn(ALL, &["upload", "large", "--json"]);
    while repository.block_requests() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    std::fs::write(&path, &changed).unwrap();
    let ran = Ran::of(&run.wait_with_output().unwrap());
    ran.refused(1, "source-changed");
    assert!(repository.storage().names(&repository.container).is_empty());
    repository.conditions().set_latency(std::time::Duration::ZERO);
    repository.run(&["upload", "large"]).done();
    repository.run(&["download", "large", "--to", "out"]).done();
    assert!(repository.desk.read("out/large") == changed);
}

#[test]
fn long_listings_come_whole() {
    let repository = Repository::simulated();
    std::fs::create_dir(repository.desk.path("many")).unwrap();
    for number in 0..25 {
        repository.desk.write(&format!("many/{number:02}"), number.to_string());
    }
    repository.run(&["upload", "many"]).done();
    repository.storage().set_page_len(4);
    assert_eq!(repository.run(&["ls"]).done().stdout.lines().count(), 25);
    repository.run(&["download", "many", "--to", "out"]).done();
    assert_eq!(repository.desk.read("out/many/24"), b"24");
}

#[cfg(unix)]
#[test]
fn a_disk_without_room_gives_no_name_and_fetches_nothing() {
    for flags in [&[][..], &["--plain"]] {
        let repository = Repository::simulated();
        repository.desk.write("large", Repository::content(LARGE));
        repository.run(&[&["upload", "large"], flags].concat()).done();
        let before = repository.conditions().requests().len();
        let download = [&["download", "large", "--to", "out", "--json"], flags].concat();
        let ran = repository.with_file_limit(4096, &download);
        ran.refused(1, "io");
        assert!(ran.stderr.contains("ulimit"), "what to do is said: {ran:?}");
        assert_eq!(
            repository.conditions().requests().len() - before,
            1,
            "only the start was asked for"
        );
        assert_eq!(std::fs::read_dir(repository.desk.path("out")).unwrap().count(), 0);
        repository.run(&download).done();
        assert!(repository.desk.read("out/large") == Repository::content(LARGE));
    }
}

#[test]
fn a_network_that_stays_away_is_given_up_and_the_next_run_goes_on() {
    let repository = Repository::simulated();
    let content = Repository::content(3 * LARGE);
    repository.desk.write("large", &content);
    repository.conditions().inject_after(3, Fault::Reset, usize::MAX, "");
    let ran = repository.run(&["upload", "large", "--give-up-after", "1s", "--json"]);
    ran.refused(8, "network");
    assert!(ran.stderr.contains("start the same command again"), "{ran:?}");
    assert!(repository.storage().names(&repository.container).is_empty());
    repository.conditions().clear_faults();
    let ran = repository.run(&["upload", "large"]).done();
    assert!(ran.stderr.contains("were there already"), "{ran:?}");
    repository.conditions().inject_after(1, Fault::Reset, usize::MAX, "");
    let download = ["download", "large", "--to", "out", "--give-up-after", "1s", "--json"];
    repository.run(&download).refused(8, "network");
    assert_eq!(std::fs::read_dir(repository.desk.path("out")).unwrap().count(), 0);
    repository.conditions().clear_faults();
    repository.run(&download).done();
    assert!(repository.desk.read("out/large") == content);
    repository
        .run(&["ls", "--give-up-after", "soon", "--json"])
        .refused(2, "usage");
}

#[test]
fn a_token_from_a_clock_that_is_ahead_is_waited_for() {
    let repository = Repository::simulated();
    let now = std::time::SystemTime::now();
    let early = zkvault_simulator::Sas {
        start: Some(now + std::time::Duration::from_secs(3)),
        ..zkvault_simulator::Sas::container(&repository.container, ALL, now + std::time::Duration::from_secs(600))
    };
    repository.with_sas(&repository.signed(&early), &["ls"]).done();
}

#[test]
fn a_success_that_says_nothing_is_no_empty_repository() {
    let repository = Repository::simulated();
    repository.desk.write("a.txt", "a");
    repository.run(&["upload", "a.txt"]).done();
    let commands: [&[&str]; 3] = [
        &["ls", "--json"],
        &["ls", "--plain", "--json"],
        &["download", "**", "--to", "out", "--json"],
    ];
    for fault in [Fault::Empty, Fault::Malformed] {
        for command in commands {
            repository.conditions().inject(fault, 100, "");
            let ran = repository.run(command);
            repository.conditions().clear_faults();
            ran.refused(1, "malformed-answer");
            assert!(ran.stderr.contains("the storage's answer cannot be used"), "{ran:?}");
        }
    }
    assert!(repository.run(&["ls"]).done().stdout.contains("a.txt"));
}

#[test]
fn how_long_a_storage_wants_to_be_left_alone_is_said() {
    let repository = Repository::simulated();
    let busy = Fault::Status {
        status: 503,
        retry_after: Some(600),
    };
    repository.conditions().inject(busy, 1, "");
    let ran = repository.run(&["ls", "--json"]);
    ran.refused(9, "rate-limited");
    assert!(ran.stderr.contains("try again in 600 seconds"), "{ran:?}");
}
