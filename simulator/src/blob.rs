//! Azure Blob Storage, as much of it as zkvault uses: block blobs in containers, reached by SAS.
//!
//! Addresses have the account in the path, as Azurite's do: `http://127.0.0.1:PORT/ACCOUNT/CONTAINER/BLOB`.

mod content;
mod exchange;
mod hostile;
mod operation;
mod preconditions;
mod quirks;
mod reply;
mod request;
mod sas;
mod state;
mod xml;

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use axum::Router;

pub use content::Storage;
pub use hostile::BlobAttack;
pub use sas::{Account, Sas, SasResource};
pub use state::StoredBlob;

use crate::conditions::{Conditions, lock};
use crate::quirk::Quirk;
use crate::server::Server;
use content::Store;
use operation::Operation;
use reply::Problem;
use request::BlobRequest;
use state::State;

/// A simulated storage account. A clone is another handle to the same one.
#[derive(Clone)]
pub struct BlobStorage(Arc<Inner>);

struct Inner {
    account: Account,
    store: Arc<Store>,
    state: Mutex<State>,
    attacks: Mutex<Vec<BlobAttack>>,
    quirks: Mutex<BTreeSet<Quirk>>,
    conditions: Arc<Conditions>,
}

impl BlobStorage {
    /// An empty account of a random key. It is not listening: [`Server::start`] makes its
    /// [`router`](Self::router) do so.
    ///
    /// # Errors
    /// The system's, when it gives no random bytes or no temporary folder.
    pub fn new(storage: Storage) -> io::Result<Self> {
        Ok(Self(Arc::new(Inner {
            account: Account::random("zkvsimulator")?,
            store: Arc::new(Store::open(storage)?),
            state: Mutex::default(),
            attacks: Mutex::default(),
            quirks: Mutex::default(),
            conditions: Arc::default(),
        })))
    }

    /// Everything below `/ACCOUNT`.
    pub fn router(&self) -> Router {
        Router::new().fallback(exchange::exchange).with_state(self.clone())
    }

    /// Latency, faults, limits, the clock, and the requests that came. Of a body only the start is recorded.
    #[must_use]
    pub fn conditions(&self) -> &Conditions {
        &self.0.conditions
    }

    /// The name and key that sign.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.0.account
    }

    /// Creates a container, if there is none of that name.
    pub fn create_container(&self, name: &str) {
        self.state(|state| state.create_container(name));
    }

    /// A service SAS for a container, without the question mark: permissions such as `racwdl`.
    #[must_use]
    pub fn sas(&self, container: &str, permissions: &str, expiry: SystemTime) -> String {
        self.0.account.sign(&Sas::container(container, permissions, expiry))
    }

    /// The address of a container with such a SAS: all that a client needs.
    #[must_use]
    pub fn sas_url(&self, server: &Server, container: &str, permissions: &str, expiry: SystemTime) -> String {
        let token = self.sas(container, permissions, expiry);
        format!("{}/{}/{container}?{token}", server.url(), self.0.account.name())
    }

    /// Lists at most so many blobs in one answer, whatever a request asks for.
    pub fn set_page_len(&self, blobs: usize) {
        self.state(|state| state.page_len = blobs);
    }

    /// The names of the committed blobs in a container, in order.
    #[must_use]
    pub fn names(&self, container: &str) -> Vec<String> {
        self.state(|state| state.names(container))
    }

    /// A committed blob: its content, metadata and blocks.
    #[must_use]
    pub fn blob(&self, container: &str, name: &str) -> Option<StoredBlob> {
        self.state(|state| state.stored(container, name))
    }

    /// Puts a blob in place, as someone else with the account's key would.
    pub fn put(&self, container: &str, name: &str, blob: StoredBlob) {
        let now = self.0.conditions.clock().now();
        self.state(|state| state.put(container, name, blob, now));
    }

    /// The identifiers of the blocks of a blob that wait for a commit.
    #[must_use]
    pub fn uncommitted(&self, container: &str, name: &str) -> Vec<String> {
        self.state(|state| state.uncommitted(container, name))
    }

    /// Forgets the blocks that wait for a commit, as Azure does after a week.
    pub fn expire_blocks(&self, container: &str) {
        self.state(|state| state.expire_blocks(container));
    }

    /// Leases a blob to somebody else, or ends that.
    pub fn lease(&self, container: &str, name: &str, leased: bool) {
        self.state(|state| state.lease(container, name, leased));
    }

    /// Puts a blob into the archive tier, or takes it out of there.
    pub fn archive(&self, container: &str, name: &str, archived: bool) {
        self.state(|state| state.archive(container, name, archived));
    }

    /// Plays a quirk of storages from now on. Those of other services change nothing here.
    pub fn quirk(&self, quirk: Quirk) {
        lock(&self.0.quirks).insert(quirk);
    }

    /// Lies from now on to who reads, in this way as well. What is stored stays as it is.
    pub fn attack(&self, attack: BlobAttack) {
        lock(&self.0.attacks).push(attack);
    }

    /// Tells the truth again, and has no quirks.
    pub fn behave(&self) {
        lock(&self.0.attacks).clear();
        lock(&self.0.quirks).clear();
    }

    /// Where requests are sent to, if they are sent elsewhere.
    fn redirect(&self) -> Option<(u16, String)> {
        lock(&self.0.attacks).iter().find_map(BlobAttack::redirect)
    }

    fn has_quirk(&self, quirk: Quirk) -> bool {
        lock(&self.0.quirks).contains(&quirk)
    }

    /// What a quirk has the storage say to a request.
    fn refusal(&self, operation: Operation, request: &BlobRequest) -> Option<Problem> {
        let quirks = lock(&self.0.quirks).clone();
        let mut quirks = quirks.into_iter();
        self.state(|state| quirks.find_map(|quirk| quirks::refusal(quirk, operation, request, state)))
    }

    /// What who reads gets to see.
    fn view(&self) -> Self {
        let attacks = lock(&self.0.attacks);
        if attacks.is_empty() {
            return self.clone();
        }
        let mut state = lock(&self.0.state).clone();
        attacks.iter().for_each(|attack| attack.pretend(&mut state));
        Self(Arc::new(Inner {
            account: self.0.account.clone(),
            store: Arc::clone(&self.0.store),
            state: Mutex::new(state),
            attacks: Mutex::default(),
            quirks: Mutex::new(lock(&self.0.quirks).clone()),
            conditions: Arc::clone(&self.0.conditions),
        }))
    }

    fn state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut lock(&self.0.state))
    }
}

impl fmt::Debug for BlobStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobStorage").finish_non_exhaustive()
    }
}
