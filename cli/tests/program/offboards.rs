//! `zkv offboard`: everything is taken from somebody who leaves, and what they knew is followed.

use serde_json::Value;
use zkvault_core::key::VaultKey;
#[cfg(unix)]
use zkvault_core::model::{Group, Site, User};
use zkvault_core::value::{ValueContext, seal_bound};
#[cfg(unix)]
use zkvault_simulator::Organisation;
use zkvault_simulator::{Fault, Kind, Relation, seed};
use zkvault_test_support::{Desk, Service, json_of, stderr_of, stdout};

#[cfg(unix)]
use crate::journals::logged_in_at;
use crate::sessions::logged_in;

/// A desk whose store has the account, where Noor was handed the company's key.
fn world() -> (Desk, Service) {
    let (desk, service) = logged_in();
    desk.zkv(&["key", "import", "vault.key", "--label", "company", "--default"])
        .assert()
        .success();
    desk.zkv(&["sync"]).assert().success();
    (desk, service)
}

const MATEUS: &str = "mateus@haldenfrey.example";

fn status(desk: &Desk) -> Value {
    json_of(&mut desk.zkv(&["offboard", "status", "mateus", "--json"]))
}

fn ties_of(service: &Service, user: u64) -> usize {
    let organisation = service.organisation();
    let groups = organisation.linked(Relation::GroupUser, Kind::User, user).len();
    groups + organisation.linked(Relation::UserSite, Kind::User, user).len()
}

fn is_active(service: &Service, user: u64) -> bool {
    service.organisation().get(Kind::User, user).unwrap()["active"] == true
}

/// Seals a password for every password of a site.
fn set_password(service: &Service, key: &VaultKey, site_id: u64, text: &str) {
    service.change(|organisation| {
        let site = organisation.get_mut(Kind::Site, site_id).unwrap();
        for input in site["login"]["inputs"].as_array_mut().unwrap() {
            let input_name = input["name"].as_str().unwrap().to_owned();
            if input["type"] != "password" {
                continue;
            }
            let place = ValueContext {
                site_id,
                input_type: "password",
                input_name: &input_name,
            };
            input["value"] = seal_bound(key, &place, text).unwrap().into();
        }
        site.insert("updated".to_owned(), 1_900_000_000_u64.into());
    });
}

#[test]
fn somebody_who_leaves_has_nothing_afterwards_and_what_they_knew_is_listed() {
    let (desk, service) = world();
    let user = seed::ACTIVE_USER;
    let before = ties_of(&service, user);
    assert!(before > 2);
    let planned = json_of(&mut desk.zkv(&["offboard", MATEUS, "--dry-run", "--json"]));
    assert!(is_active(&service, user) && ties_of(&service, user) == before);
    assert_eq!(planned["changes"].as_array().unwrap().len(), before + 1);
    assert_eq!(planned["left"], Value::Null);
    let odd = stderr_of(&mut desk.zkv(&["offboard", MATEUS, "--yes", "--report", "left.pdf"]), 2);
    assert!(odd.contains(".html") && !desk.path("left.pdf").exists(), "{odd}");
    let unconfirmed = stderr_of(&mut desk.zkv(&["offboard", MATEUS]), 5);
    assert!(unconfirmed.contains("--yes"), "{unconfirmed}");

    let left = json_of(&mut desk.zkv(&["offboard", MATEUS, "--yes", "--json", "--report", "left.html"]));
    assert!(!is_active(&service, user));
    assert_eq!(ties_of(&service, user), 0);
    assert!(left["left"].is_string());
    assert!(
        left["changes"]
            .as_array()
            .unwrap()
            .iter()
            .all(|change| change["result"] == "done")
    );
    let sites = left["sites"].as_array().unwrap();
    let github = sites.iter().find(|site| site["name"] == "GitHub").unwrap();
    assert!(
        github["paths"].as_array().unwrap().contains(&"directly".into()),
        "{github}"
    );
    assert!(sites.iter().any(|site| site["paths"].to_string().contains("by group ")));
    let html = String::from_utf8(desk.read("left.html")).unwrap();
    assert!(html.contains("GitHub") && html.contains("zkv offboard status 1917"));

    // Again: nothing more is sent, and nothing is forgotten.
    let requests = service.requests("/rest/users/1917/deactivate").len();
    let again = json_of(&mut desk.zkv(&["offboard", MATEUS, "--yes", "--json"]));
    assert_eq!((&again["sites"], &again["left"]), (&left["sites"], &left["left"]));
    assert_eq!(again["changes"], Value::Array(Vec::new()));
    assert_eq!(service.requests("/rest/users/1917/deactivate").len(), requests);
    let journal = stdout(&mut desk.zkv(&["journal", "export"]));
    assert!(
        journal.contains("deactivate user mateus@haldenfrey.example (1917)"),
        "{journal}"
    );
    // The file says nothing to somebody without the keyring.
    let folder = std::fs::read_dir(desk.path("config/default/leavings")).unwrap();
    let files = folder.map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    assert!(
        files
            .into_iter()
            .all(|file| !String::from_utf8_lossy(&file).contains("GitHub"))
    );
}

