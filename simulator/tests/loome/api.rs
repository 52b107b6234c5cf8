//! Projects, data repositories and workstations.

use serde_json::{Value, json};
use zkvault_simulator::{Fault, Tenant};

use crate::world::World;

const REPOSITORIES: &str = "/api/v1/Projects/12/DataRepositories";
const NAMES: &str = "/api/v1/DataRepositories/CheckNameAvailability";

fn names(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_user_has_projects() {
    let world = World::demo().await;
    let of = async |email: &str| world.get(&format!("/api/v1/Projects?email={email}")).await.json();
    assert_eq!(names(&of(Tenant::DEMO_EMAIL).await), ["Hull models", "Sail cloth"]);
    assert_eq!(names(&of("Jonas.Frey@haldenfrey.example").await), ["Hull models"]);
    assert_eq!(of("nobody@haldenfrey.example").await, json!([]));
    world.get("/api/v1/Projects").await.refused_by_loome(400);
    world
        .get("/api/v1/Projects?email=a&email=b")
        .await
        .refused_by_loome(400);
    world
        .get("/api/v1/Projects?email=a&other=b")
        .await
        .refused_by_loome(400);
}

#[tokio::test]
async fn a_name_is_free_or_taken_or_none() {
    let world = World::demo().await;
    let check = async |name: &str| world.get(&format!("{NAMES}?name={name}")).await.json();
    assert_eq!(check("newdata").await["nameAvailable"], true);
    let taken = check("hullruns").await;
    assert_eq!(
        (&taken["nameAvailable"], &taken["reason"], &taken["storageAccount"]),
        (
            &json!(false),
            &json!("AlreadyExists"),
            &json!({"id": 340, "name": "hullruns"})
        )
    );
    assert_eq!(
        check("haldenfrey").await["storageAccount"],
        Value::Null,
        "somebody else's"
    );
    for name in ["ab", "Name", "na-me", "", "a2345678901234567890123456"] {
        assert_eq!(check(name).await["reason"], "AccountNameInvalid", "{name}");
    }
    world.get(NAMES).await.refused_by_loome(400);
}

#[tokio::test]
async fn a_data_repository_is_created_once() {
    let world = World::demo().await;
    let got = world
        .post(REPOSITORIES, json!({"name": "newdata", "description": "d"}))
        .await;
    assert_eq!((got.status, got.json()["id"].as_u64()), (201, Some(342)));
    assert_eq!(
        names(&world.get(REPOSITORIES).await.json()),
        ["hullruns", "hullbackups", "newdata"]
    );
    assert_eq!(world.service.tenant().projects[0].repositories.len(), 3);
    world
        .post(REPOSITORIES, json!({"name": "newdata"}))
        .await
        .refused_by_loome(409);
    world
        .post(REPOSITORIES, json!({"name": "haldenfrey"}))
        .await
        .refused_by_loome(409);
    for wrong in [
        json!({}),
        json!({"name": 1}),
        json!({"name": "Bad Name"}),
        json!({"name": "abc", "x": 1}),
    ] {
        world.post(REPOSITORIES, wrong).await.refused_by_loome(400);
    }
    world
        .post("/api/v1/Projects/99/DataRepositories", json!({"name": "other"}))
        .await
        .refused_by_loome(404);
}

#[tokio::test]
async fn networks_are_private_or_not() {
    let world = World::demo().await;
    let private = world
        .get(&format!("{REPOSITORIES}/340/NetworkConfiguration"))
        .await
        .json();
    let expected = json!({
        "isInPrivateNetwork": true,
        "dnsName": "hullruns.blob.core.windows.net",
        "ipAddress": "10.20.1.4",
        "addressSpace": "10.20.0.0/16",
        "subnet": "10.20.1.0/24",
    });
    assert_eq!(private, expected);
    let public = world
        .get(&format!("{REPOSITORIES}/341/NetworkConfiguration"))
        .await
        .json();
    assert_eq!(
        [
            &public["isInPrivateNetwork"],
            &public["addressSpace"],
            &public["subnet"]
        ],
        [&json!(false), &Value::Null, &Value::Null]
    );
    let workstations = world.get("/api/v1/Projects/12/Workstations").await.json();
    assert_eq!(names(&workstations), ["hull-01"]);
    let id = Tenant::DEMO_WORKSTATION;
    let network = world
        .get(&format!("/api/v1/Projects/12/Workstations/{id}/NetworkConfiguration"))
        .await;
    assert_eq!(network.json()["ipAddress"], "10.20.1.5");
    assert_eq!(world.get("/api/v1/Projects/15/Workstations").await.json(), json!([]));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = World::demo().await;
    let sas = "SharedAccessSignature?expirydatetime=2099/01/01&isreadonly=true";
    for path in [
        "/api/v1/Projects/99/DataRepositories",
        "/api/v1/Projects/x/DataRepositories",
        "/api/v1/Projects/15/DataRepositories/340/NetworkConfiguration",
        "/api/v1/Projects/12/DataRepositories/0340/NetworkConfiguration",
        "/api/v1/Projects/99/Workstations",
        "/api/v1/Projects/12/Workstations/340/NetworkConfiguration",
        "/api/v1/projects/12/DataRepositories",
        "/rest/sites",
        &format!("/api/v1/Projects/12/DataRepositories/1/{sas}"),
        &format!("/api/v1/Projects/15/DataRepositories/340/{sas}"),
    ] {
        world.get(path).await.refused_by_loome(404);
    }
}

#[tokio::test]
async fn faults_happen_here_too() {
    let world = World::demo().await;
    world.service.conditions().inject(Fault::status(503), 1, "/api");
    assert_eq!(world.get(REPOSITORIES).await.status, 503);
    world.service.conditions().inject(Fault::HtmlPage, 1, "/api");
    assert!(
        world
            .get(REPOSITORIES)
            .await
            .header("content-type")
            .starts_with("text/html")
    );
    assert_eq!(world.get(REPOSITORIES).await.status, 200);
}
