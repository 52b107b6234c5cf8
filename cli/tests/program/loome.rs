//! Loome Assist from the command line: every endpoint, logging in, and what goes wrong.

use std::sync::Arc;

use serde_json::{Value, json};
use zkvault_simulator::{Answer, Fault, LoomeSettings, Received, Tenant};
use zkvault_test_support::{API_KEY, API_SECRET, Desk, Echo, LoomeService, json_of, stderr_of, stdout};

#[test]
fn projects_of_a_user() {
    let (desk, service) = (Desk::new(), LoomeService::demo());
    let args = ["project", "list", "--email", Tenant::DEMO_EMAIL];
    assert_eq!(
        stdout(&mut service.zkv(&desk, &args)),
        "12\tHull models\tDrag of new hulls, simulated\tActive\n15\tSail cloth\tTests of laminates\tActive\n"
    );
    assert_eq!(
        service.asked(),
        "GET /api/v1/Projects?email=mara.halden%40haldenfrey.example"
    );
    let document = json_of(service.zkv(&desk, &args).arg("--json"));
    assert_eq!(document[1]["id"], 15);
}

#[test]
fn an_object_that_cannot_be_used_is_named_with_the_command_that_shows_it() {
    let (desk, service) = (Desk::new(), LoomeService::demo());
    let args = ["project", "list", "--email", Tenant::DEMO_EMAIL];
    let answer_with = |document: Value| {
        let rewriter = move |request: &Received, answer: &mut Answer| {
            if request.path.starts_with("/api/v1/Projects") {
                *answer = Answer::new(200, document.clone());
            }
        };
        service.conditions().set_rewriter(Some(Arc::new(rewriter)));
    };
    answer_with(json!([{"id": 12.0, "name": "Hulls"}, {"name": "Sails"}]));
    let output = service.zkv(&desk, &args).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "12\tHulls\t\t\n");
    let said = stderr_of(&mut service.zkv(&desk, &args), 11);
    assert!(said.contains("an object without a usable id (\"Sails\")"), "{said}");
    assert!(
        said.contains("zkv api loome GET PATH shows what the service sends"),
        "{said}"
    );
    answer_with(json!({"projects": null}));
    assert_eq!(stdout(&mut service.zkv(&desk, &args)), "");
}

#[test]
fn data_repositories_are_listed_named_and_created() {
    let (desk, service) = (Desk::new(), LoomeService::demo());
    let listed = stdout(&mut service.zkv(&desk, &["repo", "list", "--project", "12"]));
    assert_eq!(
        listed,
        "340\thullruns\tResults of all runs\t\n341\thullbackups\tVault backups\t\n"
    );

    let mut check = service.zkv(&desk, &["repo", "check-name", "newdata"]);
    assert_eq!(stdout(&mut check), "newdata\tyes\tThe name newdata is available.\n");
    let taken = service
        .zkv(&desk, &["repo", "check-name", "hullruns", "--json"])
        .assert()
        .code(1);
    let taken: Value = serde_json::from_slice(&taken.get_output().stdout).unwrap();
    assert_eq!(
        (&taken["available"], &taken["answer"]["storageAccount"]["id"]),
        (&json!(false), &json!(340))
    );

    let create = ["repo", "create", "newdata", "--project", "12", "--description", "new"];
    let shown = stdout(service.zkv(&desk, &create).arg("--dry-run"));
    assert_eq!(
        shown,
        "POST /api/v1/Projects/12/DataRepositories {\"name\":\"newdata\",\"description\":\"new\"}\n"
    );
    assert!(
        service
            .requests("/api/v1/Projects/12")
            .iter()
            .all(|request| request.method == "GET")
    );
    assert_eq!(stdout(&mut service.zkv(&desk, &create)), "342\tnewdata\tnew\t\n");
    assert_eq!(service.storage.names("newdata"), Vec::<String>::new());
    let again = stderr_of(&mut service.zkv(&desk, &create), 1);
    assert!(
        again.contains("already taken") && again.contains("hint: zkv repo check-name newdata"),
        "{again}"
    );
}

