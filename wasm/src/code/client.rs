//! Of services and storages.

use zkvault_client::blob::BlobErrorKind;
use zkvault_client::{ErrorKind, OAuthCode};

use super::sources::{enums_of, is_in_types, variants};

/// Every kind, by the name of its variant, and its word.
fn services() -> Vec<(ErrorKind, &'static str)> {
    vec![
        (ErrorKind::Unauthorized, "not-authenticated"),
        (ErrorKind::Forbidden, "forbidden"),
        (ErrorKind::NotFound, "not-found"),
        (ErrorKind::Conflict, "conflict"),
        (ErrorKind::RateLimited { retry_after: None }, "rate-limited"),
        (ErrorKind::Rejected, "rejected"),
        (ErrorKind::Server, "server"),
        (ErrorKind::Network, "network"),
        (ErrorKind::Timeout, "timeout"),
        (ErrorKind::Malformed, "malformed-answer"),
        (ErrorKind::Foreign, "malformed-answer"),
        (ErrorKind::TooLarge, "too-large"),
        (ErrorKind::Redirected, "redirected"),
        (ErrorKind::OAuth(OAuthCode::InvalidClient), "no-token"),
        (ErrorKind::Request, "request"),
    ]
}

fn storages() -> Vec<(BlobErrorKind, &'static str)> {
    vec![
        (BlobErrorKind::Expired { at: 1 }, "sas-expired"),
        (BlobErrorKind::NotYetValid { from: 1 }, "sas-not-yet-valid"),
        (BlobErrorKind::Signature, "sas-refused"),
        (BlobErrorKind::NetworkRules, "sas-refused"),
        (BlobErrorKind::Permission { needs: "r" }, "forbidden"),
        (BlobErrorKind::OverwriteDenied, "overwrite-forbidden"),
        (BlobErrorKind::Scope, "forbidden"),
        (BlobErrorKind::Policy, "account-refused"),
        (BlobErrorKind::Account, "account-refused"),
        (BlobErrorKind::NoContainer, "no-container"),
        (BlobErrorKind::NotFound, "not-found"),
        (BlobErrorKind::Conflict, "conflict"),
        (BlobErrorKind::Leased, "leased"),
        (BlobErrorKind::Archived, "archived"),
        (BlobErrorKind::Immutable, "immutable"),
        (BlobErrorKind::Snapshots, "snapshots"),
        (BlobErrorKind::BlobType, "blob-type"),
        (BlobErrorKind::ForeignBlocks, "foreign-blocks"),
        (BlobErrorKind::BlockList, "blocks-lost"),
        (BlobErrorKind::Range, "storage"),
        (BlobErrorKind::Checksum, "storage"),
        (BlobErrorKind::Throttled { retry_after: None }, "rate-limited"),
        (BlobErrorKind::ApiVersion, "api-version"),
        (BlobErrorKind::Rejected, "rejected"),
        (BlobErrorKind::Server, "server"),
        (BlobErrorKind::Network, "network"),
        (BlobErrorKind::Timeout, "timeout"),
        (BlobErrorKind::Malformed, "malformed-answer"),
        (BlobErrorKind::Endless, "endless-listing"),
        (BlobErrorKind::Redirected, "redirected"),
    ]
}

/// The name of the variant: what `Debug` begins with.
fn name(kind: &impl std::fmt::Debug) -> String {
    let shown = format!("{kind:?}");
    shown.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned()
}

#[test]
fn every_kind_has_its_word() {
    for (kind, word) in services() {
        assert_eq!(kind.code(), word, "{kind:?}");
        assert!(is_in_types(word), "{word}");
    }
    for (kind, word) in storages() {
        assert_eq!(kind.code(), word, "{kind:?}");
        assert!(is_in_types(word), "{word}");
    }
}

/// The kinds are open for additions: one that the client gains must come into the tables.
#[test]
fn no_kind_of_the_client_is_missing_from_the_tables() {
    let enums = enums_of("client");
    let of = |wanted: &str| {
        let (_, body) = enums.iter().find(|(name, _)| name == wanted).unwrap();
        variants(body).map(str::to_owned).collect::<Vec<_>>()
    };
    let services: Vec<_> = services().iter().map(|(kind, _)| name(kind)).collect();
    let storages: Vec<_> = storages().iter().map(|(kind, _)| name(kind)).collect();
    assert_eq!(services, of("ErrorKind"));
    assert_eq!(storages, of("BlobErrorKind"));
}
