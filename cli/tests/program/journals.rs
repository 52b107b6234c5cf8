//! `zkv journal`: what was changed at the service, and whether somebody changed the record of it.

use serde_json::Value;
use zkvault_simulator::Fault;
use zkvault_test_support::{Desk, Service, json_of, stderr_of, stdout};

#[cfg(unix)]
use crate::killed::{Left, kill};
use crate::sessions::logged_in;
#[cfg(unix)]
use crate::sessions::login;

/// A desk that is logged in to this service by its keyring.
#[cfg(unix)]
pub(crate) fn logged_in_at(service: Service) -> (Desk, Service) {
    let desk = Desk::with_keyring();
    login(&desk, &service, &[]).assert().success();
    (desk, service)
}

fn list(desk: &Desk) -> Vec<Value> {
    let list = json_of(&mut desk.zkv(&["journal", "list", "--json"]));
    list.as_array().unwrap().clone()
}

fn ok(desk: &Desk, args: &[&str]) {
    desk.zkv(args).assert().success();
}

#[test]
fn every_change_is_recorded_with_who_made_it_and_what_came_of_it() {
    let (desk, service) = logged_in();
    assert_eq!(list(&desk), Vec::<Value>::new());
    // What only asks is no change.
    ok(&desk, &["site", "privileges", "github", "--user", "mateus"]);
    ok(&desk, &["group", "add", "Engineering", "camille@haldenfrey.example"]);
    ok(&desk, &["user", "update", "1917", "--city", "Bergen"]);
    service.conditions().inject(Fault::status(403), 1, "/rest/users/1918");
    desk.zkv(&["user", "deactivate", "1918"]).assert().code(7);
    let sent = [
        "api",
        "logmeonce",
        "POST",
        "/groups/5717/users",
        "--field",
        "add[]=1920",
    ];
    ok(&desk, &sent);
    let list = list(&desk);
    let text = |row: &Value| {
        (
            row["text"].as_str().unwrap().to_owned(),
            row["outcome"].as_str().unwrap().to_owned(),
        )
    };
    let texts: Vec<_> = list.iter().map(text).collect();
    let expected = [
        (
            "add user camille@haldenfrey.example (1920) to group Engineering (5717)",
            "confirmed",
        ),
        ("change city of user 1917", "confirmed"),
        ("deactivate user 1918", "refused"),
        ("send POST /groups/5717/users", "answered"),
    ];
    assert_eq!(
        texts,
        expected.map(|(text, outcome)| (text.to_owned(), outcome.to_owned()))
    );
    assert!(list.iter().all(|row| row["by"] == "API key simulator-key"));
    assert_eq!(
        (&list[2]["status"], &list[2]["code"]),
        (&403.into(), &"forbidden".into())
    );
    let shown = stdout(&mut desk.zkv(&["journal", "show", "1"]));
    assert!(
        shown.contains("camille@haldenfrey.example") && shown.contains("confirmed"),
        "{shown}"
    );
    assert!(stderr_of(&mut desk.zkv(&["journal", "show", "2"]), 3).contains("zkv journal list"));
    let lines = stdout(&mut desk.zkv(&["journal", "export"]));
    assert_eq!(lines.lines().count(), 4);
    let csv = stdout(&mut desk.zkv(&["journal", "export", "--format", "csv"]));
    assert!(csv.starts_with("number,time,account,by,change,outcome"), "{csv}");
    // Nothing that was sent as a value is in it, nor is it readable without the keyring.
    assert!(!lines.contains("Bergen") && !lines.contains("simulator-secret"));
    let file = desk.read("config/default/journal.zkvj");
    assert!(!String::from_utf8(file).unwrap().contains("camille"));
}

#[test]
fn an_organisation_that_is_applied_is_recorded_by_names_and_keys_are_never() {
    let (desk, service) = logged_in();
    desk.write(
        "org.yaml",
        "zkvault-org: 1\ngroups:\n- group: Finance\n  members:\n    camille@haldenfrey.example: [create]\n",
    );
    ok(&desk, &["org", "apply", "org.yaml", "--yes"]);
    let activate = [
        "user",
        "activate",
        "1921",
        "--code",
        "--code-file",
        "code.txt",
        "-o",
        "a.txt",
    ];
    ok(&desk, &activate);
    let lines = stdout(&mut desk.zkv(&["journal", "export"]));
    assert!(lines.contains("camille@haldenfrey.example"), "{lines}");
    assert!(lines.contains("activate user 1921 with a sealed key"), "{lines}");
    let activation = String::from_utf8(desk.read("a.txt")).unwrap();
    let code = String::from_utf8(desk.read("code.txt")).unwrap();
    assert!(!lines.contains(activation.trim()) && !lines.contains(code.trim()));
    drop(service);
}

