//! A running tenant, and a client for it.

use std::sync::Arc;

use zkvault_client::loome::{Loome, LoomeId, LoomePaths};
use zkvault_client::oauth::{Credentials, Session, Token};
use zkvault_client::{ServiceUrl, Timeouts};
use zkvault_simulator::{Answer, LoomeSettings, Received};
use zkvault_test_support::{API_KEY, API_SECRET, Hasty, LoomeService, secret};

pub(crate) type Client = Loome<Hasty>;

pub(crate) struct World {
    pub(crate) service: LoomeService,
    pub(crate) transport: Hasty,
}

impl World {
    pub(crate) fn demo() -> Self {
        Self::with(LoomeSettings::default())
    }

    pub(crate) fn with(settings: LoomeSettings) -> Self {
        let transport = Hasty::new(Timeouts::default());
        Self {
            service: LoomeService::with(settings),
            transport,
        }
    }

    /// Changes what the API answers.
    pub(crate) fn rewrite(&self, rewrite: impl Fn(&mut Answer) + Send + Sync + 'static) {
        let of_api = move |received: &Received, answer: &mut Answer| {
            if received.path.starts_with("/api") {
                rewrite(answer);
            }
        };
        self.service.conditions().set_rewriter(Some(Arc::new(of_api)));
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(LoomePaths::default(), None)
    }

    pub(crate) fn client_with(&self, paths: LoomePaths, token: Option<Token>) -> Client {
        let credentials = Credentials::new(API_KEY, secret(API_SECRET));
        let url = ServiceUrl::parse(&self.service.url()).unwrap();
        Loome::new(self.transport.clone(), url, Session::new(credentials, token), paths)
    }
}

pub(crate) fn id(text: &str) -> LoomeId {
    text.parse().unwrap()
}
