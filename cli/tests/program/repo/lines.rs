//! Lines of keys: one path is one file in a line, whichever key of it the file is under, and never across lines.

use std::collections::BTreeSet;

use serde_json::Value;
use zkvault_simulator::Fault;
use zkvault_test_support::{ALL, Desk, HOUR, Ran, Repository, stdout};

const CHEAP: [&str; 7] = ["init", "--kdf-memory", "19MiB", "--kdf-passes", "2", "--kdf-lanes", "1"];

/// A team's container, with the keyring of one who is in the team, and `old.key`, which a former member has.
struct Team(Repository);

impl Team {
    fn new() -> Self {
        let repository = Repository::simulated();
        repository.desk.zkv(&CHEAP).assert().success();
        let export = ["key", "export", "-o", "old.key"];
        repository.desk.zkv(&export).assert().success();
        Self(repository)
    }

    fn desk(&self) -> &Desk {
        &self.0.desk
    }

    fn rotate(&self) {
        self.desk().zkv(&["key", "rotate"]).assert().success();
    }

    fn with_permissions(&self, permissions: &str, args: &[&str]) -> Ran {
        let mut command = self.0.command(&self.0.sas(permissions, Ok(HOUR)), args);
        Ran::of(&command.env_remove("ZKV_KEY_FILE").output().unwrap())
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.with_permissions(ALL, args)
    }

    fn json(&self, args: &[&str]) -> Value {
        let ran = self.run(&[args, &["--json"]].concat()).done();
        serde_json::from_str(&ran.stdout).unwrap()
    }

    fn upload(&self, name: &str, content: &[u8], more: &[&str]) -> Ran {
        self.desk().write("source", content);
        self.run(&[&["upload", "source", "--name", name], more].concat())
    }

    /// What a download brings.
    fn content(&self, name: &str) -> Vec<u8> {
        self.run(&["download", name, "--to", "got", "--force"]).done();
        self.desk().read(&format!("got/{name}"))
    }

    fn blobs(&self) -> Vec<String> {
        self.0.storage().names(&self.0.container)
    }
}

#[test]
fn a_new_version_takes_the_place_of_the_one_under_the_key_before() {
    let team = Team::new();
    team.upload("a.txt", b"first", &[]).done();
    let before = team.blobs();
    team.rotate();
    team.upload("a.txt", b"second", &["--json"]).refused(1, "conflict");
    assert_eq!(team.blobs(), before, "nothing was sent");
    team.upload("a.txt", b"second", &["--overwrite"]).done();
    assert_eq!(team.blobs().len(), 1);
    assert_ne!(team.blobs(), before);
    assert_eq!(team.content("a.txt"), b"second");
}

#[test]
fn what_the_token_may_not_remove_is_named() {
    let team = Team::new();
    team.upload("a.txt", b"first", &[]).done();
    team.rotate();
    team.desk().write("source", "second");
    let args = ["upload", "source", "--name", "a.txt", "--overwrite"];
    let ran = team.with_permissions("racwl", &args).done();
    assert!(ran.stderr.contains("earlier version is still there"), "{ran:?}");
    assert_eq!(team.blobs().len(), 2);
    assert_eq!(team.content("a.txt"), b"second", "the key in use goes first");
    let listed = team.json(&["ls"]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["key"]["state"], "active");
    assert_eq!(listed[0]["earlier"].as_array().unwrap().len(), 1);
    // A token that may not read cannot see the new one, so it removes nothing.
    team.desk().write("source", "third");
    team.with_permissions("cwd", &args).done();
    assert_eq!(team.blobs().len(), 2);
}

#[test]
fn a_deleted_file_does_not_come_back_in_an_earlier_version() {
    let team = Team::new();
    team.upload("a.txt", b"first", &[]).done();
    team.rotate();
    team.upload("b.txt", b"other", &[]).done();
    team.desk().write("source", "second");
    team.with_permissions("racwl", &["upload", "source", "--name", "a.txt", "--overwrite"])
        .done();
    let planned = team.run(&["delete", "a.txt", "--dry-run"]).done().stdout;
    assert_eq!(
        planned.lines().filter(|line| line.starts_with("DELETE ")).count(),
        2,
        "{planned}"
    );
    team.run(&["delete", "a.txt", "--yes"]).done();
    assert_eq!(team.blobs().len(), 1);
    team.run(&["delete", "a.txt", "--yes", "--json"])
        .refused(3, "not-found");
    assert_eq!(team.content("b.txt"), b"other");
}