#[test]
fn a_site_is_done_when_its_password_changed_and_a_key_when_it_was_rotated() {
    let (desk, service) = world();
    let hand_over = [
        "user",
        "activate",
        "1921",
        "--code",
        "--code-file",
        "c.txt",
        "--key",
        "company",
        "-o",
        "a.txt",
    ];
    desk.zkv(&hand_over).assert().success();
    desk.zkv(&["site", "assign", "github", "--user", "1921"])
        .assert()
        .success();
    let rights = [
        "site",
        "privileges",
        "github",
        "--user",
        "1921",
        "--allow",
        "read",
        "--yes",
    ];
    desk.zkv(&rights).assert().success();
    desk.zkv(&["offboard", "priya@haldenfrey.example", "--yes"])
        .assert()
        .success();
    let key = VaultKey::from_slice(&desk.read("vault.key")).unwrap();
    let status = || json_of(&mut desk.zkv(&["offboard", "status", "priya", "--json"]));
    let states = |status: &Value| {
        let mut sites = status["sites"].as_array().unwrap().iter();
        let github = sites.find(|site| site["name"] == "GitHub").unwrap();
        (github["state"].clone(), status["keys"][0]["state"].clone())
    };
    assert_eq!(states(&status()), ("to change".into(), "to rotate".into()));
    set_password(&service, &key, seed::GITHUB, "a new password");
    assert_eq!(
        states(&status()),
        ("to change".into(), "to rotate".into()),
        "before a sync"
    );
    desk.zkv(&["sync"]).assert().success();
    assert_eq!(states(&status()), ("changed".into(), "to rotate".into()));
    // A rotation offers nothing to somebody who left.
    let rotated = stdout(&mut desk.zkv(&["key", "rotate", "company", "--label", "company-2", "--json"]));
    assert!(!rotated.contains("1921"), "{rotated}");
    assert_eq!(states(&status()), ("changed".into(), "rotated".into()));
    let everybody = json_of(&mut desk.zkv(&["offboard", "status", "--json"]));
    // Of all that they could read, the one site is done.
    let number = |member: &str| everybody[0][member].as_u64().unwrap();
    assert_eq!((number("sites_open") + 1, number("keys_open")), (number("sites"), 0));
    desk.zkv(&["offboard", "status", "priya", "--report", "priya.md"])
        .assert()
        .success();
    assert!(String::from_utf8(desk.read("priya.md")).unwrap().contains("GitHub"));
    assert!(
        stderr_of(
            &mut desk.zkv(&["offboard", "status", "priya", "--report", "priya.md"]),
            1
        )
        .contains("--force")
    );
    assert!(stderr_of(&mut desk.zkv(&["offboard", "status", "nobody"]), 3).contains("nobody"));
}

#[test]
fn a_password_that_is_only_sealed_again_is_still_to_be_changed() {
    let (desk, service) = world();
    desk.zkv(&["offboard", MATEUS, "--yes"]).assert().success();
    let github = || {
        let status = status(&desk);
        let mut sites = status["sites"].as_array().unwrap().iter();
        let github = sites.find(|site| site["name"] == "GitHub").unwrap();
        github["state"].as_str().unwrap().to_owned()
    };
    let sync = |exit| {
        desk.zkv(&["sync"]).assert().code(exit);
        // A value that no key opens is tampered with, until a person accepts what is shown, by its digest.
        let trusted = desk.zkv(&["trust", "github", "--yes"]).output().unwrap();
        let said = String::from_utf8(trusted.stderr).unwrap();
        if let Some(yes) = said.split_whitespace().find(|word| word.starts_with("--yes=")) {
            desk.zkv(&["trust", "github", yes]).assert().success();
        }
    };
    let key = VaultKey::from_slice(&desk.read("vault.key")).unwrap();
    let password = stdout(&mut desk.zkv(&["read", "zkv://GitHub/password"]));
    set_password(&service, &key, seed::GITHUB, password.trim_end());
    sync(0);
    assert_eq!(github(), "to change");
    // Nobody here can say what is under another key.
    set_password(&service, &VaultKey::generate().unwrap(), seed::GITHUB, "a new password");
    sync(10);
    assert_eq!(github(), "unknown");
    set_password(&service, &key, seed::GITHUB, "a new password");
    sync(0);
    assert_eq!(github(), "changed");
}

