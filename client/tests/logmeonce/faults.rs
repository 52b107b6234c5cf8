//! What a service or a network may answer instead of an answer.

use std::sync::Arc;
use std::time::Duration;

use zkvault_client::logmeonce::{Format, LogMeOnce};
use zkvault_client::oauth::{Session, Token};
use zkvault_client::{ClientError, ErrorKind, NativeTransport, Timeouts};
use zkvault_simulator::{Answer, Attack, Fault, Received, seed};

use crate::world::{World, credentials, site_ids};

const MIB: usize = 1 << 20;

/// The kind of error of each way of reading: a list read whole, a single object, a streamed list, and a change.
async fn kinds(world: &World, format: Format, fault: Fault) -> [Option<ErrorKind>; 4] {
    let client = world.client().with_format(format);
    client.log_in().await.unwrap();
    world.service.conditions().inject(fault, usize::MAX, "/rest");
    let kinds = [
        client.users().await.err().map(|error| error.kind()),
        client.site(seed::GITHUB).await.err().map(|error| error.kind()),
        site_ids(&client).await.err(),
        client.deactivate_user(1918).await.err().map(|error| error.kind()),
    ];
    world.service.conditions().clear_faults();
    kinds
}

#[tokio::test]
async fn malformed_documents() {
    let world = World::demo();
    for format in [Format::Json, Format::Xml] {
        let kinds = kinds(&world, format, Fault::Malformed).await;
        assert_eq!(kinds, [Some(ErrorKind::Malformed); 4], "{format:?}");
    }
}

#[tokio::test]
async fn html_pages_with_status_200() {
    let world = World::demo();
    let kinds = kinds(&world, Format::Json, Fault::HtmlPage).await;
    assert_eq!(kinds, [Some(ErrorKind::Foreign); 4]);
    world.service.conditions().inject(Fault::HtmlPage, 1, "/oauth2");
    let error = world.client().groups().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Foreign, "also in place of a token");
}

#[tokio::test]
async fn truncated_bodies() {
    let world = World::demo();
    for format in [Format::Json, Format::Xml] {
        let kinds = kinds(&world, format, Fault::Truncated).await;
        assert_eq!(kinds, [Some(ErrorKind::Network); 4], "{format:?}");
    }
    world.service.conditions().inject(Fault::Truncated, 2, "/rest");
    assert_eq!(
        world.client().users().await.unwrap().records.len(),
        9,
        "it is asked again"
    );
}

#[tokio::test]
async fn huge_fields() {
    let world = World::demo();
    let client = world.client();
    world
        .service
        .conditions()
        .inject(Fault::HugeField { bytes: 10 * MIB }, 3, "/rest");
    assert_eq!(client.users().await.unwrap().records.len(), 9);
    assert_eq!(site_ids(&client).await.unwrap().len(), 12);
    assert_eq!(client.with_format(Format::Xml).users().await.unwrap().records.len(), 9);
    let client = world.client();
    world
        .service
        .conditions()
        .inject(Fault::HugeField { bytes: 17 * MIB }, 4, "/rest");
    assert!(client.users().await.is_ok(), "a list of users may be longer");
    let too_large = |error: Option<ClientError>| error.unwrap().kind() == ErrorKind::TooLarge;
    assert!(too_large(client.site(seed::GITHUB).await.err()));
    assert!(too_large(client.deactivate_user(1918).await.err()));
    let (mut sites, mut odd) = (0, Vec::new());
    let mut stream = client.sites(None).await.unwrap();
    while let Some(site) = stream.next().await.unwrap() {
        match site {
            Ok(_) => sites += 1,
            Err(record) => odd.push(record.reason()),
        }
    }
    assert_eq!((sites, odd), (11, vec!["it is longer than 16 MiB".to_owned()]));
    world
        .service
        .conditions()
        .inject(Fault::HugeField { bytes: 65 * MIB }, 1, "/rest");
    assert_eq!(client.users().await.unwrap_err().kind(), ErrorKind::TooLarge);
    world
        .service
        .conditions()
        .inject(Fault::HugeField { bytes: MIB }, 1, "/oauth2");
    assert_eq!(client.log_in().await.unwrap_err().kind(), ErrorKind::TooLarge);
}

/// The errors of a stream and of a change, from a client with these timeouts that has a token already.
async fn slow_kinds(world: &World, timeouts: Timeouts, pause: Duration) -> [Option<ErrorKind>; 2] {
    let token = world.client().log_in().await.unwrap().to_json();
    let session = Session::new(credentials(), Some(Token::from_json(&token).unwrap()));
    let client = LogMeOnce::new(NativeTransport::with_timeouts(timeouts), world.url(), session);
    world
        .service
        .conditions()
        .inject(Fault::SlowLoris { pause }, usize::MAX, "/rest");
    let streamed = async { client.sites(None).await?.next().await };
    let kinds = [
        streamed.await.err().map(|error| error.kind()),
        client.deactivate_user(1918).await.err().map(|error| error.kind()),
    ];
    world.service.conditions().clear_faults();
    kinds
}

