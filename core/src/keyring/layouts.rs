//! The layouts that vendor values are opened in, by account: found among its values, or imported.
//!
//! A layout says how a server's bytes become a password. So only what a person searched for or imported gets here, and
//! nothing replaces what is trusted more.
//!
//! An account has 1 to 4 layouts of different names, the authenticated ones first, and the entry without an account
//! serves every account that has none. Sealing is a promise to the vendor's client: it needs a tag, a value that the
//! layout opened, a key that is not cheap to search for, and a person who saw the client read a value
//! (docs/spec/keyring.md#layouts).
//!
//! ```
//! use zkvault_core::account::AccountName;
//! use zkvault_core::keyring::{NotSealing, StoreLayoutError, Stored, StoredLayout, VendorLayouts};
//! use zkvault_core::vendor::{KeySource, catalog};
//!
//! let layout = |name: &str| catalog::find(name).cloned().ok_or("not in the catalogue");
//! let account = Some(AccountName::parse("acme.logmeonce.com")?);
//! let mut layouts = VendorLayouts::default();
//! let found = StoredLayout::found(layout("vendor-gcm-16+pkcs7")?, KeySource::Given, 12);
//! assert_eq!(found.require_sealing(), Err(NotSealing::NotConfirmed));
//! assert_eq!(layouts.store(account.clone(), found)?, Stored::Added);
//! layouts.confirm(account.as_ref(), "vendor-gcm-16+pkcs7")?;
//! assert_eq!(layouts.of(account.as_ref())[0].require_sealing(), Ok(()));
//!
//! // Nothing that anyone can change comes beside what a tag protects.
//! let bare = layouts.store(account, StoredLayout::imported(layout("vendor-cbc")?));
//! assert_eq!(bare, Err(StoreLayoutError::LessTrusted { known: "vendor-gcm-16+pkcs7".to_owned() }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::account::AccountName;
use crate::vendor::{Cipher, KeySource, Layout, LayoutDigest, Trust};

/// The most layouts of an account.
pub const MAX_ACCOUNT_LAYOUTS: usize = 4;
/// The most accounts with layouts; documents of no account count as one.
pub const MAX_LAYOUT_ACCOUNTS: usize = 64;

/// A layout of an account, and what is known of it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLayout {
    layout: Layout,
    source: KeySource,
    opened: u32,
    is_confirmed: bool,
    is_allowed: bool,
}

impl StoredLayout {
    /// One that opened so many values of the account, at least one, under a key from `source`.
    #[must_use]
    pub fn found(layout: Layout, source: KeySource, opened: u32) -> Self {
        Self {
            layout,
            source,
            opened: opened.max(1),
            is_confirmed: false,
            is_allowed: false,
        }
    }

    /// One that somebody gave, and that opened nothing yet.
    #[must_use]
    pub fn imported(layout: Layout) -> Self {
        Self {
            layout,
            source: KeySource::Given,
            opened: 0,
            is_confirmed: false,
            is_allowed: false,
        }
    }

    /// The layout.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Where the key is from under which it opened values.
    #[must_use]
    pub fn source(&self) -> KeySource {
        self.source
    }

    /// How many values of the account it opened in a search: 0 of one that was only imported.
    #[must_use]
    pub fn opened(&self) -> u32 {
        self.opened
    }

    /// Whether a person said that the vendor's client reads what is sealed in it.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.is_confirmed
    }

    /// Whether its texts may be used: always when it is authenticated, else once a person allowed it.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.is_allowed || self.layout.trust() == Trust::Authenticated
    }

    /// Whether a person allowed the texts of this layout, which nothing authenticates, to be used.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.is_allowed
    }

    /// Whether values are sealed in it.
    ///
    /// # Errors
    /// [`NotSealing::Unauthenticated`], [`NotSealing::OpenedNothing`], [`NotSealing::WeakKey`] or
    /// [`NotSealing::NotConfirmed`]: the first of them that applies, in this order.
    pub fn require_sealing(&self) -> Result<(), NotSealing> {
        self.require_confirmable()?;
        match self.is_confirmed {
            true => Ok(()),
            false => Err(NotSealing::NotConfirmed),
        }
    }

    fn require_confirmable(&self) -> Result<(), NotSealing> {
        if self.layout.trust() == Trust::Unauthenticated || self.layout.description().cipher == Cipher::Aes256Ocb2 {
            return Err(NotSealing::Unauthenticated);
        }
        if self.opened == 0 {
            return Err(NotSealing::OpenedNothing);
        }
        if self.source.is_weak() {
            return Err(NotSealing::WeakKey);
        }
        Ok(())
    }

    /// With what a person said of it, as a keyring keeps it.
    pub(super) fn with_words(self, is_confirmed: bool, is_allowed: bool) -> Option<Self> {
        let is_bare = self.layout.trust() == Trust::Unauthenticated;
        let makes_sense = (!is_confirmed || self.require_confirmable().is_ok()) && (!is_allowed || is_bare);
        makes_sense.then_some(Self {
            is_confirmed,
            is_allowed,
            ..self
        })
    }

    /// What is trusted more is greater: a tag before none, what opened values before what did not.
    fn rank(&self) -> (Trust, bool, bool) {
        (self.layout.trust(), self.opened > 0, self.is_confirmed)
    }
}

