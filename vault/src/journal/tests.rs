use std::sync::Arc;

use proptest::prelude::*;
use zkvault_client::logmeonce::Tie;

use super::*;
use crate::cheap::keyring;
use crate::profile::Profile;

/// A profile with a journal.
struct Desk {
    folder: tempfile::TempDir,
    keyring: Keyring,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            keyring: keyring(),
        }
    }

    fn profile(&self) -> Profile {
        Profile::new(self.folder.path().join("config")).with_data(self.folder.path().join("data"))
    }

    /// As a new process has it.
    fn journal(&self) -> Journal {
        let author = Author {
            account: "acme.example".to_owned(),
            by: "API key simulator-key".to_owned(),
        };
        Journal::new(&self.profile(), &self.keyring, author)
    }

    /// With so many changes that were confirmed, two records each.
    fn with(changes: u64) -> Self {
        let desk = Self::new();
        let journal = desk.journal();
        (0..changes).for_each(|id| change(&journal, id));
        desk
    }

    fn read(&self) -> JournalReading {
        JournalReading::of(&self.profile(), &self.keyring).unwrap()
    }

    fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.profile().journal_path()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    fn write(&self, lines: &[String]) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(self.profile().journal_path(), text).unwrap();
    }

    fn codes(&self) -> Vec<&'static str> {
        self.read().findings.iter().map(JournalFinding::code).collect()
    }
}

fn change(journal: &Journal, id: u64) {
    let number = journal.before(&ServiceChange::DeactivateUser { id }).unwrap();
    journal.after(number, Outcome::Confirmed);
}

#[test]
fn what_was_changed_is_said_in_words_with_the_names_of_that_time() {
    let desk = Desk::new();
    let journal = desk.journal();
    journal.learn(Kind::User, 1920, "priya@halden.example");
    let assign = ServiceChange::Assign {
        tie: Tie::SiteUsers,
        owner: 7,
        ids: (1915..1925).collect(),
    };
    let number = journal.before(&assign).unwrap();
    journal.after(number, Outcome::Answered(200));
    let unknown = ServiceChange::ActivateUser {
        id: 1920,
        with_key: true,
    };
    journal.before(&unknown).unwrap();

    let reading = desk.read();
    let [first, second] = reading.entries.as_slice() else {
        panic!("{reading:?}")
    };
    assert_eq!(
        first.text(),
        "assign site 7 to users 1915, 1916, 1917, 1918, 1919 and 5 more"
    );
    assert_eq!(
        second.text(),
        "activate user priya@halden.example (1920) with a sealed key"
    );
    assert_eq!(first.names.len(), 1);
    assert_eq!((first.outcome(), first.status), ("answered", Some(200)));
    assert_eq!((second.outcome(), second.ended), ("unknown", None));
    assert_eq!(first.by, "API key simulator-key");
    assert_eq!(reading.records, 3);
    assert_eq!(desk.codes(), Vec::<&str>::new());
    let file = std::fs::read_to_string(desk.profile().journal_path()).unwrap();
    assert!(!file.contains("priya"));
}

#[test]
fn only_its_owner_reads_it() {
    let desk = Desk::new();
    change(&desk.journal(), 1920);
    assert!(crate::fs::is_private(&desk.profile().journal_path()).unwrap());
}

#[test]
fn a_person_without_the_keyring_opens_nothing_and_makes_nothing_that_is_believed() {
    let desk = Desk::with(2);
    let other = Desk {
        keyring: keyring(),
        folder: desk.folder,
    };
    assert!(other.read().entries.is_empty());
    assert!(other.read().is_damaged());
}

