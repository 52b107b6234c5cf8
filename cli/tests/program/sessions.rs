//! Logging in, tokens that are kept, and what a service that says no looks like from outside.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;
use zkvault_core::SecretText;
use zkvault_core::keyring::Keyring;
use zkvault_simulator::{Answer, Fault, RateLimit, Received, seed};
use zkvault_test_support::{Desk, PASSPHRASE, Service, json_of, stderr_of, stdout};

/// The program with the keyring alone: nothing of the account is in the environment.
pub(crate) fn login(desk: &Desk, service: &Service, args: &[&str]) -> Command {
    let [(_, url), (_, key), (_, secret)] = service.environment();
    desk.write("secret.txt", format!("{secret}\n"));
    let mut zkv = desk.zkv(&[
        "auth",
        "login",
        "--url",
        &url,
        "--api-key",
        &key,
        "--secret-file",
        "secret.txt",
    ]);
    zkv.args(args);
    zkv
}

/// A desk that is logged in by its keyring, with `vault.key` for the values of the service.
pub(crate) fn logged_in() -> (Desk, Service) {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    login(&desk, &service, &[]).assert().success();
    (desk, service)
}

fn token_requests(service: &Service) -> usize {
    let requests = service.conditions().requests();
    requests
        .iter()
        .filter(|request| request.path == "/oauth2/token")
        .count()
}

#[test]
fn a_login_is_checked_stored_used_and_forgotten() {
    let (desk, service) = logged_in();
    assert_eq!(token_requests(&service), 1);
    let status = json_of(&mut desk.zkv(&["auth", "status", "--json"]));
    assert_eq!(status["api_key"], "simulator-key");
    assert_eq!(
        (&status["grant"], &status["token"]),
        (&"client_credentials".into(), &"valid".into())
    );
    assert!(status["expires"].as_str().unwrap().ends_with('Z'), "{status}");

    for _ in 0..2 {
        assert_eq!(stdout(&mut desk.zkv(&["group", "list"])).lines().count(), 5);
    }
    assert_eq!(token_requests(&service), 1, "the token is kept and used again");
    service.revoke_tokens();
    desk.zkv(&["group", "list"]).assert().success();
    desk.zkv(&["group", "list"]).assert().success();
    assert_eq!(token_requests(&service), 2, "another token is kept in its place");

    desk.zkv(&["auth", "logout"]).assert().success();
    assert!(stderr_of(&mut desk.zkv(&["group", "list"]), 4).contains("hint: zkv auth login"));
    assert!(stderr_of(&mut desk.zkv(&["auth", "status"]), 4).contains("no LogMeOnce account is known"));
    desk.zkv(&["auth", "logout"]).assert().success();
}

#[test]
fn a_wrong_secret_is_not_stored() {
    let (desk, service) = logged_in();
    let before = std::fs::read(desk.keyring()).unwrap();
    let mut wrong = desk.zkv(&["auth", "login"]);
    let [url, key, _] = service.environment();
    wrong.envs([url, key, ("ZKV_LOGMEONCE_SECRET", "canary-wrong".to_owned())]);
    let said = stderr_of(&mut wrong, 4);
    assert!(
        said.contains("the API key or its secret is wrong") && !said.contains("canary-wrong"),
        "{said}"
    );
    assert_eq!(std::fs::read(desk.keyring()).unwrap(), before);
}

