//! A running service, and a client for it.

use zkvault_client::logmeonce::{LogMeOnce, SiteStream};
use zkvault_client::oauth::{Credentials, Session, Token};
use zkvault_client::{ClientError, ErrorKind, ServiceUrl, Timeouts, Transport};
use zkvault_core::key::VaultKey;
use zkvault_core::model::Site;
use zkvault_simulator::Organisation;
use zkvault_test_support::{API_KEY, API_SECRET, Hasty, Service, secret};

pub(crate) type Client = LogMeOnce<Hasty>;

pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) transport: Hasty,
}

impl World {
    pub(crate) fn demo() -> Self {
        Self::with(Service::sealed_with(&VaultKey::from_slice(&[7; 32]).unwrap()))
    }

    pub(crate) fn of(organisation: Organisation) -> Self {
        Self::with(Service::of(organisation))
    }

    fn with(service: Service) -> Self {
        let transport = Hasty::new(Timeouts::default());
        Self { service, transport }
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(None)
    }

    pub(crate) fn client_with(&self, token: Option<Token>) -> Client {
        self.client_over(self.transport.clone(), Session::new(credentials(), token))
    }

    pub(crate) fn client_over<T: Transport>(&self, transport: T, session: Session) -> LogMeOnce<T> {
        LogMeOnce::new(transport, self.url(), session)
    }

    pub(crate) fn url(&self) -> ServiceUrl {
        ServiceUrl::parse(&self.service.url()).unwrap()
    }
}

pub(crate) fn credentials() -> Credentials {
    Credentials::new(API_KEY, secret(API_SECRET))
}

/// All sites, none of which may be odd.
pub(crate) async fn all<T: Transport>(mut stream: SiteStream<'_, T>) -> Result<Vec<Site>, ClientError> {
    let mut sites = Vec::new();
    while let Some(site) = stream.next().await? {
        sites.push(site.unwrap());
    }
    Ok(sites)
}

/// The ids of all sites, or why there are none.
pub(crate) async fn site_ids(client: &Client) -> Result<Vec<u64>, ErrorKind> {
    let sites = async { all(client.sites(None).await?).await };
    let sites = sites.await.map_err(|error| error.kind())?;
    Ok(sites.iter().map(|site| site.id).collect())
}
