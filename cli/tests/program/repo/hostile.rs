//! A storage that lies: whatever it does, no wrong byte gets a name.

use std::time::Duration;

use zkvault_simulator::{BlobAttack, Fault, StoredBlob};
use zkvault_test_support::{ALL, Ran, Repository};

const BLOCK: usize = 8 << 20;

fn with_file(name: &str, len: usize) -> (Repository, String, StoredBlob) {
    let repository = Repository::simulated();
    repository.desk.write(name, Repository::content(len));
    repository.run(&["upload", name]).done();
    let blob = repository.only_blob();
    let stored = repository.storage().blob(&repository.container, &blob).unwrap();
    (repository, blob, stored)
}

fn is_noticed(repository: &Repository, name: &str) {
    repository
        .run(&["download", name, "--to", "out", "--json"])
        .refused(10, "decrypt");
    let left = std::fs::read_dir(repository.desk.path("out")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "nothing is left");
}

#[test]
fn names_times_and_contents_are_hidden() {
    let repository = Repository::simulated();
    let content = b"the plans of the secret garden".repeat(10);
    repository.desk.write("secret-plans.txt", &content);
    repository.run(&["upload", "secret-plans.txt"]).done();
    for request in repository.conditions().requests() {
        let all = format!("{request:?}");
        assert!(!all.contains("secret") && !all.contains("plans"), "{all}");
        assert!(!request.body.windows(6).any(|window| window == b"garden"));
    }
    let blob = repository.only_blob();
    assert!(
        blob.starts_with("zkv/") && blob.ends_with(".zkv") && blob.len() == 40,
        "{blob}"
    );
}

#[test]
fn cut_lengthened_changed_and_reordered_files_are_noticed() {
    let (repository, blob, stored) = with_file("large", 2 * BLOCK + 1);
    let lengths: Vec<_> = stored.block_lengths.iter().map(|len| *len as usize).collect();
    let [prelude, block] = [lengths[0], lengths[1]];
    let mut lies: Vec<(&str, Vec<u8>)> = vec![
        ("a byte less", stored.content[..stored.content.len() - 1].to_vec()),
        ("a block less", stored.content[..prelude + 2 * block].to_vec()),
        ("a byte more", [&stored.content[..], b"x"].concat()),
        ("only the prelude", stored.content[..prelude].to_vec()),
        ("nothing", Vec::new()),
    ];
    let mut swapped = stored.content.clone();
    swapped[prelude..prelude + 2 * block].rotate_left(block);
    lies.push(("two blocks in each other's place", swapped));
    for place in [prelude / 2, prelude + 60, stored.content.len() - 1] {
        let mut flipped = stored.content.clone();
        flipped[place] ^= 1;
        lies.push(("a flipped bit", flipped));
    }
    for (what, content) in lies {
        let lie = StoredBlob {
            content,
            ..stored.clone()
        };
        repository.storage().put(&repository.container, &blob, lie);
        let ran = repository.run(&["download", "large", "--to", "out", "--json"]);
        assert_eq!(ran.code, 10, "{what}: {ran:?}");
    }
    assert_eq!(
        std::fs::read_dir(repository.desk.path("out")).map_or(0, Iterator::count),
        0
    );
    repository.storage().put(&repository.container, &blob, stored);
    repository.run(&["download", "large", "--to", "out"]).done();
}

#[test]
fn files_under_each_others_names_are_noticed() {
    let repository = Repository::simulated();
    // The same name in two folders: only the entry tells them apart.
    for folder in ["one", "two"] {
        std::fs::create_dir(repository.desk.path(folder)).unwrap();
        repository.desk.write(&format!("{folder}/file"), folder);
    }
    repository.run(&["upload", "one", "two"]).done();
    let names = repository.storage().names(&repository.container);
    let stored = |name: &String| repository.storage().blob(&repository.container, name).unwrap();
    let [one, two] = [stored(&names[0]), stored(&names[1])];
    // With their metadata, and without.
    let content_only = StoredBlob {
        content: two.content.clone(),
        ..one.clone()
    };
    let bare = StoredBlob {
        metadata: Vec::new(),
        ..one
    };
    for lie in [two, content_only, bare] {
        for name in &names {
            repository.storage().put(&repository.container, name, lie.clone());
        }
        let ran = repository.run(&["download", "one/file", "two/file", "--to", "out", "--json"]);
        assert!(matches!(ran.code, 10 | 11), "{ran:?}");
        let right = ["one", "two"].map(|folder| std::fs::read(repository.desk.path(&format!("out/{folder}/file"))));
        for (folder, read) in ["one", "two"].iter().zip(right) {
            assert!(
                read.is_err() || read.is_ok_and(|read| read == folder.as_bytes()),
                "{folder}"
            );
        }
        // There is none when nothing came through.
        let _ = std::fs::remove_dir_all(repository.desk.path("out"));
    }
}