#[test]
fn secrets_come_from_stdin_and_addresses_may_lack_their_scheme() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let [(_, url), (_, key), (_, secret)] = service.environment();
    let mut zkv = desk.zkv(&["auth", "login", "--url", &url, "--api-key", &key, "--secret-file", "-"]);
    zkv.write_stdin(secret).assert().success();
    for (url, message) in [
        ("http://company.logmeonce.com", "only https:// is used"),
        ("https://user@company.logmeonce.com", "user name or password"),
        ("company.logmeonce.com?x=y", "no query"),
        ("ftp://company.logmeonce.com", "begins with https://"),
    ] {
        let mut zkv = desk.zkv(&["auth", "login", "--url", url, "--api-key", "k", "--secret-file", "-"]);
        let said = stderr_of(zkv.write_stdin("s"), 2);
        assert!(said.contains(message), "{url}: {said}");
    }
    // A bare domain is https; a scheme that lacks a slash is no domain.
    for url in [
        "company.logmeonce.com",
        "https:/company.logmeonce.com",
        r"https:\\company.logmeonce.com",
    ] {
        let mut zkv = desk.zkv(&["auth", "status"]);
        zkv.env("ZKV_LOGMEONCE_URL", url);
        zkv.env("ZKV_LOGMEONCE_KEY", "k").env("ZKV_LOGMEONCE_SECRET", "s");
        assert!(
            stdout(&mut zkv).contains("url\thttps://company.logmeonce.com\n"),
            "{url}"
        );
    }
}

#[test]
fn the_environment_needs_no_keyring_and_is_not_mixed_with_one() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let mut list = service.zkv(&desk, &["group", "list"]);
    list.env_remove("ZKV_PASSPHRASE").assert().success();
    assert!(!desk.keyring().exists());
    let mut from_file = service.zkv(&desk, &["group", "list"]);
    desk.write("secret.txt", format!("{}\n", service.environment()[2].1));
    from_file
        .env_remove("ZKV_LOGMEONCE_SECRET")
        .env("ZKV_LOGMEONCE_SECRET_FILE", "secret.txt");
    from_file.assert().success();

    let (desk, service) = logged_in();
    let before = service.conditions().requests().len();
    for missing in ["ZKV_LOGMEONCE_URL", "ZKV_LOGMEONCE_KEY", "ZKV_LOGMEONCE_SECRET"] {
        let mut zkv = service.zkv(&desk, &["group", "list"]);
        zkv.env_remove(missing).assert().code(5);
    }
    assert_eq!(
        service.conditions().requests().len(),
        before,
        "the keyring's secret went nowhere"
    );
}

/// Opens the address that the program prints, as a browser would, and follows the way back.
fn browse(address: &str) -> String {
    let get = |url: &str| {
        let rest = url.strip_prefix("http://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(
            stream,
            "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let answer = get(address);
    let location = answer
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap_or_else(|| panic!("{answer}"));
    get(location)
}

#[test]
fn a_user_logs_in_in_a_browser_and_the_refresh_token_renews_the_login() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let [(_, url), (_, key), (_, secret)] = service.environment();
    let args = [
        "auth",
        "login",
        "--grant",
        "authorization-code",
        "--url",
        &url,
        "--api-key",
        &key,
        "--json",
    ];
    let mut zkv = desk.zkv_std(&args);
    zkv.env("ZKV_LOGMEONCE_SECRET", secret);
    let mut child = zkv
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = lines
        .by_ref()
        .map(Result::unwrap)
        .find(|line| line.starts_with("http://"))
        .unwrap();
    assert!(address.contains("code_challenge_method=S256"), "{address}");
    let page = browse(&address);
    assert!(page.contains("You are logged in"), "{page}");
    assert!(
        child.wait().unwrap().success(),
        "{:?}",
        lines.map(Result::unwrap).collect::<Vec<_>>()
    );
    let mut status = String::new();
    child.stdout.unwrap().read_to_string(&mut status).unwrap();
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(
        (&status["grant"], &status["renewable"]),
        (&"authorization_code".into(), &true.into())
    );

    // Refresh tokens work once: a command whose token is refused must keep the new one.
    for _ in 0..3 {
        service.conditions().inject(Fault::status(401), 1, "/rest");
        desk.zkv(&["group", "list"]).assert().success();
    }
    // A login that is gone is not replaced by the API key's own permissions.
    service.revoke_tokens();
    let said = stderr_of(&mut desk.zkv(&["group", "list"]), 4);
    assert!(said.contains("zkv auth login"), "{said}");
}

/// A login of a user whose token is gone is no login of the API key.
#[test]
fn a_users_login_is_not_replaced_by_the_api_keys_own() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    desk.write("pw.txt", seed::ACTIVE_USER_PASSWORD);
    let password = [
        "--grant",
        "password",
        "--allow-password-grant",
        "--username",
        "mateus@haldenfrey.example",
    ];
    login(
        &desk,
        &service,
        &[&password[..], &["--password-file", "pw.txt"]].concat(),
    )
    .assert()
    .success();
    let passphrase = SecretText::from(PASSPHRASE.to_owned());
    let mut keyring = Keyring::unlock(&std::fs::read(desk.keyring()).unwrap(), &passphrase).unwrap();
    assert!(keyring.credentials_mut().remove("logmeonce.token").is_some());
    std::fs::write(desk.keyring(), keyring.to_bytes().unwrap()).unwrap();
    let before = token_requests(&service);
    assert!(stderr_of(&mut desk.zkv(&["group", "list"]), 4).contains("the login is not there any more"));
    assert_eq!(token_requests(&service), before);
}

