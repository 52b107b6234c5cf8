//! The Loome Assist API: every endpoint of the vendor's API reference.
//!
//! The page gives some paths, and shows no answers. The paths that it does not give are settings, [`LoomePaths`];
//! answers are taken in any form that can be understood, with everything in them kept.
//!
//! ```no_run
//! # #[cfg(feature = "native")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use zkvault_client::core::SecretText;
//! use zkvault_client::loome::{Loome, LoomePaths};
//! use zkvault_client::oauth::{Credentials, Session};
//! use zkvault_client::{NativeTransport, ServiceUrl};
//!
//! let url = ServiceUrl::parse("https://assist.example.com")?;
//! let secret = SecretText::from(std::env::var("LOOME_SECRET")?);
//! let session = Session::new(Credentials::new("client-id", secret), None);
//! let client = Loome::new(NativeTransport::new(), url, session, LoomePaths::default());
//! for project in client.projects("admin@example.com").await?.records {
//!     // its id and name, and whatever else the service says of it
//! }
//! # Ok(())
//! # }
//! ```

mod answer;
mod call;
mod expiry;
mod id;
mod name;
mod network;
mod object;
mod paths;
mod sas;

pub use call::LoomeCall;
pub use expiry::{SasExpiry, SasExpiryError};
pub use id::{LoomeId, LoomeIdError};
pub use name::NameAvailability;
pub use network::NetworkConfiguration;
pub use object::LoomeObject;
pub use paths::{LoomePathError, LoomePaths};
pub use sas::SasAccess;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Map, Value};
use zkvault_core::SecretBuffer;

use crate::blob::SasUrl;
use crate::body::read_whole;
use crate::error::{ClientError, ErrorKind};
use crate::logmeonce::MAX_ANSWER_LEN;
use crate::oauth::{Session, Token, repeats_text};
use crate::parts::{Listed, Parts};
use crate::service::Service;
use crate::transport::Transport;
use crate::url::{ServiceUrl, with_query};
use answer::Answer;

/// Objects of a list, over all its parts.
const MAX_OBJECTS: usize = 100_000;
/// What tokens are asked for, by the page.
const SCOPE: &str = "webApi";

/// A client of the Loome Assist API.
///
/// Each method is one request, as the [`LoomeCall`] of the same name describes it. Tokens and failures in passing
/// are treated as by [`LogMeOnce`](crate::logmeonce::LogMeOnce).
pub struct Loome<T> {
    service: Service<T>,
    url: ServiceUrl,
    paths: LoomePaths,
}

impl<T: Transport> Loome<T> {
    /// A client for the Loome Assist instance at `url`, with or without `/api/v1` at its end.
    #[must_use]
    pub fn new(transport: T, url: ServiceUrl, session: Session, paths: LoomePaths) -> Self {
        let url = url.without_suffix("api/v1");
        let token_url = url.join(paths.token());
        Self {
            service: Service::new(transport, session, token_url, Some(SCOPE)),
            url,
            paths,
        }
    }

    /// The same client, whose tokens come from an identity host of their own. The API key's secret goes there and nowhere
    /// else, and tokens go to the API alone. `identity` may end in the path of tokens.
    #[must_use]
    pub fn with_identity(self, identity: ServiceUrl) -> Self {
        let path = self.paths.token().trim_start_matches('/');
        let token_url = identity.without_suffix(path).join(self.paths.token());
        let service = self.service.with_token_url(token_url);
        Self { service, ..self }
    }

    /// The token that is in use, to keep it for the next session.
    #[must_use]
    pub fn token(&self) -> Option<Arc<Token>> {
        self.service.session().token()
    }

    /// Gets a new token with the API key and its secret, which also shows whether they are right.
    ///
    /// # Errors
    /// [`ClientError`]; of the kind `OAuth` when the service refuses.
    pub async fn log_in(&self) -> Result<Arc<Token>, ClientError> {
        self.service.log_in().await
    }

