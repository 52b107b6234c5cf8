//! Uploads and downloads that are killed.

use zkvault_test_support::{ALL, Repository};

use crate::killed::{Left, kill};

/// Two blocks and a byte.
const LARGE: usize = (16 << 20) + 1;

#[test]
fn r01_an_upload_that_is_killed_is_whole_or_not_there_and_goes_on() {
    let repository = Repository::simulated();
    let content = Repository::content(LARGE);
    repository.desk.write("large", &content);
    let upload = || {
        repository.command(
            &repository.sas(ALL, Ok(zkvault_test_support::HOUR)),
            &["upload", "large"],
        )
    };
    let look = || {
        let there = repository.storage().names(&repository.container);
        assert!(there.len() <= 1, "{there:?}");
        repository.run(&["upload", "large", "--overwrite"]).done();
        repository.run(&["download", "large", "--to", "out", "--force"]).done();
        assert!(repository.desk.read("out/large") == content);
        repository.run(&["delete", "large", "--yes"]).done();
        if there.is_empty() { Left::Before } else { Left::After }
    };
    kill("repo upload", upload, look);
}

#[test]
fn r01_a_download_that_is_killed_is_the_old_file_or_the_new_one() {
    let repository = Repository::simulated();
    let content = Repository::content(LARGE);
    repository.desk.write("large", &content);
    repository.run(&["upload", "large"]).done();
    std::fs::create_dir(repository.desk.path("out")).unwrap();
    repository.desk.write("out/large", "old");
    let download = || {
        let args = ["download", "large", "--to", "out", "--force"];
        repository.command(&repository.sas(ALL, Ok(zkvault_test_support::HOUR)), &args)
    };
    let look = || {
        let there = repository.desk.read("out/large");
        assert!(there == content || there == b"old", "{} bytes", there.len());
        repository.desk.write("out/large", "old");
        if there == b"old" { Left::Before } else { Left::After }
    };
    kill("repo download", download, look);
}

/// Files that get their names in groups: none of them is ever there in part, and the same command fetches the rest.
#[test]
fn r01_a_download_of_many_files_that_is_killed_has_whole_files_alone_and_goes_on() {
    const FILES: usize = 40;
    let repository = Repository::simulated();
    std::fs::create_dir(repository.desk.path("many")).unwrap();
    let name = |number: usize| format!("many/{number:02}");
    let contents: Vec<_> = (0..FILES).map(|number| Repository::content(300 + number)).collect();
    for (number, content) in contents.iter().enumerate() {
        repository.desk.write(&name(number), content);
    }
    repository.run(&["upload", "many"]).done();
    let download = || {
        let args = ["download", "many", "--to", "out"];
        repository.command(&repository.sas(ALL, Ok(zkvault_test_support::HOUR)), &args)
    };
    let out = repository.desk.path("out");
    let there = || {
        let found =
            (0..FILES).filter_map(|number| std::fs::read(out.join(name(number))).ok().map(|there| (number, there)));
        found
            .map(|(number, there)| assert!(there == contents[number], "{number} is there in part"))
            .count()
    };
    let look = || {
        let before = there();
        assert!(download().output().unwrap().status.success());
        assert_eq!(there(), FILES);
        // Drafts that have names for a moment are gone, too.
        assert_eq!(std::fs::read_dir(out.join("many")).unwrap().count(), FILES);
        std::fs::remove_dir_all(&out).unwrap();
        match before {
            0 => Left::Before,
            FILES => Left::After,
            _ => Left::Between,
        }
    };
    kill("repo download of many files", download, look);
}