#[test]
fn details_of_a_new_data_repository_come_from_a_file() {
    let (desk, service) = (Desk::new(), LoomeService::demo());
    desk.write("details.json", r#"{"description": "of a file"}"#);
    let create = [
        "repo",
        "create",
        "newdata",
        "--project",
        "15",
        "--details",
        "details.json",
        "--json",
    ];
    assert_eq!(json_of(&mut service.zkv(&desk, &create))["description"], "of a file");
    for wrong in ["[]", "{", r#"{"name":"other"}"#] {
        desk.write("details.json", wrong);
        service.zkv(&desk, &create).assert().failure();
    }
    assert_eq!(service.requests("/api").len(), 1);
}

#[test]
fn networks_of_both_kinds() {
    let (desk, service) = (Desk::new(), LoomeService::demo());
    assert_eq!(
        stdout(&mut service.zkv(&desk, &["repo", "network", "340", "--project", "12"])),
        "private-network\tyes\ndns-name\thullruns.blob.core.windows.net\nip-address\t10.20.1.4\n\
         address-space\t10.20.0.0/16\nsubnet\t10.20.1.0/24\n"
    );
    let public = json_of(&mut service.zkv(&desk, &["repo", "network", "341", "--project", "12", "--json"]));
    assert_eq!((&public["private"], &public["subnet"]), (&json!(false), &Value::Null));
    let listed = stdout(&mut service.zkv(&desk, &["workstation", "list", "--project", "12"]));
    assert_eq!(listed, format!("{}\thull-01\t\tRunning\n", Tenant::DEMO_WORKSTATION));
    let args = ["workstation", "network", Tenant::DEMO_WORKSTATION, "--project", "12"];
    assert!(stdout(&mut service.zkv(&desk, &args)).contains("ip-address\t10.20.1.5\n"));
    assert!(service.asked().ends_with("/NetworkConfiguration"));
}

const SAS: [&str; 7] = ["repo", "sas", "340", "--project", "12", "--expires", "2099/01/02"];

#[test]
fn a_link_is_shown_only_when_it_is_asked_for() {
    let (desk, service) = (Desk::new(), LoomeService::demo());
    assert_eq!(
        stdout(&mut service.zkv(&desk, &SAS)),
        "host\t127.0.0.1\ncontainer\thullruns\npermissions\trl\nexpires\t2099-01-02T00:00:00Z\n"
    );
    assert!(
        service
            .asked()
            .ends_with("/SharedAccessSignature?expirydatetime=2099%2F01%2F02&isreadonly=true")
    );
    let described = json_of(service.zkv(&desk, &SAS).arg("--json"));
    assert_eq!(described["link"], Value::Null);
    let link = stdout(service.zkv(&desk, &SAS).arg("--reveal"));
    assert!(link.starts_with("http://127.0.0.1:") && link.contains("&sig=") && link.ends_with('\n'));
    let revealed = json_of(service.zkv(&desk, &SAS).args(["--reveal", "--json"]));
    assert_eq!(revealed["link"], link.trim_end());
}

#[test]
fn a_link_in_a_file_is_what_uploads_take() {
    let (desk, service) = (Desk::new(), LoomeService::demo());
    desk.write("vault.key", [7; 32]);
    desk.write("run.csv", "1,2,3");
    let said = stdout(service.zkv(&desk, &SAS).args(["--full-access", "-o", "write.sas"]));
    assert!(
        said.contains("permissions\tracwdl\n") && !said.contains("sig="),
        "{said}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(desk.path("write.sas")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let repo = |args: &[&str], sas: &str| {
        let mut zkv = desk.zkv(&["repo"]);
        zkv.args(args)
            .args(["--key-file", "vault.key"])
            .env("ZKV_SAS_FILE", sas);
        zkv
    };
    repo(&["upload", "run.csv"], "write.sas").assert().success();
    service.zkv(&desk, &SAS).args(["-o", "read.sas"]).assert().success();
    assert!(stdout(&mut repo(&["ls"], "read.sas")).starts_with("run.csv\t"));
    assert_eq!(
        repo(&["upload", "run.csv", "--overwrite"], "read.sas")
            .assert()
            .get_output()
            .status
            .code(),
        Some(7)
    );
    let exists = stderr_of(service.zkv(&desk, &SAS).args(["-o", "read.sas"]), 1);
    assert!(exists.contains("exists"), "{exists}");
}

#[test]
fn expiries_and_ids_are_checked_here_or_there() {
    let (desk, service) = (Desk::new(), LoomeService::demo());
    let sas = |expires: &str| {
        let mut zkv = service.zkv(&desk, &SAS[..5]);
        zkv.args(["--expires", expires]);
        zkv
    };
    assert!(stderr_of(&mut sas("tomorrow"), 2).contains("2030/01/02"));
    assert!(stderr_of(&mut service.zkv(&desk, &["repo", "list", "--project", "a/b"]), 2).contains("an id is"));
    assert!(service.requests("/").is_empty());
    assert!(stderr_of(&mut sas("2020/01/01"), 1).contains("expirydatetime is in the past"));
    assert!(stderr_of(&mut sas("2099-01-02T10:00:00Z"), 1).contains("YYYY/MM/DD"));
    service.change_settings(|settings| settings.takes_times = true);
    assert!(stdout(&mut sas("2099-01-02T10:00:00+02:00")).contains("expires\t2099-01-02T08:00:00Z"));
    let mut without = service.zkv(&desk, &SAS[..5]);
    without.assert().success();
}

#[test]
fn faults_have_their_exit_codes_and_hints() {
    let (desk, service) = (Desk::new(), LoomeService::demo());
    let list = ["workstation", "list", "--project", "12"];
    let cases = [
        (Fault::status(403), 7, "role of an administrator"),
        (Fault::status(404), 3, "docs/guide-loome.md"),
        (Fault::status(409), 1, "state"),
        (Fault::status(501), 8, "auth status --service loome"),
        (Fault::HtmlPage, 1, "login page"),
        (Fault::Malformed, 1, "valid JSON"),
    ];
    for (fault, code, said) in cases {
        service.conditions().inject(fault, 1, "/api");
        let shown = stderr_of(&mut service.zkv(&desk, &list), code);
        assert!(shown.contains(said), "{fault:?}: {shown}");
    }
    let busy = Fault::Status {
        status: 429,
        retry_after: Some(3600),
    };
    service.conditions().inject(busy, 1, "/api");
    assert!(stderr_of(&mut service.zkv(&desk, &list), 9).contains("try again in 3600 seconds"));
    assert!(
        stderr_of(&mut service.zkv(&desk, &["workstation", "list", "--project", "99"]), 3).contains("no project 99")
    );
    let mut insecure = service.zkv(&desk, &list);
    assert!(stderr_of(insecure.env("ZKV_LOOME_URL", "http://acme.example"), 2).contains("only https://"));
    let mut wrong = service.zkv(&desk, &list);
    assert!(stderr_of(wrong.env("ZKV_LOOME_SECRET", "canary"), 4).contains("Remote Access"));
    let mut part = service.zkv(&desk, &list);
    assert!(stderr_of(part.env_remove("ZKV_LOOME_KEY"), 5).contains("ZKV_LOOME_KEY"));
}

#[test]
fn raw_requests_are_sent_and_answered_as_they_are() {
    let (desk, service) = (Desk::new(), LoomeService::demo());
    let api = |args: &[&str]| service.zkv(&desk, &[&["api", "loome"], args].concat());
    let email = format!("email={}", Tenant::DEMO_EMAIL);
    let projects = json_of(&mut api(&["GET", "/api/v1/Projects", "--query", &email]));
    assert_eq!(projects[0]["name"], "Hull models");
    desk.write("new.json", r#"{"name":"newdata"}"#);
    let create = ["post", "/api/v1/Projects/12/DataRepositories", "--data", "new.json"];
    let shown = stdout(api(&create).arg("--dry-run"));
    assert_eq!(
        shown,
        "POST /api/v1/Projects/12/DataRepositories {\"name\":\"newdata\"}\n"
    );
    assert_eq!(json_of(&mut api(&create))["id"], 342);
    assert!(stderr_of(&mut api(&create), 1).contains("already taken"));

    let path = "/api/v1/Projects/12/DataRepositories/340/SharedAccessSignature";
    let sas = [
        "GET",
        path,
        "--query",
        "expirydatetime=2099/01/02",
        "--query",
        "isreadonly=true",
    ];
    let withheld = api(&sas).assert().code(1).stdout("");
    assert!(String::from_utf8_lossy(&withheld.get_output().stderr).contains("zkv repo sas"));
    assert_eq!(stdout(api(&sas).args(["-o", "link.json"])), "");
    assert!(String::from_utf8(desk.read("link.json")).unwrap().contains("sig="));

    let before = service.requests("/api").len();
    assert!(stderr_of(&mut api(&["DELETE", "/api/v1/Projects/12"]), 5).contains("--yes"));
    for path in ["/a?b=c", "/a/../b", "/a b"] {
        stderr_of(&mut api(&["GET", path]), 2);
    }
    desk.write("new.json", "{");
    stderr_of(&mut api(&create), 1);
    assert_eq!(service.requests("/api").len(), before);
    stderr_of(&mut api(&["DELETE", "/api/v1/Projects/12", "--yes"]), 3);
}

#[test]
fn paths_are_settings() {
    let (desk, service) = (Desk::new(), LoomeService::demo());
    let list = ["workstation", "list", "--project", "12"];
    let mut moved = service.zkv(&desk, &list);
    assert!(stderr_of(moved.env("ZKV_LOOME_TOKEN_PATH", "/oauth/token"), 4).contains("docs/guide-loome.md"));
    assert_eq!(service.asked(), "POST /oauth/token");
    let mut bad = service.zkv(&desk, &list);
    assert!(stderr_of(bad.env("ZKV_LOOME_CREATE_PATH", "/new"), 2).contains("{projectId}"));
    let mut elsewhere = service.zkv(&desk, &["repo", "create", "abc", "--project", "1", "--dry-run"]);
    elsewhere.env("ZKV_LOOME_CREATE_PATH", "/v2/{projectId}/new");
    assert_eq!(stdout(&mut elsewhere), "POST /v2/1/new {\"name\":\"abc\"}\n");
}

#[test]
fn a_login_is_kept_beside_that_of_the_other_service() {
    let (desk, service) = (Desk::with_keyring(), LoomeService::demo());
    let loome = |args: &[&str]| desk.zkv(&[args, &["--service", "loome"]].concat());
    desk.write("secret.txt", "simulator-secret\n");
    let login = [
        "auth",
        "login",
        "--url",
        &service.url(),
        "--api-key",
        "simulator-key",
        "--secret-file",
        "secret.txt",
    ];
    loome(&login).assert().success();
    let status = json_of(loome(&["auth", "status"]).arg("--json"));
    assert_eq!(
        (&status["service"], &status["api_key"], &status["token"]),
        (&json!("loome"), &json!("simulator-key"), &json!("valid"))
    );
    let list = ["repo", "list", "--project", "12"];
    desk.zkv(&list).assert().success();
    desk.zkv(&list).assert().success();
    assert_eq!(service.requests("/connect").len(), 1, "the token is kept");
    service.revoke_tokens();
    desk.zkv(&list).assert().success();
    desk.zkv(&list).assert().success();
    assert_eq!(
        service.requests("/connect").len(),
        2,
        "a different one is kept in its place"
    );

    assert!(stderr_of(&mut desk.zkv(&["auth", "status"]), 4).contains("no LogMeOnce account"));
    assert!(stderr_of(&mut loome(&["auth", "login", "--grant", "authorization-code"]), 2).contains("API keys only"));
    desk.zkv(&["auth", "logout"]).assert().success();
    desk.zkv(&list).assert().success();
    loome(&["auth", "logout"]).assert().success();
    assert!(stderr_of(&mut desk.zkv(&list), 4).contains("zkv auth login --service loome"));
}

#[test]
fn a_key_that_is_its_own_secret_is_not_shown() {
    let desk = Desk::new();
    let mut status = desk.zkv(&["auth", "status", "--service", "loome"]);
    status.env("ZKV_LOOME_URL", "https://acme.azurewebsites.net");
    status.envs([("ZKV_LOOME_KEY", "canary-key"), ("ZKV_LOOME_SECRET", "canary-key")]);
    let shown = stdout(&mut status);
    assert!(
        shown.contains("api-key\t(the same as the secret)\n") && !shown.contains("canary"),
        "{shown}"
    );
    assert!(!stdout(status.arg("--json")).contains("canary"));
}

#[test]
fn no_token_secret_or_signature_reaches_an_output() {
    let (desk, service) = (Desk::new(), LoomeService::demo());
    let commands: [&[&str]; 6] = [
        &["project", "list", "--email", "a@b.example"],
        &["repo", "list", "--project", "12"],
        &["repo", "check-name", "abc"],
        &["repo", "create", "abcdef", "--project", "12"],
        &SAS,
        &["workstation", "list", "--project", "12"],
    ];
    let mut texts = Vec::new();
    for status in [None, Some(200), Some(400), Some(403), Some(500)] {
        for path in ["/api", "/"] {
            let rewriter = status.map(|status| Echo::All.rewriter(status, path));
            service.conditions().set_rewriter(rewriter);
            for command in commands {
                for json in [&[][..], &["--json"]] {
                    let output = service.zkv(&desk, command).args(json).output().unwrap();
                    texts.push(String::from_utf8([output.stdout, output.stderr].concat()).unwrap());
                }
            }
        }
    }
    let sent = service.requests("/api").into_iter().map(|request| {
        let header = request.header("authorization").unwrap_or_default();
        header.trim_start_matches("Bearer ").to_owned()
    });
    let tokens: Vec<_> = sent.collect();
    assert!(tokens.len() > 20 && texts.len() == 120);
    for text in &texts {
        assert!(!text.contains("sig=") && !text.contains("simulator-secret"), "{text}");
        assert!(
            !tokens.iter().any(|token| token.len() > 20 && text.contains(token)),
            "{text}"
        );
    }
}

#[cfg(unix)]
#[test]
fn every_command_of_the_guide_succeeds_in_its_order() {
    use crate::shell::{commands_below, run};

    let (desk, service) = (Desk::with_keyring(), LoomeService::demo());
    desk.write("secret.txt", "simulator-secret\n");
    desk.write("vault.key", [7; 32]);
    desk.write("results.csv", "1,2,3");
    let commands = commands_below("docs/guide-loome.md", "# Data repositories of Loome Assist");
    assert!(commands.len() > 10, "{commands:?}");
    let environment = [("INSTANCE", service.url()), ("API_KEY", "simulator-key".to_owned())];
    run(&desk, &commands, &environment);
}

#[test]
fn a_container_that_changed_is_asked_about() {
    let (desk, service) = (Desk::new(), LoomeService::demo());
    let backups = Tenant::DEMO_BACKUPS.to_string();
    let project = Tenant::DEMO_PROJECT.to_string();
    let args = ["repo", "sas", &backups, "--project", &project];
    let assert = service.zkv(&desk, &args).assert().success();
    let first = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(first.contains("is the container http://127.0.0.1:"), "{first}");
    let assert = service.zkv(&desk, &args).assert().success();
    assert!(assert.get_output().stderr.is_empty(), "it is known now");

    let path = desk.path("config/default/known-containers.json");
    let known = std::fs::read_to_string(&path).unwrap();
    let mut document: Value = serde_json::from_str(&known).unwrap();
    document["containers"][0]["container"] = "https://before.blob.core.windows.net/data".into();
    std::fs::write(&path, document.to_string()).unwrap();
    let said = stderr_of(&mut service.zkv(&desk, &args), 10);
    assert!(said.contains("another container than before"), "{said}");
    assert!(
        said.contains("before.blob.core.windows.net") && said.contains("--accept-container"),
        "{said}"
    );
    let repo = format!("{project}/{backups}");
    let said = stderr_of(&mut service.zkv(&desk, &["repo", "ls", "--plain", "--repo", &repo]), 10);
    assert!(!said.contains("sig="), "{said}");
    assert!(said.contains("another container"), "{said}");

    service.zkv(&desk, &args).arg("--accept-container").assert().success();
    service.zkv(&desk, &args).assert().success();
    std::fs::write(&path, "{}").unwrap();
    stderr_of(&mut service.zkv(&desk, &args), 10);
}

/// A service whose tokens come from a host of their own.
fn with_identity_host() -> LoomeService {
    LoomeService::with(LoomeSettings {
        has_identity_host: true,
        ..LoomeSettings::default()
    })
}

/// Each host got only what is meant for it.
fn assert_apart(service: &LoomeService) {
    let (identity, api) = (service.identity_requests(), service.requests("/"));
    assert!(!identity.is_empty() && !api.is_empty());
    for request in &identity {
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", "/connect/token")
        );
        assert!(!format!("{:?}", request.headers).contains("Bearer"), "{request:?}");
    }
    for request in &api {
        let sent = format!("{:?} {:?}", request.query, String::from_utf8_lossy(&request.body));
        assert!(!sent.contains(API_SECRET) && !sent.contains("client_secret"), "{sent}");
        assert_ne!(request.path, "/connect/token");
    }
}

#[test]
fn tokens_come_from_an_identity_host_and_its_secret_goes_nowhere_else() {
    let (desk, service) = (Desk::new(), with_identity_host());
    let list = ["project", "list", "--email", Tenant::DEMO_EMAIL];
    let without = stderr_of(&mut with_identity_host().zkv(&desk, &list), 4);
    assert!(without.contains("docs/guide-loome.md"), "{without}");
    for url in [
        service.identity_url(),
        format!("{}/connect/token/", service.identity_url()),
    ] {
        let mut zkv = service.zkv(&desk, &list);
        assert!(stdout(zkv.env("ZKV_LOOME_IDENTITY_URL", url)).contains("Hull models"));
    }
    assert_apart(&service);
}

#[test]
fn the_identity_host_is_remembered_with_the_account() {
    let (desk, service) = (Desk::with_keyring(), with_identity_host());
    let (url, identity) = (service.url(), service.identity_url());
    desk.write("secret.txt", API_SECRET);
    let login = [
        "auth",
        "login",
        "--service",
        "loome",
        "--url",
        &url,
        "--api-key",
        API_KEY,
    ];
    let more = ["--secret-file", "secret.txt", "--identity-url", &identity];
    stdout(&mut desk.zkv(&[&login[..], &more].concat()));
    let list = ["project", "list", "--email", Tenant::DEMO_EMAIL];
    assert!(stdout(&mut desk.zkv(&list)).contains("Hull models"));
    service.revoke_tokens();
    assert!(
        stdout(&mut desk.zkv(&list)).contains("Hull models"),
        "a new token comes from there too"
    );
    assert_apart(&service);
    let status = json_of(&mut desk.zkv(&["auth", "status", "--service", "loome", "--json"]));
    assert_eq!(status["identity_url"], identity.as_str());
    let mixed = stderr_of(desk.zkv(&list).env("ZKV_LOOME_IDENTITY_URL", "https://evil.example"), 5);
    assert!(mixed.contains("not mixed with the keyring"), "{mixed}");
}

#[test]
fn an_address_where_a_path_belongs_sends_the_secret_nowhere() {
    let (desk, service) = (Desk::new(), with_identity_host());
    let address = format!("{}/connect/token", service.identity_url());
    let mut zkv = service.zkv(&desk, &["project", "list", "--email", Tenant::DEMO_EMAIL]);
    let refused = stderr_of(zkv.env("ZKV_LOOME_TOKEN_PATH", address), 2);
    assert!(refused.contains("ZKV_LOOME_IDENTITY_URL"), "{refused}");
    assert!(service.requests("/").is_empty() && service.identity_requests().is_empty());
    let mut zkv = service.zkv(&desk, &["project", "list", "--email", Tenant::DEMO_EMAIL]);
    let plain = stderr_of(zkv.env("ZKV_LOOME_IDENTITY_URL", "http://identity.example"), 2);
    assert!(plain.contains("https"), "{plain}");
    let other = desk
        .zkv(&["auth", "login", "--identity-url", "https://identity.example"])
        .assert()
        .code(2);
    assert!(String::from_utf8_lossy(&other.get_output().stderr).contains("--service loome"));
}
