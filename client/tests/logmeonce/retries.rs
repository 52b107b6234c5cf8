//! What is sent again, how often, and after what pauses.

use std::time::Duration;

use zkvault_client::logmeonce::LogMeOnce;
use zkvault_client::oauth::Session;
use zkvault_client::{ErrorKind, ServiceUrl};
use zkvault_simulator::{Fault, RateLimit};

use crate::world::{World, credentials};

/// Longer than any pause without the service's advice.
const LONG: Duration = Duration::from_secs(9);

#[tokio::test]
async fn reading_is_tried_five_times() {
    for status in [408, 425, 429, 500, 502, 503, 504, 520] {
        let world = World::demo();
        let client = world.client();
        client.log_in().await.unwrap();
        world.service.conditions().inject(Fault::status(status), 4, "/rest");
        assert_eq!(client.groups().await.unwrap().records.len(), 5, "{status}");
        world.service.conditions().inject(Fault::status(status), 5, "/rest");
        assert_eq!(client.groups().await.unwrap_err().status(), Some(status));
        assert_eq!(world.service.requests("/rest").len(), 10, "{status}");
        assert!(world.transport.pauses().into_iter().all(|pause| pause < LONG));
    }
}

#[tokio::test]
async fn what_fails_for_good_is_tried_once() {
    for status in [304, 400, 403, 404, 409, 415, 501, 505] {
        let world = World::demo();
        world.service.conditions().inject(Fault::status(status), 1, "/rest");
        assert_eq!(world.client().groups().await.unwrap_err().status(), Some(status));
        assert_eq!(
            (world.service.requests("/rest").len(), world.transport.pauses().len()),
            (1, 0)
        );
    }
}

#[tokio::test]
async fn changes_are_repeated_only_if_they_were_surely_not_made() {
    let with_advice = |status| Fault::Status {
        status,
        retry_after: Some(1),
    };
    let cases = [
        (Fault::status(429), 2),
        (with_advice(429), 2),
        (with_advice(503), 2),
        (Fault::status(503), 1),
        (Fault::status(502), 1),
        (Fault::status(504), 1),
        (Fault::status(500), 1),
        (Fault::status(408), 1),
        (Fault::Truncated, 1),
    ];
    for (fault, expected) in cases {
        let world = World::demo();
        let client = world.client();
        world.service.conditions().inject(fault, 1, "/rest");
        let outcome = client.create_group("A", None).await;
        assert_eq!(
            (world.service.requests("/rest").len(), outcome.is_ok()),
            (expected, expected == 2),
            "{fault:?}"
        );
    }
    let world = World::demo();
    world.service.conditions().inject(Fault::status(502), 2, "/rest");
    world.client().delete_user(1918).await.unwrap();
    assert_eq!(world.service.requests("/rest").len(), 3, "deleting twice does no harm");
    // What failed in the middle may be done: then the second response would be that there is no such user.
    world.service.conditions().inject(Fault::status(500), 1, "/rest");
    assert_eq!(world.client().delete_user(1917).await.unwrap_err().status(), Some(500));
    assert_eq!(world.service.requests("/rest").len(), 4);
}

#[tokio::test]
async fn the_service_is_given_the_time_it_asks_for() {
    let world = World::demo();
    let client = world.client();
    let limit = |requests| RateLimit {
        requests,
        window: Duration::from_secs(3600),
    };
    world.service.conditions().inject(
        Fault::Status {
            status: 503,
            retry_after: Some(30),
        },
        2,
        "/rest",
    );
    client.groups().await.unwrap();
    let asked = |pause: &Duration| (30..=31).contains(&pause.as_secs());
    assert_eq!(world.transport.pauses().iter().filter(|pause| asked(pause)).count(), 2);

    world.service.conditions().set_rate_limit(Some(limit(0)));
    let before = world.service.requests("/rest").len();
    let error = client.groups().await.unwrap_err();
    let ErrorKind::RateLimited { retry_after } = error.kind() else {
        panic!("{error}")
    };
    assert!(
        retry_after.is_some_and(|after| after.as_secs() > 3000),
        "{retry_after:?}"
    );
    assert_eq!(
        world.service.requests("/rest").len(),
        before + 1,
        "nobody waits for an hour"
    );
}

#[tokio::test]
async fn tokens_are_asked_for_again_too() {
    let world = World::demo();
    world.service.conditions().inject(Fault::status(503), 4, "/oauth2");
    world.client().groups().await.unwrap();
    assert_eq!(world.service.requests("/oauth2").len(), 5);

    world
        .service
        .conditions()
        .inject(Fault::status(503), usize::MAX, "/oauth2");
    assert_eq!(world.client().groups().await.unwrap_err().kind(), ErrorKind::Server);
    assert_eq!(world.service.requests("/oauth2").len(), 10, "not five times five");
}

#[tokio::test]
async fn a_service_that_is_not_there_is_told() {
    let world = World::demo();
    let url = world.url();
    world.service.stop();
    let client = LogMeOnce::new(world.transport.clone(), url, Session::new(credentials(), None));
    let error = client.groups().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Network, None));
    assert_eq!(world.transport.pauses().len(), 4);
    assert!(
        error.to_string().starts_with("the connection to the service failed: "),
        "{error}"
    );
}

#[tokio::test]
async fn a_loop_is_no_burden_to_the_service() {
    let world = World::demo();
    let client = world.client();
    let began = zkvault_client::Transport::now(&world.transport);
    for _ in 0..60 {
        client.group(5717).await.unwrap();
    }
    let took = zkvault_client::Transport::now(&world.transport) - began;
    assert!(took >= 2, "60 requests took {took} seconds");
}

#[test]
fn only_https_is_used_off_this_machine() {
    assert!(ServiceUrl::parse("http://acme.logmeonce.com").is_err());
}

/// Nobody wonders what a long pause is for.
#[tokio::test]
async fn long_pauses_are_told_with_their_reason() {
    let world = World::demo();
    let client = world.client();
    client.groups().await.unwrap();
    assert!(world.transport.notices().is_empty());
    let limit = Fault::Status {
        status: 429,
        retry_after: Some(30),
    };
    world.service.conditions().inject(limit, 1, "/rest");
    client.groups().await.unwrap();
    assert_eq!(
        world.transport.notices(),
        ["the service is asked too often (status 429): 30 s"]
    );
    world.service.conditions().inject(Fault::status(502), 4, "/rest");
    client.groups().await.unwrap();
    assert!(world.transport.notices().len() >= 4, "{:?}", world.transport.notices());
}
