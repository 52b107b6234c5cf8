//! `zkv access report`: who can reach what, and whether the service agrees.

use std::sync::Arc;

use serde_json::Value;
use zkvault_simulator::{Answer, Fault, Kind, Received, seed};
use zkvault_test_support::{Desk, Service, json_of, stderr_of, stdout};

const PEDRO: &str = "pedro@haldenfrey.example";

fn world() -> (Desk, Service) {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    (desk, service)
}

fn found<'a>(report: &'a Value, finding: &str) -> &'a Value {
    let all = report["findings"].as_array().unwrap();
    let found = all.iter().find(|found| found["finding"] == finding);
    found.unwrap_or_else(|| panic!("no {finding} in {all:?}"))
}

#[test]
fn the_whole_report_counts_and_names_what_stands_out() {
    let (desk, service) = world();
    let report = json_of(&mut service.zkv(&desk, &["access", "report", "--json"]));
    let site = |name: &str| {
        let all = report["sites"].as_array().unwrap();
        all.iter().find(|site| site["site"] == name).unwrap().clone()
    };
    let github = site("GitHub");
    // Everybody in Engineering, one of whom is deactivated.
    assert_eq!(
        (&github["readers"], &github["inactive_readers"]),
        (&4.into(), &1.into())
    );
    assert_eq!(github["groups"], serde_json::json!(["Engineering"]));
    assert_eq!(
        site("Harbour Bank")["readers"],
        0,
        "it is assigned without a permission"
    );
    let inactive = found(&report, "inactive-with-access");
    assert!(
        inactive["items"]
            .as_array()
            .unwrap()
            .contains(&format!("{PEDRO}: 6 sites").into()),
        "{inactive}"
    );
    assert_eq!(found(&report, "inactive-with-access")["level"], "critical");
    assert!(
        found(&report, "no-reader")["items"]
            .to_string()
            .contains("Harbour Bank")
    );
    assert!(found(&report, "one-reader")["items"].as_array().unwrap().len() > 1);
    let engineering = report["groups"]
        .as_array()
        .unwrap()
        .iter()
        .find(|group| group["group"] == "Engineering");
    assert_eq!(
        engineering.unwrap()["within"],
        serde_json::json!(["Platform", "On call"])
    );
    // Nothing is asked for the comparison: the assignments to users and groups were in the lists.
    assert_eq!(report["compared"], 15);
    let export = service.requests("/rest/").len();
    service
        .zkv(&desk, &["org", "export", "-o", "org.yaml"])
        .assert()
        .success();
    assert_eq!(
        service.requests("/rest/").len(),
        2 * export,
        "as many requests as an export"
    );
}

#[test]
fn a_user_and_a_site_have_their_paths() {
    let (desk, service) = world();
    let report = json_of(&mut service.zkv(&desk, &["access", "report", "--user", "pedro", "--json"]));
    let access = report["access"].as_array().unwrap();
    let inherited = access.iter().find(|pair| pair["site_id"] == 1_749_417).unwrap();
    let path = &inherited["paths"][0];
    assert_eq!(
        (&path["group"], &path["within"]),
        (&"Engineering".into(), &"On call".into())
    );
    assert_eq!(
        (&inherited["read"], &inherited["delete"]),
        (&true.into(), &false.into())
    );
    assert_eq!(access.len(), 6);
    // Every site was asked for, in one request.
    assert_eq!(report["compared"], service.organisation().ids(Kind::Site).count());

    let rows = stdout(&mut service.zkv(&desk, &["access", "report", "--site", "github.com"]));
    let mateus = rows.lines().find(|line| line.starts_with("mateus@")).unwrap();
    assert_eq!(
        mateus,
        "mateus@haldenfrey.example\tGitHub\tread, update\tdirect; group Engineering"
    );
    let rows = stdout(&mut service.zkv(&desk, &["access", "report", "--group", "engineering"]));
    assert!(rows.contains("Engineering\tGitHub\tread\tdirect\n"), "{rows}");
    assert!(
        rows.contains("read, update\tgroup Engineering, by Platform within it\n"),
        "{rows}"
    );
    let unknown = stderr_of(
        &mut service.zkv(&desk, &["access", "report", "--user", "pedor@haldenfrey.example"]),
        3,
    );
    assert!(unknown.contains(PEDRO), "{unknown}");
}

