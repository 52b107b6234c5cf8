//! Links to data repositories: what is asked for, and what they open.

use reqwest::{Client, Method};
use zkvault_simulator::{LoomeSettings, SasForm};
use zkvault_test_support::{Got, send};

use crate::world::World;

const SAS: &str = "/api/v1/Projects/12/DataRepositories/340/SharedAccessSignature";

async fn link(world: &World, expiry: &str, read_only: &str) -> Got {
    world
        .get(&format!("{SAS}?expirydatetime={expiry}&isreadonly={read_only}"))
        .await
}

/// The statuses of writing to and of reading from a container.
async fn statuses(client: &Client, url: &str) -> (u16, u16) {
    let (container, token) = url.split_once('?').unwrap();
    let blob = |method| client.request(method, format!("{container}/x?{token}"));
    let put = send(blob(Method::PUT).header("x-ms-blob-type", "BlockBlob").body("content")).await;
    let list = send(client.get(format!("{url}&restype=container&comp=list"))).await;
    (put.status, list.status)
}

#[tokio::test]
async fn links_open_the_container_for_reading_or_for_everything() {
    let world = World::demo().await;
    let full = link(&world, "2099/01/01", "false").await.json();
    assert_eq!(statuses(&world.client, full.as_str().unwrap()).await, (201, 200));
    assert_eq!(world.service.storage.names("hullruns"), ["x"]);
    let read_only = link(&world, "2099/01/01", "true").await.json();
    assert_eq!(statuses(&world.client, read_only.as_str().unwrap()).await, (403, 200));
    assert!(read_only.as_str().unwrap().contains("se=2099-01-01T00%3A00%3A00Z"));
}

#[tokio::test]
async fn expiries_are_dates_in_the_future() {
    let world = World::demo().await;
    for expiry in [
        "2020/01/01",
        "2099-01-01",
        "2099/1/1",
        "2099-01-01T00:00:00Z",
        "",
        "tomorrow",
    ] {
        link(&world, expiry, "true").await.refused_by_loome(400);
    }
    for read_only in ["True", "1", ""] {
        link(&world, "2099/01/01", read_only).await.refused_by_loome(400);
    }
    world.get(SAS).await.refused_by_loome(400);
    world
        .get(&format!("{SAS}?expirydatetime=2099/01/01"))
        .await
        .refused_by_loome(400);
    world.get(&format!("{SAS}?isreadonly=true")).await.refused_by_loome(400);
    world.service.change_settings(|settings| settings.takes_times = true);
    assert_eq!(link(&world, "2099-01-01T10:00:00Z", "true").await.status, 200);
}

#[tokio::test]
async fn links_have_three_forms() {
    let world = World::with(LoomeSettings {
        sas_form: SasForm::Link,
        ..LoomeSettings::default()
    })
    .await;
    let object = link(&world, "2099/01/01", "true").await.json();
    assert!(
        object["sharedAccessSignature"]
            .as_str()
            .unwrap()
            .contains("/hullruns?sv=")
    );
    world
        .service
        .change_settings(|settings| settings.sas_form = SasForm::Parts);
    let parts = link(&world, "2099/01/01", "true").await.json();
    assert_eq!(parts["containerName"], "hullruns");
    let url = format!(
        "{}/hullruns?{}",
        parts["accountUrl"].as_str().unwrap(),
        parts["sasToken"].as_str().unwrap()
    );
    assert_eq!(statuses(&world.client, &url).await.1, 200);
}