#[test]
fn without_a_keyring_nothing_is_recorded_and_nothing_more_is_said() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let output = service.zkv(&desk, &["user", "deactivate", "1918"]).output().unwrap();
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!desk.path("config").exists());
}

#[test]
fn a_journal_that_was_edited_is_found_and_said_when_it_is_appended_to() {
    let (desk, _service) = logged_in();
    for user in ["1917", "1918", "1919"] {
        ok(&desk, &["user", "update", user, "--city", "Bergen"]);
    }
    let verified = json_of(&mut desk.zkv(&["journal", "verify", "--json"]));
    assert_eq!((&verified["damaged"], &verified["records"]), (&false.into(), &6.into()));
    let head = verified["head"].as_str().unwrap();
    ok(&desk, &["journal", "verify", "--expect", head]);
    let whole = desk.read("config/default/journal.zkvj");
    let text = String::from_utf8(whole.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let damaged = [
        ("missing", [&lines[..2], &lines[3..]].concat(), "record 3 is missing"),
        ("cut off", lines[..5].to_vec(), "record 6, the last one, is missing"),
        (
            "moved",
            [&lines[1..2], &lines[..1], &lines[2..]].concat(),
            "record 1 is in line 2",
        ),
        (
            "junk",
            [&lines[..3], &["AAAA"], &lines[4..]].concat(),
            "line 4 was changed",
        ),
    ];
    for (what, lines, said) in damaged {
        desk.write("config/default/journal.zkvj", lines.join("\n") + "\n");
        let error = stderr_of(&mut desk.zkv(&["journal", "verify"]), 10);
        assert!(error.contains(said), "{what}: {error}");
        let listed = desk.zkv(&["journal", "list"]).output().unwrap();
        assert!(
            listed.status.success() && String::from_utf8_lossy(&listed.stderr).contains("damaged"),
            "{what}"
        );
    }
    let appended = desk
        .zkv(&["user", "update", "1917", "--city", "Oslo"])
        .output()
        .unwrap();
    assert!(appended.status.success());
    let said = String::from_utf8(appended.stderr).unwrap();
    assert!(said.contains("the journal is damaged"), "{said}");
    // A copy of both files that is put back is noticed by the head that was noted.
    desk.write("config/default/journal.zkvj", "");
    std::fs::remove_file(desk.path("data/default/journal-head.zkvj")).unwrap();
    ok(&desk, &["journal", "verify"]);
    let error = stderr_of(&mut desk.zkv(&["journal", "verify", "--expect", head]), 10);
    assert!(error.contains("there is no record 6"), "{error}");
    assert!(stderr_of(&mut desk.zkv(&["journal", "verify", "--expect", "6"]), 2).contains("NUMBER:DIGEST"));
}

#[test]
fn a_change_that_cannot_be_recorded_is_not_sent() {
    let (desk, service) = logged_in();
    std::fs::create_dir(desk.path("config/default/journal.zkvj")).unwrap();
    let error = stderr_of(&mut desk.zkv(&["user", "deactivate", "1918"]), 1);
    assert!(error.contains("a change was not sent"), "{error}");
    assert_eq!(service.requests("/rest/users/1918/deactivate").len(), 0);
}

#[test]
fn a_change_during_which_zkv_is_killed_has_an_unknown_outcome() {
    let (desk, service) = logged_in();
    service
        .conditions()
        .inject(Fault::Stall, 1, "/rest/users/1918/deactivate");
    let mut child = desk.zkv_std(&["user", "deactivate", "1918"]).spawn().unwrap();
    while service.requests("/rest/users/1918/deactivate").is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let list = list(&desk);
    assert_eq!((list.len(), &list[0]["outcome"]), (1, &"unknown".into()));
    assert_eq!(list[0]["ended"], Value::Null);
    ok(&desk, &["user", "update", "1917", "--city", "Bergen"]);
    ok(&desk, &["journal", "verify"]);
}

#[cfg(unix)]
#[test]
fn a_change_that_is_killed_anywhere_leaves_a_journal_that_is_whole() {
    let (desk, service) = logged_in();
    let mut known = 0;
    let look = || {
        let verified = desk.zkv(&["journal", "verify"]).output().unwrap();
        assert!(
            verified.status.success(),
            "{}",
            String::from_utf8_lossy(&verified.stderr)
        );
        let list = list(&desk);
        let (before, now) = (known, list.len());
        known = now;
        // What reached the service is recorded.
        assert!(service.requests("/rest/users/1917").len() <= now);
        match list.last() {
            Some(last) if now > before && last["outcome"] == "confirmed" => Left::After,
            _ if now == before => Left::Before,
            _ => Left::Between,
        }
    };
    let command = || desk.zkv_std(&["user", "update", "1917", "--city", "Bergen"]);
    kill("a recorded change", command, look);
}