/// The refresh token before it is good no more: losing the new one would end the login.
#[test]
fn a_renewed_login_is_kept_although_the_request_failed() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    desk.write("pw.txt", seed::ACTIVE_USER_PASSWORD);
    let mut password = vec!["--grant", "password", "--allow-password-grant"];
    password.extend(["--username", "mateus@haldenfrey.example", "--password-file", "pw.txt"]);
    login(&desk, &service, &password).assert().success();
    let conditions = service.conditions();
    conditions.inject(Fault::status(401), 1, "/rest");
    conditions.inject(Fault::status(403), usize::MAX, "/rest");
    let before = token_requests(&service);
    desk.zkv(&["group", "list"]).assert().code(7);
    assert_eq!(token_requests(&service), before + 1);
    conditions.clear_faults();
    conditions.inject(Fault::status(401), 1, "/rest");
    desk.zkv(&["group", "list"]).assert().success();
    assert_eq!(
        token_requests(&service),
        before + 2,
        "with the refresh token that was new"
    );
}

#[test]
fn a_token_of_the_environments_account_does_not_get_into_the_keyring() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let mut sync = desk.zkv(&["sync"]);
    sync.envs(service.environment()).assert().success();
    let passphrase = SecretText::from(PASSPHRASE.to_owned());
    let keyring = Keyring::unlock(&std::fs::read(desk.keyring()).unwrap(), &passphrase).unwrap();
    assert!(keyring.credentials().get("known-stores").is_some());
    assert!(keyring.credentials().get("logmeonce.token").is_none());
}

#[test]
fn the_password_grant_has_to_be_allowed() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let password = [
        "--grant",
        "password",
        "--username",
        "mateus@haldenfrey.example",
        "--password-file",
        "pw.txt",
    ];
    desk.write("pw.txt", seed::ACTIVE_USER_PASSWORD);
    let said = stderr_of(&mut login(&desk, &service, &password), 2);
    assert!(said.contains("--allow-password-grant"), "{said}");
    assert_eq!(token_requests(&service), 0);
    login(&desk, &service, &[&password[..], &["--allow-password-grant"]].concat())
        .assert()
        .success();
    let status = json_of(&mut desk.zkv(&["auth", "status", "--json"]));
    assert_eq!(status["username"], "mateus@haldenfrey.example");
    desk.zkv(&["group", "list"]).assert().success();
    assert_eq!(
        service.audit_log().pop().unwrap().username.as_deref(),
        Some("mateus@haldenfrey.example")
    );
    desk.write("pw.txt", "canary-wrong");
    let said = stderr_of(
        &mut login(&desk, &service, &[&password[..], &["--allow-password-grant"]].concat()),
        4,
    );
    assert!(!said.contains("canary-wrong"), "{said}");
}

