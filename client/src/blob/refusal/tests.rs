use zkvault_core::SecretText;

use super::*;

const START: u64 = 1_767_225_600;
const END: u64 = 1_893_456_000;
const URL: &str = "https://a.blob.core.windows.net/c?st=2026-01-01&se=2030-01-01&sp=rl&sig=x";
const OF_POLICY: &str = "https://a.blob.core.windows.net/c?si=policy&sig=x";

fn refused(url: &str, status: u16, header: Option<&str>, body: &str, now: u64) -> BlobError {
    refused_of(false, url, status, header, body, now)
}

fn refused_of(is_container: bool, url: &str, status: u16, header: Option<&str>, body: &str, now: u64) -> BlobError {
    let url = SasUrl::parse(&SecretText::from(url.to_owned())).unwrap();
    let mut headers = HeaderMap::new();
    if let Some(code) = header {
        headers.insert("x-ms-error-code", code.parse().unwrap());
    }
    BlobError::from(Refused {
        status: StatusCode::from_u16(status).unwrap(),
        headers: &headers,
        body: body.as_bytes(),
        retry_after: None,
        now,
        url: &url,
        needs: "r",
        is_container,
    })
}

fn of(status: u16, code: &str, now: u64, in_header: bool) -> BlobError {
    match in_header {
        true => refused(URL, status, Some(code), "", now),
        false => {
            let body =
                format!("\u{feff}<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>");
            refused(URL, status, None, &body, now)
        }
    }
}

#[test]
fn codes_are_told_apart_wherever_they_are() {
    use BlobErrorKind as Kind;
    let cases = [
        (403, "AuthorizationFailure", Kind::NetworkRules),
        (403, "AuthenticationFailed", Kind::Signature),
        (403, "AuthorizationPermissionMismatch", Kind::Permission { needs: "r" }),
        (403, "AuthorizationProtocolMismatch", Kind::Scope),
        (403, "AuthorizationSourceIPMismatch", Kind::Scope),
        (403, "UnauthorizedBlobOverwrite", Kind::OverwriteDenied),
        (409, "PublicAccessNotPermitted", Kind::Policy),
        (403, "KeyBasedAuthenticationNotPermitted", Kind::Policy),
        (403, "AccountIsDisabled", Kind::Account),
        (403, "InsufficientAccountPermissions", Kind::Account),
        (403, "KeyVaultEncryptionKeyNotFound", Kind::Account),
        (403, "CmkKeyDisabled", Kind::Account),
        (403, "SomethingForbidden", Kind::Rejected),
        (404, "ContainerNotFound", Kind::NoContainer),
        (409, "ContainerBeingDeleted", Kind::NoContainer),
        (404, "FilesystemNotFound", Kind::NoContainer),
        (404, "BlobNotFound", Kind::NotFound),
        (404, "", Kind::NotFound),
        (409, "BlobAlreadyExists", Kind::Conflict),
        (409, "", Kind::Conflict),
        (412, "ConditionNotMet", Kind::Conflict),
        (409, "BlobArchived", Kind::Archived),
        (409, "BlobBeingRehydrated", Kind::Archived),
        (409, "BlobImmutableDueToPolicy", Kind::Immutable),
        (409, "ContainerImmutabilityPolicyFailure", Kind::Immutable),
        (409, "BlobHasLegalHold", Kind::Immutable),
        (409, "SnapshotsPresent", Kind::Snapshots),
        (409, "InvalidBlobType", Kind::BlobType),
        (409, "BlobOperationNotSupported", Kind::BlobType),
        (400, "InvalidBlobOrBlock", Kind::ForeignBlocks),
        (409, "BlockCountExceedsLimit", Kind::ForeignBlocks),
        (413, "RequestEntityTooLargeBlockCountExceedsLimit", Kind::ForeignBlocks),
        (412, "LeaseIdMissing", Kind::Leased),
        (409, "LeaseAlreadyPresent", Kind::Leased),
        (400, "InvalidBlockList", Kind::BlockList),
        (400, "Crc64Mismatch", Kind::Checksum),
        (416, "InvalidRange", Kind::Range),
        (400, "InvalidHeaderValue", Kind::Rejected),
        (400, "InvalidQueryParameterValue", Kind::Rejected),
        (503, "ServerBusy", Kind::Throttled { retry_after: None }),
        (500, "OperationTimedOut", Kind::Timeout),
        (500, "InternalError", Kind::Server),
        (302, "", Kind::Redirected),
        (511, "", Kind::Network),
        // What is not known is shown, and nothing is guessed from the status.
        (409, "PendingCopyOperation", Kind::Rejected),
        (412, "SomethingNew", Kind::Rejected),
        (418, "SomethingElse", Kind::Rejected),
    ];
    for (status, code, kind) in cases {
        for in_header in [true, false] {
            let error = of(status, code, START + 1, in_header);
            assert_eq!((error.kind(), error.status()), (kind, Some(status)), "{code}");
            assert_eq!(error.code().unwrap_or_default(), code);
            assert!(error.to_string().contains(code), "{error}");
        }
    }
}