/// With the key that they kept.
#[test]
fn z45_a_former_member_neither_replaces_a_file_nor_adds_one_without_a_word() {
    let team = Team::new();
    team.rotate();
    team.upload("pay.txt", b"ours", &[]).done();
    let forged = team.upload("pay.txt", b"forged", &["--key-file", "old.key"]);
    forged.done();
    team.upload("new.txt", b"forged", &["--key-file", "old.key"]).done();
    assert_eq!(team.content("pay.txt"), b"ours");

    let ran = team.run(&["download", "new.txt", "--to", "got"]).done();
    assert!(
        ran.stderr.contains("only the retired key \"vault\" opens 1 file"),
        "{ran:?}"
    );
    let got = team.json(&["download", "new.txt", "--to", "other"]);
    assert_eq!(got[0]["opened_by"]["state"], "retired");
    assert_eq!(got[0]["opened_by"]["label"], "vault");
    let refused = team.run(&["download", "new.txt", "--to", "strict", "--require-key", "--json"]);
    refused.refused(10, "required-key");
    assert!(!team.desk().path("strict/new.txt").exists());
    let named = ["download", "pay.txt", "--to", "named", "--force", "--require-key"];
    team.run(&[&named[..], &["vault-2"]].concat()).done();
    assert_eq!(team.desk().read("named/pay.txt"), b"ours");
    team.run(&[&named[..], &["vault"]].concat()).done();
    assert_eq!(team.desk().read("named/pay.txt"), b"forged", "as it was asked for");
    let listed = team.run(&["ls"]).done().stdout;
    assert!(listed.contains("the retired key \"vault\""), "{listed}");
}

#[test]
fn another_team_keeps_its_file_of_the_same_path() {
    let team = Team::new();
    team.desk().write("their.key", [9; 32]);
    let theirs = ["--key-file", "their.key"];
    team.upload("a.txt", b"theirs", &theirs).done();
    team.upload("a.txt", b"first", &[]).done();
    team.rotate();
    team.upload("a.txt", b"second", &["--overwrite"]).done();
    assert_eq!(team.blobs().len(), 2);
    team.run(&["delete", "a.txt", "--yes"]).done();
    let mut download = vec!["download", "a.txt", "--to", "got", "--force"];
    download.extend(theirs);
    team.run(&download).done();
    assert_eq!(team.desk().read("got/a.txt"), b"theirs");
}

#[test]
fn files_are_sealed_anew_under_the_new_key() {
    let team = Team::new();
    let large = Repository::content(17 << 20);
    team.upload("small.txt", b"small", &[]).done();
    team.upload("dir/large.bin", &large, &[]).done();
    team.upload("empty", b"", &[]).done();
    let before = team.blobs();
    assert_eq!(
        team.json(&["rekey", "--dry-run"]),
        Value::Array(Vec::new()),
        "nothing to do"
    );
    team.rotate();
    let planned = team.json(&["rekey", "--dry-run"]);
    assert_eq!(planned.as_array().unwrap().len(), 3);
    assert_eq!(team.blobs(), before, "--dry-run changes nothing");
    team.run(&["rekey", "--json"]).refused(5, "input-needed");

    let done = team.json(&["rekey", "--yes"]);
    assert_eq!(done.as_array().unwrap().len(), 3);
    let after = team.blobs();
    assert!(after.len() == 3 && after.iter().all(|blob| !before.contains(blob)));
    assert_eq!(team.content("small.txt"), b"small");
    assert!(team.content("dir/large.bin") == large);
    assert_eq!(team.content("empty"), b"");
    let listed = team.json(&["ls"]);
    assert!(
        listed
            .as_array()
            .unwrap()
            .iter()
            .all(|file| file["key"]["label"] == "vault-2")
    );
    assert_eq!(team.json(&["rekey", "--yes"]), Value::Array(Vec::new()));
    // The key of before opens nothing any more.
    let ran = team.run(&["ls", "--key-file", "old.key", "--json"]).done();
    assert_eq!(ran.stdout.trim(), "[]");
}

