//! Sites of a list that are longer, or nest deeper, than a site may.

use super::{Framer, State};
use crate::document::{DocumentError, MAX_DEPTH, MAX_SITE_LEN};
use crate::secret_buffer::SecretBuffer;

/// Bytes of its beginning that are kept, in which its id and name mostly are: 64 KiB.
const MAX_START: usize = 64 << 10;

/// A site of a list that is longer, or nests deeper, than a site may. Its bytes were parts to copy; what is kept is enough
/// to name it.
#[derive(Debug, Default)]
pub struct CutSite {
    start: SecretBuffer,
    len: usize,
}

impl CutSite {
    /// Its beginning, at most 64 KiB.
    #[must_use]
    pub fn start(&self) -> &[u8] {
        self.start.expose_secret()
    }

    /// What is wrong with it, in words that follow its name.
    #[must_use]
    pub fn reason(&self) -> String {
        match self.len > MAX_SITE_LEN {
            true => format!("is longer than {} MiB", MAX_SITE_LEN >> 20),
            false => format!("is nested deeper than {MAX_DEPTH} levels"),
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        let room = MAX_START - self.start.len();
        self.start.extend(bytes.get(..room).unwrap_or(bytes));
        self.len = self.len.saturating_add(bytes.len());
    }
}

impl Framer {
    /// Whether a site of a list is being read: one that cannot be used must not keep the others from being read.
    pub(super) fn is_cuttable(&self) -> bool {
        let in_site = matches!(self.state, State::InSite | State::InScalarSite);
        in_site && self.listing.is_some() && self.cut.is_none()
    }

    /// From here on, the site that is being read is passed on and only its end is looked for.
    pub(super) fn begin_cut(&mut self) {
        let mut cut = CutSite::default();
        cut.add(self.part_bytes(self.scanned));
        self.cut = Some(cut);
        self.nest.count_only();
    }

    /// Reads up to `end` in a part that continues.
    pub(super) fn pass(&mut self, end: usize) {
        let read = self.carry.expose_secret().get(self.scanned..end);
        if let Some(cut) = &mut self.cut {
            cut.add(read.unwrap_or_default());
        }
        self.scanned = end;
    }

    /// Checks the length of a part that ends here.
    pub(super) fn check_part(&mut self, end: usize) -> Result<(), DocumentError> {
        let checked = self.check_len(self.undecided.unwrap_or(self.part), end);
        if checked.is_err() && self.is_cuttable() {
            self.begin_cut();
        }
        match self.cut.is_some() {
            true => Ok(()),
            false => checked,
        }
    }
}