/// The layouts of an account, or of documents of no known account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLayouts {
    account: Option<AccountName>,
    layouts: Vec<StoredLayout>,
}

impl AccountLayouts {
    /// The account; none for documents of no known account.
    #[must_use]
    pub fn account(&self) -> Option<&AccountName> {
        self.account.as_ref()
    }

    /// Its layouts, those of more trust first: 1 to 4.
    #[must_use]
    pub fn layouts(&self) -> &[StoredLayout] {
        &self.layouts
    }
}

/// The layouts of every account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VendorLayouts(Vec<AccountLayouts>);

/// What storing a layout did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is new.
    Added,
    /// It took the place of one with its name.
    Replaced,
    /// It was there.
    Known,
}

impl VendorLayouts {
    /// The accounts that have layouts.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &AccountLayouts> {
        self.0.iter()
    }

    /// The layouts for values of an account: its own, else those that were stored for no account.
    #[must_use]
    pub fn of(&self, account: Option<&AccountName>) -> &[StoredLayout] {
        let own = self.exactly(account);
        let known = own.or_else(|| self.exactly(None));
        known.map(AccountLayouts::layouts).unwrap_or_default()
    }

    fn exactly(&self, account: Option<&AccountName>) -> Option<&AccountLayouts> {
        self.0.iter().find(|known| known.account() == account)
    }

    /// Stores a layout for an account.
    ///
    /// The same layout is recognised by its digest and learns what a new search says of it. What came from a file of
    /// a stranger replaces nothing that is trusted more (threat model, Z61).
    ///
    /// # Errors
    /// [`StoreLayoutError::LessTrusted`] when the account has an authenticated layout and this one is not, or one of
    /// this name that is trusted more; [`StoreLayoutError::Full`] above 4 layouts or 64 accounts. Nothing has changed
    /// then.
    pub fn store(&mut self, account: Option<AccountName>, new: StoredLayout) -> Result<Stored, StoreLayoutError> {
        let is_full = self.0.len() >= MAX_LAYOUT_ACCOUNTS;
        match self.0.iter_mut().find(|known| known.account == account) {
            Some(known) => known.store(new),
            None if is_full => Err(StoreLayoutError::Full),
            None => {
                let layouts = vec![new];
                self.0.push(AccountLayouts { account, layouts });
                Ok(Stored::Added)
            }
        }
    }

    /// Forgets a layout; whether it was there.
    pub fn forget(&mut self, account: Option<&AccountName>, name: &str) -> bool {
        let Some(known) = self.0.iter_mut().find(|known| known.account() == account) else {
            return false;
        };
        let before = known.layouts.len();
        known.layouts.retain(|stored| stored.layout.name() != name);
        let is_gone = known.layouts.len() < before;
        self.0.retain(|known| !known.layouts.is_empty());
        is_gone
    }

    /// Notes that a person saw the vendor's client read a value that was sealed in this layout.
    ///
    /// # Errors
    /// [`ChangeLayoutError::Unknown`], and [`ChangeLayoutError::NotSealing`] when nothing is ever sealed in it.
    pub fn confirm(&mut self, account: Option<&AccountName>, name: &str) -> Result<(), ChangeLayoutError> {
        let stored = self.find_mut(account, name)?;
        stored.require_confirmable()?;
        stored.is_confirmed = true;
        Ok(())
    }

    /// Notes that a person allows the texts of a layout that nothing authenticates to be used.
    ///
    /// # Errors
    /// [`ChangeLayoutError::Unknown`], and [`ChangeLayoutError::NeedsNoPermission`] when its values are
    /// authenticated.
    pub fn allow(&mut self, account: Option<&AccountName>, name: &str) -> Result<(), ChangeLayoutError> {
        let stored = self.find_mut(account, name)?;
        if stored.layout.trust() == Trust::Authenticated {
            return Err(ChangeLayoutError::NeedsNoPermission);
        }
        stored.is_allowed = true;
        Ok(())
    }

    fn find_mut(&mut self, account: Option<&AccountName>, name: &str) -> Result<&mut StoredLayout, ChangeLayoutError> {
        let known = self.0.iter_mut().find(|known| known.account() == account);
        let mut layouts = known.into_iter().flat_map(|known| &mut known.layouts);
        let stored = layouts.find(|stored| stored.layout.name() == name);
        stored.ok_or(ChangeLayoutError::Unknown)
    }

    /// Puts layouts in for an account as they were written; whether they can have been.
    pub(super) fn put(&mut self, account: Option<AccountName>, layouts: Vec<StoredLayout>) -> bool {
        let names = |stored: &StoredLayout| stored.layout.name().to_owned();
        let distinct: std::collections::BTreeSet<_> = layouts.iter().map(names).collect();
        let fits = (1..=MAX_ACCOUNT_LAYOUTS).contains(&layouts.len())
            && distinct.len() == layouts.len()
            && layouts.is_sorted_by_key(|stored| std::cmp::Reverse(stored.layout.trust()))
            && self.0.len() < MAX_LAYOUT_ACCOUNTS
            && self.exactly(account.as_ref()).is_none();
        if fits {
            self.0.push(AccountLayouts { account, layouts });
        }
        fits
    }

    /// Whether those of accounts that only `other` has fit in as well.
    pub(super) fn fits(&self, other: &Self) -> bool {
        let more = other.0.iter().filter(|there| self.exactly(there.account()).is_none());
        self.0.len() + more.count() <= MAX_LAYOUT_ACCOUNTS
    }

    /// Takes in those of accounts that only the older copy has.
    pub(super) fn append(&mut self, older: Self) {
        for there in older.0 {
            if self.exactly(there.account()).is_none() {
                self.0.push(there);
            }
        }
    }
}

