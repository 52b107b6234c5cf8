//! The native transport.

use bytes::Bytes;
use http::Request;
use zkvault_client::{NativeTransport, Timeouts, Transport, TransportFault};

use crate::world::World;

#[tokio::test]
async fn tls_is_spoken_to_https_addresses() {
    let world = World::demo();
    let address = world.service.address();
    let request = Request::get(format!("https://{address}/")).body(Bytes::new()).unwrap();
    let error = NativeTransport::new().send(request).await.map(drop).unwrap_err();
    assert_eq!(error.fault(), TransportFault::Connect, "{error}");
    assert!(world.service.requests("").is_empty(), "nothing is sent in clear");
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_left() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let timeouts = Timeouts {
        whole: std::time::Duration::from_millis(50),
        ..Timeouts::default()
    };
    let request = Request::get(format!("http://{}/", listener.local_addr().unwrap()));
    let request = request.body(Bytes::new()).unwrap();
    let error = NativeTransport::with_timeouts(timeouts)
        .send(request)
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(error.fault(), TransportFault::Timeout, "{error}");
}

#[tokio::test]
async fn errors_do_not_name_the_address() {
    let request = Request::get("http://127.0.0.1:1/?sig=canary")
        .body(Bytes::new())
        .unwrap();
    let error = NativeTransport::new().send(request).await.map(drop).unwrap_err();
    assert_eq!(error.fault(), TransportFault::Connect);
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}
