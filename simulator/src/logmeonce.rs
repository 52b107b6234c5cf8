//! The LogMeOnce service: its state, and what tests do with it from outside.

mod audit;
mod gate;
mod hostile;
mod oauth;
mod organisation;
mod routes;
pub mod seed;
mod settings;

use std::fmt;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::middleware::from_fn_with_state;

pub use audit::AuditEntry;
pub use hostile::Attack;
pub use organisation::{ActivateError, Document, Kind, Organisation, Relation, Right, Rights};
pub use settings::{ApiKey, Settings};

use crate::conditions::{Conditions, lock};
use crate::exchange::exchange;
use oauth::Ledger;

/// The simulated LogMeOnce service. A clone is another handle to the same one.
#[derive(Clone)]
pub struct LogMeOnce(Arc<Inner>);

struct Inner {
    settings: Mutex<Settings>,
    organisation: Mutex<Organisation>,
    ledger: Mutex<Ledger>,
    audit: Mutex<Vec<AuditEntry>>,
    attacks: Mutex<Vec<Attack>>,
    conditions: Arc<Conditions>,
}

impl LogMeOnce {
    /// A service for an organisation. It is not listening: [`Server::start`](crate::Server::start) makes its
    /// [`router`](Self::router) do so.
    #[must_use]
    pub fn new(settings: Settings, organisation: Organisation) -> Self {
        Self(Arc::new(Inner {
            settings: Mutex::new(settings),
            organisation: Mutex::new(organisation),
            ledger: Mutex::default(),
            audit: Mutex::default(),
            attacks: Mutex::default(),
            conditions: Arc::default(),
        }))
    }

    /// All paths, below `/rest` and `/oauth2`.
    pub fn router(&self) -> Router {
        let conditions = Arc::clone(&self.0.conditions);
        routes::router(self).layer(from_fn_with_state(conditions, exchange))
    }

    /// Latency, faults, limits, the clock, and the requests that came.
    #[must_use]
    pub fn conditions(&self) -> &Conditions {
        &self.0.conditions
    }

    /// The settings as they are.
    #[must_use]
    pub fn settings(&self) -> Settings {
        lock(&self.0.settings).clone()
    }

    /// Changes the settings.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.0.settings));
    }

    /// The true state as it is, also under attack.
    #[must_use]
    pub fn organisation(&self) -> Organisation {
        lock(&self.0.organisation).clone()
    }

    /// Changes the state, as the vendor's web application would.
    pub fn change<T>(&self, change: impl FnOnce(&mut Organisation) -> T) -> T {
        change(&mut lock(&self.0.organisation))
    }

    /// All that API users have done, oldest first.
    #[must_use]
    pub fn audit_log(&self) -> Vec<AuditEntry> {
        lock(&self.0.audit).clone()
    }

    /// Makes the service hostile: from now on it also lies in this way.
    pub fn attack(&self, attack: Attack) {
        lock(&self.0.attacks).push(attack);
    }

    /// Makes the service honest again.
    pub fn behave(&self) {
        lock(&self.0.attacks).clear();
        self.0.conditions.set_rewriter(None);
    }

    /// Forgets every token, as if all had been revoked.
    pub fn revoke_tokens(&self) {
        lock(&self.0.ledger).clear();
    }

    /// Reads the state as the service pretends it is.
    fn read<T>(&self, read: impl FnOnce(&Organisation) -> T) -> T {
        let attacks = lock(&self.0.attacks).clone();
        if attacks.is_empty() {
            return read(&lock(&self.0.organisation));
        }
        let mut pretended = self.organisation();
        for attack in &attacks {
            attack.pretend(&mut pretended);
        }
        read(&pretended)
    }

    fn attacks(&self) -> Vec<Attack> {
        lock(&self.0.attacks).clone()
    }

    fn ledger<T>(&self, work: impl FnOnce(&mut Ledger) -> T) -> T {
        work(&mut lock(&self.0.ledger))
    }

    fn log(&self, entry: AuditEntry) {
        lock(&self.0.audit).push(entry);
    }

    fn millis(&self) -> u64 {
        self.0.conditions.clock().millis()
    }
}

impl fmt::Debug for LogMeOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogMeOnce").finish_non_exhaustive()
    }
}
