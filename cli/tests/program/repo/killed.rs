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
