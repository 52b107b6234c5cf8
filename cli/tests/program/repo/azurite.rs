//! What other programs do to a container, on a storage that is not our own: scripts/test-azurite runs these.

use serde_json::Value;
use zkvault_test_support::{Ran, Repository};

/// A container with one file, a.txt, that is not encrypted, so that its blob is known by name.
fn with_plain_file() -> Repository {
    let repository = Repository::new();
    repository.desk.write("a.txt", "hello");
    repository.run(&["upload", "a.txt", "--plain"]).done();
    repository
}

/// Sends a request, and checks that it did what it should.
#[track_caller]
fn done(repository: &Repository, method: &str, blob: &str, query: &str, headers: &[(&str, &str)], body: &[u8]) {
    let answer = repository.send(method, blob, query, headers, body);
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
}

/// Puts a blob as another program does.
#[track_caller]
fn put(repository: &Repository, blob: &str, kind: &str, metadata: &[(&str, &str)], content: &[u8]) {
    let headers = [&[("x-ms-blob-type", kind)], metadata].concat();
    done(repository, "PUT", blob, "", &headers, content);
}

/// Checks a refusal, that it quotes the storage, and that nobody is told to replace what cannot be replaced.
#[track_caller]
fn says(ran: &Ran, exit: i32, code: &str, word: &str) {
    ran.refused(exit, code);
    assert!(
        ran.stderr.contains(word) && !ran.stderr.contains("give --overwrite"),
        "{ran:?}"
    );
}

#[test]
#[ignore = "needs Azurite: scripts/test-azurite"]
fn a_leased_blob_is_neither_replaced_nor_deleted() {
    let repository = with_plain_file();
    let lease = [("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", "-1")];
    done(&repository, "PUT", "a.txt", "comp=lease", &lease, b"");
    let replaced = repository.run(&["upload", "a.txt", "--plain", "--overwrite", "--json"]);
    says(&replaced, 1, "leased", "LeaseIdMissing");
    let deleted = repository.run(&["delete", "a.txt", "--plain", "--yes", "--json"]);
    says(&deleted, 1, "leased", "LeaseIdMissing");
    repository.run(&["download", "a.txt", "--plain", "--to", "out"]).done();
    assert_eq!(repository.desk.read("out/a.txt"), b"hello");
}

#[test]
#[ignore = "needs Azurite: scripts/test-azurite"]
fn a_blob_with_snapshots_is_not_deleted() {
    let repository = with_plain_file();
    done(&repository, "PUT", "a.txt", "comp=snapshot", &[], b"");
    let deleted = repository.run(&["delete", "a.txt", "--plain", "--yes", "--json"]);
    says(&deleted, 1, "snapshots", "SnapshotsPresent");
    let listed: Value = serde_json::from_str(&repository.run(&["ls", "--plain", "--json"]).done().stdout).unwrap();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
}

#[test]
#[ignore = "needs Azurite: scripts/test-azurite"]
fn an_archived_blob_stops_no_other() {
    let repository = with_plain_file();
    repository.desk.write("b.txt", "b");
    repository.run(&["upload", "b.txt", "--plain"]).done();
    done(
        &repository,
        "PUT",
        "a.txt",
        "comp=tier",
        &[("x-ms-access-tier", "Archive")],
        b"",
    );
    let ran = repository.run(&["download", "a.txt", "b.txt", "--plain", "--to", "out", "--json"]);
    ran.refused(11, "partly-failed");
    assert_eq!(repository.desk.read("out/b.txt"), b"b");
    let alone = repository.run(&["download", "a.txt", "--plain", "--to", "out", "--json"]);
    says(&alone, 1, "archived", "archive tier");
}

#[test]
#[ignore = "needs Azurite: scripts/test-azurite"]
fn blocks_that_another_program_left_are_named() {
    let repository = Repository::new();
    let content = Repository::content(9 << 20);
    repository.desk.write("large", &content);
    // An id of one byte; ours are longer, and those of one blob must have one length.
    done(&repository, "PUT", "large", "comp=block&blockid=AA%3D%3D", &[], b"x");
    let ran = repository.run(&["upload", "large", "--plain", "--json"]);
    says(&ran, 1, "foreign-blocks", "InvalidBlobOrBlock");
}

#[test]
#[ignore = "needs Azurite: scripts/test-azurite"]
fn blobs_of_other_programs_and_marks_of_folders_are_listed_and_fetched() {
    let repository = Repository::new();
    let metadata: Vec<_> = (0..100)
        .map(|number| (format!("x-ms-meta-m{number}"), "v".repeat(50)))
        .collect();
    let metadata: Vec<_> = metadata
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    put(
        &repository,
        "docs",
        "BlockBlob",
        &[("x-ms-meta-hdi_isfolder", "true")],
        b"",
    );
    put(
        &repository,
        "docs/h%20%C3%A9+%23%25.txt",
        "BlockBlob",
        &metadata,
        b"odd",
    );
    put(&repository, "docs/log", "AppendBlob", &[], b"");
    let page = [("x-ms-blob-content-length", "512")];
    put(&repository, "docs/disk", "PageBlob", &page, b"");
    let listed: Value = serde_json::from_str(&repository.run(&["ls", "--plain", "--json"]).done().stdout).unwrap();
    let names: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["docs/disk", "docs/h \u{e9}+#%.txt", "docs/log"]);
    repository.run(&["download", "docs", "--plain", "--to", "out"]).done();
    assert_eq!(repository.desk.read("out/docs/h \u{e9}+#%.txt"), b"odd");
    assert_eq!(repository.desk.read("out/docs/disk"), [0; 512]);
    // Among them, what is encrypted is found, and nothing else is taken for it.
    repository.desk.write("a.txt", "hello");
    repository.run(&["upload", "a.txt"]).done();
    let sealed: Value = serde_json::from_str(&repository.run(&["ls", "--json"]).done().stdout).unwrap();
    assert_eq!(sealed.as_array().map(Vec::len), Some(1), "{sealed}");
}
