//! Every endpoint of the page, as the simulator checks it.

use serde_json::{Map, Value, json};
use zkvault_client::loome::{LoomeObject, LoomePaths};
use zkvault_client::{ErrorKind, OAuthCode};
use zkvault_simulator::{LoomePaths as ServicePaths, LoomeSettings, Tenant};

use crate::world::{World, id};

fn names(objects: &[LoomeObject]) -> Vec<String> {
    objects.iter().map(|object| object.name().unwrap()).collect()
}

#[tokio::test]
async fn a_token_is_asked_for_as_the_page_has_it() {
    let world = World::demo();
    world.client().log_in().await.unwrap();
    let [request] = world.service.requests("/connect/token").try_into().unwrap();
    assert_eq!(request.method, "POST");
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        "grant_type=client_credentials&scope=webApi&client_id=simulator-key&client_secret=simulator-secret"
    );
}

#[tokio::test]
async fn projects_of_a_user() {
    let world = World::demo();
    let projects = world.client().projects(Tenant::DEMO_EMAIL).await.unwrap().records;
    assert_eq!(names(&projects), ["Hull models", "Sail cloth"]);
    assert_eq!(
        (projects[0].id(), projects[0].text("STATUS")),
        (&id("12"), Some("Active".to_owned()))
    );
    assert_eq!(world.client().projects("a+b&c@d.example").await.unwrap().records, []);
    let queries: Vec<_> = world
        .service
        .requests("/api")
        .into_iter()
        .map(|request| request.query.unwrap())
        .collect();
    assert_eq!(queries[1], "email=a%2Bb%26c%40d.example");
}

#[tokio::test]
async fn names_are_checked() {
    let world = World::demo();
    let client = world.client();
    assert!(client.check_name("newdata").await.unwrap().is_available());
    let taken = client.check_name("hullruns").await.unwrap();
    assert_eq!(
        (taken.is_available(), taken.message().as_deref()),
        (false, Some("The storage account named hullruns is already taken."))
    );
    assert_eq!(serde_json::to_value(&taken).unwrap()["storageAccount"]["id"], 340);
}

#[tokio::test]
async fn data_repositories_are_created_and_listed() {
    let world = World::demo();
    let client = world.client();
    let more = Map::from_iter([("description".to_owned(), Value::from("of tests"))]);
    let created = client
        .create_repository(&id("12"), "newdata", more)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (created.id().as_str(), created.text("description").as_deref()),
        ("342", Some("of tests"))
    );
    let listed = client.repositories(&id("12")).await.unwrap().records;
    assert_eq!(names(&listed), ["hullruns", "hullbackups", "newdata"]);
    assert_eq!(listed[2], created);
    let again = client
        .create_repository(&id("12"), "newdata", Map::new())
        .await
        .unwrap_err();
    assert_eq!((again.kind(), again.status()), (ErrorKind::Conflict, Some(409)));
    assert_eq!(
        again.service_message(),
        Some("The storage account named newdata is already taken.")
    );
    let wrong = client
        .create_repository(&id("12"), "New data", Map::new())
        .await
        .unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Rejected);
    let nowhere = client
        .create_repository(&id("99"), "other", Map::new())
        .await
        .unwrap_err();
    assert_eq!(nowhere.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn networks() {
    let world = World::demo();
    let client = world.client();
    let network = client.repository_network(&id("12"), &id("340")).await.unwrap();
    assert_eq!(network.is_private(), Some(true));
    assert_eq!(network.dns_name().as_deref(), Some("hullruns.blob.core.windows.net"));
    assert_eq!(network.address_space().as_deref(), Some("10.20.0.0/16"));
    let public = client.repository_network(&id("12"), &id("341")).await.unwrap();
    assert_eq!((public.is_private(), public.subnet()), (Some(false), None));
    let workstations = client.workstations(&id("12")).await.unwrap().records;
    assert_eq!(
        (names(&workstations), workstations[0].id().as_str()),
        (vec!["hull-01".to_owned()], Tenant::DEMO_WORKSTATION)
    );
    let network = client
        .workstation_network(&id("12"), workstations[0].id())
        .await
        .unwrap();
    assert_eq!(network.ip_address().as_deref(), Some("10.20.1.5"));
    let unknown = client.workstation_network(&id("12"), &id("a?b")).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn paths_that_the_page_does_not_give_are_settings() {
    let world = World::with(LoomeSettings {
        paths: ServicePaths {
            token: "/identity/token".to_owned(),
            projects: "/api/v2/UserProjects".to_owned(),
            name_check: "/api/v2/Names".to_owned(),
            create: "/api/v2/{projectId}/New".to_owned(),
        },
        key_parameter: Some("apiKey".to_owned()),
        ..LoomeSettings::default()
    });
    let paths = LoomePaths::default()
        .with_token("identity/token")
        .and_then(|paths| paths.with_projects("/api/v2/UserProjects"))
        .and_then(|paths| paths.with_name_check("/api/v2/Names"))
        .and_then(|paths| paths.with_create("/api/v2/{projectId}/New"))
        .and_then(|paths| paths.with_key_parameter("apiKey"))
        .unwrap();
    let client = world.client_with(paths, None);
    assert_eq!(client.projects(Tenant::DEMO_EMAIL).await.unwrap().records.len(), 2);
    assert!(client.check_name("newdata").await.unwrap().is_available());
    assert!(
        client
            .create_repository(&id("15"), "newdata", Map::new())
            .await
            .unwrap()
            .is_some()
    );
    let [asked] = world.service.requests("/api/v2/UserProjects").try_into().unwrap();
    assert!(asked.query.unwrap().ends_with("&apiKey=simulator-key"));
    assert_eq!(
        world.client().log_in().await.unwrap_err().kind(),
        ErrorKind::OAuth(OAuthCode::NoEndpoint),
        "not at the usual path"
    );
}

#[tokio::test]
async fn answers_of_other_forms_are_understood() {
    let world = World::demo();
    let answer_with = |document: Value| {
        let rewriter = move |_: &_, answer: &mut zkvault_simulator::Answer| answer.document = document.clone();
        world
            .service
            .conditions()
            .set_rewriter(Some(std::sync::Arc::new(rewriter)));
    };
    let client = world.client();
    client.log_in().await.unwrap();
    answer_with(json!({"dataRepositories": [{"ID": "a-b", "Name": "n", "new": {"x": 1.5}}]}));
    let listed = client.repositories(&id("12")).await.unwrap().records;
    assert_eq!(
        serde_json::to_value(&listed).unwrap(),
        json!([{"ID": "a-b", "Name": "n", "new": {"x": 1.5}}])
    );
    answer_with(Value::Null);
    assert_eq!(
        client.create_repository(&id("12"), "anew", Map::new()).await.unwrap(),
        None,
        "nothing was told"
    );
    let error = client.repositories(&id("12")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
}
