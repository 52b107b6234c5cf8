//! What must never be printed, searched for in what every command around a service prints.

use zkvault_simulator::Fault;
use zkvault_test_support::{Desk, PASSPHRASE, Service};

/// Bearer tokens and refresh tokens that went over the wire.
fn tokens(service: &Service) -> Vec<String> {
    let requests = service.conditions().requests();
    let bearer = |request: &zkvault_simulator::Received| {
        request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(str::to_owned)
    };
    requests.iter().filter_map(bearer).collect()
}

#[test]
fn no_command_prints_a_token_or_a_secret() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let [(_, url), (_, key), (_, secret)] = service.environment();
    desk.write("secret.txt", &secret);
    let mut printed = Vec::new();
    let mut run = |args: &[&str]| {
        for json in [&[][..], &["--json"]] {
            let output = desk.zkv(args).args(json).output().unwrap();
            printed.extend([output.stdout, output.stderr].concat());
        }
    };
    run(&[
        "auth",
        "login",
        "--url",
        &url,
        "--api-key",
        &key,
        "--secret-file",
        "secret.txt",
    ]);
    let commands: [&[&str]; 13] = [
        &["auth", "status"],
        &["site", "list"],
        &["site", "assign", "1749399", "7", "--user", "1917"],
        &["site", "privileges", "1749412", "--user", "1917"],
        &["user", "get", "1917"],
        &["user", "get", "7"],
        &["user", "update", "1917", "--city", "Bergen"],
        &["user", "activate", "1917"],
        &["group", "create", "New"],
        &["api", "logmeonce", "GET", "/groups"],
        &["api", "logmeonce", "GET", "/nothing", "--accept", "xml"],
        &["doctor"],
        &["auth", "logout"],
    ];
    let faults = [
        Fault::status(401),
        Fault::status(403),
        Fault::status(409),
        Fault::Malformed,
    ];
    // Once: what makes a key of a code takes its time.
    run(&[
        "user",
        "activate",
        "1921",
        "--code",
        "--code-file",
        "code.txt",
        "--dry-run",
    ]);
    for fault in [None].into_iter().chain(faults.map(Some)) {
        for command in commands {
            service.conditions().clear_faults();
            if let Some(fault) = fault {
                service.conditions().inject(fault, 2, "/rest");
            }
            run(command);
        }
        service.conditions().clear_faults();
        run(&[
            "auth",
            "login",
            "--url",
            &url,
            "--api-key",
            &key,
            "--secret-file",
            "secret.txt",
        ]);
    }
    let printed = String::from_utf8_lossy(&printed).into_owned();
    let tokens = tokens(&service);
    assert!(tokens.len() > 20);
    for canary in tokens.iter().map(String::as_str).chain([secret.as_str(), PASSPHRASE]) {
        assert!(!printed.contains(canary), "{canary}");
    }
}