#[test]
fn a_rekey_that_was_cut_off_resumes_and_takes_only_what_was_named() {
    let team = Team::new();
    for name in ["a/1", "a/2", "b"] {
        team.upload(name, name.as_bytes(), &[]).done();
    }
    team.rotate();
    team.run(&["rekey", "a", "--yes"]).done();
    let states: Vec<_> = team
        .json(&["ls"])
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["key"]["state"].clone())
        .collect();
    assert_eq!(states, ["active", "active", "retired"]);
    // As if it had been cut off after the new file was there, and before the old one was gone.
    let ran = team.with_permissions("racwl", &["rekey", "--yes"]).done();
    assert!(ran.stderr.contains("still there under the earlier key"), "{ran:?}");
    assert_eq!(team.blobs().len(), 4);
    team.run(&["rekey", "--yes"]).done();
    assert_eq!(team.blobs().len(), 3);
    assert_eq!(team.content("b"), b"b");
}

/// Blocks that wait in the storage for a commit.
fn waiting(team: &Team) -> usize {
    let requests = team.0.conditions().requests();
    let blob = |path: &str| path.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
    let blobs: BTreeSet<_> = requests.iter().map(|request| blob(&request.path)).collect();
    let uncommitted = |blob: &String| team.0.storage().uncommitted(&team.0.container, blob).len();
    blobs.iter().map(uncommitted).sum()
}

#[test]
fn a_large_file_whose_rekey_was_cut_off_sends_only_what_is_missing() {
    const PARTS: usize = 4;
    let team = Team::new();
    let content = Repository::content((2 << 23) + 5);
    team.upload("large", &content, &[]).done();
    team.rotate();
    let cut_off = || {
        // The listing, the start of the file, what is in front of the blocks, the blocks as they were, and one of them.
        team.0.conditions().inject_after(7, Fault::status(403), usize::MAX, "");
        team.run(&["rekey", "--yes", "--json"]).refused(4, "sas-refused");
        // What was on its way when zkv ended is still received.
        let mut received = 0;
        while std::mem::replace(&mut received, team.0.block_requests()) != received {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        team.0.conditions().clear_faults();
        waiting(&team)
    };
    let stored = cut_off();
    assert!((1..PARTS).contains(&stored), "{stored}");
    let before = team.0.block_requests();
    team.run(&["rekey", "--yes"]).done();
    assert_eq!(team.0.block_requests() - before, PARTS - stored);
    assert!(team.content("large") == content);
    assert_eq!(team.json(&["ls"])[0]["key"]["label"], "vault-2");
    let journals = std::fs::read_dir(team.desk().path("data/uploads")).unwrap();
    assert_eq!(journals.count(), 0);

    // What was begun from a different version of the file is of no use.
    let export = ["key", "export", "-o", "now.key"];
    team.desk().zkv(&export).assert().success();
    team.rotate();
    cut_off();
    let changed = [&[1][..], &content[1..]].concat();
    team.upload("large", &changed, &["--key-file", "now.key", "--overwrite"])
        .done();
    let before = team.0.block_requests();
    team.run(&["rekey", "--yes"]).done();
    assert_eq!(team.0.block_requests() - before, PARTS);
    assert!(team.content("large") == changed);
}

#[test]
fn files_under_a_key_of_another_line_are_taken_when_it_is_named() {
    let team = Team::new();
    team.desk().write("their.key", [9; 32]);
    let import = ["key", "import", "their.key", "--label", "theirs"];
    stdout(&mut team.desk().zkv(&import));
    team.upload("a.txt", b"theirs", &["--key", "theirs"]).done();
    assert_eq!(team.json(&["rekey", "--yes"]), Value::Array(Vec::new()));
    team.run(&["rekey", "--from", "theirs", "--yes"]).done();
    assert_eq!(team.json(&["ls"])[0]["key"]["label"], "vault");
    assert_eq!(team.content("a.txt"), b"theirs");
}

/// A file that was cut to less than its entry states cannot be listed as if it were there.
#[test]
fn a_blob_shorter_than_its_entry_says_is_not_listed() {
    let team = Team::new();
    team.upload("a.txt", &[1; 5000], &[]).done();
    let (container, blob) = (&team.0.container, team.blobs().remove(0));
    let mut stored = team.0.storage().blob(container, &blob).unwrap();
    stored.content.truncate(4000);
    team.0.storage().put(container, &blob, stored);
    let ran = team.run(&["ls"]).done();
    assert!(
        ran.stdout.is_empty() && ran.stderr.contains("1 files are not shown"),
        "{ran:?}"
    );
}
