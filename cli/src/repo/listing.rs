//! What is said of the blobs that a listing sets aside.

use zkvault::repository::ListedFiles;
use zkvault_client::blob::OddBlob;

use crate::output::{Output, escaped};

/// Names what was set aside.
pub(crate) fn warn(found: &ListedFiles, output: Output) {
    if found.foreign > 0 {
        let message = format!(
            "{} files are not shown: they are for other keys, or were changed",
            found.foreign
        );
        output.warning(&message);
    }
    for OddBlob { name, reason } in &found.odd {
        output.warning(&escaped(&format!("the blob {name:?} is not shown: {reason}")));
    }
    if let more @ 1.. = found.odd_count.saturating_sub(found.odd.len()) {
        output.warning(&format!("{more} more blobs are not shown: they cannot be used"));
    }
}
