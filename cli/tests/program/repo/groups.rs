//! Small files are put on the disk in groups: one of them that cannot be does not hurt the others.

use std::path::Path;
use std::process::Command;

use zkvault_test_support::{ALL, HOUR, Ran, Repository};

use crate::killed::inherit;

const FILES: usize = 60;
const LEN: usize = 10 << 10;

fn name(number: usize) -> String {
    format!("many/{number:02}")
}

fn content(number: usize) -> Vec<u8> {
    Repository::content(LEN + number)
}

/// A repository with many small files.
fn uploaded() -> Repository {
    let repository = Repository::simulated();
    std::fs::create_dir(repository.desk.path("many")).unwrap();
    (0..FILES).for_each(|number| drop(repository.desk.write(&name(number), content(number))));
    repository.run(&["upload", "many"]).done();
    repository
}

/// The files below a folder, each of which is whole.
fn whole(folder: &Path) -> usize {
    let there = (0..FILES).filter(|number| folder.join(name(*number)).exists());
    there
        .inspect(|number| {
            assert!(
                std::fs::read(folder.join(name(*number))).unwrap() == content(*number),
                "{number}"
            )
        })
        .count()
}

#[test]
fn a_file_that_the_disk_refuses_has_no_name_and_the_others_have_theirs() {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("without strace no call fails");
        return;
    }
    let repository = uploaded();
    let download = repository.command(&repository.sas(ALL, Ok(HOUR)), &["download", "many", "--to", "out"]);
    // Before the content is on the disk, and when it gets its name.
    for (call, error, said) in [
        ("fsync", "EIO", "Input/output error"),
        ("linkat", "ENOSPC", "No space left"),
    ] {
        let mut traced = Command::new("strace");
        traced.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
        // Each thread counts by itself.
        traced.arg(format!("inject={call}:error={error}:when=2+2"));
        traced.arg(download.get_program());
        inherit(&mut traced, &download);
        let ran = Ran::of(&traced.output().unwrap());
        assert_eq!(ran.code, 11, "{ran:?}");
        assert!(ran.stderr.contains(said), "{ran:?}");
        let out = repository.desk.path("out");
        let there = whole(&out);
        assert!((1..FILES).contains(&there), "{there} with {call}");
        assert_eq!(std::fs::read_dir(out.join("many")).unwrap().count(), there);
        // The same command fetches what is missing.
        let again = repository.run(&["download", "many", "--to", "out"]).done();
        assert!(
            again.stderr.contains(&format!("{there} files were here already")),
            "{again:?}"
        );
        assert_eq!(whole(&out), FILES);
        std::fs::remove_dir_all(out).unwrap();
    }
}

/// A file system that only root can make, with room for half of them.
#[test]
fn r01_a_disk_that_is_full_in_the_middle_has_whole_files_alone() {
    let repository = uploaded();
    let download = repository.command(&repository.sas(ALL, Ok(HOUR)), &["download", "many", "--to", "full"]);
    let script = "mkdir full && mount -t tmpfs -o size=400k tmpfs full && { \"$@\"; echo $?; } && cp -r full first && \
                  mount -o remount,size=4m full && { \"$@\"; echo $?; } && cp -r full second";
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "sh", "-c", script, "sh"]);
    unshare.arg(download.get_program());
    inherit(&mut unshare, &download);
    let ran = Ran::of(&unshare.output().unwrap());
    if ran.code == 32 || ran.stderr.contains("unshare failed") {
        println!("no file system could be mounted: {ran:?}");
        return;
    }
    assert_eq!((ran.code, &*ran.stdout), (0, "11\n0\n"), "{ran:?}");
    assert!(ran.stderr.contains("No space left on device"), "{ran:?}");
    let (first, second) = (repository.desk.path("first"), repository.desk.path("second"));
    let there = whole(&first);
    assert!((1..FILES).contains(&there), "{there}");
    assert_eq!(std::fs::read_dir(first.join("many")).unwrap().count(), there);
    assert_eq!(whole(&second), FILES);
}