/// A storage that changes an entry takes the file's name away: the folder must not look whole without it.
#[test]
fn a_folder_in_which_the_entry_of_a_file_was_changed_does_not_look_whole() {
    let repository = Repository::simulated();
    std::fs::create_dir(repository.desk.path("docs")).unwrap();
    for name in ["docs/a", "docs/b", "docs/c"] {
        repository.desk.write(name, name);
    }
    repository.run(&["upload", "docs"]).done();
    let names = repository.storage().names(&repository.container);
    let stored = |name: &String| repository.storage().blob(&repository.container, name).unwrap();
    let [one, two] = [stored(&names[0]), stored(&names[1])];
    let with = |metadata| StoredBlob {
        metadata,
        ..one.clone()
    };
    let lies = [
        with(Vec::new()),
        with(vec![("zkv".to_owned(), "AAAA".to_owned())]),
        with(two.metadata.clone()),
    ];
    for lie in lies {
        repository.storage().put(&repository.container, &names[0], lie);
        for wanted in ["docs", "docs/**"] {
            repository
                .run(&["download", wanted, "--to", "out", "--json"])
                .refused(11, "partly-failed");
            let left = std::fs::read_dir(repository.desk.path("out/docs")).unwrap().count();
            assert_eq!(left, 2, "the others are there");
            std::fs::remove_dir_all(repository.desk.path("out")).unwrap();
        }
    }
}

#[test]
fn a_plain_blob_does_not_pass_for_an_encrypted_one() {
    let (repository, blob, stored) = with_file("file", 10);
    let plain = StoredBlob {
        content: b"not what it was".to_vec(),
        ..stored
    };
    repository.storage().put(&repository.container, &blob, plain.clone());
    is_noticed(&repository, "file");
    repository.storage().put(&repository.container, "other", plain);
    repository
        .run(&["download", "other", "--to", "out", "--json"])
        .refused(3, "not-found");
}

#[test]
fn an_upload_of_which_the_storage_has_only_a_part_has_failed() {
    let repository = Repository::simulated();
    repository.desk.write("large", Repository::content(BLOCK + 1));
    repository.storage().attack(BlobAttack::Truncate {
        name: "large".to_owned(),
        len: BLOCK as u64,
    });
    let upload = ["upload", "large", "--plain", "--overwrite", "--json"];
    repository.run(&upload).refused(10, "incomplete");
    repository.storage().behave();
    repository.run(&upload).done();
}

#[test]
fn an_upload_that_cannot_be_looked_at_has_failed_unless_the_token_lacks_the_right() {
    let upload = ["upload", "large", "--plain", "--overwrite", "--json"];
    for (status, code) in [(403, "sas-refused"), (404, "not-found")] {
        let repository = Repository::simulated();
        repository.desk.write("large", Repository::content(BLOCK + 1));
        // After two blocks and the commit.
        repository.conditions().inject_after(3, Fault::status(status), 1, "");
        let ran = repository.run(&upload);
        assert!(ran.code != 0 && ran.stderr.contains(code), "{status}: {ran:?}");
        assert!(ran.stderr.contains("could not be verified"), "{status}: {ran:?}");
        repository.with_permissions("cw", &upload).done();
    }
}

#[test]
fn an_upload_that_was_replaced_at_once_is_a_conflict() {
    let repository = Repository::simulated();
    repository.desk.write("large", Repository::content(BLOCK + 1));
    repository.conditions().set_latency(Duration::from_secs(2));
    let run = repository.spawn(ALL, &["upload", "large", "--plain", "--json"]);
    let other = loop {
        std::thread::sleep(Duration::from_millis(5));
        if let Some(committed) = repository.storage().blob(&repository.container, "large") {
            break committed;
        }
    };
    repository.storage().put(&repository.container, "large", other);
    let ran = Ran::of(&run.wait_with_output().unwrap());
    ran.refused(1, "conflict");
}
