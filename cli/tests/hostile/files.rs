//! Encrypted files, and the storage that keeps them.

use zkvault_simulator::BlobAttack;
use zkvault_test_support::{Desk, Repository};

const CHUNK: usize = 16 << 10;
const BLOCK: usize = 4 * CHUNK;

#[test]
fn z27_a_file_cut_at_any_edge_reordered_or_spliced_leaves_nothing() {
    let desk = Desk::new();
    desk.write("k.key", [1; 32]);
    let seal = |name: &str, content: &[u8]| {
        desk.write(name, content);
        let sealed = format!("{name}.zkv");
        let block = BLOCK.to_string();
        let all = [
            "file",
            "encrypt",
            name,
            "-o",
            &sealed,
            "--key-file",
            "k.key",
            "--block-size",
            &block,
        ];
        desk.zkv(&all).assert().success();
        desk.read(&sealed)
    };
    let len = 2 * BLOCK + CHUNK + 7;
    let (one, other) = (
        seal("one", &Repository::content(len)),
        seal("other", &Repository::content(len)),
    );
    // What is no content and no message of a block is the prelude.
    let overhead = |content: usize| 56 + content + 16 * (content / CHUNK + 1);
    let prelude = one.len() - 2 * overhead(BLOCK) - overhead(CHUNK + 7);
    let block = overhead(BLOCK);
    let mut bad: Vec<(String, Vec<u8>)> = Vec::new();
    let mut edges = vec![0, prelude, prelude + block, prelude + 2 * block, one.len()];
    for start in [prelude, prelude + block, prelude + 2 * block] {
        edges.extend((1..=4).map(|chunk| start + 56 + chunk * (CHUNK + 16)));
    }
    for edge in edges.into_iter().filter(|edge| *edge <= one.len()) {
        for at in [edge.saturating_sub(1), edge, edge + 1] {
            if at < one.len() {
                bad.push((format!("cut at {at}"), one[..at].to_vec()));
            }
        }
    }
    let part = |file: &[u8], number: usize| file[prelude + number * block..].get(..block).unwrap().to_vec();
    bad.push(("a byte more".into(), [&one[..], b"x"].concat()));
    bad.push(("twice".into(), [&one[..], &one[..]].concat()));
    bad.push((
        "blocks exchanged".into(),
        [
            &one[..prelude],
            &part(&one, 1),
            &part(&one, 0),
            &one[prelude + 2 * block..],
        ]
        .concat(),
    ));
    bad.push((
        "a block twice".into(),
        [
            &one[..prelude],
            &part(&one, 0),
            &part(&one, 0),
            &one[prelude + 2 * block..],
        ]
        .concat(),
    ));
    bad.push((
        "a block left out".into(),
        [&one[..prelude], &one[prelude + block..]].concat(),
    ));
    bad.push((
        "a block of another file".into(),
        [&one[..prelude], &part(&other, 0), &one[prelude + block..]].concat(),
    ));
    bad.push((
        "the prelude of another file".into(),
        [&other[..prelude], &one[prelude..]].concat(),
    ));
    assert!(bad.len() > 40);
    for (what, bytes) in bad {
        desk.write("bad.zkv", bytes);
        let failed = desk
            .zkv(&["file", "decrypt", "bad.zkv", "-o", "out", "--key-file", "k.key"])
            .output()
            .unwrap();
        assert!(matches!(failed.status.code(), Some(1 | 10)), "{what}: {failed:?}");
        assert!(
            !desk
                .names()
                .iter()
                .any(|name| name.starts_with("out") || name.contains("tmp")),
            "{what}"
        );
    }
    desk.zkv(&["file", "decrypt", "one.zkv", "-o", "out", "--key-file", "k.key"])
        .assert()
        .success();
    assert!(desk.read("out") == desk.read("one"));
}

/// A repository with two files of two revisions, under the names that the storage sees.
fn two_files() -> (Repository, [String; 2]) {
    let repository = Repository::simulated();
    let mut blobs = Vec::new();
    for name in ["one", "two"] {
        repository.desk.write(name, format!("the first content of {name}"));
        repository.run(&["upload", name]).done();
        blobs.push(repository.storage().names(&repository.container));
    }
    let one = blobs[0][0].clone();
    let two = blobs[1].iter().find(|name| **name != one).unwrap().clone();
    (repository, [one, two])
}

#[test]
fn z29_blobs_under_each_others_names_are_not_taken_for_each_other() {
    let (repository, [one, two]) = two_files();
    repository.storage().attack(BlobAttack::Swap {
        one: one.clone(),
        other: two,
    });
    for name in ["one", "two"] {
        let ran = repository.run(&["download", name, "--to", "out", "--json"]);
        assert!(matches!(ran.code, 3 | 10), "{ran:?}");
        assert!(!repository.desk.path("out").join(name).exists());
    }
    repository.storage().behave();
    for cut in [0, 1, 100] {
        repository.storage().attack(BlobAttack::Truncate {
            name: one.clone(),
            len: cut,
        });
        let ran = repository.run(&["download", "one", "--to", "out", "--json"]);
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(!repository.desk.path("out/one").exists());
        repository.storage().behave();
    }
    repository.run(&["download", "one", "two", "--to", "out"]).done();
}

/// Names from a storage are other people's text: none of them leads out of the folder.
#[test]
fn z29_names_from_a_storage_lead_nowhere_else() {
    let repository = Repository::simulated();
    repository.desk.write("good", "good");
    repository.run(&["upload", "good", "--plain"]).done();
    let good = repository.storage().blob(&repository.container, "good").unwrap();
    let names = [
        "../outside",
        "a/../../outside",
        "/tmp/zkv-outside",
        "..",
        ".",
        "a/./b",
        "a//b",
        "a\\..\\b",
        "C:\\b",
        "a\u{1b}[2J",
        "./-rf",
    ];
    for name in names {
        repository.storage().put(&repository.container, name, good.clone());
    }
    std::fs::create_dir(repository.desk.path("out")).unwrap();
    let outside = || {
        let names = repository.desk.names();
        names.into_iter().filter(|name| name != "out").collect::<Vec<_>>()
    };
    let before = outside();
    for name in names {
        let ran = repository.run(&["download", name, "--plain", "--to", "out", "--json"]);
        assert_ne!(ran.code, 0, "{name:?}: {ran:?}");
    }
    let listed = repository.run(&["ls", "--plain"]).done();
    assert!(
        !listed.stdout.contains('\u{1b}') && listed.stdout.contains("good"),
        "{listed:?}"
    );
    assert_eq!(outside(), before);
    assert!(!std::path::Path::new("/tmp/zkv-outside").exists());
    assert_eq!(std::fs::read_dir(repository.desk.path("out")).unwrap().count(), 0);
}
