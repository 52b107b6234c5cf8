//! Redirects are never followed, and the token goes to nobody else.

use std::sync::Arc;

use zkvault_client::ErrorKind;
use zkvault_client::logmeonce::{Call, Format, LogMeOnce};
use zkvault_simulator::{Answer, Received};
use zkvault_test_support::Hasty;

use crate::world::World;

/// Makes one service redirect to another.
fn redirect(world: &World, other: &World, status: u16, path: &'static str) {
    let target = other.service.url();
    let rewrite = move |received: &Received, answer: &mut Answer| {
        if received.path.starts_with(path) {
            answer.status = status;
            answer
                .headers
                .push(("location".to_owned(), format!("{target}{}", received.path)));
        }
    };
    world.service.conditions().set_rewriter(Some(Arc::new(rewrite)));
}

async fn outcomes(client: &LogMeOnce<Hasty>) -> [Option<ErrorKind>; 4] {
    [
        client.users().await.err().map(|error| error.kind()),
        client.sites(None).await.err().map(|error| error.kind()),
        client.deactivate_user(1918).await.err().map(|error| error.kind()),
        client
            .raw(&Call::groups(), Format::Json)
            .await
            .err()
            .map(|error| error.kind()),
    ]
}

#[tokio::test]
async fn nobody_goes_where_a_service_sends_us() {
    let (world, other) = (World::demo(), World::demo());
    for status in [301, 302, 303, 307, 308] {
        redirect(&world, &other, status, "/rest");
        let client = world.client();
        assert_eq!(outcomes(&client).await, [Some(ErrorKind::Redirected); 4], "{status}");
        redirect(&world, &other, status, "/oauth2");
        assert_eq!(
            outcomes(&world.client()).await,
            [Some(ErrorKind::Redirected); 4],
            "{status}"
        );
    }
    assert_eq!(other.service.requests("").len(), 0);
    assert_eq!(world.transport.pauses().len(), 0, "nor is it tried again");
}
