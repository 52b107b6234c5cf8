//! Lies: each changes what it says and nothing else, and ends with them.

use std::sync::Arc;

use serde_json::{Value, json};
use zkvault_simulator::{Answer, Attack, Kind, seed};

use crate::world::World;

const SITES: &str = "/rest/sites";

async fn sites(world: &World) -> Value {
    world.get(SITES).await.json()["sites"].clone()
}

/// The pointers at which two documents differ.
fn differences(one: &Value, other: &Value, at: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter()
                .for_each(|(key, value)| differences(value, &b[key], &format!("{at}/{key}"), found));
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs.for_each(|(place, (a, b))| differences(a, b, &format!("{at}/{place}"), found));
        }
        _ if one == other => {}
        _ => found.push(at.to_owned()),
    }
}

/// What an attack changes in the list of sites. The truth must be served again after it.
async fn changed_by(world: &World, attack: Attack) -> Vec<String> {
    let truth = sites(world).await;
    world.service.attack(attack);
    let lie = sites(world).await;
    world.service.behave();
    assert_eq!(sites(world).await, truth);
    let mut found = Vec::new();
    differences(&truth, &lie, "", &mut found);
    found
}

#[tokio::test]
async fn values_are_swapped_within_and_across_sites() {
    let world = World::demo().await;
    let within = Attack::SwapValues {
        one: (seed::GITHUB, 0),
        other: (seed::GITHUB, 1),
    };
    assert_eq!(
        changed_by(&world, within.clone()).await,
        ["/6/login/inputs/0/value", "/6/login/inputs/1/value"]
    );
    let across = Attack::SwapValues {
        one: (seed::GOOGLE, 1),
        other: (seed::GITHUB, 1),
    };
    assert_eq!(
        changed_by(&world, across).await,
        ["/0/login/inputs/1/value", "/6/login/inputs/1/value"]
    );

    let truth = world.get("/rest/sites/1749412").await.json();
    world.service.attack(within);
    let lie = world.get("/rest/sites/1749412").await.json();
    assert_eq!(lie["login"]["inputs"][0]["value"], truth["login"]["inputs"][1]["value"]);
    assert_eq!(lie["login"]["inputs"][1]["value"], truth["login"]["inputs"][0]["value"]);
    for path in [
        "/rest/sites?search=github",
        "/rest/users/1917/sites",
        "/rest/groups/5717/sites",
    ] {
        let sites = world.get(path).await.json()["sites"].as_array().unwrap().clone();
        assert!(
            sites.contains(&lie) && !sites.contains(&truth),
            "{path}: the lie is the same everywhere"
        );
    }
}

