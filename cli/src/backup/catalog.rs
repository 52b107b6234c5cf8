//! The backups of the repository that the environment names.

use std::path::Path;
use std::time::Duration;

use indicatif::HumanBytes;
use tokio::runtime::Runtime;
use zkvault::backup::{Access, Catalog, CatalogEntry, KnownHeads, Listing, Loaded, Unread, Wanted, Watcher, load};
use zkvault_core::SecretText;
use zkvault_core::backup::{ChainTag, Chains};
use zkvault_core::kdf::KdfParams;

use crate::context::Context;
use crate::error::Result;
use crate::output::{Output, Patience, Progress, escaped};
use crate::repo::{self, Rights};

/// A catalog, and a runtime on which this thread waits for it.
#[derive(Debug)]
pub(crate) struct TerminalCatalog {
    catalog: Catalog,
    runtime: Runtime,
}

impl TerminalCatalog {
    /// The container of `ZKV_SAS`, `ZKV_SAS_FILE` or `ZKV_REPO`. The storage is not asked yet.
    pub(crate) fn new(rights: Rights, context: &Context<'_>) -> Result<Self> {
        Ok(Self {
            catalog: Catalog::new(repo::container(None, rights, context)?),
            runtime: repo::runtime()?,
        })
    }

    /// Waits for the storage, and says so where that takes long.
    fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        let _patience = Patience::with(format!("a response of {}", self.place()));
        self.runtime.block_on(work)
    }

    /// The address of the container, without its token.
    pub(crate) fn place(&self) -> String {
        self.catalog.place()
    }

    /// The backups of these chains, the highest revision first; those that were not read are said.
    pub(crate) fn list(&self, chains: &Chains, known: &KnownHeads, output: Output) -> Result<Listing> {
        let listing = self.wait(self.catalog.list(chains, known))?;
        warn(&listing, output);
        Ok(listing)
    }

    /// Finds the keyring that the passphrase opens, and the backups of its chains.
    pub(crate) fn search(
        &self,
        chain: Option<ChainTag>,
        passphrase: &SecretText,
        known: &KnownHeads,
        context: &Context<'_>,
    ) -> Result<(Access, Listing)> {
        let mut watcher = Terminal { context };
        let search = self.catalog.search(chain, passphrase, known, &mut watcher);
        let (access, listing) = self.wait(search)?;
        warn(&listing, context.output);
        Ok((access, listing))
    }

    /// Fetches and opens the backup that is wanted.
    pub(crate) fn load(&self, listing: &Listing, wanted: Wanted, access: Access) -> Result<Loaded> {
        Ok(self.wait(load(&self.catalog, listing, wanted, access))?)
    }

    /// Fetches a backup whole.
    pub(crate) fn fetch(&self, backup: &CatalogEntry) -> Result<Vec<u8>> {
        Ok(self.wait(self.catalog.fetch(backup))?)
    }

    /// Uploads a backup.
    pub(crate) fn put(&self, bytes: &[u8], blob: &str, draft: &Path, quiet: bool) -> Result<()> {
        let progress = Progress::new(Some(bytes.len() as u64), quiet);
        Ok(self.wait(self.catalog.put(bytes, blob, draft, &progress))?)
    }

    /// Deletes a backup.
    pub(crate) fn delete(&self, blob: &str) -> Result<()> {
        Ok(self.wait(self.catalog.delete(blob))?)
    }
}

/// Says what a search does, and asks the person at the terminal when it costs much. Where nobody can be asked, what costs
/// much is left out, and a search ends after a minute.
pub(crate) struct Terminal<'a> {
    pub(crate) context: &'a Context<'a>,
}

impl Watcher for Terminal<'_> {
    fn trying(&mut self, number: usize, chain: ChainTag) {
        // The first is nearly always the one.
        if number > 1 {
            let note = format!("trying keyring {number}, of chain {chain} (Ctrl-C ends the search)");
            self.context.output.note(&note);
        }
    }

    fn may_cost(&mut self, chain: ChainTag, params: KdfParams) -> bool {
        let memory = HumanBytes(u64::from(params.memory_kib()) * 1024);
        let cost = format!(
            "a keyring of chain {chain} takes {memory} and {} passes over it",
            params.iterations()
        );
        let hint = "it was left out; --chain TAG goes straight to your chain";
        let tried = self
            .context
            .prompt
            .confirm(std::slice::from_ref(&cost), "Try it?", hint)
            .is_ok();
        if !tried {
            self.context.output.warning(&format!("{cost}: it was left out"));
        }
        tried
    }

    fn continues(&mut self, tried: usize, elapsed: Duration) -> bool {
        let fact = format!(
            "{tried} keyrings were tried in {} seconds, and none opened",
            elapsed.as_secs()
        );
        self.context.prompt.confirm(&[fact], "Continue?", "").is_ok()
    }
}

/// In a word, why a backup was not read; nothing where it was.
pub(crate) fn problem(backup: &CatalogEntry) -> Option<&'static str> {
    backup.unread().map(|unread| match unread {
        Unread::Archived => "archived",
        Unread::Damaged(_) => "damaged",
        _ => "unread",
    })
}

/// Warns of backups that were not read, and of what else lies in the folders of the chains.
fn warn(listing: &Listing, output: Output) {
    let archived = listing
        .entries
        .iter()
        .filter(|backup| backup.unread() == Some(&Unread::Archived))
        .count();
    if archived > 0 {
        output.warning(&format!(
            "{archived} backups are in the archive tier, and were not read"
        ));
    }
    for backup in &listing.entries {
        match backup.unread() {
            None | Some(Unread::Archived) => {}
            Some(reason) => {
                output.warning(&escaped(&format!("backup {} was not read: {reason}", backup.revision)));
            }
        }
    }
    if listing.strays > 0 {
        output.warning(&format!(
            "{} blobs beside the backups are not of the chain, and were not looked at",
            listing.strays
        ));
    }
}
