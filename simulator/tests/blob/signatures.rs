//! Who may do what: every rule of a shared access signature, on every operation.

use std::time::{Duration, SystemTime};

use reqwest::{Method, RequestBuilder};
use zkvault_simulator::{Account, Sas, SasResource};
use zkvault_test_support::{ALL, send};

use crate::account::{CONTAINER, Running, in_an_hour};

/// Each operation with the letters of which it needs one.
fn operations(running: &Running, token: &str) -> Vec<(&'static str, RequestBuilder)> {
    let request = |method, parameters: &str| running.request(method, &running.path("b"), parameters, token);
    let container = running.path("");
    let list = running.request(
        Method::GET,
        container.trim_end_matches('/'),
        "restype=container&comp=list",
        token,
    );
    let put = |name: &str| {
        let put = running.request(Method::PUT, &running.path(name), "", token);
        put.header("x-ms-blob-type", "BlockBlob").body("x")
    };
    vec![
        ("cw", put("new")),
        ("w", put("b")),
        ("w", request(Method::PUT, "comp=block&blockid=MDAw").body("x")),
        (
            "w",
            request(Method::PUT, "comp=blocklist").body("<BlockList></BlockList>"),
        ),
        ("r", request(Method::GET, "comp=blocklist&blocklisttype=all")),
        ("r", request(Method::GET, "")),
        ("r", request(Method::HEAD, "")),
        ("l", list),
        ("d", request(Method::DELETE, "")),
    ]
}

#[tokio::test]
async fn every_operation_needs_its_letter() {
    for letter in ["r", "a", "c", "w", "d", "l"] {
        let running = Running::start();
        for kind in ["service", "account"] {
            let sas = match kind {
                "service" => Sas::container(CONTAINER, letter, in_an_hour()),
                _ => Sas::account("sco", letter, in_an_hour()),
            };
            let token = running.storage.account().sign(&sas);
            for (number, (needed, operation)) in operations(&running, &token).into_iter().enumerate() {
                running.put("b", "there").await.done(201);
                let path = running.path("new");
                let delete = running.storage.sas(CONTAINER, "d", in_an_hour());
                send(running.request(Method::DELETE, &path, "", &delete)).await;
                let got = send(operation).await;
                match needed.contains(letter) {
                    true => assert!(got.status < 300, "{kind} {letter} {number}: {got:?}"),
                    false => assert_eq!(
                        (got.status, got.header("x-ms-error-code")),
                        (403, "AuthorizationPermissionMismatch"),
                        "{kind} {letter} {number}"
                    ),
                }
            }
        }
    }
}

#[tokio::test]
async fn a_token_holds_in_its_time_only() {
    let running = Running::start();
    running.put("b", "there").await.done(201);
    let now = SystemTime::now();
    let hour = Duration::from_secs(3600);
    let sign = |start, expiry| {
        let sas = Sas {
            start,
            ..Sas::container(CONTAINER, ALL, expiry)
        };
        running.storage.account().sign(&sas)
    };
    let get = |token: String| send(running.request(Method::GET, &running.path("b"), "", &token));
    get(sign(Some(now - hour), now + hour)).await.done(200);
    let expired = get(sign(None, now - hour)).await;
    expired.refused(403, "AuthenticationFailed");
    assert!(
        expired.text().contains("not valid in the specified time frame"),
        "{expired:?}"
    );
    get(sign(Some(now + hour), now + 2 * hour))
        .await
        .refused(403, "AuthenticationFailed");
    // By the service's clock, not ours.
    running.storage.conditions().set_clock_skew(2 * 3600);
    get(sign(Some(now - hour), now + hour))
        .await
        .refused(403, "AuthenticationFailed");
}

#[tokio::test]
async fn a_token_holds_for_what_it_was_signed_for() {
    let running = Running::start();
    running.storage.create_container("other");
    running.put("b", "there").await.done(201);
    let get = |token: String| send(running.request(Method::GET, &running.path("b"), "", &token));
    let account = running.storage.account();
    let other = account.sign(&Sas::container("other", ALL, in_an_hour()));
    get(other).await.refused(403, "AuthenticationFailed");
    let blob = |name: &str| SasResource::Blob(CONTAINER.to_owned(), name.to_owned());
    get(account.sign(&Sas::of(blob("b"), "r", in_an_hour())))
        .await
        .done(200);
    let other = account.sign(&Sas::of(blob("c"), "r", in_an_hour()));
    get(other).await.refused(403, "AuthenticationFailed");
    let containers = account.sign(&Sas::account("c", ALL, in_an_hour()));
    get(containers).await.refused(403, "AuthorizationResourceTypeMismatch");
    let listing = running.list("", &Sas::of(blob("b"), "rl", in_an_hour())).await;
    assert_eq!(listing.status, 403);
    let foreign = Account::new(account.name(), vec![1; 64]);
    get(foreign.sign(&Sas::container(CONTAINER, ALL, in_an_hour())))
        .await
        .refused(403, "AuthenticationFailed");
}

#[tokio::test]
async fn a_changed_token_is_no_token() {
    let running = Running::start();
    running.put("b", "there").await.done(201);
    let token = running.storage.sas(CONTAINER, "r", in_an_hour());
    let changed = [
        token.replace("sp=r", "sp=rw"),
        token.replace("se=20", "se=21"),
        token.replace("sig=", "sig=A"),
        token.split("&sig=").next().unwrap().to_owned(),
        String::new(),
    ];
    for token in changed {
        let got = send(running.request(Method::GET, &running.path("b"), "", &token)).await;
        got.refused(403, "AuthenticationFailed");
    }
    let twice = format!("{token}&{token}");
    let got = send(running.request(Method::GET, &running.path("b"), "", &twice)).await;
    got.refused(400, "InvalidQueryParameterValue");
}

#[tokio::test]
async fn protocol_and_address_are_checked() {
    let running = Running::start();
    running.put("b", "there").await.done(201);
    let base = Sas::container(CONTAINER, "r", in_an_hour());
    let cases = [
        (
            Sas {
                protocol: "https".to_owned(),
                ..base.clone()
            },
            "AuthorizationProtocolMismatch",
        ),
        (
            Sas {
                ip: Some("192.0.2.1".to_owned()),
                ..base
            },
            "AuthorizationSourceIPMismatch",
        ),
    ];
    for (sas, code) in cases {
        let token = running.storage.account().sign(&sas);
        let got = send(running.request(Method::GET, &running.path("b"), "", &token)).await;
        got.refused(403, code);
    }
}
