//! Which groups are in which: no list of the API says so, and the permissions that a group inherits show it.
//!
//! A group inherits the permissions of the groups within it. So each group is asked, in one request for 500 others, what
//! it inherits for one site of every other group that no third group has. A group whose sites are all shared with other
//! groups, or that has none it may read, stays out of sight.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};
use zkvault_client::logmeonce::{LogMeOnce, Privilege, Tie as Endpoint};
use zkvault_client::{ClientError, Transport};

use super::{AT_A_TIME, Gap, MAX_IDS, Missing, Reading, passable};
use crate::directory::Kind;
use crate::org::model::{Organisation, Relation, Right};
use crate::progress::Progress;

/// Groups of which the nesting is looked for at most: the requests grow with their square.
const MAX_GROUPS: usize = 5_000;

pub(super) async fn read<T: Transport>(
    client: &LogMeOnce<T>,
    progress: &dyn Progress,
    reading: &mut Reading,
) -> Result<(), ClientError> {
    let marks = marks(&reading.organisation);
    let groups = reading.organisation.ids(Kind::Group);
    if marks.is_empty() || groups.len() < 2 || groups.len() > MAX_GROUPS {
        return Ok(());
    }
    let sites: Vec<u64> = marks.keys().copied().collect();
    let jobs: Vec<(u64, Vec<u64>)> = groups
        .iter()
        .flat_map(|group| sites.chunks(MAX_IDS).map(|sites| (*group, sites.to_vec())))
        .collect();
    progress.expect(jobs.len() as u64);
    let ask = |(group, sites): (u64, Vec<u64>)| async move {
        (group, client.privileges(Endpoint::GroupSites, group, &sites).await)
    };
    let mut reached = BTreeSet::new();
    let mut responses = stream::iter(jobs).map(ask).buffered(AT_A_TIME);
    while let Some((group, response)) = responses.next().await {
        progress.advance(1);
        reading.requests += 1;
        match response {
            Ok(told) => reached.extend(
                told.records
                    .iter()
                    .filter_map(|told| inner(told, &marks))
                    .map(|inner| (group, inner)),
            ),
            // One that does not say it of one group says it of none.
            Err(error) => {
                let (of, what, error) = ((Kind::Group, group), Missing::Nesting, passable(error)?);
                reading.gaps.push(Gap { of, what, error });
                return Ok(());
            }
        }
    }
    reading.organisation.nested = direct(&reached);
    Ok(())
}

/// For every group that has one, a site that no other group has and that it may read.
fn marks(organisation: &Organisation) -> BTreeMap<u64, u64> {
    let mut groups: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut readable = BTreeSet::new();
    for (tie, rights) in organisation.ties_of(Relation::GroupSite) {
        groups.entry(tie.right).or_default().push(tie.left);
        if rights.is_some_and(|rights| rights.has(Right::Read)) {
            readable.insert((tie.left, tie.right));
        }
    }
    let mut marked = BTreeMap::new();
    for (site, groups) in groups {
        if let [group] = groups.as_slice()
            && readable.contains(&(*group, site))
        {
            marked.entry(*group).or_insert(site);
        }
    }
    marked.into_iter().map(|(group, site)| (site, group)).collect()
}

/// The group within, if what is inherited for its mark shows it.
fn inner(told: &Privilege, marks: &BTreeMap<u64, u64>) -> Option<u64> {
    let inherited = told.inherited?.read == Some(true);
    marks.get(&told.id).copied().filter(|_| inherited)
}

/// Of what is within what at any depth, what is within it directly. Groups within each other make a circle, which no
/// service should have: none of its steps is taken.
fn direct(reached: &BTreeSet<(u64, u64)>) -> BTreeSet<(u64, u64)> {
    let is_circle = |(outer, inner): &(u64, u64)| outer == inner || reached.contains(&(*inner, *outer));
    let steps: BTreeSet<(u64, u64)> = reached.iter().filter(|step| !is_circle(step)).copied().collect();
    let between = |outer: u64, inner: u64| {
        let mut below = steps.range((outer, 0)..=(outer, u64::MAX));
        below.any(|(_, middle)| *middle != inner && steps.contains(&(*middle, inner)))
    };
    steps
        .iter()
        .filter(|(outer, inner)| !between(*outer, *inner))
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_direct_steps_stay_and_circles_are_none() {
        let reached = BTreeSet::from([(1, 2), (2, 3), (1, 3), (4, 5), (5, 4), (6, 6)]);
        assert_eq!(direct(&reached), BTreeSet::from([(1, 2), (2, 3)]));
    }
}