#[tokio::test]
async fn single_members_are_changed() {
    let world = World::demo().await;
    for (attack, pointer) in [
        (
            Attack::url(seed::GITHUB, "https://github.com.evil.example/"),
            "/6/login/Url",
        ),
        (Attack::regex(seed::GITHUB, ".*"), "/6/login/regex"),
        (Attack::input_type(seed::GITHUB, 1, "text"), "/6/login/inputs/1/type"),
        (Attack::input_flags(seed::GITHUB, 1, 3), "/6/login/inputs/1/flags"),
        (Attack::change(seed::GITHUB, "/name", "GitLab"), "/6/name"),
        (
            Attack::change(seed::GITHUB, "/login/inputs/0", Value::Null),
            "/6/login/inputs/0",
        ),
        (Attack::change(seed::GITHUB, "/login/new~1member", 1), "/6/login"),
    ] {
        assert_eq!(changed_by(&world, attack).await, [pointer]);
    }
    for nothing in [
        Attack::url(99, "x"),
        Attack::change(seed::GITHUB, "/no/such", 1),
        Attack::change(seed::GITHUB, "", 1),
    ] {
        assert_eq!(changed_by(&world, nothing).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn sites_are_dropped_doubled_and_reversed() {
    let world = World::demo().await;
    let all = world.get(SITES).await.ids("sites");
    world.service.attack(Attack::Drop { site: seed::GITHUB });
    assert_eq!(world.get(SITES).await.ids("sites").len(), 11);
    world.get("/rest/sites/1749412").await.refused_by_logmeonce(404);
    assert!(
        !world
            .get("/rest/users/1917/sites")
            .await
            .ids("sites")
            .contains(&seed::GITHUB)
    );
    assert!(
        world.service.organisation().get(Kind::Site, seed::GITHUB).is_some(),
        "the truth is kept"
    );
    world.service.behave();

    world.service.attack(Attack::Duplicate { site: seed::GITHUB });
    assert_eq!(
        world.get(SITES).await.ids("sites"),
        [all.as_slice(), &[seed::GITHUB]].concat()
    );
    assert_eq!(
        world.get("/rest/sites?search=google").await.ids("sites"),
        [seed::GOOGLE]
    );
    world.service.behave();

    world.service.attack(Attack::Reverse);
    let reversed: Vec<_> = all.into_iter().rev().collect();
    assert_eq!(world.get(SITES).await.ids("sites"), reversed);
}

#[tokio::test]
async fn deleted_sites_come_back_and_older_states_are_served() {
    let world = World::demo().await;
    let older = world.service.organisation();
    world
        .service
        .change(|organisation| organisation.remove(Kind::Site, seed::GITHUB));
    world.does("/rest/users/1917/sites", json!({"assign": 1_749_399})).await;
    world.get("/rest/sites/1749412").await.refused_by_logmeonce(404);

    let resurrect = Attack::Resurrect {
        from: Box::new(older.clone()),
        site: seed::GITHUB,
    };
    world.service.attack(resurrect);
    assert_eq!(world.get("/rest/sites/1749412").await.status, 200);
    assert_eq!(
        world.get("/rest/users/1917/sites").await.ids("sites"),
        [1_749_398, 1_749_399, 1_749_412]
    );
    world.service.behave();
    world.get("/rest/sites/1749412").await.refused_by_logmeonce(404);

    world.service.attack(Attack::OlderState(Box::new(older)));
    assert_eq!(
        world.get("/rest/users/1917/sites").await.ids("sites"),
        [1_749_398, 1_749_412]
    );
}

#[tokio::test]
async fn users_are_replaced_and_members_added() {
    let world = World::demo().await;
    world.service.attack(Attack::ReplaceUser { user: 1921, by: 1917 });
    let user = world.get("/rest/users/1921").await.json();
    assert_eq!(
        (&user["id"], &user["email"]),
        (&json!(1921), &json!("mateus@haldenfrey.example"))
    );
    assert_eq!(world.get("/rest/users/1921/groups").await.ids("groups"), [5717, 5719]);
    assert_eq!(
        world.get("/rest/users/1921/sites").await.ids("sites"),
        [1_749_398, 1_749_412]
    );
    world.service.behave();
    world.service.attack(Attack::AddMember {
        group: 8763,
        user: 1919,
    });
    assert_eq!(
        world.get("/rest/groups/8763/users").await.ids("users"),
        [1916, 1919, 1922]
    );
    world.service.behave();
    assert_eq!(world.get("/rest/groups/8763/users").await.ids("users"), [1916, 1922]);
}

#[tokio::test]
async fn a_closure_rewrites_any_answer() {
    let world = World::demo().await;
    world
        .service
        .conditions()
        .set_rewriter(Some(Arc::new(|request, answer: &mut Answer| {
            if request.path == "/oauth2/token" {
                answer.document["expires_in"] = json!("soon");
            } else if request.method == "GET" {
                answer.status = 307;
                answer
                    .headers
                    .push(("location".to_owned(), "http://evil.example/".to_owned()));
                answer.headers.push(("not a header".to_owned(), "\n".to_owned()));
                answer.document = Value::Null;
            }
        })));
    assert_eq!(
        world.ask_token(&[("grant_type", "client_credentials")]).await.json()["expires_in"],
        "soon"
    );
    let got = world.get(SITES).await;
    assert_eq!(
        (got.status, got.header("location"), got.text()),
        (307, "http://evil.example/", "")
    );
    world.service.behave();
    assert_eq!(world.get(SITES).await.status, 200);
}