    /// The projects that the user with an email address is a member of.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn projects(&self, email: &str) -> Result<Listed<LoomeObject>, ClientError> {
        let call = LoomeCall::projects(&self.paths, email);
        self.list(&call, "projects").await
    }

    /// Whether a data repository, and so its storage account, can have this name.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn check_name(&self, name: &str) -> Result<NameAvailability, ClientError> {
        let call = LoomeCall::check_name(&self.paths, name);
        NameAvailability::read(&self.answer(&call).await?)
    }

    /// Creates a data repository. `more` are members besides the name, which the page does not tell. Gives the data
    /// repository with its id, if the service tells.
    ///
    /// # Errors
    /// [`ClientError`], as of every request; of the kind `Conflict` when the name is taken.
    pub async fn create_repository(
        &self,
        project: &LoomeId,
        name: &str,
        more: Map<String, Value>,
    ) -> Result<Option<LoomeObject>, ClientError> {
        let call = LoomeCall::create_repository(&self.paths, project, name, more);
        Ok(self.answer(&call).await?.object())
    }

    /// The data repositories of a project.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn repositories(&self, project: &LoomeId) -> Result<Listed<LoomeObject>, ClientError> {
        self.list(&LoomeCall::repositories(project), "dataRepositories").await
    }

    /// How a data repository is reached.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn repository_network(
        &self,
        project: &LoomeId,
        repository: &LoomeId,
    ) -> Result<NetworkConfiguration, ClientError> {
        let call = LoomeCall::repository_network(project, repository);
        NetworkConfiguration::read(&self.answer(&call).await?)
    }

    /// A link to the container of a data repository, with a SAS that ends at `expiry`.
    ///
    /// # Errors
    /// [`ClientError`], as of every request; of the kind `Malformed` also when the link allows writing where only
    /// reading was asked for, and when it leads to this machine and the service is not on it.
    pub async fn shared_access_signature(
        &self,
        project: &LoomeId,
        repository: &LoomeId,
        expiry: SasExpiry,
        access: SasAccess,
    ) -> Result<SasUrl, ClientError> {
        let call = LoomeCall::shared_access_signature(project, repository, expiry, access);
        sas::read(&self.answer(&call).await?, access, self.url.is_loopback())
    }

    /// The workstations of a project.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn workstations(&self, project: &LoomeId) -> Result<Listed<LoomeObject>, ClientError> {
        self.list(&LoomeCall::workstations(project), "workstations").await
    }

    /// How a workstation is reached.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn workstation_network(
        &self,
        project: &LoomeId,
        workstation: &LoomeId,
    ) -> Result<NetworkConfiguration, ClientError> {
        let call = LoomeCall::workstation_network(project, workstation);
        NetworkConfiguration::read(&self.answer(&call).await?)
    }

    /// Sends any call and gives its answer as it comes. It may hold a link to a storage: a secret.
    ///
    /// # Errors
    /// [`ClientError`], as of every request; of the kind `Malformed` also for a page of HTML, and for what says that it
    /// is JSON and is none.
    pub async fn raw(&self, call: &LoomeCall) -> Result<SecretBuffer, ClientError> {
        self.answer(call).await.map(Answer::into_body)
    }

    /// Gets a list whole, in as many parts as it comes.
    async fn list(&self, call: &LoomeCall, name: &str) -> Result<Listed<LoomeObject>, ClientError> {
        let (mut listed, mut parts) = (Listed::default(), Parts::default());
        loop {
            let answer = self.answer(&call.part(&parts.parameters())).await;
            let answer = answer.map_err(|error| parts.failed(error))?;
            let (objects, beside) = answer.list(name, &mut parts)?;
            let count = objects.len() as u64;
            objects.into_iter().for_each(|object| listed.push(object));
            if listed.records.len() > MAX_OBJECTS {
                return Err(
                    ClientError::new(ErrorKind::TooLarge).with_detail(format!("more than {MAX_OBJECTS} objects"))
                );
            }
            if !parts.read(count, &beside, answer.headers(), (&self.url, call.path()))? {
                return Ok(listed);
            }
        }
    }

    /// Sends a call and reads its answer whole.
    async fn answer(&self, call: &LoomeCall) -> Result<Answer, ClientError> {
        let read = || async move {
            let response = self.service.authorized(|| self.request(call)).await?;
            let key = self.service.session().credentials().key();
            let holds_secret = |text: &str| text.contains("sig=") || repeats_text(text, key);
            let response = self.service.successful(response, &holds_secret).await?;
            let (head, mut body) = response.into_parts();
            let read = async {
                let answer = Answer::new(head.headers, read_whole(&mut body, MAX_ANSWER_LEN).await?)?;
                answer.check_success(call.wanted(), |text| {
                    holds_secret(text) || self.service.session().is_repeated_in(text)
                })?;
                Ok(answer)
            };
            let read: Result<Answer, ClientError> = read.await;
            read.map_err(|error| error.with_status(head.status))
        };
        self.service.run(call.effect(), read).await
    }

    fn request(&self, call: &LoomeCall) -> Result<Request<Bytes>, ClientError> {
        let key = self.service.session().credentials().key();
        let key = call.key_parameter().map(|name| (name, key));
        let url = with_query(self.url.join(call.path()), call.query().chain(key));
        let mut request = Request::builder()
            .method(call.method())
            .uri(url)
            .header(ACCEPT, "application/json");
        let body = call.body().map(|body| Bytes::from(body.to_string()));
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(body.unwrap_or_default());
        request.map_err(|_| ClientError::new(ErrorKind::Request))
    }
}

/// Without the session: by the page, the API key is its own secret.
impl<T> fmt::Debug for Loome<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service: _, url, paths } = self;
        f.debug_struct("Loome")
            .field("url", url)
            .field("paths", paths)
            .finish_non_exhaustive()
    }
}
