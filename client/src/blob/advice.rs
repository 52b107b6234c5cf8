//! What a person can do about an error of the storage, in words that hold for every program.

use super::error::{BlobError, BlobErrorKind};

impl BlobError {
    /// What helps, where anything is known to. It names no command and no setting of a program.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        let code = self.code().unwrap_or_default();
        of_code(code).or_else(|| of_kind(self.kind()))
    }
}

/// For codes of which the kind alone says too little.
fn of_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "AuthorizationSourceIPMismatch" => {
            "the SAS is for other addresses than this machine's (sip): ask for one without them, or for this address"
        }
        "AuthorizationProtocolMismatch" => "the SAS is for https only (spr): use an address that begins with https://",
        "AuthorizationServiceMismatch" => "the SAS is not for blobs: ask for one of the container, or for ss=b",
        "AuthorizationResourceTypeMismatch" => {
            "the SAS is not for this kind of resource: ask for one of the container (sr=c), or for an account's with srt=co"
        }
        "KeyBasedAuthenticationNotPermitted" => {
            "the account takes no SAS that its own key signed: ask its owner for a user delegation SAS"
        }
        "PublicAccessNotPermitted" => {
            "the storage saw no SAS, and the account allows nobody in without: copy the whole address again, with its token"
        }
        "AccountIsDisabled" => "ask the account's owner: a subscription that ended disables it",
        "AccountBeingCreated" => "wait until the account is ready",
        "InsufficientAccountPermissions" => {
            "the account, not the SAS, lacks this permission: a read-only copy (-secondary) and a disabled \
             subscription do; ask its owner"
        }
        "ContainerBeingDeleted" | "FilesystemBeingDeleted" => {
            "the container is being deleted: a new one of this name can be made once that is over"
        }
        "BlobBeingRehydrated" => "wait until the blob is back from the archive tier, which takes up to 15 hours",
        "BlockCountExceedsLimit" | "RequestEntityTooLargeBlockCountExceedsLimit" => {
            "100,000 blocks of uploads that never ended wait under this name, and vanish a week after the last one: wait, \
             or use a different name"
        }
        "InvalidQueryParameterValue" | "OutOfRangeQueryParameterValue" => {
            "a parameter of the token is wrong or there twice: copy the whole address again"
        }
        _ => return None,
    })
}

fn of_kind(kind: BlobErrorKind) -> Option<&'static str> {
    Some(match kind {
        BlobErrorKind::NotYetValid { .. } => "wait until then, or ask for a SAS without a start time",
        BlobErrorKind::Signature => {
            "copy the whole address again, with all of its token, and check its container; if it is right, the key or the \
             stored access policy behind it was changed: ask for a new SAS"
        }
        BlobErrorKind::NetworkRules => {
            "the account's network rules (its firewall) may not let this machine in: ask its owner to allow this address, \
             or use a network that is allowed; if there are none, copy the whole address again"
        }
        BlobErrorKind::Permission { .. } => "ask for a SAS with this permission",
        BlobErrorKind::OverwriteDenied => "use a different name, or ask for a SAS that may also write (permission w)",
        BlobErrorKind::Scope => "ask for a SAS of a container, for https, and for the address of this machine",
        BlobErrorKind::Policy | BlobErrorKind::Account => "ask the owner of the storage account",
        BlobErrorKind::NoContainer => "check the name of the container in the address",
        BlobErrorKind::Leased => "end the lease, or wait until it ends",
        BlobErrorKind::Archived => {
            "set the blob's tier to hot or cool first (in the Azure portal, or az storage blob set-tier), which takes up \
             to 15 hours"
        }
        BlobErrorKind::Immutable => {
            "use a different name, or wait until the retention of its policy or the legal hold ends"
        }
        BlobErrorKind::Snapshots => "delete the blob's snapshots first",
        BlobErrorKind::BlobType => "use a different name, or delete what is there with the program that made it",
        BlobErrorKind::ForeignBlocks => "use a different name, or wait: blocks that nobody commits vanish after a week",
        BlobErrorKind::ApiVersion => {
            "the storage is older than every version of the API that this program and the token ask for: update it"
        }
        BlobErrorKind::Endless => "the storage, or something on the way to it, repeats itself: ask who runs it",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::said::Said;
    use super::*;

    #[test]
    fn nobody_is_told_to_replace_what_cannot_be_replaced() {
        use BlobErrorKind::*;
        for kind in [
            Archived,
            Immutable,
            Snapshots,
            BlobType,
            ForeignBlocks,
            Leased,
            OverwriteDenied,
        ] {
            let advice = BlobError::new(kind).advice().unwrap();
            assert!(!advice.contains("overwrite"), "{advice}");
        }
    }

    #[test]
    fn a_firewall_is_named() {
        let error = BlobError::of_response(BlobErrorKind::NetworkRules, 403, Said::default(), None);
        assert!(error.advice().is_some_and(|advice| advice.contains("network rules")));
    }
}
