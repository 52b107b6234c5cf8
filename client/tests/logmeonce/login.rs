//! Ways to log in, and how long that lasts.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use zkvault_client::oauth::{
    Authorization, Credentials, Grant, LoopbackError, LoopbackRedirect, RedirectUri, Session, Token,
};
use zkvault_client::{Body, ErrorKind, NativeTransport, OAuthCode, Transport};
use zkvault_simulator::seed;
use zkvault_test_support::secret;

use crate::world::{Client, World, site_ids};

const PATIENCE: Duration = Duration::from_secs(30);

async fn logged_in_with_password(world: &World) -> Client {
    let client = world.client();
    let password = secret(seed::ACTIVE_USER_PASSWORD);
    let username = client.user(seed::ACTIVE_USER).await.unwrap().username.unwrap();
    client.log_in_with_password(&username, &password).await.unwrap();
    client
}

/// Asks for an address and gives the status, the `Location` and the body.
async fn visit(url: &str) -> (u16, String, String) {
    let request = Request::get(url).body(Bytes::new()).unwrap();
    let transport = NativeTransport::new();
    let (head, mut body) = transport.send(request).await.unwrap().into_parts();
    let location = head
        .headers
        .get("location")
        .map(|location| location.to_str().unwrap().to_owned());
    let mut text = Vec::new();
    while let Some(piece) = body.chunk().await.unwrap() {
        text.extend_from_slice(&piece);
    }
    (
        head.status.as_u16(),
        location.unwrap_or_default(),
        String::from_utf8(text).unwrap(),
    )
}

#[tokio::test]
async fn the_api_key_gets_a_token_of_its_own() {
    let world = World::demo();
    let client = world.client();
    assert!(client.token().is_none());
    client.groups().await.unwrap();
    client.users().await.unwrap();
    let token = client.token().unwrap();
    assert_eq!((token.grant(), token.is_renewable()), (Grant::Client, true));
    assert_eq!(world.service.requests("/oauth2/token").len(), 1);

    let kept = Token::from_json(&token.to_json()).unwrap();
    world.client_with(Some(kept)).groups().await.unwrap();
    assert_eq!(
        world.service.requests("/oauth2/token").len(),
        1,
        "the kept token is used"
    );
}

#[tokio::test]
async fn wrong_credentials_are_told() {
    let world = World::demo();
    for (key, word) in [("simulator-key", "wrong"), ("nobody", "simulator-secret")] {
        let session = Session::new(Credentials::new(key, secret(word)), None);
        let client = world.client_over(world.transport.clone(), session);
        let error = client.groups().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OAuth(OAuthCode::InvalidClient));
        assert_eq!(error.service_message(), Some("the client credentials are invalid"));
    }
    assert_eq!(
        (
            world.service.requests("/oauth2/token").len(),
            world.service.requests("/rest").len()
        ),
        (2, 0)
    );
}

#[tokio::test]
async fn a_password_gets_a_token_that_is_refreshed() {
    let world = World::demo();
    let client = logged_in_with_password(&world).await;
    assert_eq!(client.token().unwrap().grant(), Grant::User);
    for _ in 0..3 {
        world.transport.pass(3600);
        client.groups().await.unwrap();
    }
    assert_eq!(client.token().unwrap().grant(), Grant::User);
    let username = world.service.audit_log().pop().unwrap().username;
    assert!(username.is_some(), "it is still the user who asks");

    let wrong = world
        .client()
        .log_in_with_password("nobody@example.com", &secret("wrong-password"))
        .await;
    assert_eq!(wrong.unwrap_err().kind(), ErrorKind::OAuth(OAuthCode::InvalidGrant));
}

#[tokio::test]
async fn a_refresh_token_stays_when_no_new_one_comes() {
    let world = World::demo();
    world
        .service
        .change_settings(|settings| settings.rotate_refresh_tokens = false);
    let client = logged_in_with_password(&world).await;
    for _ in 0..3 {
        world.transport.pass(3600);
        client.groups().await.unwrap();
    }
    assert!(client.token().unwrap().is_renewable());
}

