//! `/users`: reading, updating, deleting, activating.

use reqwest::Method;
use serde_json::{Value, json};
use zkvault_simulator::{Kind, seed};
use zkvault_test_support::send;

use crate::world::World;

#[tokio::test]
async fn users_are_listed_and_got() {
    let world = World::demo().await;
    assert_eq!(
        world.get("/rest/users").await.ids("users"),
        (1916..=1924).collect::<Vec<_>>()
    );
    let user = world.get("/rest/users/1917").await.json();
    assert_eq!((&user["firstname"], &user["active"]), (&json!("Mateus"), &json!(true)));
}

#[tokio::test]
async fn every_field_of_the_page_can_be_updated_and_no_other() {
    let world = World::demo().await;
    for field in [
        "firstName",
        "lastName",
        "birthdate",
        "gender",
        "address",
        "city",
        "state",
        "zip",
        "country",
        "phone",
        "company",
        "jobTitle",
        "website",
    ] {
        let got = world
            .put("/rest/users/1917", json!({field: format!("new {field}")}))
            .await;
        assert_eq!(got.status, 200, "{got:?}");
        let user = world.get("/rest/users/1917").await.json();
        assert_eq!(user, got.json());
        assert_eq!(user[field.to_lowercase()], format!("new {field}"));
    }
    let before = world.get("/rest/users/1917").await.json();
    for wrong in [
        json!({}),
        json!({"email": "x@y.example"}),
        json!({"firstname": "x"}),
        json!({"active": true}),
        json!({"city": "x", "license": "1"}),
        json!({"city": "x", "zip": 12}),
        json!({"city": null}),
        json!({"city": ["x"]}),
    ] {
        world
            .put("/rest/users/1917", wrong.clone())
            .await
            .refused_by_logmeonce(400);
        assert_eq!(world.get("/rest/users/1917").await.json(), before, "{wrong}");
    }
    let form = world
        .request(Method::PUT, "/rest/users/1917")
        .form(&[("city", "Łódź & more"), ("zip", "011")]);
    let user = send(form).await.json();
    assert_eq!((&user["city"], &user["zip"]), (&json!("Łódź & more"), &json!("011")));
}

#[tokio::test]
async fn a_deleted_user_is_gone_from_everywhere() {
    let world = World::demo().await;
    let got = send(world.request(Method::DELETE, "/rest/users/1917")).await;
    assert_eq!((got.status, got.json()), (200, json!({"success": true})));
    world.get("/rest/users/1917").await.refused_by_logmeonce(404);
    assert_eq!(
        world.get("/rest/groups/5717/users").await.ids("users"),
        [1918, 1919, 1924]
    );
    assert_eq!(world.get("/rest/sites/1749398/users").await.ids("users"), [1920]);
    send(world.request(Method::DELETE, "/rest/users/1917"))
        .await
        .refused_by_logmeonce(404);
}

async fn is_active(world: &World, user: u64) -> Value {
    world.get(&format!("/rest/users/{user}")).await.json()["active"].clone()
}

#[tokio::test]
async fn the_first_activation_needs_the_key_and_later_ones_none() {
    let world = World::demo().await;
    let path = "/rest/users/1921/activate";
    world.post_nothing(path).await.refused_by_logmeonce(400);
    for wrong in [
        json!({"key": ""}),
        json!({"key": 1}),
        json!({"encryption_key": "x"}),
        json!({"key": "x", "y": 1}),
    ] {
        world.post(path, wrong.clone()).await.refused_by_logmeonce(400);
        assert_eq!(is_active(&world, seed::NEW_USER).await, false, "{wrong}");
    }
    world.does(path, json!({"key": "b3BhcXVl+/="})).await;
    assert_eq!(is_active(&world, seed::NEW_USER).await, true);
    let stored = world.service.organisation();
    assert_eq!(stored.activation_key(seed::NEW_USER), Some("b3BhcXVl+/="));

    world
        .post(path, json!({"key": "another"}))
        .await
        .refused_by_logmeonce(409);
    assert_eq!(
        world.post_nothing(path).await.status,
        200,
        "an active user stays active"
    );
    assert_eq!(world.post_nothing("/rest/users/1921/deactivate").await.status, 200);
    assert_eq!(is_active(&world, seed::NEW_USER).await, false);
    assert_eq!(world.post_nothing(path).await.status, 200);
    assert_eq!(is_active(&world, seed::NEW_USER).await, true);
    let stored = world.service.organisation();
    assert_eq!(
        stored.activation_key(seed::NEW_USER),
        Some("b3BhcXVl+/="),
        "the first key stays"
    );
}

#[tokio::test]
async fn the_keys_parameter_can_have_another_name() {
    let world = World::demo().await;
    world
        .service
        .change_settings(|settings| settings.activation_key_parameter = "encryptionKey".to_owned());
    world
        .post("/rest/users/1921/activate", json!({"key": "x"}))
        .await
        .refused_by_logmeonce(400);
    let got = world
        .post_form("/rest/users/1921/activate", "encryptionKey=a%2Bb")
        .await;
    assert_eq!(got.status, 200);
    assert_eq!(world.service.organisation().activation_key(seed::NEW_USER), Some("a+b"));
}

#[tokio::test]
async fn deactivation_takes_no_parameters_and_may_be_repeated() {
    let world = World::demo().await;
    world
        .post("/rest/users/1917/deactivate", json!({"key": "x"}))
        .await
        .refused_by_logmeonce(400);
    for _ in 0..2 {
        assert_eq!(world.post_nothing("/rest/users/1917/deactivate").await.status, 200);
        assert_eq!(is_active(&world, 1917).await, false);
    }
    assert!(world.service.organisation().get(Kind::User, 1917).is_some());
}