impl AccountLayouts {
    fn store(&mut self, new: StoredLayout) -> Result<Stored, StoreLayoutError> {
        let digest = new.layout.digest();
        if let Some(known) = self.layouts.iter_mut().find(|known| known.layout.digest() == digest) {
            known.learn(&new);
            return Ok(Stored::Known);
        }
        self.require_trust(&new)?;
        let twin = |known: &StoredLayout| known.layout.name() == new.layout.name();
        let stored = match self.layouts.iter().position(twin) {
            Some(place) => {
                self.layouts.remove(place);
                Stored::Replaced
            }
            None if self.layouts.len() >= MAX_ACCOUNT_LAYOUTS => return Err(StoreLayoutError::Full),
            None => Stored::Added,
        };
        self.layouts.push(new);
        self.layouts
            .sort_by_key(|stored| std::cmp::Reverse(stored.layout.trust()));
        Ok(stored)
    }

    /// No layout takes the place of one that is trusted more, and none without a tag comes beside one with.
    fn require_trust(&self, new: &StoredLayout) -> Result<(), StoreLayoutError> {
        let outranks = |known: &&StoredLayout| {
            let is_twin = known.layout.name() == new.layout.name();
            known.layout.trust() > new.layout.trust() || is_twin && known.rank() > new.rank()
        };
        match self.layouts.iter().find(outranks) {
            Some(known) => Err(StoreLayoutError::LessTrusted {
                known: known.layout.name().to_owned(),
            }),
            None => Ok(()),
        }
    }
}

impl StoredLayout {
    /// Takes in what a new search says of the same layout.
    ///
    /// A confirmation is lost when the layout turns out to be under a weak key.
    fn learn(&mut self, new: &Self) {
        if new.opened > 0 {
            (self.opened, self.source) = (new.opened, new.source);
            self.is_confirmed &= !new.source.is_weak();
        }
    }

    /// What identifies the layout.
    pub(super) fn digest(&self) -> LayoutDigest {
        self.layout.digest()
    }
}

/// A layout was not stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreLayoutError {
    /// The account has one that is trusted more.
    #[error("the account has the layout {known}, which is trusted more")]
    LessTrusted {
        /// Its name.
        known: String,
    },
    /// There is no room.
    #[error("at most {MAX_ACCOUNT_LAYOUTS} layouts of an account are kept, and of {MAX_LAYOUT_ACCOUNTS} accounts")]
    Full,
}

/// Nothing is sealed in a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotSealing {
    /// Nothing authenticates its values.
    #[error("nothing authenticates values of this layout: it is only read")]
    Unauthenticated,
    /// It opened no value of the account.
    #[error("it has opened no value of this account")]
    OpenedNothing,
    /// The key is cheap to find from a ciphertext.
    #[error("its key is derived with SHA-1 and 10,000 iterations, which is too weak to seal anything under")]
    WeakKey,
    /// Nobody saw the vendor's client read one of its values.
    #[error("nobody has confirmed that the vendor's client reads values of this layout")]
    NotConfirmed,
}

/// What is known of a layout was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeLayoutError {
    /// The account has none of that name.
    #[error("the account has no layout of this name")]
    Unknown,
    /// Nothing is ever sealed in it.
    #[error(transparent)]
    NotSealing(#[from] NotSealing),
    /// Its values are authenticated.
    #[error("values of this layout are authenticated, and need no permission")]
    NeedsNoPermission,
}