#[test]
fn a_line_that_is_changed_missing_moved_or_doubled_is_found_before_and_after_the_next_record() {
    let desk = Desk::with(3);
    let whole = desk.lines();
    assert_eq!(whole.len(), 6);
    let head = std::fs::read(desk.profile().journal_head_path()).unwrap();
    let flipped = |line: &str| {
        let place = line.len() / 2;
        let other = if line.as_bytes()[place] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &line[..place], &line[place + 1..])
    };
    for place in 0..whole.len() {
        let with = |change: &dyn Fn(&mut Vec<String>)| {
            let mut lines = whole.clone();
            change(&mut lines);
            lines
        };
        let damaged = [
            ("changed", with(&|lines| lines[place] = flipped(&whole[place]))),
            ("missing", with(&|lines| drop(lines.remove(place)))),
            ("moved", with(&|lines| lines.swap(place, (place + 1) % whole.len()))),
            ("doubled", with(&|lines| lines.insert(place, whole[place].clone()))),
            ("cut off", with(&|lines| lines.truncate(place))),
        ];
        for (what, lines) in damaged {
            desk.write(&lines);
            std::fs::write(desk.profile().journal_head_path(), &head).unwrap();
            assert!(desk.read().is_damaged(), "{what} {place}");
            // Who appends is told once, and the damage stays known.
            let journal = desk.journal();
            change(&journal, 9);
            let notices = journal.take_notices();
            let damage = |notice: &JournalNotice| matches!(notice, JournalNotice::Damaged(_));
            assert!(
                !notices.is_empty() && notices.iter().all(damage),
                "{what} {place}: {notices:?}"
            );
            assert!(desk.read().is_damaged(), "{what} {place}: {:?}", desk.lines());
            assert_eq!(desk.read().entries.last().unwrap().outcome(), "confirmed");
            let journal = desk.journal();
            change(&journal, 10);
            assert_eq!(journal.take_notices(), [], "{what} {place}");
            assert!(desk.read().is_damaged(), "{what} {place}");
        }
    }
}

#[test]
fn one_bad_line_hides_no_other() {
    let desk = Desk::with(3);
    let mut lines = desk.lines();
    lines[2] = "junk".to_owned();
    desk.write(&lines);
    let numbers: Vec<u64> = desk.read().entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [1, 5]);
    assert_eq!(desk.codes(), ["changed"]);
    lines.remove(2);
    desk.write(&lines);
    assert_eq!(desk.read().findings, [JournalFinding::Missing { first: 3, last: 3 }]);
    lines.swap(0, 1);
    desk.write(&lines);
    assert!(desk.codes().contains(&"displaced"));
}

/// A process that is killed while it writes a record has not remembered it yet.
#[test]
fn a_record_that_was_cut_off_is_a_note_and_the_next_one_is_whole() {
    let desk = Desk::with(2);
    let before = std::fs::read(desk.profile().journal_path()).unwrap();
    let head = std::fs::read(desk.profile().journal_head_path()).unwrap();
    change(&desk.journal(), 3);
    let after = std::fs::read(desk.profile().journal_path()).unwrap();
    let first_line = after[before.len()..].iter().position(|byte| *byte == b'\n').unwrap();
    let ends = [1, 2, first_line - 1, first_line, first_line + 1];
    for cut in (0..first_line).step_by(61).chain(ends) {
        std::fs::write(desk.profile().journal_path(), &after[..before.len() + cut]).unwrap();
        std::fs::write(desk.profile().journal_head_path(), &head).unwrap();
        let reading = desk.read();
        assert!(!reading.is_damaged(), "{cut}: {:?}", reading.findings);
        let is_torn = (1..first_line).contains(&cut);
        assert_eq!(reading.findings.len(), usize::from(is_torn), "{cut}");
        assert_eq!(reading.entries.len(), if cut >= first_line { 3 } else { 2 });
        let journal = desk.journal();
        change(&journal, 4);
        assert_eq!(journal.take_notices(), [], "{cut}");
        let reading = desk.read();
        assert!(!reading.is_damaged(), "{cut}: {:?}", reading.findings);
        assert_eq!(reading.findings.len(), usize::from(is_torn), "{cut}");
        let last = reading.entries.last().unwrap();
        assert_eq!(
            (last.outcome(), last.text().as_str()),
            ("confirmed", "deactivate user 4")
        );
    }
}

