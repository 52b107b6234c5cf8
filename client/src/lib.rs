//! The client of two services: the LogMeOnce REST API and Loome Assist, with OAuth 2.0 and Azure blobs by SAS.
//!
//! Everything works over any [`Transport`]. With the feature `native` there is one, [`NativeTransport`], on reqwest
//! and Tokio; without it the crate compiles for wasm32, where the host brings its own.
//!
//! ```no_run
//! # #[cfg(feature = "native")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use zkvault_client::{Credentials, LogMeOnce, NativeTransport, ServiceUrl, Session};
//! use zkvault_core::SecretText;
//!
//! let url = ServiceUrl::parse("https://acme.logmeonce.com")?;
//! let credentials = Credentials::new("api-key", SecretText::from(String::from("api-secret")));
//! let client = LogMeOnce::new(NativeTransport::new(), url, Session::new(credentials, None));
//! let mut sites = client.sites(None).await?;
//! while let Some(site) = sites.next().await? {
//!     // one site at a time
//! }
//! # Ok(())
//! # }
//! ```

mod blob;
mod body;
mod error;
mod limiter;
mod logmeonce;
mod loome;
mod media;
#[cfg(feature = "native")]
mod native;
mod oauth;
mod retry;
mod service;
mod time;
mod transport;
mod url;

// The host's part
#[cfg(feature = "native")]
pub use native::{NativeBody, NativeTransport, Timeouts};
pub use transport::{Body, Transport, TransportError, TransportFault};

// Addresses
pub use url::{ServiceUrl, ServiceUrlError};

// Who asks
#[cfg(feature = "logins")]
pub use oauth::{Authorization, AuthorizationError, RedirectUri, RedirectUriError};
pub use oauth::{Credentials, Grant, Session, Token, TokenError};
#[cfg(feature = "native")]
pub use oauth::{LoopbackError, LoopbackRedirect};

// LogMeOnce
pub use logmeonce::{
    Call, CallError, Encoding, Format, LogMeOnce, MAX_ANSWER_LEN, MAX_INPUTS, MAX_LIST_LEN, MAX_SITES, Privilege,
    RawAnswer, RawBody, RightFlags, Rights, SiteStream, Tie, UserUpdate,
};

// Loome Assist
pub use loome::{
    Loome, LoomeCall, LoomeId, LoomeIdError, LoomeObject, LoomePathError, LoomePaths, NameAvailability,
    NetworkConfiguration, SasExpiry, SasExpiryError,
};

// Azure blobs
pub use blob::{
    BlobContainer, BlobError, BlobErrorKind, BlobProperties, BlockId, BlockIdError, Condition, Etag, ListedBlob,
    Listing, Renew, RenewalError, Renewing, SasUrl, SasUrlError, StoredBlock, UploadError, WriteOptions,
};

// Errors
pub use error::{ClientError, ErrorKind, OAuthCode};

// The types of requests and answers
pub use bytes::Bytes;
pub use http::{Method, Request, Response, StatusCode};
