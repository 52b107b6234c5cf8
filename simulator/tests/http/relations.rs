//! Assignments and memberships from both of their ends, and the permissions that come with them.

use serde_json::{Value, json};

use crate::world::World;

/// A path, the list it answers with, its two verbs, two ids that are not tied to its owner, and its rights.
struct Case {
    path: &'static str,
    list: &'static str,
    tie: &'static str,
    untie: &'static str,
    ids: [u64; 2],
    rights: &'static [&'static str],
    /// Whether a new tie gives the first right.
    readable: bool,
}

const CASES: [Case; 6] = [
    Case {
        path: "/rest/users/1919/sites",
        list: "sites",
        tie: "assign",
        untie: "unassign",
        ids: [1_749_398, 1_749_399],
        rights: &["read", "update", "delete"],
        readable: false,
    },
    Case {
        path: "/rest/groups/8762/sites",
        list: "sites",
        tie: "assign",
        untie: "unassign",
        ids: [1_749_412, 1_749_413],
        rights: &["read", "update", "delete"],
        readable: true,
    },
    Case {
        path: "/rest/groups/8762/users",
        list: "users",
        tie: "add",
        untie: "remove",
        ids: [1917, 1918],
        rights: &["create", "assign"],
        readable: false,
    },
    Case {
        path: "/rest/sites/1749399/users",
        list: "users",
        tie: "assign",
        untie: "unassign",
        ids: [1917, 1918],
        rights: &["read", "update", "delete"],
        readable: false,
    },
    Case {
        path: "/rest/users/1916/groups",
        list: "groups",
        tie: "join",
        untie: "leave",
        ids: [5717, 5719],
        rights: &["create", "assign"],
        readable: false,
    },
    Case {
        path: "/rest/sites/1749399/groups",
        list: "groups",
        tie: "assign",
        untie: "unassign",
        ids: [5717, 5719],
        rights: &["read", "update", "delete"],
        readable: true,
    },
];

#[tokio::test]
async fn one_or_several_are_tied_and_untied() {
    for case in CASES {
        let world = World::demo().await;
        let [one, two] = case.ids;
        let before = world.get(case.path).await.ids(case.list);
        world.does(case.path, json!({case.tie: one})).await;
        let mut with_one = before.clone();
        with_one.push(one);
        with_one.sort_unstable();
        assert_eq!(world.get(case.path).await.ids(case.list), with_one, "{}", case.path);
        world.does(case.path, json!({case.tie: [one, two]})).await;
        assert_eq!(
            world.get(case.path).await.ids(case.list).len(),
            before.len() + 2,
            "{}",
            case.path
        );
        world.does(case.path, json!({case.untie: one})).await;
        world.does(case.path, json!({case.untie: [one, two]})).await;
        assert_eq!(world.get(case.path).await.ids(case.list), before, "{}", case.path);

        let form = format!("{0}[]={one}&{0}%5B%5D={two}", case.tie);
        assert_eq!(world.post_form(case.path, &form).await.status, 200, "{form}");
        assert_eq!(
            world.get(case.path).await.ids(case.list).len(),
            before.len() + 2,
            "{form}"
        );
        assert_eq!(
            world
                .post_form(case.path, &format!("{}={one}", case.untie))
                .await
                .status,
            200
        );
    }
}

#[tokio::test]
async fn both_ends_see_the_same_tie() {
    let world = World::demo().await;
    world.does("/rest/users/1919/sites", json!({"assign": 1_749_400})).await;
    assert_eq!(world.get("/rest/sites/1749400/users").await.ids("users"), [1919]);
    world
        .does("/rest/groups/5720/sites", json!({"assign": 1_749_400}))
        .await;
    assert_eq!(
        world.get("/rest/sites/1749400/groups").await.ids("groups"),
        [5720, 8762]
    );
    world.does("/rest/groups/5720/users", json!({"add": 1919})).await;
    assert_eq!(world.get("/rest/users/1919/groups").await.ids("groups"), [5717, 5720]);
}

/// The permissions of one id, as the path tells them.
async fn told(world: &World, path: &str, id: u64) -> Value {
    let got = world.post(path, json!({"privileges": [id]})).await;
    assert_eq!(got.status, 200, "{got:?}");
    assert_eq!(got.ids("privileges"), [id]);
    got.json()["privileges"][0].clone()
}

