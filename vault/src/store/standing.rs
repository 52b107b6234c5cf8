//! Where a site stands: its verdict, and what that leaves to be looked up.
//!
//! A standing is the worst verdict of a site's findings, in one byte of the index. It answers most questions without
//! another record: whether a site can be used as it is, whether it needs review, and for six of the ten standings what
//! was found. The bytes are part of the format (docs/spec/store.md#index-and-details), so they are never renumbered.

use zkvault_core::trust::{Finding, FirstSeen, Verdict};

/// The verdict about a site, as the index keeps it.
///
/// The bytes and their order are not ranks: [`gravity`](zkvault_core::trust::gravity) of the findings is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It is as it was pinned.
    Ok = 0,
    /// Never seen before, at the account's first sync.
    FirstUse = 1,
    /// Never seen before, in an account whose pins were lost.
    Unanchored = 2,
    /// Never seen before.
    New = 3,
    /// What says where its values go changed.
    MetadataChanged = 4,
    /// The server does not list it any more.
    Missing = 5,
    /// It is as it was at an earlier time.
    RolledBack = 6,
    /// It is as no honest server would make it.
    Tampered = 7,
    /// A person accepted that it is gone.
    Gone = 8,
    /// A value has another text, and nothing binds it to its place.
    ValueReplaced = 9,
}

impl Standing {
    const ALL: [Self; 10] = [
        Self::Ok,
        Self::FirstUse,
        Self::Unanchored,
        Self::New,
        Self::MetadataChanged,
        Self::Missing,
        Self::RolledBack,
        Self::Tampered,
        Self::Gone,
        Self::ValueReplaced,
    ];

    /// Of the findings at a site that the server lists, or that is missing.
    ///
    /// The worst of them counts. Nothing found is [`Standing::Ok`].
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let worst = findings.iter().map(Finding::verdict).max().unwrap_or(Verdict::Ok);
        match worst {
            Verdict::Ok => Self::Ok,
            Verdict::New => match findings {
                [Finding::New(FirstSeen::FirstUse)] => Self::FirstUse,
                [Finding::New(FirstSeen::Unanchored)] => Self::Unanchored,
                _ => Self::New,
            },
            Verdict::ValueReplaced => Self::ValueReplaced,
            Verdict::MetadataChanged => Self::MetadataChanged,
            Verdict::Missing => Self::Missing,
            Verdict::RolledBack => Self::RolledBack,
            // A verdict that this program does not know is treated as the worst.
            _ => Self::Tampered,
        }
    }

    /// `None` for a byte that no version of this format has: the index is malformed then.
    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }

    /// The name in output: core's names of the verdicts, and `gone`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => Verdict::Ok.name(),
            Self::FirstUse | Self::Unanchored | Self::New => Verdict::New.name(),
            Self::ValueReplaced => Verdict::ValueReplaced.name(),
            Self::MetadataChanged => Verdict::MetadataChanged.name(),
            Self::Missing => Verdict::Missing.name(),
            Self::RolledBack => Verdict::RolledBack.name(),
            Self::Tampered => Verdict::Tampered.name(),
            Self::Gone => "gone",
        }
    }

    /// The findings where this says all of them; others are in a record of their own.
    #[must_use]
    pub fn implied(self) -> Option<Vec<Finding>> {
        match self {
            Self::Ok | Self::Gone => Some(Vec::new()),
            Self::FirstUse => Some(vec![Finding::New(FirstSeen::FirstUse)]),
            Self::Unanchored => Some(vec![Finding::New(FirstSeen::Unanchored)]),
            Self::New => Some(vec![Finding::New(FirstSeen::Later)]),
            Self::Missing => Some(vec![Finding::Missing]),
            Self::ValueReplaced | Self::MetadataChanged | Self::RolledBack | Self::Tampered => None,
        }
    }

    /// Whether a person should look at it before anything else is done with it.
    ///
    /// [`Standing::FirstUse`] does not: at an account's first sync there is nothing to compare with, and a person who
    /// had to confirm each site would look at none.
    #[must_use]
    pub const fn needs_a_look(self) -> bool {
        !matches!(self, Self::Ok | Self::FirstUse | Self::Gone)
    }

    /// Whether no honest server would have caused it.
    #[must_use]
    pub const fn is_an_attack(self) -> bool {
        matches!(self, Self::RolledBack | Self::Tampered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_findings_come_back() {
        for (place, standing) in Standing::ALL.into_iter().enumerate() {
            assert_eq!(standing as usize, place);
            assert_eq!(Standing::from_byte(standing as u8), Some(standing));
            if let Some(findings) = standing.implied().filter(|_| standing != Standing::Gone) {
                assert_eq!(Standing::of(&findings), standing);
            }
        }
        assert_eq!(Standing::from_byte(10), None);
    }
}
