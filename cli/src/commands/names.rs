//! The ids of what a person names: numbers as they are, everything else by the rules of
//! [`resolve`](zkvault_core::resolve).

use std::collections::HashSet;

use zkvault::directory::{FindError, Kind, Listed, find};
use zkvault_core::resolve::Matching;

use super::ids;
use crate::args::{IdArg, Which};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;
use crate::session::{self, Session};
use crate::vault;

/// What things are called: in the local store, if that is of this account, and at the service. Neither is read before a
/// name has to be looked up.
pub(super) struct Names<'c> {
    context: &'c Context<'c>,
    matching: Matching,
    sources: Option<Sources<'c>>,
}

struct Sources<'c> {
    store: Option<vault::Vault>,
    service: Session<'c>,
}

impl<'c> Names<'c> {
    /// For commands that only look: a part of a name is enough.
    pub(super) fn to_look(context: &'c Context<'c>) -> Self {
        Self {
            context,
            matching: Matching::Parts,
            sources: None,
        }
    }

    /// For commands that change something, which take whole names, and say what they mean.
    pub(super) fn to_change(context: &'c Context<'c>) -> Self {
        Self {
            matching: Matching::Whole,
            ..Self::to_look(context)
        }
    }

    /// The id of one.
    pub(super) fn id(&mut self, kind: Kind, which: &Which) -> Result<u64> {
        match which {
            Which::Id(id) => Ok(*id),
            Which::Name(name) => self.look_up(kind, name),
        }
    }

    /// The ids of several, each once, in the order in which they were given.
    pub(super) fn ids(&mut self, kind: Kind, given: &[Which]) -> Result<Vec<u64>> {
        let mut seen = HashSet::new();
        let ids = given
            .iter()
            .map(|which| self.id(kind, which))
            .collect::<Result<Vec<_>>>()?;
        Ok(ids.into_iter().filter(|id| seen.insert(*id)).collect())
    }

    /// As [`Self::ids`], with those on stdin.
    pub(super) fn all(&mut self, kind: Kind, given: &[IdArg]) -> Result<Vec<u64>> {
        ids::resolve(given, |which| self.id(kind, which))
    }

    fn look_up(&mut self, kind: Kind, name: &str) -> Result<u64> {
        let (context, matching) = (self.context, self.matching);
        let sources = self.sources()?;
        let stored = sources.stored(kind)?.map(|all| find(kind, name, &all, matching));
        let found = match stored {
            // It may be newer than the last sync.
            None | Some(Err(FindError::NotFound { .. })) => find(kind, name, &sources.served(kind)?, matching),
            Some(found) => found,
        };
        let found = found.map_err(|error| self.explained(error))?;
        context.learn(kind, found.id, found.called());
        if matching == Matching::Whole {
            context
                .output
                .note(&escaped(&format!("{name}: {} {found}", kind.name())));
        }
        Ok(found.id)
    }

    fn explained(&self, error: FindError) -> CliError {
        let changes = self.matching == Matching::Whole && matches!(error, FindError::NotFound { .. });
        let error = CliError::from(error);
        match changes {
            true => error.cause("a change takes an id or a whole name, and no part of one"),
            false => error,
        }
    }

    fn sources(&mut self) -> Result<&mut Sources<'c>> {
        let sources = match self.sources.take() {
            Some(sources) => sources,
            None => Sources::open(self.context)?,
        };
        Ok(self.sources.insert(sources))
    }
}

impl<'c> Sources<'c> {
    fn open(context: &'c Context<'c>) -> Result<Self> {
        let mut store = match vault::open(&[], context) {
            Ok(store) => Some(store),
            // Nothing was synced, or nobody is there to open it.
            Err(error) if matches!(error.exit, Exit::NotFound | Exit::InputNeeded) => None,
            Err(error) => return Err(error),
        };
        let service = match store.as_mut().and_then(|store| store.keyring.take()) {
            Some(keyring) => session::logmeonce_with(context, keyring)?,
            None => session::logmeonce(context)?,
        };
        // An id of another account would be somebody else's.
        let account = service.url().account();
        let store = store.filter(|store| store.contents.store.head().host == account);
        Ok(Self { store, service })
    }

    fn stored(&self, kind: Kind) -> Result<Option<Vec<Listed>>> {
        match &self.store {
            Some(store) => Ok(store.contents.directory(kind)?),
            None => Ok(None),
        }
    }

    fn served(&mut self, kind: Kind) -> Result<Vec<Listed>> {
        self.service.block_on(async |client| {
            Ok(match kind {
                Kind::User => client.users().await?.records.iter().map(Listed::from).collect(),
                Kind::Group => client.groups().await?.records.iter().map(Listed::from).collect(),
                Kind::Site => {
                    let (mut sites, mut all) = (client.sites(None).await?, Vec::new());
                    while let Some(site) = sites.next().await? {
                        // One that cannot be read has no name that could be meant.
                        all.extend(site.as_ref().ok().map(Listed::from));
                    }
                    all
                }
            })
        })
    }
}