/// Says that everybody has every permission for one site, or nobody any.
fn lie(service: &Service, site: u64, is_given: bool) {
    let rewriter = move |received: &Received, answer: &mut Answer| {
        if received.method != "POST" {
            return;
        }
        let told = answer.document.get_mut("privileges").and_then(Value::as_array_mut);
        for told in told.into_iter().flatten() {
            let is_meant = received.path.contains(&site.to_string()) || told["id"] == site;
            if is_meant && told.get("inherited").is_some() {
                for right in ["read", "update", "delete"] {
                    told["inherited"][right] = is_given.into();
                }
            }
        }
    };
    service.conditions().set_rewriter(Some(Arc::new(rewriter)));
}

#[test]
fn a_service_that_grants_more_than_its_lists_say_is_found() {
    let (desk, service) = world();
    lie(&service, 1_749_413, true);
    // In the lists alone, for the group to which the site is assigned.
    let mut zkv = service.zkv(&desk, &["access", "report", "--json"]);
    let output = zkv.assert().code(10).get_output().clone();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let items = found(&report, "unexplained")["items"].to_string();
    let said = "group Engineering and Jira: the service says read, update, delete, the lists say read";
    assert!(items.contains(said), "{items}");
    // And for everybody, where that is asked for.
    let mut zkv = service.zkv(&desk, &["access", "report", "--verify", "--json"]);
    let output = zkv.assert().code(10).get_output().clone();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let items = found(&report, "unexplained")["items"].as_array().unwrap().len();
    assert!(items >= service.organisation().ids(Kind::User).count(), "{items}");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("access-differs"), "{errors}");
}

#[test]
fn a_service_that_withholds_what_its_lists_say_is_found() {
    let (desk, service) = world();
    lie(&service, 1_749_413, false);
    let errors = stderr_of(
        &mut service.zkv(&desk, &["access", "report", "--user", "noor", "-o", "noor.md"]),
        10,
    );
    assert!(
        errors.contains("for 1 pair the service says something else"),
        "{errors}"
    );
    let page = String::from_utf8(desk.read("noor.md")).unwrap();
    let said = "The service withholds permissions that are assigned";
    assert!(
        page.contains(said) && page.contains("the service says nothing, the lists say read"),
        "{page}"
    );
}

#[test]
fn a_list_that_is_refused_is_a_finding() {
    let (desk, service) = world();
    service
        .conditions()
        .inject(Fault::status(403), 1, "/rest/groups/5717/sites");
    let mut zkv = service.zkv(&desk, &["access", "report", "--json"]);
    let output = zkv.assert().code(11).get_output().clone();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        found(&report, "incomplete")["items"]
            .to_string()
            .contains("the sites of group 5717 cannot be read")
    );
}

#[test]
fn a_file_is_what_its_name_says_and_hostile_names_are_text_in_it() {
    let (desk, service) = world();
    let hostile = "</script><img src=x onerror=alert(1)>\u{202e}|[x](http://evil.example)";
    service.change(|organisation| {
        for (kind, id) in [(Kind::Group, seed::ENGINEERING), (Kind::Site, seed::GITHUB)] {
            let document = organisation.get_mut(kind, id).unwrap();
            document.insert("name".to_owned(), hostile.into());
        }
    });
    for file in ["access.html", "access.md", "access.json", "access.csv"] {
        service.zkv(&desk, &["access", "report", "-o", file]).assert().success();
        let text = String::from_utf8(desk.read(file)).unwrap();
        assert!(!text.contains('\u{202e}'), "{file}");
        match file.rsplit_once('.').unwrap().1 {
            "html" => {
                assert!(!text.contains("<img") && text.matches("</script>").count() == 1);
                assert!(text.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;\\u{202e}"));
            }
            "md" => assert!(
                !text.contains("[x](http:") && text.contains("\\<img") && !text.contains(" <img"),
                "{text}"
            ),
            "json" => drop(serde_json::from_str::<Value>(&text).unwrap()),
            _ => assert!(
                text.starts_with("site,readers,updaters,deleters,only_reader,groups\r\n"),
                "{text}"
            ),
        }
    }
    stderr_of(&mut service.zkv(&desk, &["access", "report", "-o", "access.html"]), 1);
    stderr_of(&mut service.zkv(&desk, &["access", "report", "-o", "access.pdf"]), 2);
    stderr_of(&mut service.zkv(&desk, &["group", "list", "--format", "html"]), 2);
    let printed = stdout(&mut service.zkv(&desk, &["access", "report", "--format", "html"]));
    assert!(printed.starts_with("<!DOCTYPE html>"));
}
