//! What breaks, and at which request.

use reqwest::Method;
use zkvault_simulator::Fault;
use zkvault_test_support::send;

use crate::account::{CONTAINER, Running};

#[tokio::test]
async fn statuses_come_with_azures_codes() {
    let running = Running::start();
    let busy = Fault::Status {
        status: 503,
        retry_after: Some(3),
    };
    running.storage.conditions().inject(busy, 1, "");
    let got = running.put("b", "x").await;
    got.refused(503, "ServerBusy");
    assert_eq!(got.header("retry-after"), "3");
    assert!(running.storage.names(CONTAINER).is_empty());
    running.put("b", "x").await.done(201);
}

#[tokio::test]
async fn a_fault_can_wait_for_its_request() {
    let running = Running::start();
    running.storage.conditions().inject_after(2, Fault::status(403), 1, "");
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(running.put("b", "x").await.status);
    }
    assert_eq!(statuses, [201, 201, 403, 201]);
}

#[tokio::test]
async fn a_reset_carries_nothing_out_and_a_lost_answer_does() {
    let running = Running::start();
    for (fault, stored) in [(Fault::Reset, 0), (Fault::AnswerLost, 1)] {
        running.storage.conditions().inject(fault, 1, "");
        let error = running.put_request("b", "x").send().await.unwrap_err();
        assert!(!error.is_connect(), "{error:?}");
        assert_eq!(running.storage.names(CONTAINER).len(), stored, "{fault:?}");
    }
    running.put("b", "x").await.done(201);
}

#[tokio::test]
async fn bodies_can_be_cut() {
    let running = Running::start();
    running.put("b", "0123456789").await.done(201);
    running.storage.conditions().inject(Fault::Truncated, 1, "");
    let response = running.blob(Method::GET, "b", "").send().await.unwrap();
    assert_eq!(response.content_length(), Some(10));
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn of_a_body_only_the_start_is_recorded() {
    let running = Running::start();
    send(running.put_request("b", vec![b'x'; 100_000])).await.done(201);
    let requests = running.storage.conditions().requests();
    assert_eq!(requests.last().map(|request| request.body.len()), Some(4096));
}
