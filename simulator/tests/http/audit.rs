//! The audit log and the record of requests.

use serde_json::json;
use zkvault_simulator::{ApiKey, Fault, seed};

use crate::world::World;

#[tokio::test]
async fn all_operations_are_logged_by_api_user() {
    let mut world = World::demo().await;
    world.get("/rest/sites?search=x").await;
    world
        .does("/rest/users/1919/sites", json!({"assign": [1_749_398]}))
        .await;
    world.post("/rest/users/1919/sites", json!({"assign": 99})).await;

    let other = ApiKey {
        key: "other".to_owned(),
        secret: "its secret".to_owned(),
    };
    world.service.change_settings(|settings| settings.api_keys.push(other));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "other"),
        ("client_secret", "its secret"),
    ];
    let got = zkvault_test_support::send(world.client.post(world.url("/oauth2/token")).form(&form)).await;
    world.token = got.json()["access_token"].as_str().unwrap().to_owned();
    world.post_nothing("/rest/users/1919/deactivate").await;

    let form = [
        ("grant_type", "password"),
        ("username", "mateus@haldenfrey.example"),
        ("password", seed::ACTIVE_USER_PASSWORD),
    ];
    world.token = world.ask_token(&form).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    world.get("/rest/nothing").await;

    let log = world.service.audit_log();
    let lines: Vec<_> = log
        .iter()
        .map(|entry| {
            (
                entry.api_key.as_str(),
                entry.method.as_str(),
                entry.path.as_str(),
                entry.status,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("simulator-key", "GET", "/rest/sites", 200),
            ("simulator-key", "POST", "/rest/users/1919/sites", 200),
            ("simulator-key", "POST", "/rest/users/1919/sites", 404),
            ("other", "POST", "/rest/users/1919/deactivate", 200),
            ("simulator-key", "GET", "/rest/nothing", 404),
        ]
    );
    assert_eq!(json!(log[0].parameters), json!({"search": "x"}));
    assert_eq!(json!(log[1].parameters), json!({"assign": [1_749_398]}));
    assert_eq!(log[3].username, None);
    assert_eq!(log[4].username.as_deref(), Some("mateus@haldenfrey.example"));
    assert!(log.windows(2).all(|pair| pair[0].millis <= pair[1].millis));
}

#[tokio::test]
async fn an_activations_key_is_not_in_the_log() {
    let world = World::demo().await;
    world.does("/rest/users/1921/activate", json!({"key": "opaque"})).await;
    assert_eq!(
        json!(world.service.audit_log()[0].parameters),
        json!({"key": "[withheld]"})
    );
}

#[tokio::test]
async fn a_request_that_a_fault_swallowed_is_not_an_operation() {
    let world = World::demo().await;
    world.service.conditions().inject(Fault::status(500), 1, "/rest");
    world.service.conditions().inject(Fault::Truncated, 1, "/rest");
    world.get("/rest/sites").await;
    assert_eq!(world.service.audit_log(), []);
    let cut = world.request(reqwest::Method::GET, "/rest/sites").send().await.unwrap();
    assert!(cut.bytes().await.is_err());
    assert_eq!(
        world.service.audit_log().len(),
        1,
        "it was carried out, only the answer was cut"
    );
}

#[tokio::test]
async fn requests_are_recorded_byte_for_byte() {
    let world = World::demo().await;
    world.post_form("/rest/users/1921/activate", "key=a%2Bb").await;
    let requests = world.service.conditions().requests();
    assert_eq!(requests.len(), 2, "the token's too");
    let last = &requests[1];
    assert_eq!(
        (last.method.as_str(), last.path.as_str(), last.query.as_deref()),
        ("POST", "/rest/users/1921/activate", None)
    );
    assert_eq!(last.body, b"key=a%2Bb");
    assert_eq!(
        last.header("authorization"),
        Some(format!("Bearer {}", world.token).as_str())
    );
}
