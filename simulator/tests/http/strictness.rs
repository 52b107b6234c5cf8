//! What the page does not allow is refused, each in its own way.

use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::json;
use zkvault_simulator::Server;
use zkvault_test_support::send;

use crate::world::World;

/// Every path and the methods it has.
const PATHS: [(&str, &[&str]); 16] = [
    ("/rest/sites", &["GET"]),
    ("/rest/sites/1749398", &["GET"]),
    ("/rest/sites/1749398/users", &["GET", "POST"]),
    ("/rest/sites/1749398/groups", &["GET", "POST"]),
    ("/rest/users", &["GET"]),
    ("/rest/users/1917", &["GET", "PUT", "DELETE"]),
    ("/rest/users/1917/activate", &["POST"]),
    ("/rest/users/1917/deactivate", &["POST"]),
    ("/rest/users/1917/sites", &["GET", "POST"]),
    ("/rest/users/1917/groups", &["GET", "POST"]),
    ("/rest/groups", &["GET", "POST"]),
    ("/rest/groups/5717", &["GET", "PUT"]),
    ("/rest/groups/5717/sites", &["GET", "POST"]),
    ("/rest/groups/5717/users", &["GET", "POST"]),
    ("/oauth2/authorize", &["GET"]),
    ("/oauth2/token", &["POST"]),
];

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let world = World::demo().await;
    for (path, allowed) in PATHS {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            if allowed.contains(&method) {
                continue;
            }
            let got = send(world.request(method.parse().unwrap(), path)).await;
            got.refused_by_logmeonce(405);
            for known in allowed {
                assert!(
                    got.header("allow").contains(known),
                    "{method} {path}: {}",
                    got.header("allow")
                );
            }
        }
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_served() {
    let world = World::demo().await;
    for (path, methods) in PATHS.iter().filter(|(path, _)| path.starts_with("/rest")) {
        for method in *methods {
            let got = send(world.client.request(method.parse().unwrap(), world.url(path))).await;
            got.refused_by_logmeonce(401);
            assert!(got.header("www-authenticate").starts_with("Bearer"), "{method} {path}");
        }
    }
    for wrong in [
        "Bearer",
        "Bearer wrong",
        "bearer ",
        "Basic c2ltdWxhdG9yLWtleTo=",
        &world.token,
    ] {
        let got = send(world.client.get(world.url("/rest/sites")).header(AUTHORIZATION, wrong)).await;
        got.refused_by_logmeonce(401);
    }
    let in_query = format!("/rest/sites?access_token={}", world.token);
    send(world.client.get(world.url(&in_query)))
        .await
        .refused_by_logmeonce(401);
    assert_eq!(world.service.audit_log(), []);
    let rest = world.service.organisation();
    assert!(rest.get(zkvault_simulator::Kind::User, 1917).is_some());
}

#[tokio::test]
async fn other_paths_and_ids_are_not_found() {
    let world = World::demo().await;
    for path in [
        "/",
        "/rest",
        "/rest/",
        "/rest/sites/",
        "/rest/site",
        "/rest/sites/1",
        "/rest/sites/abc",
        "/rest/sites/01749398",
        "/rest/sites/-1",
        "/rest/sites/1749398/",
        "/rest/sites/1/users",
        "/rest/sites/1/groups",
        "/rest/users/1",
        "/rest/users/1/sites",
        "/rest/users/1/groups",
        "/rest/groups/1",
        "/rest/groups/1/sites",
        "/rest/groups/1/users",
        "/rest/Sites",
        "/oauth2",
        "/sites",
    ] {
        world.get(path).await.refused_by_logmeonce(404);
    }
    for path in ["/rest/users/1/activate", "/rest/users/1/deactivate"] {
        world.post_nothing(path).await.refused_by_logmeonce(404);
    }
    for path in ["/rest/users/1/sites", "/rest/groups/1/users", "/rest/sites/1/groups"] {
        world
            .post(path, json!({"privileges": [1]}))
            .await
            .refused_by_logmeonce(404);
    }
    for path in ["/rest/users/1", "/rest/groups/1"] {
        world.put(path, json!({"name": "x"})).await.refused_by_logmeonce(404);
    }
    send(world.request(Method::DELETE, "/rest/users/1"))
        .await
        .refused_by_logmeonce(404);
}

