//! Connections on which nothing moves any more.

use std::io::Read as _;
use std::net::TcpListener;
use std::time::Duration;

use zkvault_client::blob::{BlobContainer, BlobErrorKind, BlockId, Condition, SasUrl};
use zkvault_client::{Bytes, NativeTransport, Request, Timeouts, Transport as _, TransportFault};
use zkvault_core::SecretText;
use zkvault_simulator::Fault;

use crate::storage::{Running, options};

const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    idle: Duration::from_millis(400),
    whole: Duration::from_secs(60),
};

#[tokio::test]
async fn a_request_without_an_answer_is_sent_again() {
    let running = Running::start();
    let url = SasUrl::parse(&SecretText::from(running.address("racwdl"))).unwrap();
    let container = BlobContainer::new(NativeTransport::with_timeouts(TIMEOUTS), url);
    let conditions = running.storage.conditions();
    let id = BlockId::new(b"1").unwrap();
    conditions.inject(Fault::Stall, 1, "");
    container.put_block("b", &id, Bytes::from_static(b"x")).await.unwrap();
    conditions.inject(Fault::Stall, 1, "");
    container
        .commit("b", &[id], &options(Condition::Absent, "1"))
        .await
        .unwrap();
    let slow = Fault::SlowLoris {
        pause: Duration::from_secs(3600),
    };
    conditions.inject(slow, 1, "");
    let mut out = Vec::new();
    container.read_range("b", 0, 1, None, &mut out).await.unwrap();
    assert_eq!((out.as_slice(), conditions.requests().len()), (&b"x"[..], 6));
}

#[tokio::test]
async fn a_body_that_nobody_takes_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // It accepts, reads the beginning, and then nothing more.
    let deaf = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut start = [0; 1000];
        stream.read_exact(&mut start).unwrap();
        stream
    });
    let body = Bytes::from(vec![0; 64 << 20]);
    let request = Request::put(format!("http://{address}/")).body(body).unwrap();
    let sent = NativeTransport::with_timeouts(TIMEOUTS).send(request).await;
    assert_eq!(sent.err().unwrap().fault(), TransportFault::Timeout);
    drop(deaf.join().unwrap());
}

#[tokio::test]
async fn a_slow_reader_is_no_stuck_one() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Longer in all than the time after which a request is stuck.
    let slow = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut piece = vec![0; 1 << 20];
        for _ in 0..16 {
            stream.read_exact(&mut piece).unwrap();
            std::thread::sleep(Duration::from_millis(60));
        }
        std::io::copy(&mut (&stream).take(1 << 20), &mut std::io::sink()).unwrap();
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").unwrap();
    });
    let body = Bytes::from(vec![0; 17 << 20]);
    let request = Request::put(format!("http://{address}/")).body(body).unwrap();
    let sent = NativeTransport::with_timeouts(TIMEOUTS).send(request).await;
    assert_eq!(sent.map(|answer| answer.status().as_u16()).ok(), Some(201));
    slow.join().unwrap();
}

#[tokio::test]
async fn a_storage_that_fails_for_long_is_given_up_when_told() {
    let running = Running::start();
    let container = running.container("racwdl").give_up_after(Duration::from_millis(1));
    container
        .put_blob("b", Bytes::from_static(b"x"), &options(Condition::Absent, "1"))
        .await
        .unwrap();
    let conditions = running.storage.conditions();
    for (fault, kind) in [
        (Fault::Reset, BlobErrorKind::Network),
        (Fault::status(500), BlobErrorKind::Server),
    ] {
        let before = conditions.requests().len();
        conditions.inject(fault, usize::MAX, "");
        let error = container.properties("b").await.unwrap_err();
        conditions.clear_faults();
        assert_eq!(error.kind(), kind);
        assert!(conditions.requests().len() - before <= 10, "{fault:?}");
    }
}

#[tokio::test]
async fn a_storage_that_is_asked_too_often_gets_everything_in_the_end() {
    let running = Running::start();
    let container = running.container("racwdl");
    let busy = Fault::Status {
        status: 503,
        retry_after: Some(0),
    };
    running.storage.conditions().inject(busy, 20, "");
    let ids: Vec<_> = (0..30_u32)
        .map(|number| BlockId::new(&number.to_be_bytes()).unwrap())
        .collect();
    let make = async |number: u64| Ok::<_, std::convert::Infallible>(Bytes::from(number.to_string()));
    container
        .put_blocks("b", (0..).zip(ids.iter().cloned()), 8, make, |_| Ok(()))
        .await
        .unwrap();
    container
        .commit("b", &ids, &options(Condition::Absent, "1"))
        .await
        .unwrap();
    assert_eq!(
        running
            .storage
            .blob(crate::storage::CONTAINER, "b")
            .unwrap()
            .block_lengths
            .len(),
        30
    );
}
