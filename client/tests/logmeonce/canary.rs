//! No secret is shown by anything: not by `Debug`, not by an error, not by a dry run.

use zkvault_client::ClientError;
use zkvault_client::logmeonce::{Call, Encoding, RawBody};
use zkvault_client::oauth::{LoopbackRedirect, Session, Token};
use zkvault_core::SecretBytes;
use zkvault_simulator::seed;
use zkvault_test_support::{CANARY, Echo, secret};

use crate::world::{World, credentials};

fn shown(error: &ClientError) -> String {
    format!("{error} {error:?} {:?}", error.service_message())
}

#[tokio::test]
async fn errors_repeat_no_secret_that_a_service_repeats() {
    let world = World::demo();
    let token =
        format!(r#"{{"access":"{CANARY}-a","refresh":"{CANARY}-r","grant":"user","expires_at":null,"renew_at":null}}"#);
    let token = || Token::from_json(&secret(&token)).unwrap();
    for status in [200, 400, 401, 403, 404, 500] {
        let echo = Echo::Secrets.rewriter(status, "/");
        world.service.conditions().set_rewriter(Some(echo));
        let client = world.client_with(Some(token()));
        let raw = RawBody::new(
            Encoding::Json,
            SecretBytes::from(format!(r#"{{"k":"{CANARY}"}}"#).into_bytes()),
        );
        let raw = Call::raw(zkvault_client::Method::PUT, "/users/1", vec![], Some(raw)).unwrap();
        let activate = Call::activate_user(1917, Some(("key", secret(CANARY))));
        let authorization = client
            .authorization(LoopbackRedirect::bind(0).await.unwrap().redirect_uri().unwrap())
            .unwrap();
        let errors = [
            client.users().await.err(),
            client.site(seed::GITHUB).await.err(),
            client.execute(&raw).await.err(),
            client.execute(&activate).await.err(),
            client.log_in_with_password("eve", &secret(CANARY)).await.err(),
            client.log_in_with_code(authorization, &secret(CANARY)).await.err(),
        ];
        assert!(errors.iter().flatten().count() >= 4, "{status}");
        for error in errors.iter().flatten() {
            assert!(!shown(error).contains("canary"), "{status}: {}", shown(error));
        }
    }
    let received = format!("{:?}", world.service.requests("/"));
    assert!(received.contains(&format!("{CANARY}-a")), "the canary was sent");
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let world = World::demo();
    let client = world.client();
    client.log_in().await.unwrap();
    let listener = LoopbackRedirect::bind(0).await.unwrap();
    let authorization = client.authorization(listener.redirect_uri().unwrap()).unwrap();
    let token = client.token().unwrap();
    let json = token.to_json();
    let access = json.expose_secret().split('"').nth(3).unwrap();
    assert_eq!(access.len(), 40, "this is the access token");
    let state = authorization
        .url()
        .split("state=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let call = Call::activate_user(1, Some(("key", secret(CANARY))));
    let raw = RawBody::new(Encoding::Json, SecretBytes::from(CANARY.as_bytes().to_vec()));
    let shown = format!(
        "{client:?} {token:?} {authorization:?} {listener:?} {call:?} {call} {raw:?} {raw} {:?} {:?} {:?}",
        Session::new(credentials(), Some(Token::from_json(&json).unwrap())),
        credentials(),
        client.sites(None).await.unwrap(),
    );
    for hidden in [access, state, "simulator-secret", CANARY] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}