#[tokio::test]
async fn rights_are_set_by_one_and_unset_by_minus_one() {
    for case in CASES {
        let world = World::demo().await;
        let [one, two] = case.ids;
        world.does(case.path, json!({case.tie: [one, two]})).await;
        for (place, right) in case.rights.iter().enumerate() {
            assert_eq!(
                told(&world, case.path, one).await[right],
                place == 0 && case.readable,
                "{} {right}",
                case.path
            );
            let got = world
                .post(case.path, json!({"privileges": [one, two], *right: 1}))
                .await;
            assert_eq!(got.ids("privileges"), [one, two], "{}", case.path);
            assert_eq!(told(&world, case.path, two).await[right], true, "{} {right}", case.path);
            let form = format!("privileges[]={one}&{right}=-1");
            assert_eq!(world.post_form(case.path, &form).await.status, 200, "{form}");
            assert_eq!(
                told(&world, case.path, one).await[right],
                false,
                "{} {right}",
                case.path
            );
            assert_eq!(told(&world, case.path, two).await[right], true, "{} {right}", case.path);
        }
    }
}

#[tokio::test]
async fn wrong_changes_are_refused_and_change_nothing() {
    for case in CASES {
        let world = World::demo().await;
        let [one, two] = case.ids;
        world.does(case.path, json!({case.tie: one})).await;
        let before = world.service.organisation();
        let right = case.rights[0];
        let (tie, untie) = (case.tie, case.untie);
        let foreign = if right == "read" { "create" } else { "read" };
        for wrong in [
            json!({}),
            json!({tie: two, untie: one}),
            json!({tie: two, "privileges": [one]}),
            json!({tie: two, right: 1}),
            json!({untie: one, right: 1}),
            json!({right: 1}),
            json!({tie: []}),
            json!({tie: "1917"}),
            json!({tie: -1}),
            json!({tie: 1.5}),
            json!({tie: null}),
            json!({tie: [two, "1918"]}),
            json!({"privileges": one}),
            json!({"privileges": []}),
            json!({"privileges": [one], right: 0}),
            json!({"privileges": [one], right: 2}),
            json!({"privileges": [one], right: true}),
            json!({"privileges": [one], right: "1"}),
            json!({"privileges": [one], right: [1]}),
            json!({"privileges": [one], foreign: 1}),
            json!({"Privileges": [one]}),
            json!({"give": two}),
        ] {
            world.post(case.path, wrong.clone()).await.refused_by_logmeonce(400);
            assert_eq!(world.service.organisation(), before, "{}: {wrong}", case.path);
        }
        for form in [
            format!("{tie}={two}&{tie}={one}"),
            format!("privileges={one}"),
            format!("privileges[]={one}&{right}=0"),
        ] {
            world.post_form(case.path, &form).await.refused_by_logmeonce(400);
        }
        for unknown in [
            json!({tie: 99}),
            json!({tie: [two, 99]}),
            json!({untie: [one, 99]}),
            json!({"privileges": [99]}),
        ] {
            world.post(case.path, unknown.clone()).await.refused_by_logmeonce(404);
            assert_eq!(world.service.organisation(), before, "{}: {unknown}", case.path);
        }
        world
            .post(case.path, json!({"privileges": [one, two], right: -1}))
            .await
            .refused_by_logmeonce(409);
        assert_eq!(world.service.organisation(), before, "{}", case.path);
    }
}

#[tokio::test]
async fn a_user_inherits_from_groups_and_the_groups_in_them() {
    let world = World::demo().await;
    let none = json!({"read": false, "update": false, "delete": false});
    // Of Platform alone, which is in Engineering.
    let of_platform = json!({
        "id": 1_749_415, "read": false, "update": false, "delete": false,
        "inherited": {"read": true, "update": true, "delete": false},
    });
    assert_eq!(told(&world, "/rest/users/1919/sites", 1_749_415).await, of_platform);
    let own = json!({
        "id": 1_749_412, "read": true, "update": true, "delete": false,
        "inherited": {"read": true, "update": false, "delete": false},
    });
    assert_eq!(told(&world, "/rest/users/1917/sites", 1_749_412).await, own);
    assert_eq!(
        told(&world, "/rest/sites/1749415/users", 1919).await["inherited"]["update"],
        true
    );
    assert_eq!(told(&world, "/rest/sites/1749415/users", 1920).await["inherited"], none);
}

#[tokio::test]
async fn a_group_inherits_from_the_groups_in_it_and_not_upwards() {
    let world = World::demo().await;
    assert_eq!(
        told(&world, "/rest/groups/5717/sites", 1_749_417).await["inherited"]["read"],
        true,
        "two levels"
    );
    assert_eq!(
        told(&world, "/rest/sites/1749415/groups", 5717).await["inherited"]["update"],
        true
    );
    assert_eq!(
        told(&world, "/rest/groups/5720/sites", 1_749_412).await["inherited"]["read"],
        false
    );
    assert_eq!(
        told(&world, "/rest/groups/5717/users", 1917).await.get("inherited"),
        None
    );
}
