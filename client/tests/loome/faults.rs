//! Every fault of the service and of the network.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Map, json};
use zkvault_client::{ErrorKind, OAuthCode};
use zkvault_simulator::{Answer, ApiKey, Fault, LoomeSettings};

use crate::world::{World, id};

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let world = World::demo();
    let client = world.client();
    client.log_in().await.unwrap();
    world.service.revoke_tokens();
    assert_eq!(client.workstations(&id("12")).await.unwrap().records.len(), 1);
    assert_eq!(world.service.requests("/connect/token").len(), 2);
    world.service.conditions().inject(Fault::status(401), 2, "/api");
    let error = client.workstations(&id("12")).await.unwrap_err();
    assert_eq!(
        (error.kind(), world.service.requests("/connect/token").len()),
        (ErrorKind::Unauthorized, 3)
    );
}

#[tokio::test]
async fn a_token_that_a_body_says_has_ended_is_renewed_once() {
    for status in [400, 403, 200] {
        for refusals in [1, 2] {
            let world = World::demo();
            let requests = AtomicUsize::new(0);
            world.rewrite(move |answer| {
                if requests.fetch_add(1, Ordering::Relaxed) < refusals {
                    *answer = Answer::new(status, json!({"error": "invalid_token"}));
                }
            });
            let error = world.client().workstations(&id("12")).await.err();
            assert_eq!(
                error.map(|error| error.kind()),
                (refusals == 2).then_some(ErrorKind::Unauthorized),
                "{status}"
            );
            assert_eq!(world.service.requests("/connect/token").len(), 2);
        }
    }
}

#[tokio::test]
async fn a_list_whose_parts_repeat_or_are_not_there_is_not_whole() {
    for (last, ending) in [(200, "its parts repeat"), (404, "does not know a further part of it")] {
        let world = World::demo();
        let requests = AtomicUsize::new(1);
        world.rewrite(move |answer| {
            let page = requests.fetch_add(1, Ordering::Relaxed);
            let status = if page == 1 { 200 } else { last };
            let next = format!("?page={}", page + 1);
            *answer = Answer::new(status, json!({"value": [{"id": 7, "name": "one"}], "next": next}));
        });
        let error = world.client().workstations(&id("12")).await.unwrap_err();
        assert!(error.to_string().ends_with(ending), "{error}");
        assert_eq!(world.service.requests("/api").len(), 2);
    }
}

#[tokio::test]
async fn a_stale_token_is_renewed_before_it_is_used() {
    let world = World::with(LoomeSettings {
        token_ttl: Duration::from_secs(600),
        ..LoomeSettings::default()
    });
    let client = world.client();
    client.workstations(&id("12")).await.unwrap();
    world.transport.pass(550);
    client.workstations(&id("12")).await.unwrap();
    assert_eq!(world.service.requests("/connect/token").len(), 2);
    assert_eq!(world.service.requests("/api").len(), 2, "none was refused");
}

#[tokio::test]
async fn wrong_credentials_give_no_token() {
    let world = World::with(LoomeSettings {
        api_keys: vec![ApiKey {
            key: "simulator-key".to_owned(),
            secret: "another".to_owned(),
        }],
        ..LoomeSettings::default()
    });
    let error = world.client().workstations(&id("12")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OAuth(OAuthCode::InvalidClient));
    assert!(world.service.requests("/api").is_empty());
}

#[tokio::test]
async fn statuses_have_their_kinds() {
    let kinds = [
        (400, ErrorKind::Rejected),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (501, ErrorKind::Server),
        (302, ErrorKind::Redirected),
    ];
    let world = World::demo();
    let client = world.client();
    for (status, kind) in kinds {
        world.service.conditions().inject(Fault::status(status), 1, "/api");
        assert_eq!(
            client.workstations(&id("12")).await.unwrap_err().kind(),
            kind,
            "{status}"
        );
    }
}

#[tokio::test]
async fn reading_is_repeated_and_creating_only_if_it_was_not_done() {
    let world = World::demo();
    let client = world.client();
    for fault in [
        Fault::status(429),
        Fault::status(502),
        Fault::Reset,
        Fault::Truncated,
        Fault::AnswerLost,
    ] {
        world.service.conditions().inject(fault, 1, "/api");
        assert_eq!(
            client.workstations(&id("12")).await.unwrap().records.len(),
            1,
            "{fault:?}"
        );
    }
    let create = async |name: &str| client.create_repository(&id("12"), name, Map::new()).await;
    world.service.conditions().inject(Fault::status(429), 1, "/api");
    assert!(create("first").await.is_ok());
    world.service.conditions().inject(Fault::AnswerLost, 1, "/api");
    assert_eq!(create("second").await.unwrap_err().kind(), ErrorKind::Network);
    assert_eq!(
        world.service.tenant().projects[0].repositories.len(),
        4,
        "done once, and not told"
    );
}

#[tokio::test]
async fn what_is_no_answer_is_no_answer() {
    let world = World::demo();
    let client = world.client();
    client.log_in().await.unwrap();
    for (fault, kind) in [
        (Fault::HtmlPage, ErrorKind::Foreign),
        (Fault::Malformed, ErrorKind::Malformed),
    ] {
        world.service.conditions().inject(fault, 1, "/api");
        let error = client.workstations(&id("12")).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(200)), "{fault:?}");
    }
    world
        .service
        .conditions()
        .inject(Fault::HugeField { bytes: 17 << 20 }, 1, "/api");
    assert_eq!(
        client.workstations(&id("12")).await.unwrap_err().kind(),
        ErrorKind::TooLarge
    );
    world.service.conditions().inject(Fault::HtmlPage, 1, "/connect");
    let fresh = world.client().workstations(&id("12")).await.unwrap_err();
    assert_eq!(fresh.kind(), ErrorKind::Foreign);
}

#[tokio::test]
async fn the_service_is_given_the_time_it_asks_for() {
    let world = World::demo();
    let client = world.client();
    let busy = |seconds| Fault::Status {
        status: 429,
        retry_after: Some(seconds),
    };
    world.service.conditions().inject(busy(7), 1, "/api");
    assert!(client.workstations(&id("12")).await.is_ok());
    assert!(
        world
            .transport
            .pauses()
            .into_iter()
            .any(|pause| pause >= Duration::from_secs(7))
    );
    world.service.conditions().inject(busy(3600), 1, "/api");
    let retry_after = Some(Duration::from_secs(3600));
    assert_eq!(
        client.workstations(&id("12")).await.unwrap_err().kind(),
        ErrorKind::RateLimited { retry_after }
    );
}
