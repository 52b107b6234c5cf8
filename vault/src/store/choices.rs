//! What a person chose for sites, on this device alone.
//!
//! No service and no backup has them: a choice says which field a person means, and is looked up anew in the copy that
//! may be used. A choice therefore makes no changed site usable (docs/spec/store.md#choices).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One choice a site at most, by the site's id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choices {
    /// The field that holds the seed of one-time codes, as a person names it.
    pub(crate) totp: BTreeMap<u64, String>,
}