#[test]
fn a_run_that_was_refused_in_the_middle_is_continued_and_forgets_nothing() {
    let (desk, service) = world();
    service
        .conditions()
        .inject(Fault::status(403), 9, "/rest/users/1917/groups");
    service
        .conditions()
        .inject_after(1, Fault::status(403), 9, "/rest/users/1917/sites");
    let failed = desk.zkv(&["offboard", MATEUS, "--yes"]).output().unwrap();
    assert_eq!(
        failed.status.code(),
        Some(11),
        "{}",
        String::from_utf8_lossy(&failed.stderr)
    );
    assert!(!is_active(&service, seed::ACTIVE_USER), "the most important is done");
    service.conditions().clear_faults();
    let known = status(&desk);
    assert_eq!(known["left"], Value::Null);
    desk.zkv(&["offboard", MATEUS, "--yes"]).assert().success();
    let after = status(&desk);
    assert!(after["left"].is_string());
    let ids = |status: &Value| -> Vec<Value> {
        let sites = status["sites"].as_array().unwrap().iter();
        sites.map(|site| site["id"].clone()).collect()
    };
    assert!(ids(&known).iter().all(|id| ids(&after).contains(id)));
    assert_eq!(ties_of(&service, seed::ACTIVE_USER), 0);
}

#[test]
fn a_service_that_confirms_and_takes_nothing_away_is_found() {
    let (desk, service) = world();
    let before = service.organisation();
    let liar = service.simulator.clone();
    service
        .conditions()
        .set_rewriter(Some(std::sync::Arc::new(move |request, _| {
            if request.method != "GET" && !request.path.contains("oauth") {
                let before = before.clone();
                liar.change(|organisation| *organisation = before);
            }
        })));
    let error = stderr_of(&mut desk.zkv(&["offboard", MATEUS, "--yes"]), 11);
    assert!(error.contains("were not made"), "{error}");
    assert_eq!(status(&desk)["left"], Value::Null);
}

#[test]
fn what_is_remembered_of_somebody_and_does_not_open_stops_a_new_beginning() {
    let (desk, _service) = world();
    desk.zkv(&["offboard", MATEUS, "--yes"]).assert().success();
    let folder = desk.path("config/default/leavings");
    let file = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "zkvl"))
        .unwrap();
    let whole = std::fs::read(&file).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    std::fs::write(&file, changed).unwrap();
    assert!(stderr_of(&mut desk.zkv(&["offboard", MATEUS, "--yes"]), 10).contains("does not open"));
    let listed = desk.zkv(&["offboard", "status"]).output().unwrap();
    assert!(listed.status.success() && String::from_utf8_lossy(&listed.stderr).contains("does not open"));
}

#[test]
fn a_site_whose_record_is_damaged_is_not_taken_for_one_that_is_gone() {
    let (desk, _service) = world();
    desk.zkv(&["offboard", MATEUS, "--yes"]).assert().success();
    let states = || -> Vec<String> {
        let status = status(&desk);
        let sites = status["sites"].as_array().unwrap().iter();
        sites.map(|site| site["state"].as_str().unwrap().to_owned()).collect()
    };
    assert!(states().iter().all(|state| state == "to change"), "{:?}", states());
    let store = rusqlite::Connection::open(desk.path("data/default/store.db")).unwrap();
    store.execute_batch("UPDATE record SET sealed = zeroblob(900)").unwrap();
    drop(store);
    assert!(states().iter().all(|state| state == "unknown"), "{:?}", states());
}

/// Few things, so that a run is few requests: a client sends 20 in a second, and then waits.
#[cfg(unix)]
fn small() -> Organisation {
    let mut organisation = Organisation::new();
    for id in [1, 2] {
        let mut user = User::new(id);
        user.email = Some(format!("user{id}@x.example"));
        user.active = Some(true);
        user.confirmed = Some(true);
        organisation.add_user(&user);
        let mut site = Site::new(id);
        site.name = Some(format!("Site {id}"));
        organisation.add_site(&site);
    }
    let mut group = Group::new(5);
    group.name = Some("Sales".to_owned());
    organisation.add_group(&group);
    for (relation, left, right) in [
        (Relation::GroupUser, 5, 1),
        (Relation::GroupUser, 5, 2),
        (Relation::UserSite, 1, 1),
    ] {
        organisation.link(relation, left, right);
    }
    organisation
}

#[cfg(unix)]
#[test]
fn an_offboarding_that_is_killed_anywhere_is_continued_by_the_same_command() {
    use crate::killed::{Left, kill};
    let (desk, service) = logged_in_at(Service::of(small()));
    let leave = ["offboard", "1", "--yes", "-q"];
    let look = || {
        let left = match (ties_of(&service, 1), is_active(&service, 1)) {
            (0, false) => Left::After,
            (_, true) => Left::Before,
            _ => Left::Between,
        };
        desk.zkv(&leave).assert().success();
        let status = json_of(&mut desk.zkv(&["offboard", "status", "1", "--json"]));
        assert!(status["left"].is_string());
        assert_eq!((ties_of(&service, 1), is_active(&service, 1)), (0, false));
        // Begun anew: as it was.
        service.change(|organisation| *organisation = small());
        std::fs::remove_dir_all(desk.path("config/default/leavings")).unwrap();
        left
    };
    kill("an offboarding", || desk.zkv_std(&leave), look);
}
