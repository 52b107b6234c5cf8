//! Who gets tokens, and how long they are good.

use std::time::Duration;

use zkvault_simulator::{LoomePaths, LoomeSettings};
use zkvault_test_support::send;

use crate::world::World;

const WORKSTATIONS: &str = "/api/v1/Projects/12/Workstations";

#[tokio::test]
async fn a_token_needs_the_scope_and_the_right_credentials() {
    let world = World::demo().await;
    let got = world.ask_token(&[("scope", "webApi")]).await;
    assert_eq!(
        (got.json()["token_type"].as_str(), got.json()["scope"].as_str()),
        (Some("Bearer"), Some("webApi"))
    );
    let refused = [
        (&[][..], "invalid_request"),
        (&[("scope", "openid")], "invalid_scope"),
        (&[("scope", "webApi"), ("client_secret", "other")], "invalid_client"),
        (&[("scope", "webApi"), ("client_id", "other")], "invalid_client"),
        (
            &[("scope", "webApi"), ("grant_type", "password")],
            "unsupported_grant_type",
        ),
        (&[("scope", "webApi"), ("audience", "x")], "invalid_request"),
    ];
    for (parameters, code) in refused {
        let got = world.ask_token(parameters).await;
        assert_eq!(
            (got.status, got.json()["error"].as_str()),
            (400, Some(code)),
            "{parameters:?}"
        );
    }
}

#[tokio::test]
async fn a_token_ends() {
    let world = World::with(LoomeSettings {
        token_ttl: Duration::from_secs(100),
        ..LoomeSettings::default()
    })
    .await;
    assert_eq!(world.get(WORKSTATIONS).await.status, 200);
    world.service.conditions().set_clock_skew(101);
    world.get(WORKSTATIONS).await.refused_by_loome(401);
    world.service.conditions().set_clock_skew(0);
    let mut world = World::demo().await;
    world.service.revoke_tokens();
    world.get(WORKSTATIONS).await.refused_by_loome(401);
    world.token.clear();
    world.get(WORKSTATIONS).await.refused_by_loome(401);
    send(world.client.get(format!("{}{WORKSTATIONS}", world.service.url())))
        .await
        .refused_by_loome(401);
}

#[tokio::test]
async fn paths_that_the_page_does_not_give_are_settings() {
    let paths = LoomePaths {
        token: "/identity/token".to_owned(),
        projects: "/api/v2/UserProjects".to_owned(),
        name_check: "/api/v2/names".to_owned(),
        create: "/api/v2/Projects/{projectId}/NewRepository".to_owned(),
    };
    let world = World::with(LoomeSettings {
        paths,
        key_parameter: Some("apiKey".to_owned()),
        ..LoomeSettings::default()
    })
    .await;
    let projects =
        |parameters: &str| format!("/api/v2/UserProjects?email=mara.halden%40haldenfrey.example{parameters}");
    assert_eq!(world.get(&projects("&apiKey=simulator-key")).await.status, 200);
    world.get(&projects("")).await.refused_by_loome(400);
    world.get(&projects("&apiKey=other")).await.refused_by_loome(403);
    assert_eq!(world.get("/api/v2/names?name=freename").await.status, 200);
    let body = serde_json::json!({"name": "newdata"});
    assert_eq!(
        world
            .post("/api/v2/Projects/12/NewRepository", body.clone())
            .await
            .status,
        201
    );
    world.get("/api/v1/Projects?email=a").await.refused_by_loome(404);
    world
        .post("/api/v1/Projects/12/DataRepositories", body)
        .await
        .refused_by_loome(405);
}
