//! Tokens: the four grants, what each refuses, and when tokens end.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zkvault_simulator::{ApiKey, seed};
use zkvault_test_support::{Got, send};

use crate::world::World;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT: &str = "http://127.0.0.1:49152/callback";

fn error(got: &Got) -> (u16, Value) {
    got.refused_by_logmeonce(got.status);
    (got.status, got.json()["error"].clone())
}

#[tokio::test]
async fn client_credentials_give_the_token_response_of_the_page() {
    let world = World::demo().await;
    let got = world.ask_token(&[("grant_type", "client_credentials")]).await;
    let response = got.json();
    let token = response["access_token"].as_str().unwrap();
    assert!(
        token.len() == 40 && token.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{token}"
    );
    assert_eq!(
        response,
        json!({"access_token": token, "expires_in": 3600, "token_type": "Bearer", "scope": null})
    );
    assert_eq!(
        got.text().find("access_token"),
        Some(2),
        "the members come in the page's order: {}",
        got.text()
    );
    assert_eq!((got.status, got.header("cache-control")), (200, "no-store"));
}

#[tokio::test]
async fn the_token_endpoint_takes_json_too() {
    let world = World::demo().await;
    let body = json!({
        "grant_type": "client_credentials", "client_id": "simulator-key", "client_secret": "simulator-secret",
    });
    let got = send(world.client.post(world.url("/oauth2/token")).json(&body)).await;
    assert_eq!(got.status, 200);
}

#[tokio::test]
async fn wrong_token_requests_are_refused() {
    let world = World::demo().await;
    let url = world.url("/oauth2/token");
    let ask = |form: &[(&str, &str)]| send(world.client.post(&url).form(form));
    for (id, secret) in [
        ("simulator-key", "wrong"),
        ("wrong", "simulator-secret"),
        ("simulator-key", ""),
    ] {
        let got = ask(&[
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
        ])
        .await;
        assert_eq!(error(&got), (401, json!("invalid_client")), "{id} {secret}");
    }
    let basic = world
        .client
        .post(&url)
        .basic_auth("simulator-key", Some("simulator-secret"));
    let got = send(basic.form(&[("grant_type", "client_credentials")])).await;
    assert_eq!(error(&got), (401, json!("invalid_client")), "the page sends parameters");

    assert_eq!(error(&world.ask_token(&[]).await), (400, json!("invalid_request")));
    let implicit = world.ask_token(&[("grant_type", "implicit")]).await;
    assert_eq!(error(&implicit), (400, json!("unsupported_grant_type")));
    for form in [
        [("grant_type", "refresh_token"), ("refresh_token", "0123")].as_slice(),
        &[
            ("grant_type", "password"),
            ("username", "mateus@haldenfrey.example"),
            ("password", "wrong"),
        ],
        &[
            ("grant_type", "authorization_code"),
            ("code", "0"),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ],
    ] {
        assert_eq!(
            error(&world.ask_token(form).await),
            (400, json!("invalid_grant")),
            "{form:?}"
        );
    }
    let text = world
        .client
        .post(&url)
        .header("content-type", "text/plain")
        .body("grant_type=client_credentials");
    assert_eq!(send(text).await.status, 415);
    let got = send(world.client.get(&url)).await;
    assert_eq!((got.status, got.header("allow")), (405, "POST"));
}

#[tokio::test]
async fn a_password_gives_tokens_to_an_active_user_only() {
    let world = World::demo().await;
    let form = [
        ("grant_type", "password"),
        ("username", "mateus@haldenfrey.example"),
        ("password", seed::ACTIVE_USER_PASSWORD),
    ];
    let got = world.ask_token(&form).await;
    assert!(got.json()["refresh_token"].is_string(), "{got:?}");
    world
        .service
        .change(|organisation| organisation.deactivate(seed::ACTIVE_USER));
    assert_eq!(error(&world.ask_token(&form).await), (400, json!("invalid_grant")));
}

