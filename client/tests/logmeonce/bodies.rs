//! What bodies say that heads do not: that a token is no longer good, that a change was not made, that a list does not
//! end; and bodies in which one name is written badly.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use zkvault_client::logmeonce::Tie;
use zkvault_client::{ClientError, ErrorKind};

use crate::odd::client;
use crate::world::all;

fn respond(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body.into()).unwrap()
}

fn is_for_token(request: &Request<Bytes>) -> bool {
    request.uri().path().ends_with("/oauth2/token")
}

/// Ways to say that a token has ended: status, challenge, body.
const ENDED: &[(u16, Option<&str>, &str)] = &[
    (401, None, ""),
    (403, Some("Bearer realm=\"x\", error=\"invalid_token\""), ""),
    (400, Some("Bearer error=invalid_token"), "{}"),
    (403, None, r#"{"error":"invalid_token"}"#),
    (400, None, r#"{"error":{"code":"token_expired","message":"x"}}"#),
    (
        200,
        None,
        r#"{"error":"invalid_token","error_description":"it has expired"}"#,
    ),
    (200, None, r#"{"success":false,"code":"expired_token"}"#),
];

fn ended((status, challenge, body): (u16, Option<&str>, &str)) -> Response<Vec<u8>> {
    let challenge = challenge.map(|challenge| ("www-authenticate", challenge));
    respond(status, challenge.as_slice(), body)
}

#[tokio::test]
async fn a_token_that_has_ended_is_renewed_however_the_service_says_so() {
    const RECORDS: &str = r#"{"users":[{"id":1}],"sites":[{"id":1}],"success":true}"#;
    for way in ENDED {
        for keeps_refusing in [false, true] {
            let (tokens, requests) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let client = client(|request: &Request<Bytes>| {
                if is_for_token(request) {
                    let number = tokens.fetch_add(1, Ordering::Relaxed);
                    return respond(
                        200,
                        &[],
                        format!(r#"{{"access_token":"new{number}","token_type":"Bearer"}}"#),
                    );
                }
                let is_first = requests.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
                match is_first || keeps_refusing {
                    true => ended(*way),
                    false => respond(200, &[], RECORDS),
                }
            });
            let sites = async { all(client.sites(None).await?).await };
            let kinds: [Option<ErrorKind>; 4] = [
                client.users().await.err(),
                sites.await.err(),
                client.delete_user(1).await.err(),
                client.assign(Tie::UserSites, 1, &[2]).await.err(),
            ]
            .map(|error: Option<ClientError>| error.map(|error| error.kind()));
            let expected = keeps_refusing.then_some(ErrorKind::Unauthorized);
            assert_eq!(kinds, [expected; 4], "{way:?}");
            drop(client);
            assert_eq!(
                (tokens.into_inner(), requests.into_inner()),
                (4, 8),
                "{way:?}: each once"
            );
        }
    }
}

#[tokio::test]
async fn a_403_that_is_not_about_the_token_is_none() {
    let tokens = AtomicUsize::new(0);
    let client = client(|request: &Request<Bytes>| {
        tokens.fetch_add(usize::from(is_for_token(request)), Ordering::Relaxed);
        let challenge = ("www-authenticate", "Bearer error=\"insufficient_scope\"");
        respond(403, &[challenge], r#"{"error":"insufficient_scope","code":403}"#)
    });
    assert_eq!(client.users().await.unwrap_err().kind(), ErrorKind::Forbidden);
    drop(client);
    assert_eq!(tokens.into_inner(), 0);
}

/// A firewall's "no" is not the service's, and the permissions of a person do not explain it.
#[tokio::test]
async fn an_error_that_comes_as_a_page_says_so() {
    const PAGE: &[u8] =
        b"<!DOCTYPE html>\n<title>Attention Required!</title><h1>Sorry, you have been blocked \xff</h1>";
    for (status, body, is_page) in [
        (403, PAGE, true),
        (500, PAGE, true),
        (403, b"{\"message\":\"<html>\"}", false),
        (403, b"", false),
    ] {
        for at_login in [false, true] {
            let client = client(|request: &Request<Bytes>| match is_for_token(request) == at_login {
                true => respond(status, &[], body),
                false => respond(200, &[], r#"{"access_token":"a","token_type":"Bearer"}"#),
            });
            let error = match at_login {
                true => client.log_in().await.err(),
                false => client.users().await.err(),
            };
            let text = error.unwrap().to_string();
            assert_eq!(
                text.contains("it comes as an HTML page"),
                is_page,
                "{status}, {at_login}: {text}"
            );
        }
    }
}

#[tokio::test]
async fn a_change_that_the_body_does_not_confirm_is_not_done() {
    for (status, body, kind) in [
        (200, r#"{"101":false}"#, Some(ErrorKind::Rejected)),
        (200, r#"[{"id":101,"assigned":false}]"#, Some(ErrorKind::Rejected)),
        (
            200,
            r#"{"sites":[{"id":101,"error":"not found"}]}"#,
            Some(ErrorKind::Rejected),
        ),
        (200, r#"{"not_found":[101]}"#, Some(ErrorKind::Rejected)),
        (200, r#"{"assigned":[102]}"#, Some(ErrorKind::Malformed)),
        (200, r#"{"assigned":[]}"#, Some(ErrorKind::Malformed)),
        (200, r#"{"affected_rows":0}"#, Some(ErrorKind::Malformed)),
        (202, r#"{"status":"queued"}"#, Some(ErrorKind::Malformed)),
        (
            200,
            "<response><status>queued</status></response>",
            Some(ErrorKind::Malformed),
        ),
        (200, r#"{"assigned":[101]}"#, None),
        (200, r#"{"sites":[{"id":101,"name":"Google","flags":293}]}"#, None),
        (204, "", None),
        (202, "", None),
    ] {
        let client = client(|_: &Request<Bytes>| respond(status, &[], body));
        let error = client.assign(Tie::UserSites, 1, &[101]).await.err();
        let told = error.map(|error| (error.kind(), error.status()));
        assert_eq!(told, kind.map(|kind| (kind, Some(status))), "{body}");
    }
}

/// A service that does not know `page` gives the same records for ever, each time with a new link.
#[tokio::test]
async fn a_list_whose_parts_repeat_ends() {
    let requests = AtomicUsize::new(0);
    let client = client(|_: &Request<Bytes>| {
        let page = requests.fetch_add(1, Ordering::Relaxed) + 2;
        let link = format!("<?page={page}>; rel=next");
        let records = r#"{"users":[{"id":1},{"id":2}],"sites":[{"id":1},{"id":2}]}"#;
        respond(200, &[("link", &link)], records)
    });
    let sites = async { all(client.sites(None).await?).await };
    let errors = [
        client.users().await.err(),
        sites.await.err(),
        client.sites_json(None).await.err(),
    ];
    for error in errors {
        let error = error.unwrap();
        assert!(error.to_string().ends_with("its parts repeat"), "{error}");
    }
    drop(client);
    assert_eq!(requests.into_inner(), 6);
}

#[tokio::test]
async fn a_further_part_that_is_not_there_is_no_account_without_a_list() {
    let client = client(|request: &Request<Bytes>| match request.uri().query() {
        None => respond(200, &[], r#"{"users":[{"id":1}],"sites":[{"id":1}],"next":"?page=2"}"#),
        Some(_) => respond(404, &[], ""),
    });
    let sites = async { all(client.sites(None).await?).await };
    for error in [
        client.users().await.err(),
        sites.await.err(),
        client.users_json().await.err(),
    ] {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        assert!(error.to_string().contains("not whole"), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_names_its_host_and_nothing_else() {
    let client =
        client(|_: &Request<Bytes>| respond(302, &[("location", "https://new.example:8443/rest?token=CANARY")], ""));
    let error = client.users().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirected);
    assert!(
        error.to_string().ends_with(": it is at https://new.example:8443"),
        "{error}"
    );
}

#[tokio::test]
async fn one_badly_written_name_hides_no_user() {
    let list = |name: &[u8]| [br#"{"users":[{"id":1,"firstname":""#, name, br#""},{"id":2}]}"#].concat();
    let json = "application/json";
    for (kind, name, read) in [
        (json, &b"M\xfcller"[..], "M\u{fffd}ller"),
        ("application/json; charset=iso-8859-1", b"M\xfcller", "Müller"),
        (json, b"M\tl\nler", "M\tl\nler"),
    ] {
        let client = client(|_: &Request<Bytes>| respond(200, &[("content-type", kind)], list(name)));
        let users = client.users().await.unwrap();
        assert_eq!((users.records.len(), users.odd.len()), (2, 0));
        assert_eq!(users.records[0].firstname.as_deref(), Some(read));
    }
    // The texts of a site are compared with those that are pinned: none is read as something else.
    let site = "{\"id\":1,\"name\":\"M\tller\",\"login\":{\"inputs\":[]}}";
    let client = client(|_: &Request<Bytes>| respond(200, &[], site));
    assert_eq!(client.site(1).await.unwrap_err().kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn an_empty_body_is_no_list() {
    for status in [200, 204] {
        let client = client(|_: &Request<Bytes>| respond(status, &[], " \r\n"));
        let sites = async { all(client.sites(None).await?).await };
        let errors = [
            client.users().await.err(),
            client.user(1).await.err(),
            sites.await.err(),
            client.sites_json(None).await.err(),
        ];
        for error in errors {
            let error = error.unwrap();
            assert_eq!((error.kind(), error.status()), (ErrorKind::Malformed, Some(status)));
            assert!(error.to_string().ends_with("it is empty"), "{error}");
        }
    }
}
