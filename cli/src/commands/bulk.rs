//! The same thing done to each of many.

use super::outcomes::{Kind, Outcomes, Subject};
use crate::error::Result;
use crate::session::{Client, Session};

/// Does `act` with each id, one after the other. One failure does not stop the rest, unless it would be that of
/// all others as well.
pub(super) fn each(
    session: &mut Session<'_>,
    (kind, ids): (Kind, &[u64]),
    word: &'static str,
    act: impl AsyncFn(&Client, u64) -> Result<()>,
) -> Result<Outcomes> {
    session.block_on(async |client| {
        let mut outcomes = Outcomes::default();
        let mut waiting = subjects(kind, ids);
        while let Some(subject) = waiting.next() {
            match act(client, subject.of.1).await {
                Ok(()) => outcomes.done(subject, word),
                Err(error) => {
                    let ends_all = error.ends_all;
                    outcomes.failed([subject], error);
                    if ends_all {
                        outcomes.not_tried(waiting);
                        break;
                    }
                }
            }
        }
        Ok(outcomes)
    })
}

/// Each of them alone.
pub(super) fn subjects(kind: Kind, ids: &[u64]) -> impl Iterator<Item = Subject> {
    ids.iter().map(move |id| Subject {
        of: (kind, *id),
        with: None,
    })
}
