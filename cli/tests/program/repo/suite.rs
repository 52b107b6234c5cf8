//! What must hold in every storage.

use std::time::Duration;

use serde_json::Value;
use zkvault_simulator::Sas;
use zkvault_test_support::{ALL, HOUR, Ran, Repository};

const MIB: usize = 1 << 20;

fn names(ran: &Ran) -> Vec<String> {
    let listed: Value = serde_json::from_str(&ran.stdout).unwrap();
    let files = listed.as_array().unwrap().iter();
    files.map(|file| file["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn files_and_folders_come_back_as_they_were() {
    let repository = Repository::new();
    let desk = &repository.desk;
    std::fs::create_dir_all(desk.path("docs/in ner")).unwrap();
    // Windows has no names with a question mark.
    let signs = match cfg!(windows) {
        true => "docs/in ner/100% #+&.txt",
        false => "docs/in ner/100% #+&?.txt",
    };
    let files = [
        ("docs/Größe ä 大きさ.txt", Repository::content(1000)),
        ("docs/in ner/empty", Vec::new()),
        (signs, b"x".to_vec()),
        ("one block", Repository::content(8 * MIB)),
        ("three blocks", Repository::content(16 * MIB + 1)),
    ];
    for (name, content) in &files {
        desk.write(name, content);
    }
    let uploaded = repository.run(&["upload", "docs", "one block", "three blocks"]).done();
    assert!(
        uploaded.stdout.is_empty() && uploaded.stderr.contains("5 files"),
        "{uploaded:?}"
    );

    let mut expected: Vec<_> = files.iter().map(|(name, _)| *name).collect();
    expected.sort_unstable();
    assert_eq!(names(&repository.run(&["ls", "--json"]).done()), expected);
    let listed = repository.run(&["ls"]).done().stdout;
    assert!(
        listed.lines().any(|line| line.starts_with("one block\t8388608\t20")),
        "{listed}"
    );

    repository
        .run(&["download", "docs", "one block", "three blocks", "--to", "out"])
        .done();
    for (name, content) in &files {
        assert!(desk.read(&format!("out/{name}")) == *content, "{name}");
    }
    let modified = |path: &str| std::fs::metadata(desk.path(path)).unwrap().modified().unwrap();
    let difference = modified("one block").duration_since(modified("out/one block")).unwrap();
    assert!(
        difference < Duration::from_secs(1),
        "the time of the source, in whole seconds"
    );
    // What is there of the same size and time is no failure, and any other file is.
    let again = repository.run(&["download", "docs", "one block", "--to", "out"]).done();
    assert!(again.stderr.contains("files were here already"), "{again:?}");
    desk.write("out/one block", "mine");
    let other = repository.run(&["download", "one block", "--to", "out", "--json"]);
    other.refused(1, "exists");
    assert_eq!(desk.read("out/one block"), b"mine");
    repository
        .run(&["download", "one block", "--to", "out", "--force"])
        .done();
}

#[test]
fn a_name_is_replaced_only_when_told() {
    let repository = Repository::new();
    for (file, len) in [("small", 10), ("large", 9 * MIB)] {
        let (first, second) = (Repository::content(len), Repository::content(len + 1)[1..].to_vec());
        repository.desk.write(file, &first);
        repository.run(&["upload", file]).done();
        repository.desk.write(file, &second);
        repository.run(&["upload", file, "--json"]).refused(1, "conflict");
        repository
            .with_permissions("cw", &["upload", file, "--json"])
            .refused(1, "conflict");
        repository.run(&["download", file, "--to", "first"]).done();
        assert!(repository.desk.read(&format!("first/{file}")) == first);
        repository.run(&["upload", file, "--overwrite"]).done();
        repository.run(&["download", file, "--to", "second"]).done();
        assert!(repository.desk.read(&format!("second/{file}")) == second);
    }
    let both = repository.run(&["upload", "small", "large", "--json"]);
    both.refused(1, "conflict");
    repository.desk.write("new", "x");
    let some = repository.run(&["upload", "small", "large", "new", "--json"]);
    some.refused(11, "partly-failed");
    repository
        .run(&["upload", "small", "--name", "other/name", "--json"])
        .done();
    assert_eq!(
        names(&repository.run(&["ls", "--json"]).done()),
        ["large", "new", "other/name", "small"]
    );
}

#[test]
fn what_a_token_does_not_allow_is_said() {
    let repository = Repository::new();
    repository.desk.write("small", "x");
    repository.desk.write("large", Repository::content(9 * MIB));
    for file in ["small", "large"] {
        let ran = repository.with_permissions("rl", &["upload", file, "--json"]);
        ran.refused(7, "forbidden");
        assert!(ran.stderr.contains("permission"), "{ran:?}");
        repository.with_permissions("cw", &["upload", file]).done();
        repository
            .with_permissions("w", &["download", file, "--to", "out", "--json"])
            .refused(7, "forbidden");
        repository
            .with_permissions("r", &["download", file, "--to", "out"])
            .done();
        repository
            .with_permissions("rwl", &["delete", file, "--yes", "--json"])
            .refused(7, "forbidden");
    }
    repository
        .with_permissions("rw", &["ls", "--json"])
        .refused(7, "forbidden");
    repository.desk.write("created", "x");
    repository.with_permissions("c", &["upload", "created"]).done();
}

#[test]
fn a_token_that_does_not_hold_says_why() {
    let repository = Repository::new();
    repository.desk.write("small", "x");
    let hour = Duration::from_secs(3600);
    let expired = repository.sas(ALL, Err(hour));
    let commands: [&[&str]; 4] = [
        &["upload", "small", "--json"],
        &["ls", "--json"],
        &["download", "small", "--to", "out", "--json"],
        &["delete", "small", "--yes", "--json"],
    ];
    for command in commands {
        let ran = repository.with_sas(&expired, command);
        ran.refused(4, "sas-expired");
        assert!(ran.stderr.contains("expired at 20"), "{ran:?}");
    }
    let now = std::time::SystemTime::now();
    let early = Sas {
        start: Some(now + hour),
        ..Sas::container(&repository.container, ALL, now + 2 * hour)
    };
    repository
        .with_sas(&repository.signed(&early), &["ls", "--json"])
        .refused(4, "sas-not-yet-valid");
    let other = repository.signed(&Sas::container("other", ALL, now + hour));
    repository.with_sas(&other, &["ls", "--json"]).refused(4, "sas-refused");
    let mangled = repository.sas(ALL, Ok(hour)).replace("%3D", "");
    repository
        .with_sas(&mangled, &["ls", "--json"])
        .refused(4, "sas-refused");
    for wrong in [
        "",
        "no address",
        "https://a.blob.core.windows.net/c",
        "http://example.com/c?sig=x",
    ] {
        let ran = repository.with_sas(wrong, &["ls", "--json"]);
        assert!(matches!(ran.code, 2 | 5), "{wrong}: {ran:?}");
    }
}

#[test]
fn nobody_at_the_other_end_is_a_network_error() {
    let repository = Repository::new();
    let sas = repository.sas(ALL, Ok(Duration::from_secs(60)));
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (_, path) = sas.split_once("://").unwrap().1.split_once('/').unwrap();
    let ran = repository.with_sas(&format!("http://127.0.0.1:{port}/{path}"), &["ls", "--json"]);
    ran.refused(8, "network");
}

#[test]
fn deleted_files_are_gone() {
    let repository = Repository::new();
    repository.desk.write("one", "x");
    repository.desk.write("two", "y");
    repository.run(&["upload", "one", "two"]).done();
    repository.run(&["delete", "one", "--json"]).refused(5, "input-needed");
    repository.run(&["delete", "one", "--yes"]).done();
    assert_eq!(names(&repository.run(&["ls", "--json"]).done()), ["two"]);
    repository
        .run(&["delete", "one", "--yes", "--json"])
        .refused(3, "not-found");
    repository
        .run(&["download", "one", "--to", "out", "--json"])
        .refused(3, "not-found");
    repository
        .run(&["download", "one", "two", "--to", "out", "--json"])
        .refused(11, "partly-failed");
    assert_eq!(repository.desk.read("out/two"), b"y");
}

#[test]
fn a_dry_run_deletes_nothing() {
    let repository = Repository::new();
    repository.desk.write("one", "x");
    repository.run(&["upload", "one"]).done();
    for permissions in ["rl", "l", ALL] {
        let ran = repository
            .with_permissions(permissions, &["delete", "one", "--dry-run"])
            .done();
        assert!(
            ran.stdout.starts_with("DELETE http://") && ran.stdout.ends_with(".zkv\n"),
            "{ran:?}"
        );
    }
    repository
        .run(&["delete", "two", "--dry-run", "--json"])
        .refused(3, "not-found");
    assert_eq!(names(&repository.run(&["ls", "--json"]).done()), ["one"]);
}

#[test]
fn patterns_choose_files() {
    let repository = Repository::new();
    let desk = &repository.desk;
    std::fs::create_dir_all(desk.path("runs/2026")).unwrap();
    let files = [
        "runs/2026/a.csv",
        "runs/2026/b.csv",
        "runs/ä.csv",
        "runs/notes [1].txt",
        "top.csv",
    ];
    for name in files {
        desk.write(name, name);
    }
    repository.run(&["upload", "runs", "top.csv"]).done();
    let cases: [(&[&str], &[&str]); 5] = [
        (&["runs/*.csv"], &["runs/ä.csv"]),
        (
            &["**/*.csv"],
            &["runs/2026/a.csv", "runs/2026/b.csv", "runs/ä.csv", "top.csv"],
        ),
        (&["runs/2026/[b-z].csv", "*.csv"], &["runs/2026/b.csv", "top.csv"]),
        // A name that is one comes before what it would match as a pattern.
        (&["runs/notes [1].txt"], &["runs/notes [1].txt"]),
        (
            &["runs/2026/", "?op.csv"],
            &["runs/2026/a.csv", "runs/2026/b.csv", "top.csv"],
        ),
    ];
    for (number, (chosen, expected)) in cases.into_iter().enumerate() {
        let out = format!("out{number}");
        let download = [&["download"], chosen, &["--to", &out]].concat();
        repository.run(&download).done();
        for name in files {
            let there = desk.path(&format!("{out}/{name}")).exists();
            assert_eq!(there, expected.contains(&name), "{chosen:?}: {name}");
        }
        let listed = repository.run(&[&["ls"], chosen, &["--json"]].concat()).done();
        assert_eq!(names(&listed), expected, "{chosen:?}");
    }
    repository
        .run(&["download", "*.pdf", "--to", "out", "--json"])
        .refused(3, "not-found");
    repository
        .run(&["download", "../*", "--to", "out", "--json"])
        .refused(2, "usage");
    // Without the right to list a pattern is no name.
    repository
        .with_permissions("r", &["download", "*.csv", "--to", "out", "--json"])
        .refused(7, "forbidden");
}

#[test]
fn another_key_sees_nothing() {
    let repository = Repository::new();
    repository.desk.write("secret plans", "x");
    repository.run(&["upload", "secret plans"]).done();
    repository.desk.write("vault.key", [8; 32]);
    let listed = repository.run(&["ls"]).done();
    assert!(
        listed.stdout.is_empty() && listed.stderr.contains("1 files are not shown"),
        "{listed:?}"
    );
    repository
        .run(&["download", "secret plans", "--to", "out", "--json"])
        .refused(3, "not-found");
    // The same name under another key is another blob.
    repository.run(&["upload", "secret plans"]).done();
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let repository = Repository::new();
    repository.desk.write("file", "x");
    for name in ["../file", "/file", "a//b", "a/../b", "a\\b", "a\u{1b}[2J", ""] {
        repository
            .run(&["upload", "file", "--name", name, "--json"])
            .refused(2, "usage");
        repository
            .run(&["download", name, "--to", "out", "--json"])
            .refused(2, "usage");
    }
}

#[test]
fn without_encryption_only_when_asked() {
    let repository = Repository::new();
    std::fs::create_dir(repository.desk.path("docs")).unwrap();
    let files = [("docs/ä b.txt", 10), ("empty", 0), ("large", 17 * MIB)];
    for (name, len) in files {
        repository.desk.write(name, Repository::content(len));
    }
    let uploaded = repository.run(&["upload", "docs", "empty", "large", "--plain"]).done();
    assert!(uploaded.stderr.contains("warning: without encryption"), "{uploaded:?}");
    assert_eq!(names(&repository.run(&["ls", "--json"]).done()), [""; 0]);
    assert_eq!(
        names(&repository.run(&["ls", "--plain", "--json"]).done()),
        files.map(|(name, _)| name)
    );
    repository
        .run(&["download", "large", "--to", "out", "--json"])
        .refused(3, "not-found");
    repository
        .run(&["download", "docs", "empty", "large", "--to", "out", "--plain"])
        .done();
    for (name, len) in files {
        assert!(
            repository.desk.read(&format!("out/{name}")) == Repository::content(len),
            "{name}"
        );
    }
    repository
        .run(&["upload", "large", "--plain", "--json"])
        .refused(1, "conflict");
    repository.run(&["delete", "large", "--plain", "--yes"]).done();
}

#[test]
fn what_is_encrypted_is_no_file_without_encryption() {
    let repository = Repository::simulated();
    repository.desk.write("a.txt", "a");
    repository.run(&["upload", "a.txt"]).done();
    let blob = repository.only_blob();
    assert_eq!(names(&repository.run(&["ls", "--plain", "--json"]).done()), [""; 0]);
    repository
        .run(&["delete", &blob, "--plain", "--yes", "--json"])
        .refused(3, "not-found");
    repository.run(&["download", "a.txt", "--to", "out"]).done();
}

#[test]
fn of_two_uploads_of_one_name_one_wins() {
    let repository = Repository::new();
    repository.desk.write("large", Repository::content(17 * MIB));
    let runs = [0, 1].map(|_| repository.spawn(ALL, &["upload", "large", "--json"]));
    let mut runs = runs.map(|run| Ran::of(&run.wait_with_output().unwrap()));
    runs.sort_by_key(|run| run.code);
    assert_eq!(runs[0].code, 0, "{runs:?}");
    runs[1].refused(1, "conflict");
    repository.run(&["download", "large", "--to", "out"]).done();
    assert!(repository.desk.read("out/large") == Repository::content(17 * MIB));
}

#[test]
fn a_token_that_may_only_create_cannot_replace() {
    let repository = Repository::new();
    repository.desk.write("a.txt", "hello");
    repository.run(&["upload", "a.txt"]).done();
    let ran = repository.with_permissions("c", &["upload", "a.txt", "--overwrite", "--json"]);
    ran.refused(7, "forbidden");
    assert!(
        ran.stderr.contains("permission") && !ran.stderr.contains("give --overwrite"),
        "{ran:?}"
    );
}

#[test]
fn an_address_is_taken_as_it_was_pasted() {
    let repository = Repository::new();
    repository.desk.write("a.txt", "hello");
    repository.run(&["upload", "a.txt"]).done();
    let plain = repository.sas(ALL, Ok(HOUR));
    for form in [
        plain.replace('?', "??"),
        plain.replace('&', "\\u0026"),
        plain.replace('?', "?restype=container&comp=list&"),
        format!("<{plain}>"),
        plain.replace("%2B", "+").replace("%2F", "/").replace("%3D", "="),
        plain.replace('%', "%25"),
    ] {
        repository.with_sas(&form, &["ls"]).done();
    }
    for (form, word) in [
        (plain.replace('?', "/a.txt?"), "not of a container"),
        (plain.replace("sr=c", "sr=b"), "not of a container"),
        (plain.split_once('?').unwrap().1.to_owned(), "a SAS token alone"),
    ] {
        let ran = repository.with_sas(&form, &["ls", "--json"]);
        ran.refused(2, "usage");
        assert!(ran.stderr.contains(word), "{ran:?}");
    }
}
