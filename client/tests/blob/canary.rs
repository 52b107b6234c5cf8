//! A token never shows, whatever goes wrong.

use zkvault_client::Bytes;
use zkvault_client::blob::Condition;
use zkvault_simulator::Fault;

use crate::storage::{Running, container, options};

#[tokio::test]
async fn no_error_holds_the_token() {
    let running = Running::start();
    let address = running.address("rl");
    let signature = address.split("sig=").nth(1).unwrap().to_owned();
    let (scheme, rest) = address.split_once("://").unwrap();
    let (_, path) = rest.split_once('/').unwrap();
    let mut shown = Vec::new();
    // Nobody there; no TLS there; a wrong signature; a fault of every kind.
    let refused = format!("{scheme}://127.0.0.1:9/{path}");
    let no_tls = format!("https://{rest}");
    let mangled = address.replace("sp=rl", "sp=rlw");
    for address in [&refused, &no_tls, &mangled, &address] {
        let container = container(address);
        let put = container
            .put_blob("b", Bytes::from_static(b"x"), &options(Condition::Always, "1"))
            .await;
        let error = put.unwrap_err();
        shown.push(format!("{error} {error:?} {container:?} {}", container.url()));
    }
    for fault in [
        Fault::status(403),
        Fault::HtmlPage,
        Fault::status(302),
        Fault::status(404),
        Fault::status(400),
    ] {
        running.storage.conditions().inject(fault, 1, "");
        let error = container(&address).list("", "").next_page().await.unwrap_err();
        shown.push(format!("{error} {error:?}"));
    }
    for text in shown {
        assert!(!text.contains("sig=") && !text.contains(&signature), "{text}");
    }
}
