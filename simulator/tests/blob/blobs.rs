//! What the operations do.

use reqwest::Method;
use zkvault_simulator::{Sas, Storage, StoredBlob};
use zkvault_test_support::send;

use crate::account::{CONTAINER, Running, in_an_hour};

#[tokio::test]
async fn what_was_put_is_read_whole_and_in_ranges() {
    for kind in [Storage::Memory, Storage::Folder] {
        let running = Running::with(kind);
        let name = "folder/h%20%C3%A9%2B%20%23%25.txt";
        let put = running
            .put_request(name, "0123456789")
            .header("x-ms-meta-Colour", "blue");
        send(put).await.done(201);
        assert_eq!(running.storage.names(CONTAINER), ["folder/h é+ #%.txt"]);
        let got = running.get(name, "").await;
        assert_eq!((got.status, got.text()), (200, "0123456789"));
        assert_eq!(got.header("x-ms-meta-colour"), "blue");
        for (range, status, text, shown) in [
            ("bytes=2-4", 206, "234", "bytes 2-4/10"),
            ("bytes=8-99", 206, "89", "bytes 8-9/10"),
            ("bytes=9-", 206, "9", "bytes 9-9/10"),
        ] {
            let request = running.blob(Method::GET, name, "").header("x-ms-range", range);
            let got = send(request).await;
            assert_eq!(
                (got.status, got.text(), got.header("content-range")),
                (status, text, shown)
            );
        }
        for (range, status, code) in [
            ("bytes=10-", 416, "InvalidRange"),
            ("bytes=-3", 400, "InvalidHeaderValue"),
            ("bytes=4-2", 400, "InvalidHeaderValue"),
        ] {
            let request = running.blob(Method::GET, name, "").header("range", range);
            send(request).await.refused(status, code);
        }
        let head = send(running.blob(Method::HEAD, name, "")).await;
        assert_eq!((head.status, head.header("content-length")), (200, "10"));
        assert_eq!(head.header("etag"), got.header("etag"));
        send(running.blob(Method::DELETE, name, "")).await.done(202);
        running.get(name, "").await.refused(404, "BlobNotFound");
        let head = send(running.blob(Method::HEAD, name, "")).await;
        assert_eq!((head.status, head.header("x-ms-error-code")), (404, "BlobNotFound"));
    }
}

#[tokio::test]
async fn blocks_are_a_blob_only_when_they_are_committed() {
    let running = Running::start();
    running.put_block("b", "MDAx", "second").await.done(201);
    running.put_block("b", "MDAw", "wrong ").await.done(201);
    running.put_block("b", "MDAw", "first ").await.done(201);
    running
        .put_block("b", "MDAwMQ==", "x")
        .await
        .refused(400, "InvalidBlobOrBlock");
    running
        .put_block("b", "no%20base64", "x")
        .await
        .refused(400, "InvalidQueryParameterValue");
    running.get("b", "").await.refused(404, "BlobNotFound");
    assert!(running.storage.names(CONTAINER).is_empty());
    let list = running.get("b", "comp=blocklist&blocklisttype=uncommitted").await;
    let blocks = "<Block><Name>MDAw</Name><Size>6</Size></Block><Block><Name>MDAx</Name><Size>6</Size></Block>";
    assert!(list.text().contains(blocks), "{list:?}");

    let missing = running.commit_request("b", &["MDAw", "MDA5"]);
    send(missing).await.refused(400, "InvalidBlockList");
    send(running.commit_request("b", &["MDAw", "MDAx", "MDAw"]))
        .await
        .done(201);
    assert_eq!(running.get("b", "").await.text(), "first secondfirst ");
    assert!(running.storage.uncommitted(CONTAINER, "b").is_empty());
    let stored = running.storage.blob(CONTAINER, "b").unwrap();
    assert_eq!(stored.block_lengths, [6, 6, 6]);
    let list = running.get("b", "comp=blocklist&blocklisttype=all").await;
    assert!(
        list.text().contains("<UncommittedBlocks></UncommittedBlocks>"),
        "{list:?}"
    );

    // A blob that is put whole drops the blocks that wait.
    running.put_block("b", "MDAw", "lost").await.done(201);
    running.put("b", "whole").await.done(201);
    send(running.commit_request("b", &["MDAw"]))
        .await
        .refused(400, "InvalidBlockList");
    running.put_block("b", "MDAw", "lost").await.done(201);
    running.storage.expire_blocks(CONTAINER);
    send(running.commit_request("b", &["MDAw"]))
        .await
        .refused(400, "InvalidBlockList");
}

