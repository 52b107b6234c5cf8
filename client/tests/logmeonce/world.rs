//! A running service, and a client for it.

use zkvault_client::logmeonce::{LogMeOnce, SiteStream};
use zkvault_client::oauth::{Credentials, Session, Token};
use zkvault_client::{ClientError, ErrorKind, NativeBody, ServiceUrl, Timeouts, Transport};
use zkvault_core::SecretText;
use zkvault_core::key::VaultKey;
use zkvault_core::model::Site;
use zkvault_simulator::{LogMeOnce as Service, Organisation, Received, Server, Settings, seed};

pub(crate) use crate::hasty::Hasty;

pub(crate) type Client = LogMeOnce<Hasty>;

pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) server: Server,
    pub(crate) transport: Hasty,
}

impl World {
    pub(crate) async fn demo() -> Self {
        let key = VaultKey::from_slice(&[7; 32]).unwrap();
        Self::of(seed::demo(&key).unwrap()).await
    }

    pub(crate) async fn of(organisation: Organisation) -> Self {
        let service = Service::new(Settings::default(), organisation);
        let server = Server::start(0, service.router()).await.unwrap();
        let transport = Hasty::new(Timeouts::default());
        Self {
            service,
            server,
            transport,
        }
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
        ServiceUrl::parse(&self.server.url()).unwrap()
    }

    /// The requests whose path begins so.
    pub(crate) fn requests(&self, path: &str) -> Vec<Received> {
        let all = self.service.conditions().requests().into_iter();
        all.filter(|request| request.path.starts_with(path)).collect()
    }
}

pub(crate) fn credentials() -> Credentials {
    Credentials::new("simulator-key", secret("simulator-secret"))
}

pub(crate) fn secret(text: &str) -> SecretText {
    SecretText::from(text.to_owned())
}

pub(crate) async fn all(mut stream: SiteStream<NativeBody>) -> Result<Vec<Site>, ClientError> {
    let mut sites = Vec::new();
    while let Some(site) = stream.next().await? {
        sites.push(site);
    }
    Ok(sites)
}

/// The ids of all sites, or why there are none.
pub(crate) async fn site_ids(client: &Client) -> Result<Vec<u64>, ErrorKind> {
    let sites = async { all(client.sites(None).await?).await };
    let sites = sites.await.map_err(|error| error.kind())?;
    Ok(sites.iter().map(|site| site.id).collect())
}