#[test]
fn what_this_machine_cannot_notice_a_digest_that_was_noted_elsewhere_shows() {
    let desk = Desk::with(1);
    let files = [desk.profile().journal_path(), desk.profile().journal_head_path()];
    let older = files.clone().map(|path| std::fs::read(path).unwrap());
    change(&desk.journal(), 2);
    let (number, digest) = desk.read().last().unwrap();
    assert_eq!(desk.read().matches(number, &digest.to_string()), Some(true));
    for (path, bytes) in files.iter().zip(older) {
        std::fs::write(path, bytes).unwrap();
    }
    let reading = desk.read();
    assert!(!reading.is_damaged());
    assert_eq!(reading.matches(number, &digest.to_string()), None);
    change(&desk.journal(), 7);
    assert_eq!(desk.read().matches(number, &digest.to_string()), Some(false));
    // Without its memory the journal says what cannot be noticed, and remembers again.
    std::fs::remove_file(&files[1]).unwrap();
    assert_eq!(desk.codes(), ["unremembered"]);
    change(&desk.journal(), 8);
    assert_eq!(desk.codes(), Vec::<&str>::new());
    std::fs::write(&files[1], "junk").unwrap();
    assert_eq!(desk.codes(), ["head-unreadable"]);
}

#[test]
fn two_files_are_kept_and_the_oldest_records_go() {
    let desk = Desk::new();
    let mut journal = desk.journal();
    journal.files.limit = 2000;
    (0..20).for_each(|id| change(&journal, id));
    let rotations = journal.take_notices();
    assert!(
        rotations.len() > 2
            && rotations
                .iter()
                .all(|notice| matches!(notice, JournalNotice::Rotated { .. }))
    );
    let reading = desk.read();
    assert_eq!(reading.findings, []);
    let first = reading.first().unwrap();
    assert!(first > 20 && reading.last().unwrap().0 == 40, "{first}");
    let len = |path: std::path::PathBuf| std::fs::metadata(path).unwrap().len();
    assert!(len(journal.files.current.clone()) < 3000 && len(journal.files.older.clone()) < 3000);
    // Between the head and the new name of the file, everything is in order.
    let files = journal.files.clone();
    std::fs::remove_file(&files.older).unwrap();
    assert!(desk.read().is_damaged());
}

#[test]
fn a_rotation_that_is_cut_off_is_no_fault() {
    let desk = Desk::with(3);
    let journal = desk.journal();
    change(&journal, 4);
    let mut state = journal.files.read(&journal.keys, &mut |_, _| {}).unwrap();
    journal.rotate(&mut state, &mut Vec::new()).unwrap();
    // The head says where the new files begin, and the older file is there; nothing was written since.
    assert_eq!(desk.codes(), Vec::<&str>::new());
    change(&desk.journal(), 5);
    assert_eq!(desk.codes(), Vec::<&str>::new());
    std::fs::rename(&journal.files.older, desk.folder.path().join("kept")).unwrap();
    assert!(desk.codes().contains(&"missing"), "{:?}", desk.codes());
}

#[test]
fn two_writers_make_one_chain() {
    let desk = Arc::new(Desk::with(1));
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let desk = Arc::clone(&desk);
            std::thread::spawn(move || {
                let journal = desk.journal();
                (0..8).for_each(|id| change(&journal, writer * 100 + id));
                assert_eq!(journal.take_notices(), []);
            })
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    let reading = desk.read();
    assert_eq!((reading.records, reading.findings.len()), (50, 0));
    assert!(reading.entries.iter().all(|entry| entry.outcome() == "confirmed"));
}

#[test]
fn a_change_that_cannot_be_recorded_is_refused() {
    let desk = Desk::new();
    std::fs::create_dir_all(desk.profile().journal_path()).unwrap();
    let journal = desk.journal();
    assert!(journal.before(&ServiceChange::DeleteUser { id: 1 }).is_err());
    assert!(matches!(journal.take_failure(), Some(JournalError::File(_))));
}

/// Computed with Python from docs/spec/journal.md.
#[test]
fn a_digest_of_a_line_is_the_specified_one() {
    assert_eq!(
        LineDigest::of(b"abc").to_string(),
        "5rHiTHhVhXGKOSmWlK9qjbRzkXim/Ba2E4vUlxaR/7g="
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any other arrangement of the lines is found.
    #[test]
    fn no_other_arrangement_of_the_lines_passes(order in proptest::collection::vec(0usize..6, 0..8)) {
        let desk = Desk::with(3);
        let whole = desk.lines();
        let lines: Vec<String> = order.iter().map(|place| whole[*place].clone()).collect();
        desk.write(&lines);
        prop_assert_eq!(desk.read().is_damaged(), lines != whole);
    }
}