#[test]
fn each_way_to_say_no_has_its_exit_code() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let say = |args: &[&str], code| stderr_of(&mut service.zkv(&desk, args), code);

    let said = say(&["user", "get", "7"], 3);
    assert!(said.contains("there is no user 7"), "{said}");
    let said = say(
        &[
            "user",
            "activate",
            "1917",
            "--code",
            "--code-file",
            "code.txt",
            "-o",
            "a.txt",
        ],
        1,
    );
    assert!(
        said.contains("there is a key already") && said.contains("leave --to, --code"),
        "{said}"
    );
    assert_eq!(desk.names(), ["vault.key"], "what was refused is taken back");

    service.change_settings(|settings| settings.api_enabled = false);
    let said = say(&["group", "list"], 7);
    assert!(said.contains("support@logmeonce.com"), "{said}");
    service.change_settings(|settings| settings.api_enabled = true);

    let mut wrong = service.zkv(&desk, &["group", "list"]);
    let said = stderr_of(wrong.env("ZKV_LOGMEONCE_SECRET", "canary-wrong"), 4);
    assert!(
        said.contains("the API key or its secret is wrong") && !said.contains("canary-wrong"),
        "{said}"
    );

    let mut nobody = service.zkv(&desk, &["group", "list"]);
    let said = stderr_of(nobody.env("ZKV_LOGMEONCE_URL", "http://127.0.0.1:9"), 8);
    assert!(said.contains("zkv doctor"), "{said}");

    let conditions = service.conditions();
    let limit = RateLimit {
        requests: 0,
        window: Duration::from_secs(600),
    };
    conditions.set_rate_limit(Some(limit));
    let said = say(&["group", "list"], 9);
    assert!(
        said.contains("hint: try again in ") && said.contains("seconds"),
        "{said}"
    );
    conditions.set_rate_limit(None);

    conditions.inject(Fault::HtmlPage, 1, "/rest");
    let said = say(&["group", "list"], 1);
    assert!(said.contains("HTML page"), "{said}");
}

#[test]
fn json_errors_tell_the_same() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let said = stderr_of(&mut service.zkv(&desk, &["user", "get", "7", "--json"]), 3);
    let error: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (&error["code"], &error["cause"]),
        (&"not-found".into(), &"the service says: there is no user 7".into())
    );
}

/// Lets `act` happen once, while the program waits for an answer of the API.
fn meanwhile(service: &Service, act: impl Fn() + Send + Sync + 'static) {
    let once = std::sync::Once::new();
    let rewriter = move |received: &Received, _: &mut Answer| {
        if received.path.starts_with("/rest") {
            once.call_once(&act);
        }
    };
    service.conditions().set_rewriter(Some(Arc::new(rewriter)));
}

#[test]
fn a_keyring_that_another_zkv_changed_meanwhile_is_not_overwritten() {
    let (desk, service) = logged_in();
    let desk = Arc::new(desk);
    service.revoke_tokens();
    let other = Arc::clone(&desk);
    meanwhile(&service, move || {
        other
            .zkv(&["key", "import", "vault.key", "--label", "late"])
            .assert()
            .success();
    });
    assert_eq!(stdout(&mut desk.zkv(&["group", "list"])).lines().count(), 5);
    assert!(stdout(&mut desk.zkv(&["key", "list"])).contains("\tlate\t"));
    // The token was not kept then, and is the next time.
    let before = token_requests(&service);
    desk.zkv(&["group", "list"]).assert().success();
    desk.zkv(&["group", "list"]).assert().success();
    assert_eq!(token_requests(&service) - before, 1);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_request_that_is_not_answered() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let (asked, was_asked) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let may_go_on = std::sync::Mutex::new(may_go_on);
    meanwhile(&service, move || {
        asked.send(()).unwrap();
        // Until the test has ended.
        let _ = may_go_on.lock().unwrap().recv();
    });
    let mut zkv = desk.zkv_std(&["group", "list"]);
    let mut child = zkv.envs(service.environment()).stdin(Stdio::null()).spawn().unwrap();
    was_asked.recv().unwrap();
    let kill = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(go_on);
}
