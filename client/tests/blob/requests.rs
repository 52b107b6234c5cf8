//! What the requests do, also when their answers are lost.

use std::convert::Infallible;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use zkvault_client::Bytes;
use zkvault_client::blob::{BlobErrorKind, BlockId, Condition, WriteOptions};
use zkvault_simulator::Fault;

use crate::storage::{CONTAINER, Running, options};

fn ids(count: u32) -> Vec<BlockId> {
    (0..count)
        .map(|number| BlockId::new(&number.to_be_bytes()).unwrap())
        .collect()
}

#[tokio::test]
async fn blocks_become_a_blob_and_come_back_in_ranges() {
    let running = Running::start();
    let container = running.container("racwdl");
    let ids = ids(20);
    let (held, most, stored) = (AtomicI32::new(0), AtomicI32::new(0), AtomicI32::new(0));
    let make = async |number: u64| {
        most.fetch_max(held.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(2)).await;
        Ok::<_, Infallible>(Bytes::from(format!("{number:04}")))
    };
    let note = |_| {
        held.fetch_sub(1, Ordering::Relaxed);
        stored.fetch_add(1, Ordering::Relaxed);
        Ok(())
    };
    container
        .put_blocks("b", (0..).zip(ids.iter().cloned()), 3, make, note)
        .await
        .unwrap();
    assert_eq!(
        (most.into_inner(), stored.into_inner()),
        (3, 20),
        "no more are held than were allowed"
    );
    let waiting = container.uncommitted_blocks("b").await.unwrap();
    assert!(
        waiting
            .iter()
            .zip(&ids)
            .all(|(block, id)| id.is(&block.id) && block.len == 4)
    );
    assert_eq!(
        container.properties("b").await.unwrap_err().kind(),
        BlobErrorKind::NotFound
    );

    let etag = container
        .commit("b", &ids, &options(Condition::Absent, "1"))
        .await
        .unwrap();
    assert_eq!(container.committed_blocks("b").await.unwrap().len(), 20);
    let mut out = b"before".to_vec();
    let properties = container.read_range("b", 4, 8, Some(&etag), &mut out).await.unwrap();
    assert_eq!(
        (out.as_slice(), properties.len, properties.metadata("mark")),
        (&b"before00010002"[..], 80, Some("1"))
    );
    container.read_range("b", 76, 100, None, &mut out).await.unwrap();
    assert!(out.ends_with(b"00020019"));
    let beyond = container.read_range("b", 80, 1, None, &mut out).await.unwrap_err();
    assert_eq!(beyond.kind(), BlobErrorKind::Range);

    container
        .put_blob(
            "b",
            Bytes::from_static(b"new"),
            &options(Condition::Unchanged(etag.clone()), "2"),
        )
        .await
        .unwrap();
    let stale = container
        .read_range("b", 0, 1, Some(&etag), &mut out)
        .await
        .unwrap_err();
    assert_eq!(stale.kind(), BlobErrorKind::Conflict);
    let stale = options(Condition::Unchanged(etag), "3");
    let error = container.put_blob("b", Bytes::new(), &stale).await.unwrap_err();
    assert_eq!((error.kind(), error.was_repeated()), (BlobErrorKind::Conflict, false));
    container.delete("b").await.unwrap();
    assert_eq!(container.delete("b").await.unwrap_err().kind(), BlobErrorKind::NotFound);
    assert!(container.uncommitted_blocks("b").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_range_in_pieces_goes_on_where_it_broke_off_and_is_of_one_version() {
    let running = Running::start();
    let container = running.container("racwdl");
    let conditions = running.storage.conditions();
    let content: Vec<u8> = (0..300_000_u32).map(|number| (number / 7) as u8).collect();
    let put = async |content: &[u8]| {
        let (content, options) = (Bytes::copy_from_slice(content), options(Condition::Always, "1"));
        container.put_blob("b", content, &options).await.unwrap()
    };
    let etag = put(&content).await;
    for fault in [
        None,
        Some(Fault::Truncated),
        Some(Fault::Reset),
        Some(Fault::status(503)),
    ] {
        let before = conditions.requests().len();
        fault
            .into_iter()
            .for_each(|fault| conditions.inject_after(0, fault, 2, ""));
        let (mut pieces, mut out) = (container.pieces("b", 1000..290_000, &etag), Vec::new());
        while let Some(piece) = pieces.next_piece().await.unwrap() {
            assert!(!piece.is_empty() && pieces.is_done() == (out.len() + piece.len() == 289_000));
            out.extend_from_slice(&piece);
        }
        assert!(out == content[1000..290_000], "{fault:?}");
        assert!(pieces.next_piece().await.unwrap().is_none(), "it stays at its end");
        let requests = conditions.requests().split_off(before);
        let ranges = requests.iter().map(|request| {
            let range = request.headers.iter().find(|(name, _)| name == "x-ms-range");
            range.unwrap().1.clone()
        });
        let ranges: Vec<_> = ranges.collect();
        // Half of what was asked for came each time, and is not asked for again.
        let expected = match fault {
            Some(Fault::Truncated) => ["bytes=1000-289999", "bytes=145500-289999", "bytes=217750-289999"],
            Some(_) => ["bytes=1000-289999"; 3],
            None => ["bytes=1000-289999", "", ""],
        };
        assert_eq!(ranges, expected[..ranges.len()], "{fault:?}");
        assert_eq!(ranges.len(), if fault.is_some() { 3 } else { 1 });
    }

    let mut pieces = container.pieces("b", 0..300_001, &etag);
    assert_eq!(pieces.next_piece().await.unwrap_err().kind(), BlobErrorKind::Malformed);
    conditions.inject_after(0, Fault::Truncated, 1, "");
    let mut pieces = container.pieces("b", 0..300_000, &etag);
    let first = pieces.next_piece().await.unwrap().unwrap();
    assert!(content.starts_with(&first));
    put(&content[1..]).await;
    let error = loop {
        match pieces.next_piece().await {
            Ok(piece) => assert!(piece.is_some(), "the old and the new content are not mixed"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), BlobErrorKind::Conflict);
}

#[tokio::test]
async fn ones_own_success_is_no_conflict() {
    let running = Running::start();
    let container = running.container("racwdl");
    let lose = || running.storage.conditions().inject(Fault::AnswerLost, 1, "");
    let put = options(Condition::Absent, "1");
    lose();
    container
        .put_blob("whole", Bytes::from_static(b"x"), &put)
        .await
        .unwrap();
    container
        .put_block("blocks", &ids(1)[0], Bytes::from_static(b"x"))
        .await
        .unwrap();
    lose();
    container.commit("blocks", &ids(1), &put).await.unwrap();
    // The blocks are gone with the first commit: the second would not find them.
    container
        .put_block("again", &ids(1)[0], Bytes::from_static(b"x"))
        .await
        .unwrap();
    lose();
    container
        .commit("again", &ids(1), &options(Condition::Always, "1"))
        .await
        .unwrap();
    lose();
    container.delete("whole").await.unwrap();

    // Without the right to read it cannot be known.
    let blind = running.container("cw");
    lose();
    let error = blind
        .put_blob("blind", Bytes::from_static(b"x"), &put)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.was_repeated()), (BlobErrorKind::Conflict, true));
    // Somebody else's is a conflict also after a lost answer.
    container
        .put_blob("taken", Bytes::from_static(b"x"), &options(Condition::Absent, "other"))
        .await
        .unwrap();
    running.storage.conditions().inject(Fault::Reset, 1, "");
    let error = container
        .put_blob("taken", Bytes::from_static(b"x"), &put)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), BlobErrorKind::Conflict);
}

