//! Links to data repositories, and what they open.

use zkvault_client::blob::BlobContainer;
use zkvault_client::loome::{SasAccess, SasExpiry};
use zkvault_client::{ErrorKind, Transport as _};
use zkvault_simulator::{LoomeSettings, SasForm, StoredBlob};

use crate::world::{World, id};

fn expiry(text: &str) -> SasExpiry {
    text.parse().unwrap()
}

#[tokio::test]
async fn links_of_every_form_open_the_container() {
    for form in [SasForm::Text, SasForm::Link, SasForm::Parts] {
        let world = World::with(LoomeSettings {
            sas_form: form,
            ..LoomeSettings::default()
        });
        world.service.storage.put("hullruns", "run.csv", StoredBlob::default());
        let link = world
            .client()
            .shared_access_signature(&id("12"), &id("340"), expiry("2099/01/01"), SasAccess::ReadOnly)
            .await;
        let link = link.unwrap();
        assert_eq!(
            (link.permissions(), link.expires_at()),
            (Some("rl"), Some(expiry("2099/01/01").seconds()))
        );
        let container = BlobContainer::new(world.transport.clone(), link);
        assert!(container.properties("run.csv").await.is_ok(), "{form:?}");
    }
}

#[tokio::test]
async fn the_parameters_are_the_pages() {
    let world = World::demo();
    let client = world.client();
    let soon = SasExpiry::days_after(world.transport.now(), 1);
    let link = client
        .shared_access_signature(&id("12"), &id("341"), soon, SasAccess::Full)
        .await
        .unwrap();
    assert_eq!(link.permissions(), Some("racwdl"));
    let [asked] = world.service.requests("/api").try_into().unwrap();
    assert_eq!(
        asked.path,
        "/api/v1/Projects/12/DataRepositories/341/SharedAccessSignature"
    );
    assert_eq!(
        asked.query.unwrap(),
        format!(
            "expirydatetime={}&isreadonly=false",
            soon.to_string().replace('/', "%2F")
        )
    );
}

#[tokio::test]
async fn expiries_that_the_service_does_not_take() {
    let world = World::demo();
    let client = world.client();
    let ask = async |text: &str| {
        client
            .shared_access_signature(&id("12"), &id("340"), expiry(text), SasAccess::ReadOnly)
            .await
    };
    assert_eq!(
        ask("2020/01/01").await.unwrap_err().service_message(),
        Some("expirydatetime is in the past")
    );
    assert_eq!(
        ask("2099-01-01T10:00:00Z").await.unwrap_err().kind(),
        ErrorKind::Rejected
    );
    world.service.change_settings(|settings| settings.takes_times = true);
    let link = ask("2099-01-01T10:00:00+02:00").await.unwrap();
    assert_eq!(link.expires_at(), Some(expiry("2099-01-01T08:00:00Z").seconds()));
}
