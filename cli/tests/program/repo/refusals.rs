//! What storages in the world say and list, and what is said and done about it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::Value;
use zkvault_simulator::{Quirk, StoredBlob};
use zkvault_test_support::{ALL, HOUR, Ran, Repository};

fn with_file() -> Repository {
    let repository = Repository::simulated();
    repository.desk.write("a.txt", "hello");
    repository.run(&["upload", "a.txt"]).done();
    repository
}

/// Checks a refusal, and that nobody is told to replace what cannot be replaced.
#[track_caller]
fn says(ran: &Ran, exit: i32, code: &str, words: &[&str]) {
    ran.refused(exit, code);
    for word in words {
        assert!(ran.stderr.contains(word), "{word}: {ran:?}");
    }
    assert!(!ran.stderr.contains("give --overwrite"), "{ran:?}");
}

#[test]
fn a_storage_that_refuses_everything_is_quoted_and_explained() {
    for (quirk, exit, code, words) in [
        (
            Quirk::StorageFirewall,
            4,
            "sas-refused",
            ["AuthorizationFailure", "network rules"],
        ),
        (
            Quirk::StorageAddress,
            7,
            "forbidden",
            ["AuthorizationSourceIPMismatch", "sip"],
        ),
        (
            Quirk::StorageDisabled,
            7,
            "account-refused",
            ["AccountIsDisabled", "owner"],
        ),
        (
            Quirk::StorageKeysOff,
            7,
            "account-refused",
            ["KeyBasedAuthenticationNotPermitted", "user delegation"],
        ),
    ] {
        let repository = with_file();
        repository.storage().quirk(quirk);
        let commands: [&[&str]; 4] = [
            &["ls", "--json"],
            &["upload", "a.txt", "--overwrite", "--json"],
            &["download", "a.txt", "--to", "out", "--json"],
            &["delete", "a.txt", "--yes", "--json"],
        ];
        for command in commands {
            says(&repository.run(command), exit, code, &words);
        }
        // From a file a token can be renewed, which must not hide what the storage said.
        repository.desk.write("sas.txt", repository.sas(ALL, Ok(HOUR)));
        let mut command = repository.command("", &["ls", "--json"]);
        let output = command
            .env_remove("ZKV_SAS")
            .env("ZKV_SAS_FILE", "sas.txt")
            .output()
            .unwrap();
        says(&Ran::of(&output), exit, code, &words);
    }
}

#[test]
fn blobs_that_cannot_be_changed_say_why() {
    for (quirk, code, word, upload, delete) in [
        (Quirk::StorageArchive, "archived", "BlobArchived", true, false),
        (
            Quirk::StorageImmutable,
            "immutable",
            "BlobImmutableDueToPolicy",
            true,
            true,
        ),
        (Quirk::StorageSnapshots, "snapshots", "SnapshotsPresent", false, true),
    ] {
        let repository = with_file();
        repository.storage().quirk(quirk);
        if upload {
            says(
                &repository.run(&["upload", "a.txt", "--overwrite", "--json"]),
                1,
                code,
                &[word],
            );
        }
        if delete {
            says(
                &repository.run(&["delete", "a.txt", "--yes", "--json"]),
                1,
                code,
                &[word],
            );
        }
        assert_eq!(repository.storage().names(&repository.container).len(), 1);
    }
    let repository = with_file();
    repository.storage().quirk(Quirk::StorageForeignBlocks);
    repository.desk.write("large", Repository::content(9 << 20));
    let ran = repository.run(&["upload", "large", "--json"]);
    says(&ran, 1, "foreign-blocks", &["InvalidBlobOrBlock", "week"]);
}

#[test]
fn a_token_that_replaces_nothing_is_said_to_who_wants_to_replace_and_to_who_does_not() {
    let repository = with_file();
    repository.storage().quirk(Quirk::StorageNoReplacing);
    let new = repository.run(&["upload", "a.txt", "--json"]);
    says(&new, 1, "conflict", &["cannot replace it", "permission w"]);
    let replacing = repository.run(&["upload", "a.txt", "--overwrite", "--json"]);
    says(
        &replacing,
        7,
        "overwrite-forbidden",
        &["UnauthorizedBlobOverwrite", "permission w"],
    );
    assert_eq!(repository.storage().names(&repository.container).len(), 1);
}

#[test]
fn a_storage_that_knows_no_version_by_name_is_asked_without() {
    let repository = with_file();
    repository.storage().quirk(Quirk::StorageOld);
    repository.run(&["ls"]).done();
    repository.run(&["download", "a.txt", "--to", "out"]).done();
    repository.desk.write("b.txt", "b");
    repository.run(&["upload", "b.txt"]).done();
}

