use clap::CommandFactory as _;

use super::*;
use crate::args::Arguments;

fn next_of(words: &[&str]) -> Next {
    let mut command = Arguments::command();
    command.build();
    let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
    next(&command, &words)
}

fn words_of(words: &[&str]) -> Vec<String> {
    match next_of(words) {
        Next::Words(words) => words.into_iter().map(|candidate| candidate.word).collect(),
        other => panic!("{words:?}: {other:?}"),
    }
}

fn has(words: &[&str], expected: &str) -> bool {
    words_of(words).iter().any(|word| word == expected)
}

fn name(what: What, before: &str) -> Next {
    Next::Name(Wanted {
        what,
        before: before.to_owned(),
    })
}

#[test]
fn commands_come_first() {
    assert!(has(&[""], "read") && has(&[""], "unlock") && has(&["re"], "read"));
    assert!(has(&["key", ""], "rotate"));
    assert!(
        has(&["--json", "--profile", "work", ""], "read"),
        "a flag and its value are passed"
    );
    assert!(has(&["help", ""], "read"));
    assert_eq!(next_of(&[]), Next::Nothing);
}

#[test]
fn flags_come_after_a_hyphen() {
    assert!(has(&["read", "-"], "--trusted") && has(&["read", "--"], "--json"));
    assert!(!has(&["agent", "--"], "--detached"), "it is hidden");
    assert!(
        has(&["trust", "--yes", "--"], "--follow"),
        "its value comes after =, or not at all"
    );
}

#[test]
fn a_value_is_what_its_argument_takes() {
    assert_eq!(next_of(&["show", ""]), name(What::Site, ""));
    assert_eq!(next_of(&["show", "git"]), name(What::Site, ""));
    assert_eq!(next_of(&["show", "github", ""]), Next::Nothing, "it takes one");
    assert_eq!(
        next_of(&["read", "github", ""]),
        name(What::Site, ""),
        "it takes several"
    );
    assert_eq!(next_of(&["user", "join", "7", "sales", ""]), name(What::Group, ""));
    assert_eq!(next_of(&["site", "assign", "7", "--user", ""]), name(What::User, ""));
    assert_eq!(
        next_of(&["site", "assign", "7", "--user=ma"]),
        name(What::User, "--user=")
    );
    assert_eq!(next_of(&["decrypt", ""]), Next::Files);
    assert_eq!(next_of(&["man", "--dir", ""]), Next::Folders);
    assert_eq!(words_of(&["key", "export", "--encoding", ""]), ["hex", "base64", "raw"]);
    assert!(has(&["key", "export", "--encoding="], "--encoding=hex"));
    assert_eq!(next_of(&["generate", "--length", ""]), Next::Nothing);
    assert_eq!(next_of(&["run", "--", "l"]), Next::Files);
    assert_eq!(next_of(&["read", "--", "-x"]), name(What::Site, ""));
}

#[test]
fn a_field_is_of_the_site_before_it() {
    let field = |site: &str| name(What::FieldOf(site.to_owned()), "");
    assert_eq!(next_of(&["copy", "git hub", ""]), field("git hub"));
    assert_eq!(next_of(&["totp", "--next", "7", "o"]), field("7"));
    assert_eq!(next_of(&["credential", "git", "--password-field", ""]), Next::Nothing);
}

#[test]
fn references_are_completed_where_they_are_taken() {
    assert_eq!(next_of(&["read", "zkv://gi"]), name(What::Reference, ""));
    assert_eq!(next_of(&["copy", "zkv:"]), name(What::Reference, ""));
    assert_eq!(next_of(&["show", "zkv://gi"]), name(What::Site, ""));
    assert_eq!(next_of(&["run", "--env", "A=zkv://gi"]), name(What::Reference, "A="));
    assert_eq!(next_of(&["run", "--env=A=zkv"]), name(What::Reference, "--env=A="));
    assert_eq!(next_of(&["run", "--env", "A"]), Next::Nothing);
}

#[test]
fn the_profile_is_the_one_of_the_line() {
    let profile = |words: &[&str]| {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        profile_of(&words).map(str::to_owned)
    };
    assert_eq!(profile(&["--profile", "work", "read"]).as_deref(), Some("work"));
    assert_eq!(profile(&["read", "--profile=work", ""]).as_deref(), Some("work"));
    assert_eq!(profile(&["read", ""]), None);
}
