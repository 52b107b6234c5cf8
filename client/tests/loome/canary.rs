//! No token, key or signature is shown by anything.

use serde_json::Map;
use zkvault_client::ClientError;
use zkvault_client::loome::{LoomePaths, SasAccess};
use zkvault_client::oauth::Token;
use zkvault_test_support::{CANARY, Echo, secret};

use crate::world::{World, id};

fn shown(error: &ClientError) -> String {
    format!("{error} {error:?} {:?}", error.service_message())
}

#[tokio::test]
async fn errors_repeat_no_token_and_no_signature() {
    let world = World::demo();
    let token = format!(r#"{{"access":"{CANARY}","refresh":null,"grant":"client","expires_at":null,"renew_at":null}}"#);
    let statuses = [200, 201, 400, 403, 409, 500].into_iter();
    for (status, echo) in statuses.flat_map(|status| [(status, Echo::Link), (status, Echo::Secrets)]) {
        let client = world.client_with(LoomePaths::default(), Token::from_json(&secret(&token)).ok());
        let rewriter = echo.rewriter(status, "/");
        world.service.conditions().set_rewriter(Some(rewriter));
        let (project, repository) = (id("12"), id("340"));
        let errors = [
            client.projects("a@b.example").await.err(),
            client.check_name("abc").await.err(),
            client.create_repository(&project, "abc", Map::new()).await.err(),
            client.repositories(&project).await.err(),
            client
                .shared_access_signature(
                    &project,
                    &repository,
                    "2099/01/01".parse().unwrap(),
                    SasAccess::ReadOnly,
                )
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
        format!("{:?}", world.service.requests("/api")).contains(CANARY),
        "the canary was sent"
    );
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let world = World::demo();
    let paths = LoomePaths::default().with_key_parameter("apiKey").unwrap();
    let client = world.client_with(paths.clone(), None);
    let token = client.log_in().await.unwrap();
    let access = token.to_json();
    let access = access.expose_secret().split('"').nth(3).unwrap();
    let link = client
        .shared_access_signature(&id("12"), &id("340"), "2099/01/01".parse().unwrap(), SasAccess::Full)
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