#[tokio::test]
async fn conditions_protect_from_overwriting_and_mixing() {
    let running = Running::start();
    running.put("b", "one").await.done(201);
    let etag = running.get("b", "").await.header("etag").to_owned();
    let if_none = running.put_request("b", "two").header("if-none-match", "*");
    send(if_none).await.refused(409, "BlobAlreadyExists");
    running.put_block("b", "MDAw", "two").await.done(201);
    let commit = running.commit_request("b", &["MDAw"]).header("if-none-match", "*");
    send(commit).await.refused(409, "BlobAlreadyExists");
    let commit = running.commit_request("b", &["MDAw"]).header("if-match", "\"other\"");
    send(commit).await.refused(412, "ConditionNotMet");
    let commit = running.commit_request("b", &["MDAw"]).header("if-match", &etag);
    send(commit).await.done(201);
    let stale = running.blob(Method::GET, "b", "").header("if-match", &etag);
    send(stale).await.refused(412, "ConditionNotMet");
    let stale = running.blob(Method::DELETE, "b", "").header("if-match", &etag);
    send(stale).await.refused(412, "ConditionNotMet");
    let new = running.get("b", "").await.header("etag").to_owned();
    let unchanged = running.blob(Method::GET, "b", "").header("if-none-match", new);
    assert_eq!(send(unchanged).await.status, 304);

    running.storage.lease(CONTAINER, "b", true);
    running.put("b", "three").await.refused(412, "LeaseIdMissing");
    send(running.blob(Method::DELETE, "b", ""))
        .await
        .refused(412, "LeaseIdMissing");
    running.storage.lease(CONTAINER, "b", false);
    running.put("b", "three").await.done(201);
}

#[tokio::test]
async fn checksums_are_checked() {
    let running = Running::start();
    // The check value of CRC-64/NVME, in the order of bytes in which Azure writes it.
    let good = [
        ("x-ms-content-crc64", "iJh5CoYUi64="),
        ("content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="),
    ];
    let bad = [
        ("x-ms-content-crc64", "rosUhgp5mIg=", "Crc64Mismatch"),
        ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==", "Md5Mismatch"),
    ];
    for (name, value) in good {
        send(running.put_request("b", "123456789").header(name, value))
            .await
            .done(201);
    }
    for (name, value, code) in bad {
        let block = running.blob(Method::PUT, "b", "comp=block&blockid=MDAw");
        for request in [running.put_request("b", "123456789"), block.body("123456789")] {
            send(request.header(name, value)).await.refused(400, code);
        }
    }
}

#[tokio::test]
async fn listings_come_in_pages_with_metadata() {
    let running = Running::start();
    for name in ["a/1", "a/2", "a/&<3>", "b"] {
        let blob = StoredBlob {
            content: name.as_bytes().to_vec(),
            metadata: vec![("zkv".to_owned(), format!("of {name}"))],
            block_lengths: Vec::new(),
        };
        running.storage.put(CONTAINER, name, blob);
    }
    running.put_block("a/0", "MDAw", "uncommitted").await.done(201);
    let sas = Sas::container(CONTAINER, "l", in_an_hour());
    let all = running.list("", &sas).await;
    assert_eq!(all.text().matches("<Blob>").count(), 4, "{all:?}");
    assert!(
        !all.text().contains("<Metadata>") && all.text().contains("<NextMarker></NextMarker>"),
        "{all:?}"
    );

    running.storage.set_page_len(2);
    let first = running.list("prefix=a/&include=metadata&maxresults=5000", &sas).await;
    assert!(first.text().contains("<Name>a/&amp;&lt;3&gt;</Name>"), "{first:?}");
    assert!(
        first.text().contains("<Metadata><zkv>of a/1</zkv></Metadata>"),
        "{first:?}"
    );
    let marker = first
        .text()
        .split("<NextMarker>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    assert!(!marker.is_empty());
    let second = running.list(&format!("prefix=a/&marker={marker}"), &sas).await;
    assert!(
        second.text().contains("<Name>a/2</Name>") && !second.text().contains("<Name>b<"),
        "{second:?}"
    );
    assert!(second.text().contains("<NextMarker></NextMarker>"));
    let missing = Sas::container("nothing", "l", in_an_hour());
    let path = format!("/{}/nothing", running.storage.account().name());
    let token = running.storage.account().sign(&missing);
    let got = send(running.request(Method::GET, &path, "restype=container&comp=list", &token)).await;
    got.refused(404, "ContainerNotFound");
}

#[tokio::test]
async fn an_account_can_be_asked_for_a_container() {
    let running = Running::start();
    let token = running.storage.account().sign(&Sas::account("c", "c", in_an_hour()));
    let path = format!("/{}/another", running.storage.account().name());
    let create = || running.request(Method::PUT, &path, "restype=container", &token);
    send(create()).await.done(201);
    send(create()).await.refused(409, "ContainerAlreadyExists");
}