/// Where the authorization endpoint sends a browser.
async fn authorize(world: &World, parameters: &[(&str, &str)]) -> Got {
    send(world.client.get(world.url("/oauth2/authorize")).query(parameters)).await
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

fn answer(got: &Got, name: &str) -> Option<String> {
    assert_eq!(got.status, 302, "{got:?}");
    assert!(got.header("location").starts_with(REDIRECT));
    let target = Url::parse(got.header("location")).unwrap();
    target
        .query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_code_with_pkce_gives_tokens_once() {
    let world = World::demo().await;
    let challenge = challenge();
    let request = [
        ("response_type", "code"),
        ("client_id", "simulator-key"),
        ("redirect_uri", REDIRECT),
        ("state", "a b&c"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let got = authorize(&world, &request).await;
    assert_eq!(answer(&got, "state").as_deref(), Some("a b&c"));
    let code = answer(&got, "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let tokens = world.ask_token(&form).await.json();
    assert!(
        tokens["access_token"].is_string() && tokens["refresh_token"].is_string(),
        "{tokens}"
    );
    assert_eq!(
        error(&world.ask_token(&form).await),
        (400, json!("invalid_grant")),
        "a second time"
    );

    for (fault, redirect, verifier) in [
        ("other redirect", "http://127.0.0.1:49153/callback", VERIFIER.to_owned()),
        ("other verifier", REDIRECT, VERIFIER.replace('d', "e")),
    ] {
        let code = answer(&authorize(&world, &request).await, "code").unwrap();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", redirect),
            ("code_verifier", &verifier),
        ];
        assert_eq!(
            error(&world.ask_token(&form).await),
            (400, json!("invalid_grant")),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn codes_expire_after_a_minute() {
    let world = World::demo().await;
    let challenge = challenge();
    let request = [
        ("response_type", "code"),
        ("client_id", "simulator-key"),
        ("redirect_uri", REDIRECT),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let code = answer(&authorize(&world, &request).await, "code").unwrap();
    world.service.conditions().set_clock_skew(61);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(error(&world.ask_token(&form).await), (400, json!("invalid_grant")));
}

#[tokio::test]
async fn wrong_authorization_requests_are_refused() {
    let world = World::demo().await;
    let challenge = challenge();
    let base = [
        ("response_type", "code"),
        ("client_id", "simulator-key"),
        ("redirect_uri", REDIRECT),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let with = |name: &'static str, value: &'static str| {
        base.map(|(known, old)| (known, if known == name { value } else { old }))
    };
    for (name, value, expected) in [
        ("response_type", "token", "unsupported_response_type"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
    ] {
        let got = authorize(&world, &with(name, value)).await;
        assert_eq!(answer(&got, "error").as_deref(), Some(expected), "{name}");
        assert_eq!(answer(&got, "code"), None, "{name}");
    }
    let got = authorize(&world, &base[..3]).await;
    assert_eq!(
        answer(&got, "error").as_deref(),
        Some("invalid_request"),
        "without PKCE"
    );
    for (name, value) in [
        ("client_id", "wrong"),
        ("redirect_uri", "http://evil.example/"),
        ("redirect_uri", "https://a.example/#fragment"),
        ("redirect_uri", "javascript:alert(1)"),
        ("redirect_uri", "http://localhost.evil.example/"),
    ] {
        let got = authorize(&world, &with(name, value)).await;
        got.refused_by_logmeonce(400);
        assert_eq!(got.header("location"), "", "{name} {value}");
    }
}

#[tokio::test]
async fn refresh_tokens_rotate_unless_set_otherwise() {
    let world = World::demo().await;
    let password = [
        ("grant_type", "password"),
        ("username", "mateus@haldenfrey.example"),
        ("password", seed::ACTIVE_USER_PASSWORD),
    ];
    let first = world.ask_token(&password).await.json()["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let form = [("grant_type", "refresh_token"), ("refresh_token", first.as_str())];
    let second = world.ask_token(&form).await.json()["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(first, second);
    assert_eq!(
        error(&world.ask_token(&form).await),
        (400, json!("invalid_grant")),
        "used up"
    );

    world
        .service
        .change_settings(|settings| settings.rotate_refresh_tokens = false);
    let form = [("grant_type", "refresh_token"), ("refresh_token", second.as_str())];
    for _ in 0..2 {
        let got = world.ask_token(&form).await;
        assert_eq!((got.status, got.json().get("refresh_token")), (200, None));
    }
    world.service.revoke_tokens();
    assert_eq!(
        error(&world.ask_token(&form).await),
        (400, json!("invalid_grant")),
        "revoked"
    );
}

#[tokio::test]
async fn tokens_expire_when_they_say() {
    let mut world = World::demo().await;
    world
        .service
        .change_settings(|settings| settings.token_ttl = Duration::from_secs(60));
    world.log_in().await;
    let expires_in = world.ask_token(&[("grant_type", "client_credentials")]).await.json()["expires_in"].clone();
    assert_eq!(expires_in, 60);
    world.service.conditions().set_clock_skew(50);
    assert_eq!(world.get("/rest/sites").await.status, 200);
    world.service.conditions().set_clock_skew(61);
    let got = world.get("/rest/sites").await;
    assert_eq!(error(&got), (401, json!("invalid_token")));
    assert!(
        got.header("www-authenticate").contains(r#"error="invalid_token""#),
        "{got:?}"
    );
}

#[tokio::test]
async fn revoked_tokens_are_unknown() {
    let world = World::demo().await;
    world.service.revoke_tokens();
    assert_eq!(error(&world.get("/rest/sites").await), (401, json!("invalid_token")));
}

#[tokio::test]
async fn codes_and_refresh_tokens_are_no_use_to_another_api_key() {
    let world = World::demo().await;
    let other = ApiKey {
        key: "other".to_owned(),
        secret: "its secret".to_owned(),
    };
    world.service.change_settings(|settings| settings.api_keys.push(other));
    let ask = |key: &'static str, secret: &'static str, grant: Vec<(&'static str, String)>| {
        let own = [("client_id", key.to_owned()), ("client_secret", secret.to_owned())];
        let form: Vec<_> = own.into_iter().chain(grant).collect();
        send(world.client.post(world.url("/oauth2/token")).form(&form))
    };
    let code = approved(&world, &challenge()).await;
    let by_code = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code),
        ("redirect_uri", REDIRECT.to_owned()),
        ("code_verifier", VERIFIER.to_owned()),
    ];
    let got = ask("other", "its secret", by_code).await;
    assert_eq!(error(&got), (400, json!("invalid_grant")));

    let password = [
        ("grant_type", "password"),
        ("username", "mateus@haldenfrey.example"),
        ("password", seed::ACTIVE_USER_PASSWORD),
    ];
    let token = world.ask_token(&password).await.json()["refresh_token"].clone();
    let by_refresh = vec![
        ("grant_type", "refresh_token".to_owned()),
        ("refresh_token", token.as_str().unwrap().to_owned()),
    ];
    let got = ask("other", "its secret", by_refresh.clone()).await;
    assert_eq!(error(&got), (400, json!("invalid_grant")));
    let got = ask("simulator-key", "simulator-secret", by_refresh).await;
    assert_eq!(got.status, 200, "the other's attempt did not use it up");
}

/// A code for a challenge.
async fn approved(world: &World, challenge: &str) -> String {
    let request = [
        ("response_type", "code"),
        ("client_id", "simulator-key"),
        ("redirect_uri", REDIRECT),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ];
    answer(&authorize(world, &request).await, "code").unwrap()
}

#[tokio::test]
async fn verifiers_have_43_to_128_letters() {
    let world = World::demo().await;
    for (length, expected) in [(42, 400), (43, 200), (128, 200), (129, 400)] {
        let verifier = "v".repeat(length);
        let code = approved(&world, &URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier))).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", &verifier),
        ];
        assert_eq!(world.ask_token(&form).await.status, expected, "{length}");
    }
}