#[tokio::test]
async fn a_users_login_that_has_ended_is_not_replaced_by_the_api_keys() {
    let world = World::demo();
    let client = logged_in_with_password(&world).await;
    world.service.revoke_tokens();
    let error = client.groups().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OAuth(OAuthCode::InvalidGrant));

    let unrenewable = r#"{"access":"abc","refresh":null,"grant":"user","expires_at":1,"renew_at":1}"#;
    let client = world.client_with(Some(Token::from_json(&secret(unrenewable)).unwrap()));
    assert_eq!(client.groups().await.unwrap_err().kind(), ErrorKind::Unauthorized);
}

#[tokio::test]
async fn a_token_that_ends_in_the_middle_is_renewed_once() {
    let world = World::demo();
    let client = world.client();
    client.groups().await.unwrap();
    world.service.revoke_tokens();
    assert_eq!(site_ids(&client).await.unwrap().len(), 12);
    assert_eq!(world.service.requests("/oauth2/token").len(), 2);

    world.service.revoke_tokens();
    client.deactivate_user(seed::ACTIVE_USER).await.unwrap();
    assert_eq!(
        world.service.requests("/oauth2/token").len(),
        3,
        "also for what is sent once only"
    );
}

#[tokio::test]
async fn a_service_that_accepts_no_token_is_asked_twice() {
    let world = World::demo();
    let refuse = |received: &zkvault_simulator::Received, answer: &mut zkvault_simulator::Answer| {
        if received.path.starts_with("/rest") {
            answer.status = 401;
        }
    };
    world
        .service
        .conditions()
        .set_rewriter(Some(std::sync::Arc::new(refuse)));
    let error = world.client().groups().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthorized, Some(401)));
    assert_eq!(
        (
            world.service.requests("/rest").len(),
            world.service.requests("/oauth2").len()
        ),
        (2, 2)
    );
}

#[tokio::test]
async fn clocks_that_differ_do_no_harm() {
    for skew in [-86_400, -7200, 7200, 86_400] {
        let world = World::demo();
        let client = world.client();
        client.groups().await.unwrap();
        world.service.conditions().set_clock_skew(skew);
        client.groups().await.unwrap();
        client.groups().await.unwrap();
        assert!(world.service.requests("/oauth2/token").len() <= 2, "{skew}");
    }
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let world = World::demo();
    let client = world.client();
    client.groups().await.unwrap();
    world.transport.pass(3500);
    client.groups().await.unwrap();
    assert_eq!(world.service.requests("/oauth2/token").len(), 1);
    world.transport.pass(50);
    client.groups().await.unwrap();
    assert_eq!(
        (
            world.service.requests("/oauth2/token").len(),
            world.service.requests("/rest").len()
        ),
        (2, 3)
    );
}

#[tokio::test]
async fn the_token_is_renewed_by_one_of_many_at_once() {
    let world = World::demo();
    let client = logged_in_with_password(&world).await;
    world.transport.pass(3600);
    let before = world.service.requests("/oauth2/token").len();
    let (a, b, c) = tokio::join!(client.groups(), client.users(), client.group(seed::ENGINEERING));
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(world.service.requests("/oauth2/token").len(), before + 1);
}

async fn begun(client: &Client) -> (LoopbackRedirect, Authorization) {
    let redirect = LoopbackRedirect::bind(0).await.unwrap();
    let authorization = client.authorization(redirect.redirect_uri().unwrap()).unwrap();
    (redirect, authorization)
}

