//! Long lists of sites, one site at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use zkvault_client::logmeonce::LogMeOnce;
use zkvault_client::oauth::{Session, Token};
use zkvault_client::{Body, ErrorKind, Transport, TransportError, TransportFault};
use zkvault_core::model::Site;
use zkvault_simulator::Organisation;
use zkvault_test_support::secret;

use crate::world::{World, credentials, site_ids};

#[tokio::test]
async fn many_sites_come_in_their_order() {
    let mut organisation = Organisation::new();
    for id in 1..=2000 {
        let mut site = Site::new(id);
        site.name = Some(format!("site \"{id}\" with a }} in its name"));
        organisation.add_site(&site);
    }
    let world = World::of(organisation);
    let ids = site_ids(&world.client()).await.unwrap();
    assert!(ids.into_iter().eq(1..=2000));
}

/// Answers every request with a list of sites that is made while it is read, and counts what was read.
struct Endless {
    piece: Bytes,
    last: Option<&'static str>,
    pieces: usize,
    read: Arc<AtomicUsize>,
}

struct EndlessBody {
    piece: Bytes,
    last: Option<&'static str>,
    left: usize,
    read: Arc<AtomicUsize>,
}

impl Transport for Endless {
    type Body = EndlessBody;

    async fn send(&self, _request: Request<Bytes>) -> Result<Response<EndlessBody>, TransportError> {
        Ok(Response::new(EndlessBody {
            piece: self.piece.clone(),
            last: self.last,
            left: self.pieces,
            read: Arc::clone(&self.read),
        }))
    }

    async fn sleep(&self, _duration: Duration) {}

    fn now(&self) -> u64 {
        0
    }
}

impl Body for EndlessBody {
    async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        let first = self.read.fetch_add(1, Ordering::Relaxed) == 0;
        if first {
            return Ok(Some(Bytes::from_static(br#"{"sites":[{"id":1}"#)));
        }
        if self.left == 0 {
            let broken = || TransportError::new(TransportFault::Broken, "the connection broke");
            return self
                .last
                .take()
                .map(|last| Ok(Some(last.into())))
                .unwrap_or_else(|| Err(broken()));
        }
        self.left -= 1;
        Ok(Some(self.piece.clone()))
    }
}

fn endless(pieces: usize, last: Option<&'static str>) -> (LogMeOnce<Endless>, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let transport = Endless {
        piece: Bytes::from(r#",{"id":2}"#.repeat(1000)),
        last,
        pieces,
        read: Arc::clone(&read),
    };
    let token = r#"{"access":"abc","refresh":null,"grant":"client","expires_at":null,"renew_at":null}"#;
    let session = Session::new(credentials(), Some(Token::from_json(&secret(token)).unwrap()));
    let url = zkvault_client::ServiceUrl::parse("https://a.example").unwrap();
    (LogMeOnce::new(transport, url, session), read)
}

#[tokio::test]
async fn no_more_is_read_than_is_asked_for() {
    let (client, read) = endless(1000, Some("]}"));
    let mut sites = client.sites(None).await.unwrap();
    assert!(
        read.load(Ordering::Relaxed) <= 2,
        "the first bytes show what the list is"
    );
    for told in 1..=50_000_usize {
        assert!(sites.next().await.unwrap().is_some());
        assert!(
            read.load(Ordering::Relaxed) <= 3 + told / 1000,
            "{told} sites, {} pieces",
            read.load(Ordering::Relaxed)
        );
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_fails_and_keeps_failing() {
    let (client, _) = endless(3, None);
    let mut sites = client.sites(None).await.unwrap();
    let mut told = 0;
    let error = loop {
        match sites.next().await {
            Ok(site) => told += usize::from(site.is_some()),
            Err(error) => break error,
        }
    };
    assert_eq!((told, error.kind()), (3001, ErrorKind::Network));
    assert_eq!(sites.next().await.unwrap_err(), error);
}

#[tokio::test]
async fn a_list_without_end_is_too_large() {
    let (client, _) = endless(usize::MAX, None);
    let mut sites = client.sites(None).await.unwrap();
    let mut told = 0;
    let error = loop {
        match sites.next().await {
            Ok(_) => told += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(
        (told, error.kind()),
        (zkvault_client::logmeonce::MAX_SITES, ErrorKind::TooLarge)
    );
}
