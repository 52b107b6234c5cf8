//! What lies on this machine in the way of an upload or a download: pipes, folders that cannot be read, names that the
//! other side does not hold, and files of an earlier run.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt as _;

use zkvault_simulator::StoredBlob;
use zkvault_test_support::{ALL, HOUR, Ran, Repository};

/// A folder with two files that can be uploaded.
fn with_folder() -> Repository {
    let repository = Repository::simulated();
    std::fs::create_dir(repository.desk.path("docs")).unwrap();
    for name in ["docs/a", "docs/z"] {
        repository.desk.write(name, name);
    }
    repository
}

fn blobs(repository: &Repository) -> usize {
    repository.storage().names(&repository.container).len()
}

#[test]
fn a_pipe_is_refused_at_once_and_stops_nothing_else() {
    let repository = with_folder();
    let made = std::process::Command::new("mkfifo")
        .arg(repository.desk.path("pipe"))
        .status();
    assert!(made.unwrap().success());
    let alone = repository.run(&["upload", "pipe", "--json"]);
    alone.refused(1, "not-a-file");
    assert!(alone.stderr.contains("pipe"), "{alone:?}");
    let with_others = repository.run(&["upload", "pipe", "docs", "--json"]);
    with_others.refused(11, "partly-failed");
    assert_eq!(blobs(&repository), 2);
    repository.run(&["download", "docs", "--to", "out"]).done();
}

#[test]
fn special_files_of_a_folder_are_left_out() {
    let repository = with_folder();
    let _socket = UnixListener::bind(repository.desk.path("docs/socket")).unwrap();
    std::os::unix::fs::symlink("..", repository.desk.path("docs/round")).unwrap();
    let ran = repository.run(&["upload", "docs"]).done();
    assert!(ran.stderr.contains("socket is left out"), "{ran:?}");
    assert!(
        ran.stderr.contains("round is left out: it is a link to a folder"),
        "{ran:?}"
    );
    assert_eq!(blobs(&repository), 2);
}

#[test]
fn a_folder_without_files_is_said_to_have_none() {
    let repository = with_folder();
    std::fs::create_dir(repository.desk.path("empty")).unwrap();
    let ran = repository.run(&["upload", "empty"]).done();
    assert!(ran.stderr.contains("no file to upload"), "{ran:?}");
}

#[test]
fn names_that_a_repository_does_not_hold_stop_nothing_else() {
    let repository = with_folder();
    for name in ["docs/back\\slash", "docs/esc\u{1b}"] {
        repository.desk.write(name, "x");
    }
    let ran = repository.run(&["upload", "docs"]);
    assert_eq!((ran.code, blobs(&repository)), (11, 2), "{ran:?}");
    assert!(
        ran.stderr.contains("slash") && !ran.stderr.contains('\u{1b}'),
        "{ran:?}"
    );
    // A storage drops a dot at the end of a name; encrypted, the name is not its affair.
    let dotted = with_folder();
    dotted.desk.write("docs/dot.", "x");
    let plain = dotted.run(&["upload", "docs", "--plain"]);
    assert_eq!((plain.code, blobs(&dotted)), (11, 2), "{plain:?}");
    dotted.run(&["upload", "docs"]).done();
    assert_eq!(blobs(&dotted), 5);
}

/// As a shell names them, for `*`.
#[test]
fn an_odd_path_stops_none_of_the_others() {
    let repository = with_folder();
    for name in ["back\\slash", "line\nend", "good"] {
        repository.desk.write(name, "x");
    }
    for (odd, exit, code) in [
        ("back\\slash", 2, "usage"),
        ("line\nend", 2, "usage"),
        ("gone", 3, "not-found"),
    ] {
        let alone = repository.run(&["upload", odd, "--json"]);
        alone.refused(exit, code);
        assert_eq!(alone.stderr.contains("--name"), code == "usage", "{alone:?}");
        assert_eq!(blobs(&repository), 0);
    }
    let ran = repository.run(&["upload", "back\\slash", "good", "gone", "line\nend", "docs"]);
    assert_eq!((ran.code, blobs(&repository)), (11, 3), "{ran:?}");
    assert!(ran.stderr.contains("gone") && !ran.stderr.contains("--name"), "{ran:?}");
    let again = repository.run(&["upload", "good", "docs/a", "--json"]);
    assert!(
        !again.stderr.contains("--name") && again.stderr.contains("--overwrite"),
        "{again:?}"
    );
    // One file is one file, however often it is given.
    repository.run(&["upload", "good", "./good", "--overwrite"]).done();
    // In a folder a name is its file's own: no --name changes it.
    repository.desk.write("docs/back\\slash", "x");
    let inside = repository.run(&["upload", "docs", "--overwrite", "--json"]);
    inside.refused(11, "partly-failed");
    assert!(
        !inside.stderr.contains("--name") && inside.stderr.contains("rename"),
        "{inside:?}"
    );
}

