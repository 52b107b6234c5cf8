//! Knobs: what breaks, how, for how long, and that it stops.

use std::time::{Duration, Instant, SystemTime};

use reqwest::Method;
use serde_json::Value;
use zkvault_simulator::{Fault, RateLimit};

use crate::world::World;

#[tokio::test]
async fn the_next_requests_fail_with_a_status() {
    let world = World::demo().await;
    let conditions = world.service.conditions();
    conditions.inject(Fault::status(503), 2, "/rest");
    let later = Fault::Status {
        status: 429,
        retry_after: Some(7),
    };
    conditions.inject(later, 1, "/rest");
    for _ in 0..2 {
        let got = world.get("/rest/sites").await;
        got.refused_by_logmeonce(503);
        assert_eq!(got.header("retry-after"), "");
    }
    let got = world.get("/rest/sites").await;
    got.refused_by_logmeonce(429);
    assert_eq!(got.header("retry-after"), "7");
    assert_eq!(world.get("/rest/sites").await.status, 200);
}

#[tokio::test]
async fn faults_strike_the_paths_they_are_for() {
    let world = World::demo().await;
    let conditions = world.service.conditions();
    conditions.inject(Fault::status(500), 1, "/rest/users");
    conditions.inject(Fault::status(502), 9, "/oauth2");
    assert_eq!(world.get("/rest/sites").await.status, 200);
    assert_eq!(world.get("/rest/users/1917").await.status, 500);
    assert_eq!(world.get("/rest/users/1917").await.status, 200);
    assert_eq!(world.ask_token(&[]).await.status, 502);
    conditions.clear_faults();
    assert_eq!(
        world.ask_token(&[("grant_type", "client_credentials")]).await.status,
        200
    );
}

#[tokio::test]
async fn truncated_bodies_announce_more_than_they_send() {
    let world = World::demo().await;
    let whole = world.get("/rest/sites").await.text().len();
    world.service.conditions().inject(Fault::Truncated, 1, "");
    let mut response = world.request(Method::GET, "/rest/sites").send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.content_length()),
        (200, Some(whole as u64))
    );
    let mut read = 0;
    let error = loop {
        match response.chunk().await {
            Ok(chunk) => read += chunk.expect("the body must not end").len(),
            Err(error) => break error,
        }
    };
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    assert_eq!(read, whole / 2);
    assert_eq!(world.get("/rest/sites").await.text().len(), whole);
}

#[tokio::test]
async fn slow_bodies_come_byte_by_byte() {
    let world = World::demo().await;
    let pause = Duration::from_millis(2);
    world.service.conditions().inject(Fault::SlowLoris { pause }, 1, "");
    let began = Instant::now();
    let got = world.get("/rest/groups/8762").await;
    assert_eq!(got.json()["name"], "Marketing");
    assert!(
        began.elapsed() >= pause * got.text().len() as u32,
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn malformed_bodies_are_no_json_and_no_xml() {
    let world = World::demo().await;
    world.service.conditions().inject(Fault::Malformed, 2, "");
    let got = world.get("/rest/sites").await;
    assert_eq!((got.status, got.header("content-type")), (200, "application/json"));
    assert!(serde_json::from_str::<Value>(got.text()).is_err());
    let got = world.get_xml("/rest/sites").await;
    assert!(got.text().ends_with("</response"), "{}", got.text());
}

#[tokio::test]
async fn html_pages_come_with_status_200() {
    let world = World::demo().await;
    world.service.conditions().inject(Fault::HtmlPage, 2, "");
    for path in ["/rest/sites", "/oauth2/token"] {
        let got = world.get(path).await;
        assert_eq!(
            (got.status, got.header("content-type")),
            (200, "text/html; charset=utf-8")
        );
        assert!(got.text().starts_with("<!DOCTYPE html>"));
    }
}

#[tokio::test]
async fn fields_can_be_huge() {
    let world = World::demo().await;
    let bytes = 10_000_000;
    world
        .service
        .conditions()
        .inject(Fault::HugeField { bytes }, 2, "/rest");
    let sites = world.get("/rest/sites").await.json();
    assert_eq!(sites["sites"][0]["name"].as_str().unwrap().len(), bytes);
    assert_eq!(sites["sites"][1]["name"], "Mailchimp");
    let user = world.get("/rest/users/1917").await.json();
    assert_eq!(user["padding"].as_str().unwrap().len(), bytes);
}

#[tokio::test]
async fn latency_delays_every_answer() {
    let world = World::demo().await;
    world.service.conditions().set_latency(Duration::from_millis(80));
    let began = Instant::now();
    world.get("/rest/sites").await;
    assert!(began.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn above_the_rate_limit_clients_are_told_when_to_come_back() {
    let world = World::demo().await;
    let limit = |requests, window| Some(RateLimit { requests, window });
    world
        .service
        .conditions()
        .set_rate_limit(limit(2, Duration::from_secs(60)));
    assert_eq!(world.get("/rest/sites").await.status, 200);
    assert_eq!(world.get("/rest/sites").await.status, 200);
    let got = world.get("/rest/sites").await;
    got.refused_by_logmeonce(429);
    let seconds: u64 = got.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    world
        .service
        .conditions()
        .set_rate_limit(limit(1, Duration::from_millis(50)));
    assert_eq!(world.get("/rest/sites").await.status, 200);
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(world.get("/rest/sites").await.status, 200, "a new window");
    world.service.conditions().set_rate_limit(None);
    assert_eq!(world.get("/rest/sites").await.status, 200);
}

#[tokio::test]
async fn the_clock_can_be_wrong() {
    let world = World::demo().await;
    for skew in [-86_400, 0, 600] {
        world.service.conditions().set_clock_skew(skew);
        let got = world.get("/rest/sites").await;
        let date = httpdate::parse_http_date(got.header("date")).unwrap();
        let off = match date.duration_since(SystemTime::now()) {
            Ok(ahead) => ahead.as_secs() as i64,
            Err(behind) => -(behind.duration().as_secs() as i64),
        };
        assert!((off - skew).abs() <= 3, "{off} for {skew}");
    }
}