#[tokio::test]
async fn bodies_that_take_for_ever() {
    let world = World::demo();
    let hour = Duration::from_secs(3600);
    let silent = Timeouts {
        idle: Duration::from_millis(100),
        whole: hour,
        ..Timeouts::default()
    };
    assert_eq!(slow_kinds(&world, silent, hour).await, [Some(ErrorKind::Timeout); 2]);
    let dripping = Timeouts {
        idle: hour,
        whole: Duration::from_millis(300),
        ..Timeouts::default()
    };
    let pause = Duration::from_millis(50);
    assert_eq!(slow_kinds(&world, dripping, pause).await, [Some(ErrorKind::Timeout); 2]);
}

#[tokio::test]
async fn wrong_types() {
    let attacks = [
        (Attack::change(seed::GITHUB, "/id", -1), "id"),
        (Attack::change(seed::GITHUB, "/login", "hunter2-login"), "login"),
        (
            Attack::change(seed::GITHUB, "/login/inputs", serde_json::json!({"a": 1})),
            "login.inputs",
        ),
        (
            Attack::change(seed::GITHUB, "/login/inputs/0/value", serde_json::json!([5])),
            "login.inputs[0].value",
        ),
        (Attack::change(seed::GITHUB, "/flags", "hunter2"), "flags"),
    ];
    let world = World::demo();
    let client = world.client();
    for (attack, member) in attacks {
        world.service.attack(attack.clone());
        let error = client.site(seed::GITHUB).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{attack:?}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert!(error.to_string().contains(&format!("{member:?}")), "{error}");
        let (mut sites, mut odd) = (0, Vec::new());
        let mut stream = client.sites(None).await.unwrap();
        while let Some(site) = stream.next().await.unwrap() {
            match site {
                Ok(_) => sites += 1,
                Err(record) => odd.push(record),
            }
        }
        assert_eq!((sites, odd.len()), (11, 1), "the others are read: {attack:?}");
        assert_eq!((odd[0].name(), odd[0].member()), (Some("GitHub"), Some(member)));
        world.service.behave();
    }
}

/// Replaces every answer below `/rest`.
fn answer_with(world: &World, status: u16, document: serde_json::Value) {
    let rewrite = move |received: &Received, answer: &mut Answer| {
        if received.path.starts_with("/rest") {
            *answer = Answer::new(status, document.clone());
        }
    };
    world.service.conditions().set_rewriter(Some(Arc::new(rewrite)));
}

#[tokio::test]
async fn documents_of_another_shape() {
    let world = World::demo();
    let client = world.client();
    let (malformed, rejected) = (ErrorKind::Malformed, ErrorKind::Rejected);
    for (document, kind) in [
        (serde_json::json!({"users": 1, "sites": 1, "id": "x"}), malformed),
        (serde_json::json!("users"), malformed),
        (serde_json::json!({"error": "none"}), malformed),
        (serde_json::json!({"error": "denied"}), rejected),
        (serde_json::json!(false), rejected),
        (serde_json::Value::Null, malformed),
    ] {
        answer_with(&world, 200, document.clone());
        assert_eq!(client.users().await.unwrap_err().kind(), kind, "{document}");
        assert_eq!(client.user(1917).await.unwrap_err().kind(), kind, "{document}");
        assert_eq!(site_ids(&client).await, Err(kind), "{document}");
    }
}

/// A service could show another user before keys are sealed, or another site's values under the wanted name.
#[tokio::test]
async fn another_object_in_place_of_the_wanted_one() {
    let world = World::demo();
    let client = world.client();
    answer_with(
        &world,
        200,
        serde_json::json!({"id": 7, "name": "GitHub", "username": "priya"}),
    );
    assert_eq!(client.site(7).await.unwrap().id, 7);
    assert_eq!(client.user(7).await.unwrap().id, 7);
    assert_eq!(client.group(7).await.unwrap().id, 7);
    let kinds = [
        client.site(8).await.err().map(|error| error.kind()),
        client.user(8).await.err().map(|error| error.kind()),
        client.group(8).await.err().map(|error| error.kind()),
    ];
    assert_eq!(kinds, [Some(ErrorKind::Malformed); 3]);
}

#[tokio::test]
async fn any_success_is_one_and_a_failure_in_its_clothes_is_none() {
    let world = World::demo();
    let client = world.client();
    for (status, document) in [
        (200, serde_json::json!({})),
        (204, serde_json::Value::Null),
        (202, serde_json::json!([])),
    ] {
        answer_with(&world, status, document);
        client.deactivate_user(1918).await.unwrap();
        assert_eq!(client.create_group("A", None).await.unwrap(), None);
    }
    answer_with(
        &world,
        200,
        serde_json::json!({"success": false, "message": "no such user"}),
    );
    let error = client.deactivate_user(1918).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.service_message()),
        (ErrorKind::Rejected, Some("no such user"))
    );
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let world = World::demo();
    let client = world.client();
    assert_eq!(client.user(1).await.unwrap_err().kind(), ErrorKind::NotFound);
    let known = client
        .activate_user(1917, Some(("key", zkvault_test_support::secret("another key"))))
        .await
        .unwrap_err();
    assert_eq!((known.kind(), known.status()), (ErrorKind::Conflict, Some(409)));
    world.service.change_settings(|settings| settings.api_enabled = false);
    let error = client.users().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert_eq!(
        error.service_message(),
        Some("the REST API is not enabled for this account")
    );
}