#[tokio::test]
async fn listings_go_on_from_page_to_page() {
    let running = Running::start();
    let container = running.container("racwdl");
    for number in 0..7 {
        let name = format!("zkv/{number} & <ä>");
        container
            .put_blob(&name, Bytes::from_static(b"x"), &options(Condition::Absent, "1"))
            .await
            .unwrap();
    }
    container
        .put_blob("other", Bytes::new(), &options(Condition::Absent, "1"))
        .await
        .unwrap();
    running.storage.set_page_len(3);
    let (mut pages, mut blobs) = (0, Vec::new());
    let mut listing = container.list("zkv/", "mark");
    while let Some(page) = listing.next_page().await.unwrap() {
        pages += 1;
        blobs.extend(page.blobs);
    }
    assert_eq!((pages, blobs.len()), (3, 7));
    assert_eq!(
        (blobs[6].name.as_str(), blobs[6].len, blobs[6].metadata.as_deref()),
        ("zkv/6 & <ä>", Some(1), Some("1"))
    );
    assert!(blobs[6].modified.is_some());
    assert_eq!(running.storage.names(CONTAINER).len(), 8);
}

#[tokio::test]
async fn the_service_is_waited_for_as_it_asks() {
    let running = Running::start();
    let container = running.container("racwdl");
    let busy = Fault::Status {
        status: 503,
        retry_after: Some(1),
    };
    running.storage.conditions().inject(busy, 1, "");
    let began = std::time::Instant::now();
    container
        .put_blob("b", Bytes::from_static(b"x"), &options(Condition::Absent, "1"))
        .await
        .unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1));
    let too_long = Fault::Status {
        status: 503,
        retry_after: Some(3600),
    };
    running.storage.conditions().inject(too_long, 1, "");
    let error = container.properties("b").await.unwrap_err();
    let hour = Duration::from_secs(3600);
    assert_eq!(
        error.kind(),
        BlobErrorKind::Throttled {
            retry_after: Some(hour)
        }
    );
}

/// The login page of a hotel's network, and a file that is a web page.
#[tokio::test]
async fn a_page_in_place_of_the_storages_response_is_named() {
    let running = Running::start();
    let container = running.container("racwdl");
    let plain = WriteOptions {
        content_type: "text/html".to_owned(),
        ..options(Condition::Absent, "1")
    };
    let page = Bytes::from_static(b"<html></html>");
    container.put_blob("page", page.clone(), &plain).await.unwrap();
    let mut out = Vec::new();
    container.read_range("page", 0, 100, None, &mut out).await.unwrap();
    assert_eq!(out, page);

    running.storage.conditions().inject(Fault::HtmlPage, 3, "");
    let errors = [
        container.put_blob("b", page, &plain).await.unwrap_err(),
        container.read_range("page", 0, 100, None, &mut out).await.unwrap_err(),
        container.list("", "mark").next_page().await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), BlobErrorKind::Malformed);
        assert!(error.to_string().contains("proxy or the login page"), "{error}");
    }
}
