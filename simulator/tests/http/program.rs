//! The program that serves alone.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use zkvault_test_support::{client, send};

/// Ends the program with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Starts the program and reads the lines that tell its settings.
fn start(arguments: &[&str], lines: usize) -> (Running, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zkvault-simulator"));
    let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let running = Running(child);
    let lines = stdout.lines().take(lines).map(Result::unwrap).collect();
    (running, lines)
}

fn setting<'a>(lines: &'a [String], name: &str) -> &'a str {
    let found = lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("{name} is not in {lines:?}"))
}

#[tokio::test]
async fn it_prints_settings_that_work() {
    let (_running, lines) = start(&["--port", "0", "--seed", "demo", "--token-ttl", "90"], 6);
    let url = setting(&lines, "ZKV_LOGMEONCE_URL");
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let client = client();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", setting(&lines, "ZKV_LOGMEONCE_KEY")),
        ("client_secret", setting(&lines, "ZKV_LOGMEONCE_SECRET")),
    ];
    let token = send(client.post(format!("{url}/oauth2/token")).form(&form))
        .await
        .json();
    assert_eq!(token["expires_in"], 90);
    let request = client
        .get(format!("{url}/rest/sites"))
        .bearer_auth(token["access_token"].as_str().unwrap());
    let sites = send(request).await.json();
    assert_eq!(sites["sites"].as_array().map(Vec::len), Some(12));
    assert_eq!(lines[4].len(), 2 + 64, "the key in hexadecimal: {lines:?}");
}

#[tokio::test]
async fn it_has_as_many_sites_as_are_wanted() {
    let (_running, lines) = start(&["--seed", "bulk:5"], 6);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", setting(&lines, "ZKV_LOGMEONCE_KEY")),
        ("client_secret", setting(&lines, "ZKV_LOGMEONCE_SECRET")),
    ];
    let (url, client) = (setting(&lines, "ZKV_LOGMEONCE_URL"), client());
    let token = send(client.post(format!("{url}/oauth2/token")).form(&form))
        .await
        .json();
    let request = client.get(format!("{url}/rest/sites"));
    let sites = send(request.bearer_auth(token["access_token"].as_str().unwrap()))
        .await
        .json();
    let sites = sites["sites"].as_array().unwrap();
    assert_eq!(sites.len(), 5);
    assert!((700..1200).contains(&sites[4].to_string().len()));
}

#[tokio::test]
async fn it_starts_empty_too() {
    let (_running, lines) = start(&["--seed", "empty"], 4);
    let got = send(client().get(format!("{}/rest/sites", setting(&lines, "ZKV_LOGMEONCE_URL")))).await;
    assert_eq!(
        (got.status, got.json()["error"].clone()),
        (401, Value::from("unauthorized"))
    );
}

#[test]
fn wrong_arguments_are_refused() {
    for arguments in [
        ["--port", "70000"],
        ["--seed", "other"],
        ["--token-ttl", "-1"],
        ["--host", "0.0.0.0"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_zkvault-simulator"))
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}
