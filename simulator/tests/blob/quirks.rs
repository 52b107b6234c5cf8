//! The quirks of storages, as clients meet them.

use reqwest::Method;
use zkvault_simulator::{Quirk, Sas};
use zkvault_test_support::{ALL, send};

use crate::account::{CONTAINER, Running, in_an_hour};

async fn listing(running: &Running, marker: &str) -> String {
    let sas = Sas::container(CONTAINER, ALL, in_an_hour());
    let got = running.list(&format!("include=metadata&marker={marker}"), &sas).await;
    got.done(200);
    got.text().to_owned()
}

fn next(page: &str) -> &str {
    let (_, rest) = page.split_once("<NextMarker>").unwrap();
    rest.split_once('<').unwrap().0
}

#[tokio::test]
async fn accounts_that_refuse_everything_say_so_with_azures_codes() {
    for (quirk, status, code) in [
        (Quirk::StorageFirewall, 403, "AuthorizationFailure"),
        (Quirk::StorageAddress, 403, "AuthorizationSourceIPMismatch"),
        (Quirk::StorageDisabled, 403, "AccountIsDisabled"),
        (Quirk::StorageKeysOff, 403, "KeyBasedAuthenticationNotPermitted"),
    ] {
        let running = Running::start();
        running.put("b", "x").await.done(201);
        running.storage.quirk(quirk);
        running.get("b", "").await.refused(status, code);
        running.put("b", "y").await.refused(status, code);
        running.storage.behave();
        running.get("b", "").await.done(200);
    }
}

#[tokio::test]
async fn an_old_storage_knows_no_version_by_name() {
    let running = Running::start();
    running.storage.quirk(Quirk::StorageOld);
    running.put("b", "x").await.done(201);
    let named = running.blob(Method::GET, "b", "").header("x-ms-version", "2025-11-05");
    send(named).await.refused(400, "InvalidHeaderValue");
}

#[tokio::test]
async fn blobs_that_must_stay_as_they_are() {
    let running = Running::start();
    running.put("b", "x").await.done(201);
    let delete = async || send(running.blob(Method::DELETE, "b", "")).await;

    running.storage.quirk(Quirk::StorageImmutable);
    running.put("b", "y").await.refused(409, "BlobImmutableDueToPolicy");
    delete().await.refused(409, "BlobImmutableDueToPolicy");
    running.put("new", "y").await.done(201);
    running.storage.behave();

    running.storage.quirk(Quirk::StorageSnapshots);
    running.put("b", "y").await.done(201);
    delete().await.refused(409, "SnapshotsPresent");
    running.storage.behave();

    running.storage.quirk(Quirk::StorageForeignBlocks);
    running
        .put_block("b", "YQ==", "z")
        .await
        .refused(400, "InvalidBlobOrBlock");
    running.storage.behave();

    running.storage.archive(CONTAINER, "b", true);
    running.get("b", "").await.refused(409, "BlobArchived");
    running.put("b", "z").await.refused(409, "BlobArchived");
    assert!(listing(&running, "").await.contains("<AccessTier>Archive</AccessTier>"));
    running.get("new", "").await.done(200);
    delete().await.done(202);
}

#[tokio::test]
async fn listings_as_odd_as_they_come() {
    let running = Running::start();
    running.put("docs/inner/b", "x").await.done(201);
    running.storage.quirk(Quirk::StorageFolders);
    let page = listing(&running, "").await;
    for folder in ["<Name>docs</Name>", "<Name>docs/inner</Name>", "<Hdi_isfolder>true"] {
        assert!(page.contains(folder), "{page}");
    }
    running.storage.behave();
    running.storage.quirk(Quirk::StorageOddBlobs);
    let page = listing(&running, "").await;
    for odd in [
        "<Content-Length>-1<",
        "Encoded=\"true\">odd%EF%BF%BE<",
        "<k299>v</k299>",
    ] {
        assert!(page.contains(odd), "{odd}");
    }
    running.storage.behave();
    running.storage.quirk(Quirk::StorageHugeLengths);
    let huge = format!("<Content-Length>{}<", u64::MAX);
    assert!(listing(&running, "").await.contains(&huge));
}

#[tokio::test]
async fn listings_without_an_end() {
    let running = Running::start();
    running.storage.quirk(Quirk::StorageCircle);
    let first = next(&listing(&running, "").await).to_owned();
    let second = next(&listing(&running, &first).await).to_owned();
    assert_eq!(
        (next(&listing(&running, &second).await), first == second),
        (first.as_str(), false)
    );
    running.storage.behave();
    running.storage.quirk(Quirk::StorageEndless);
    let one = listing(&running, "").await;
    let other = listing(&running, next(&one)).await;
    assert_ne!(next(&one), next(&other));
    assert_eq!(one.matches("<Blob>").count(), 4000);
}