/// Root reads every folder, so the program runs as somebody else then.
#[test]
fn a_folder_that_cannot_be_read_stops_nothing_else() {
    const NOBODY: u32 = 65_534;
    let repository = with_folder();
    let desk = &repository.desk;
    std::fs::create_dir(desk.path("docs/locked")).unwrap();
    desk.write("docs/locked/l", "l");
    let mut command = repository.command(&repository.sas(ALL, Ok(HOUR)), &["upload", "docs"]);
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0);
    if is_root {
        let all = std::process::Command::new("chown")
            .arg("-R")
            .arg(NOBODY.to_string())
            .arg(desk.path("."))
            .status();
        assert!(all.unwrap().success());
        chown(desk.path("docs/locked"), Some(0), Some(0)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    std::fs::set_permissions(desk.path("docs/locked"), PermissionsExt::from_mode(0o000)).unwrap();
    let ran = Ran::of(&command.output().unwrap());
    std::fs::set_permissions(desk.path("docs/locked"), PermissionsExt::from_mode(0o700)).unwrap();
    assert_eq!((ran.code, blobs(&repository)), (11, 2), "{ran:?}");
    assert!(ran.stderr.contains("docs/locked"), "{ran:?}");
}

#[test]
fn a_download_that_is_started_again_fetches_what_is_missing() {
    let repository = with_folder();
    repository.run(&["upload", "docs"]).done();
    repository.run(&["download", "docs/a", "--to", "out"]).done();
    let again = repository.run(&["download", "docs", "--to", "out"]).done();
    assert!(again.stderr.contains("1 file was here already"), "{again:?}");
    assert_eq!(repository.desk.read("out/docs/z"), b"docs/z");
    // Another size, and the same size at another time, are other files.
    for mine in ["mine, and longer than it was", "docs/b"] {
        repository.desk.write("out/docs/a", mine);
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
        let file = std::fs::File::options()
            .write(true)
            .open(repository.desk.path("out/docs/a"));
        file.unwrap().set_modified(later).unwrap();
        let ran = repository.run(&["download", "docs", "--to", "out", "--json"]);
        ran.refused(11, "partly-failed");
        assert_eq!(repository.desk.read("out/docs/a"), mine.as_bytes());
    }
    let mode = |path: &str| {
        std::fs::metadata(repository.desk.path(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!((mode("out"), mode("out/docs")), (0o700, 0o700), "names are secret");

    let plain = StoredBlob {
        content: b"plain".to_vec(),
        ..StoredBlob::default()
    };
    // An hour ago: a file with the time of its download would be a different one.
    repository.conditions().set_clock_skew(-3600);
    repository.storage().put(&repository.container, "p/a.txt", plain);
    repository
        .storage()
        .put(&repository.container, "p/empty", StoredBlob::default());
    repository.conditions().set_clock_skew(0);
    for expected in ["", "2 files were here already"] {
        let ran = repository.run(&["download", "p", "--plain", "--to", "out"]).done();
        assert!(ran.stderr.contains(expected), "{ran:?}");
    }
}

#[test]
fn a_file_whose_links_and_permissions_change_meanwhile_is_uploaded_again() {
    let repository = Repository::simulated();
    repository.desk.write("large", Repository::content(17 << 20));
    repository
        .conditions()
        .set_latency(std::time::Duration::from_millis(300));
    let running = repository.spawn(ALL, &["upload", "large"]);
    while repository.block_requests() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let path = |name: &str| repository.desk.path(name);
    std::fs::hard_link(path("large"), path("second name")).unwrap();
    std::fs::set_permissions(path("large"), PermissionsExt::from_mode(0o640)).unwrap();
    Ran::of(&running.wait_with_output().unwrap()).done();
    repository.conditions().set_latency(std::time::Duration::ZERO);
    repository.run(&["download", "large", "--to", "out"]).done();
    assert!(repository.desk.read("out/large") == Repository::content(17 << 20));
}