#[test]
fn an_archived_file_stops_no_other() {
    let repository = with_file();
    let archived = repository.only_blob();
    repository.storage().archive(&repository.container, &archived, true);
    std::fs::create_dir(repository.desk.path("docs")).unwrap();
    repository.desk.write("docs/b.txt", "b");
    repository.run(&["upload", "docs"]).done();
    let ran = repository.run(&["download", "a.txt", "docs", "--to", "out", "--json"]);
    ran.refused(11, "partly-failed");
    assert_eq!(repository.desk.read("out/docs/b.txt"), b"b");
    let listed: Value = serde_json::from_str(&repository.run(&["ls", "--json"]).done().stdout).unwrap();
    assert_eq!(
        (&listed[0]["archived"], &listed[1]["archived"]),
        (&Value::Bool(true), &Value::Null)
    );
    let alone = repository.run(&["download", "a.txt", "--to", "out", "--json"]);
    says(&alone, 1, "archived", &["archive tier", "set-tier"]);
}

#[test]
fn folders_of_a_hierarchical_namespace_are_folders() {
    let repository = Repository::simulated();
    let storage = repository.storage();
    let put = |name: &str, content: &str, metadata: &[(&str, &str)]| {
        let blob = StoredBlob {
            content: content.into(),
            metadata: metadata
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..StoredBlob::default()
        };
        storage.put(&repository.container, name, blob);
    };
    put("docs", "", &[("hdi_isfolder", "true")]);
    put("docs/sub", "", &[("hdi_isfolder", "true")]);
    put("docs/sub/b.txt", "B", &[]);
    put("docs/mark/", "", &[]);
    put("docs/empty.txt", "", &[]);
    put("hollow", "", &[("hdi_isfolder", "true")]);
    repository
        .run(&["download", "docs", "hollow", "--plain", "--to", "out"])
        .done();
    assert_eq!(repository.desk.read("out/docs/sub/b.txt"), b"B");
    assert_eq!(repository.desk.read("out/docs/empty.txt"), b"");
    assert!(repository.desk.path("out/hollow").is_dir());
    let listed = repository.run(&["ls", "--plain"]).done().stdout;
    assert_eq!(listed.lines().count(), 2, "{listed}");
    // A namespace also has folders where encrypted files are.
    repository.desk.write("a.txt", "a");
    repository.run(&["upload", "a.txt"]).done();
    storage.quirk(Quirk::StorageFolders);
    let listed = repository.run(&["ls"]).done();
    assert!(
        listed.stderr.is_empty(),
        "no folder is a file of a different key: {listed:?}"
    );
}

#[test]
fn odd_blobs_stop_no_other() {
    let repository = with_file();
    repository
        .storage()
        .put(&repository.container, "plain.txt", StoredBlob::default());
    repository.storage().quirk(Quirk::StorageOddBlobs);
    for arguments in [&["ls", "--json"][..], &["ls", "--plain", "--json"]] {
        let ran = repository.run(arguments);
        assert_eq!(ran.code, 11, "{ran:?}");
        assert!(
            ran.stdout.contains("a.txt") || ran.stdout.contains("plain.txt"),
            "{ran:?}"
        );
    }
    let ran = repository.run(&["ls", "--plain"]);
    assert!(
        ran.stdout.contains("many\t1") && ran.stdout.contains("negative\t\t"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("it has no name"), "{ran:?}");
    repository.run(&["download", "a.txt", "--to", "out"]).done();
}

#[test]
fn absurd_lengths_overflow_nothing() {
    let repository = Repository::simulated();
    for name in ["docs/a", "docs/b"] {
        let blob = StoredBlob {
            content: b"x".to_vec(),
            ..StoredBlob::default()
        };
        repository.storage().put(&repository.container, name, blob);
    }
    repository.storage().quirk(Quirk::StorageHugeLengths);
    repository.run(&["download", "docs", "--plain", "--to", "out"]).done();
    assert_eq!(repository.desk.read("out/docs/b"), b"x");
    let listed = repository.run(&["ls", "--plain"]).done();
    assert!(listed.stdout.contains("18446744073709551615"), "{listed:?}");
}

#[test]
fn a_listing_without_an_end_is_given_up() {
    for (quirk, word) in [(Quirk::StorageCircle, "leads back"), (Quirk::StorageEndless, "256 MiB")] {
        let repository = with_file();
        repository.storage().quirk(quirk);
        let ran = repository.run(&["ls", "--json"]);
        says(&ran, 1, "endless-listing", &[word]);
        assert!(repository.conditions().requests().len() < 100);
    }
}

/// A proxy that says the same to everybody.
fn proxy(response: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(response.as_bytes());
        }
    });
    port
}

#[test]
fn a_proxy_that_refuses_is_named_without_its_password() {
    let repository = Repository::simulated();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for port in [
        closed,
        proxy("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
        proxy("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
        proxy(""),
    ] {
        let sas = "https://account.blob.core.windows.net/c?sv=2025-11-05&sig=x";
        let mut command = repository.command(sas, &["ls", "--json"]);
        command.env("HTTPS_PROXY", format!("http://user:CANARY@127.0.0.1:{port}"));
        let ran = Ran::of(&command.output().unwrap());
        says(&ran, 8, "network", &["proxy", &format!("127.0.0.1:{port}")]);
        assert!(!ran.stderr.contains("CANARY"), "{ran:?}");
    }
}