#[tokio::test]
async fn answers_are_json_or_xml_and_nothing_else() {
    let world = World::demo().await;
    let accepting = |accept| send(world.request(Method::GET, "/rest/sites").header(ACCEPT, accept));
    for (accept, content_type) in [
        ("application/json", "application/json"),
        ("application/xml", "application/xml"),
        ("*/*", "application/json"),
        ("application/json;q=0.1, application/xml", "application/xml"),
    ] {
        let got = accepting(accept).await;
        assert_eq!(
            (got.status, got.header("content-type")),
            (200, content_type),
            "{accept}"
        );
    }
    for accept in ["text/html", "text/xml", "application/yaml", "image/*"] {
        accepting(accept).await.refused_by_logmeonce(406);
    }
}

#[tokio::test]
async fn requests_are_json_or_forms_and_nothing_else() {
    let world = World::demo().await;
    let sending = |content_type: &str, body: &'static str| {
        let request = world.request(Method::POST, "/rest/users/1917/sites");
        send(request.header(CONTENT_TYPE, content_type).body(body))
    };
    for content_type in ["application/json", "Application/JSON; charset=UTF-8"] {
        assert_eq!(
            sending(content_type, r#"{"assign":1749399}"#).await.status,
            200,
            "{content_type}"
        );
    }
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    assert_eq!(sending(form, "assign=1749399").await.status, 200);
    for content_type in [
        "text/plain",
        "multipart/form-data",
        "application/xml",
        "application/json; charset=latin1",
        "",
    ] {
        sending(content_type, r#"{"assign":1749399}"#)
            .await
            .refused_by_logmeonce(415);
    }
    let untyped = world
        .request(Method::POST, "/rest/users/1917/sites")
        .body(r#"{"assign":1749399}"#);
    send(untyped).await.refused_by_logmeonce(415);
    for body in [
        "",
        "{",
        "[]",
        "1",
        "null",
        r#"{"assign":1749399}x"#,
        r#"{"assign":1,"assign":1749399}"#,
    ] {
        sending("application/json", body).await.refused_by_logmeonce(400);
    }
}

#[tokio::test]
async fn parameters_stand_where_they_belong() {
    let world = World::demo().await;
    world
        .post("/rest/users/1917/sites?assign=1749399", json!({"assign": 1749399}))
        .await
        .refused_by_logmeonce(400);
    let body = world.request(Method::GET, "/rest/sites").json(&json!({"search": "x"}));
    send(body).await.refused_by_logmeonce(400);
    for path in [
        "/rest/sites?page=2",
        "/rest/sites?search=a&search=b",
        "/rest/users?search=a",
        "/rest/sites/1749398?x",
    ] {
        world.get(path).await.refused_by_logmeonce(400);
    }
}

#[tokio::test]
async fn long_bodies_are_refused() {
    let world = World::demo().await;
    let body = format!("assign={}", "1".repeat(1024 * 1024));
    world
        .post_form("/rest/users/1917/sites", &body)
        .await
        .refused_by_logmeonce(413);
}

#[tokio::test]
async fn without_the_api_feature_all_is_forbidden() {
    let world = World::demo().await;
    world.service.change_settings(|settings| settings.api_enabled = false);
    world.get("/rest/sites").await.refused_by_logmeonce(403);
}

#[tokio::test]
async fn the_server_listens_on_loopback_and_stops() {
    let world = World::demo().await;
    let address = world.service.address();
    assert!(address.ip().is_loopback());
    assert!(
        Server::start(address.port(), world.service.router()).await.is_err(),
        "the port is taken"
    );
    drop(world.client);
    world.service.stop();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
