//! No token, key or signature is shown by anything.

use std::sync::Arc;

use serde_json::{Map, json};
use zkvault_client::ClientError;
use zkvault_client::loome::LoomePaths;
use zkvault_client::oauth::Token;
use zkvault_simulator::{Answer, Received};

use crate::world::{World, id, secret};

const CANARY: &str = "canary-5f1c9a";

/// A service that repeats the token it was sent, and a link with a signature.
fn echo(status: u16) -> impl Fn(&Received, &mut Answer) + Send + Sync {
    move |received, answer| {
        let token = received.header("authorization").unwrap_or_default();
        let text = match status % 2 {
            0 => "see https://a.blob.core.windows.net/c?sp=r&sig=other".to_owned(),
            _ => format!("not this: {token}"),
        };
        *answer = Answer::new(status, json!({"title": "t", "detail": text, "id": text}));
    }
}

fn shown(error: &ClientError) -> String {
    format!("{error} {error:?} {:?}", error.service_message())
}

#[tokio::test]
async fn errors_repeat_no_token_and_no_signature() {
    let world = World::demo().await;
    let token = format!(r#"{{"access":"{CANARY}","refresh":null,"grant":"client","expires_at":null,"renew_at":null}}"#);
    for status in [200, 201, 400, 403, 409, 500] {
        let client = world.client_with(LoomePaths::default(), Token::from_json(&secret(&token)).ok());
        world.service.conditions().set_rewriter(Some(Arc::new(echo(status))));
        let (project, repository) = (id("12"), id("340"));
        let errors = [
            client.projects("a@b.example").await.err(),
            client.check_name("abc").await.err(),
            client.create_repository(&project, "abc", Map::new()).await.err(),
            client.repositories(&project).await.err(),
            client
                .shared_access_signature(&project, &repository, "2099/01/01".parse().unwrap(), true)
                .await
                .err(),
        ];
        assert!(errors.iter().flatten().count() >= 3, "{status}");
        for error in errors.iter().flatten() {
            assert!(
                !shown(error).contains("canary") && !shown(error).contains("sig="),
                "{status}: {}",
                shown(error)
            );
        }
    }
    assert!(
        format!("{:?}", world.requests("/api")).contains(CANARY),
        "the canary was sent"
    );
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let world = World::demo().await;
    let paths = LoomePaths::default().with_key_parameter("apiKey").unwrap();
    let client = world.client_with(paths.clone(), None);
    let token = client.log_in().await.unwrap();
    let access = token.to_json();
    let access = access.expose_secret().split('"').nth(3).unwrap();
    let link = client
        .shared_access_signature(&id("12"), &id("340"), "2099/01/01".parse().unwrap(), false)
        .await;
    let link = link.unwrap();
    let call = zkvault_client::loome::LoomeCall::projects(&paths, "a@b.example");
    let shown = format!("{client:?} {token:?} {link:?} {link} {call:?} {call}");
    for hidden in [access, "simulator-secret", "simulator-key", "sig="] {
        assert!(!shown.contains(hidden), "{hidden}: {shown}");
    }
    let whole = link.to_secret();
    assert!(whole.expose_secret().contains("&sig=") && whole.expose_secret().starts_with(&link.to_string()));
}