#[test]
fn the_services_clock_tells_why_a_token_is_refused() {
    for (code, else_it_is) in [
        ("AuthenticationFailed", BlobErrorKind::Signature),
        ("AuthorizationFailure", BlobErrorKind::NetworkRules),
    ] {
        let at = |now| of(403, code, now, true).kind();
        assert_eq!(at(START - 1), BlobErrorKind::NotYetValid { from: START });
        assert_eq!(at(START), else_it_is);
        assert_eq!(at(END), BlobErrorKind::Expired { at: END });
    }
}

#[test]
fn the_times_of_a_policy_are_those_that_the_service_tells() {
    let at = |current: &str| {
        let body = format!(
            "<Error><Code>AuthenticationFailed</Code><AuthenticationErrorDetail>Signature not valid in the specified \
             time frame: Start [Thu, 01 Jan 2026 00:00:00 GMT] - Expiry [Tue, 01 Jan 2030 00:00:00 GMT] - Current \
             [{current}]</AuthenticationErrorDetail></Error>"
        );
        refused(OF_POLICY, 403, None, &body, 1).kind()
    };
    assert_eq!(at("Tue, 01 Jan 2030 00:00:00 GMT"), BlobErrorKind::Expired { at: END });
    assert_eq!(
        at("Wed, 31 Dec 2025 23:59:59 GMT"),
        BlobErrorKind::NotYetValid { from: START }
    );
    assert_eq!(at("Fri, 02 Jan 2026 00:00:00 GMT"), BlobErrorKind::Signature);
}

#[test]
fn what_may_pass_is_tried_again() {
    for (status, code) in [
        (503, "ServerBusy"),
        (500, "InternalError"),
        (500, "OperationTimedOut"),
        (408, ""),
        (429, ""),
        (400, "Md5Mismatch"),
    ] {
        assert!(of(status, code, START, true).again().is_some(), "{status} {code}");
    }
    for (status, maybe_done) in [(408, true), (500, true), (504, true), (429, false)] {
        let again = of(status, "", START, true).again().unwrap();
        assert_eq!(again.maybe_done, maybe_done, "{status}");
    }
    for (status, code) in [
        (403, "AuthenticationFailed"),
        (403, "AuthorizationFailure"),
        (404, "BlobNotFound"),
        (409, ""),
        (409, "BlobArchived"),
        (400, ""),
        (501, ""),
    ] {
        assert!(of(status, code, START, true).again().is_none(), "{status} {code}");
    }
}

#[test]
fn a_token_that_will_soon_hold_is_waited_for() {
    let at = |now| of(403, "AuthenticationFailed", now, true).again();
    let pause = at(START - 7).unwrap();
    assert_eq!((pause.after, pause.maybe_done), (Some(Duration::from_secs(7)), false));
    assert!(at(START - MAX_EARLY - 1).is_none());
}

#[test]
fn an_error_is_one_sentence() {
    let error = of(409, "BlobAlreadyExists\u{1b}", START, false);
    assert_eq!(
        error.to_string(),
        "the storage refused the request (status 409): BlobAlreadyExists\u{fffd}: no"
    );
}

#[test]
fn a_refusal_that_no_storage_wrote_is_told_apart() {
    let page = refused(URL, 403, None, "<html><body>Blocked by policy</body></html>", START);
    assert!(page.to_string().contains("proxy"), "{page}");
    let own = refused(URL, 403, Some("AuthenticationFailed"), "", START);
    assert!(!own.to_string().contains("proxy"), "{own}");
}

#[test]
fn what_is_not_there_when_a_container_is_asked_for_is_no_blob() {
    let of = |code, body| refused_of(true, URL, 404, code, body, START);
    for (code, body) in [
        (None, ""),
        (None, "<html>404 Not Found</html>"),
        (Some("SomethingNotFound"), ""),
        (
            None,
            "{\"error\":{\"code\":\"FilesystemNotFound\",\"message\":\"No.\"}}",
        ),
    ] {
        let error = of(code, body);
        assert_eq!(error.kind(), BlobErrorKind::NoContainer, "{error}");
        assert_eq!(
            error.to_string().contains("may be no storage"),
            error.code().is_none(),
            "{error}"
        );
    }
    let error = refused(URL, 511, None, "<html>Login</html>", START);
    assert!(
        error.to_string().contains("wants a login") && !error.may_pass(),
        "{error}"
    );
}