#[tokio::test]
async fn a_login_in_the_browser_gets_a_token() {
    let world = World::demo();
    let client = world.client();
    let (redirect, authorization) = begun(&client).await;
    let browser = async {
        let (status, location, _) = visit(authorization.url()).await;
        assert_eq!(status, 302);
        visit(&location).await
    };
    let (code, (status, _, page)) = tokio::join!(redirect.wait(&authorization, PATIENCE), browser);
    assert!(status == 200 && page.contains("You are logged in"), "{page}");
    let code = code.unwrap();
    let token = client.log_in_with_code(authorization, &code).await.unwrap();
    assert_eq!(token.grant(), Grant::User);
    client.groups().await.unwrap();

    let (_listener, other) = begun(&client).await;
    let again = client.log_in_with_code(other, &code).await.unwrap_err();
    assert_eq!(
        again.kind(),
        ErrorKind::OAuth(OAuthCode::InvalidGrant),
        "a code is good once"
    );
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_its_verifier() {
    let world = World::demo();
    let client = world.client();
    let redirect = RedirectUri::parse("http://127.0.0.1:1/callback").unwrap();
    let authorization = client.authorization(redirect.clone()).unwrap();
    let (_, location, _) = visit(authorization.url()).await;
    let code = authorization.code(location.split_once('?').unwrap().1).unwrap();
    let stolen = client
        .log_in_with_code(client.authorization(redirect).unwrap(), &code)
        .await;
    assert_eq!(stolen.unwrap_err().kind(), ErrorKind::OAuth(OAuthCode::InvalidGrant));
}

#[tokio::test]
async fn other_visitors_are_sent_away() {
    let world = World::demo();
    let client = world.client();
    let (redirect, authorization) = begun(&client).await;
    let base = redirect.redirect_uri().unwrap().to_string();
    let state = authorization
        .url()
        .split("state=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let visitors = async {
        for (query, expected) in [
            ("?code=a&state=wrong", 400),
            ("?code=a", 400),
            ("", 404),
            ("/x?code=a", 404),
        ] {
            assert_eq!(visit(&format!("{base}{query}")).await.0, expected, "{query}");
        }
        let by_name = base.replace("127.0.0.1", "localhost");
        assert_eq!(
            visit(&format!("{by_name}?code=a&state={state}")).await.0,
            404,
            "under another name"
        );
        visit(&format!("{base}?error=access_denied&state={state}")).await
    };
    let (outcome, (status, _, page)) = tokio::join!(redirect.wait(&authorization, PATIENCE), visitors);
    assert!(matches!(outcome, Err(LoopbackError::Refused(_))), "{outcome:?}");
    assert!(status == 200 && page.contains("refused"), "{page}");
}

/// A local user, or a browser that opens connections ahead, cannot end a login.
#[tokio::test]
async fn junk_and_silent_connections_do_not_keep_the_browser_out() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let world = World::demo();
    let client = world.client();
    let (redirect, authorization) = begun(&client).await;
    let uri = redirect.redirect_uri().unwrap().to_string();
    let address = uri.trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let (_, query) = authorization.url().split_once('?').unwrap();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let state = pairs.find(|(name, _)| name == "state").unwrap().1.into_owned();
    let visitors = async {
        let connect = || tokio::net::TcpStream::connect(&address);
        let mut open = Vec::new();
        for number in 0..150 {
            let mut stream = connect().await.unwrap();
            let said = match number % 4 {
                0 => "",
                1 => "GET /callb",
                2 => "\r\n\r\n",
                _ => "GET /favicon.ico HTTP/1.1\r\nhost: x\r\n\r\n",
            };
            stream.write_all(said.as_bytes()).await.unwrap();
            open.push(stream);
        }
        let head = format!("HEAD /callback?code=early&state={state} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        connect().await.unwrap().write_all(head.as_bytes()).await.unwrap();
        let began = std::time::Instant::now();
        let mut browser = connect().await.unwrap();
        // In pieces, as over a slow proxy.
        for piece in [
            "GET /callback?code=good&st",
            &format!("ate={state} HTTP/1.1\r\nhost: {address}\r\n"),
            "\r\n",
        ] {
            browser.write_all(piece.as_bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut page = String::new();
        browser.read_to_string(&mut page).await.unwrap();
        assert!(page.contains("You are logged in"), "{page}");
        began.elapsed()
    };
    let (code, took) = tokio::join!(redirect.wait(&authorization, PATIENCE), visitors);
    assert_eq!(code.unwrap().expose_secret(), "good");
    // Behind a silent connection it would wait as long as one is given.
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn nobody_is_waited_for_for_ever() {
    let world = World::demo();
    let (redirect, authorization) = begun(&world.client()).await;
    let outcome = redirect.wait(&authorization, Duration::from_millis(20)).await;
    assert_eq!(outcome.unwrap_err(), LoopbackError::Timeout);
}
