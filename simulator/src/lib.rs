//! The vendors' services in one process, on the loopback interface: for tests, for `zkv demo`, and for people who
//! write other clients.
//!
//! A service is strict about what its vendor's API reference says, so that a client that works here has no reason to fail
//! there. While it runs, [`Conditions`] break the network and the service, and [`Attack`]s make it lie.
//!
//! ```
//! # async fn example(key: &zkvault_core::key::VaultKey) -> Result<(), Box<dyn std::error::Error>> {
//! use zkvault_simulator::{Attack, Fault, LogMeOnce, Server, Settings, seed};
//!
//! let service = LogMeOnce::new(Settings::default(), seed::demo(key)?);
//! let server = Server::start(0, service.router()).await?;
//! service.conditions().inject(Fault::status(503), 2, "/rest");
//! service.attack(Attack::url(seed::GOOGLE, "https://accounts.google.com.evil.example/"));
//! // … a client talks to server.url() …
//! assert!(service.audit_log().is_empty());
//! server.stop().await;
//! # Ok(())
//! # }
//! ```

mod answer;
mod bearer;
mod blob;
mod body;
mod clock;
mod conditions;
mod cors;
mod exchange;
mod faults;
mod format;
mod login_page;
mod logmeonce;
mod loome;
mod params;
mod quirk;
mod rate;
mod server;
mod service_quirks;
mod tokens;
mod traffic;
mod wire;
mod xml;

// The server
pub use axum::Router;
pub use cors::for_pages;
pub use login_page::{PRACTICE_PASSWORD, PRACTICE_USERNAME, login_page};
pub use server::Server;

// LogMeOnce
pub use logmeonce::seed;
pub use logmeonce::{
    ActivateError, ApiKey, Attack, AuditEntry, Document, Kind, LogMeOnce, Organisation, Relation, Right, Rights,
    Settings,
};

// Loome Assist
pub use loome::{DataRepository, Loome, LoomePaths, LoomeSettings, Network, Project, SasForm, Tenant, Workstation};

// Azure blobs
pub use blob::{Account, BlobAttack, BlobStorage, Sas, SasResource, Storage, StoredBlob};

// What goes wrong
pub use answer::Answer;
pub use conditions::{Conditions, Rewriter};
pub use faults::Fault;
pub use quirk::{Quirk, UnknownQuirk};
pub use rate::RateLimit;
pub use traffic::{MAX_RECEIVED, Received};
