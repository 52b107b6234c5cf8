//! The client of two services: the LogMeOnce REST API and Loome Assist, with OAuth 2.0 and Azure blobs by SAS.
//!
//! Everything works over any [`Transport`]. With the feature `native` there is one, [`NativeTransport`], on reqwest
//! and Tokio; without it the crate compiles for wasm32, where the host brings its own.
//!
//! ```no_run
//! # #[cfg(feature = "native")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use zkvault_client::core::SecretText;
//! use zkvault_client::logmeonce::LogMeOnce;
//! use zkvault_client::oauth::{Credentials, Session};
//! use zkvault_client::{NativeTransport, ServiceUrl};
//!
//! let url = ServiceUrl::parse("https://acme.logmeonce.com")?;
//! let credentials = Credentials::new("api-key", SecretText::from(String::from("api-secret")));
//! let client = LogMeOnce::new(NativeTransport::new(), url, Session::new(credentials, None));
//! let mut sites = client.sites(None).await?;
//! while let Some(site) = sites.next().await? {
//!     // one site at a time, or why it cannot be used
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Natively every future of this crate is `Send`, so that it can be spawned on a runtime of several threads.

#![cfg_attr(not(target_arch = "wasm32"), deny(clippy::future_not_send))]

pub mod blob;
pub mod logmeonce;
pub mod loome;
pub mod oauth;

mod body;
mod codes;
#[cfg(feature = "native")]
mod decoding;
#[cfg(not(feature = "native"))]
#[path = "decoding/host.rs"]
mod decoding;
mod document;
mod error;
mod limiter;
mod marker;
mod media;
mod message;
#[cfg(feature = "native")]
mod native;
mod paging;
mod parts;
mod refusal;
mod retry;
mod service;
mod shown;
mod time;
mod transport;
mod url;
mod visible;

// The host's part
pub use marker::{BoxFuture, MaybeSend, MaybeSync};
#[cfg(feature = "native")]
pub use native::{NativeBody, NativeTransport, Notice, Timeouts};
pub use transport::{Body, Transport, TransportError, TransportFault};

// What every module's signatures use
pub use codes::CODES;
pub use error::{ClientError, ErrorKind, OAuthCode};
pub use parts::Listed;
pub use shown::ShownRequest;
pub use url::{ServiceUrl, ServiceUrlError};

// The types of requests and responses, and the crate of what they carry
pub use bytes::Bytes;
pub use http::{Method, Request, Response, StatusCode};
pub use zkvault_core as core;
