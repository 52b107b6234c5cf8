//! `/groups`.

use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn groups_are_listed_by_name_and_got_in_full() {
    let world = World::demo().await;
    let groups = world.get("/rest/groups").await;
    assert_eq!(groups.ids("groups"), [5717, 5719, 5720, 8762, 8763]);
    assert_eq!(groups.json()["groups"][3], json!({"id": 8762, "name": "Marketing"}));
    let group = world.get("/rest/groups/8762").await.json();
    assert_eq!(
        group,
        json!({"id": 8762, "name": "Marketing", "description": "Group used for Marketing"})
    );
}

#[tokio::test]
async fn groups_are_created_and_updated() {
    let world = World::demo().await;
    let body = json!({"name": "Legal", "description": "Contracts"});
    let got = world.post("/rest/groups", body).await;
    assert_eq!(
        (got.status, got.json()),
        (201, json!({"id": 8764, "name": "Legal", "description": "Contracts"}))
    );
    let got = world.put("/rest/groups/8764", json!({"name": "Law"})).await;
    assert_eq!(
        (got.status, got.json()),
        (200, json!({"id": 8764, "name": "Law", "description": "Contracts"}))
    );
    assert_eq!(world.get("/rest/groups/8764").await.json(), got.json());
    assert_eq!(
        world.post_form("/rest/groups", "name=No+description").await.json(),
        json!({"id": 8765, "name": "No description"})
    );
}

#[tokio::test]
async fn wrong_groups_are_refused() {
    let world = World::demo().await;
    for wrong in [
        json!({}),
        json!({"description": "x"}),
        json!({"name": ""}),
        json!({"name": 1}),
        json!({"name": "x", "parent": 5717}),
        json!({"name": "x", "description": null}),
    ] {
        world.post("/rest/groups", wrong).await.refused_by_logmeonce(400);
    }
    for wrong in [
        json!({}),
        json!({"name": " "}),
        json!({"id": 1}),
        json!({"name": "x", "description": 1}),
    ] {
        world.put("/rest/groups/5717", wrong).await.refused_by_logmeonce(400);
    }
    assert_eq!(world.get("/rest/groups").await.ids("groups").len(), 5);
    assert_eq!(world.get("/rest/groups/5717").await.json()["name"], "Engineering");
}
