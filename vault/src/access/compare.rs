//! What the service says is in effect, beside what its lists say.
//!
//! The lists that an organisation is read from also return, for everything that is assigned directly, what is inherited
//! through groups. That costs no request, and covers every direct assignment. What is reached through groups alone is
//! asked for: a request for 500 sites of a user.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};
use zkvault_client::logmeonce::{LogMeOnce, Privilege, Tie as Endpoint};
use zkvault_client::{ClientError, Transport};

use super::Access;
use crate::directory::Kind;
use crate::org::{AT_A_TIME, Gap, MAX_IDS, Missing, Organisation, Relation, Rights, Tie, effective, passable};
use crate::progress::Progress;

/// A user or group for whom the service says something else than the lists do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The user or group.
    pub who: (Kind, u64),
    /// The site.
    pub site: u64,
    /// What follows from the lists.
    pub listed: Rights,
    /// What the service says is in effect.
    pub told: Rights,
}

impl Difference {
    /// What no path explains.
    #[must_use]
    pub const fn unexplained(&self) -> Rights {
        self.told.without(self.listed)
    }

    /// What the lists give and the service does not.
    #[must_use]
    pub const fn withheld(&self) -> Rights {
        self.listed.without(self.told)
    }
}

/// What was compared, and what is different.
#[derive(Debug, Default)]
pub struct Checked {
    /// Pairs of a user or group and a site that were compared.
    pub pairs: u64,
    /// Pairs for which the service did not say what is inherited.
    pub silent: u64,
    /// What is different, in order, each pair once.
    pub differences: Vec<Difference>,
    /// Lists that were refused.
    pub gaps: Vec<Gap>,
    /// Requests that it took.
    pub requests: u64,
}

impl Checked {
    fn add(&mut self, difference: Difference) {
        self.pairs += 1;
        if difference.listed != difference.told {
            self.differences.push(difference);
        }
    }

    fn finish(mut self) -> Self {
        self.differences.sort_unstable();
        self.differences.dedup();
        self
    }

    /// Both together.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.pairs += other.pairs;
        self.silent += other.silent;
        self.differences.extend(other.differences);
        self.gaps.extend(other.gaps);
        self.requests += other.requests;
        self.finish()
    }
}

/// What the service is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All sites of these users.
    Users(Vec<u64>),
    /// All sites of these groups.
    Groups(Vec<u64>),
    /// All users of these sites.
    Sites(Vec<u64>),
    /// All sites of all users.
    Everything,
}

impl Scope {
    /// Everything by the side that costs fewer requests.
    fn sided(&self, organisation: &Organisation) -> Self {
        let Self::Everything = self else { return self.clone() };
        let sides = [
            Self::Users(organisation.ids(Kind::User)),
            Self::Sites(organisation.ids(Kind::Site)),
        ];
        let [users, sites] = sides;
        match requests(&sites, organisation) < requests(&users, organisation) {
            true => sites,
            false => users,
        }
    }

    /// The owners, where they are asked, and the kind of what they are asked for.
    fn asked(&self) -> (&[u64], Endpoint, Kind) {
        match self {
            Self::Users(ids) => (ids, Endpoint::UserSites, Kind::Site),
            Self::Groups(ids) => (ids, Endpoint::GroupSites, Kind::Site),
            Self::Sites(ids) => (ids, Endpoint::SiteUsers, Kind::User),
            Self::Everything => (&[], Endpoint::UserSites, Kind::Site),
        }
    }
}

/// How many requests it takes to ask about a scope.
#[must_use]
pub fn requests(scope: &Scope, organisation: &Organisation) -> u64 {
    let side = match scope {
        Scope::Everything => scope.sided(organisation),
        _ => scope.clone(),
    };
    let (owners, _, others) = side.asked();
    (owners.len() * organisation.ids(others).len().div_ceil(MAX_IDS)) as u64
}

/// Compares what the lists returned when the organisation was read. It takes no request.
#[must_use]
pub fn compare_read(access: &Access<'_>, told: &[(Tie, Option<Rights>)]) -> Checked {
    let mut checked = Checked::default();
    for (tie, told) in told {
        let (site, (kind, _)) = (tie.right, tie.relation.ends());
        let listed = match tie.relation {
            Relation::UserSite => access.rights(tie.left, site),
            Relation::GroupSite => access.rights_of_group(tie.left, site),
            Relation::Membership => continue,
        };
        let Some(told) = *told else {
            checked.silent += 1;
            continue;
        };
        let who = (kind, tie.left);
        checked.add(Difference {
            who,
            site,
            listed,
            told,
        });
    }
    checked.finish()
}

fn listed(access: &Access<'_>, (kind, id): (Kind, u64)) -> BTreeMap<u64, Rights> {
    match kind {
        Kind::User => access.sites(id),
        Kind::Group => access.sites_of_group(id),
        Kind::Site => access.users(id),
    }
}

/// Asks the service for the permissions in effect, and compares them. `progress` counts requests.
///
/// # Errors
/// Only what every other request would meet as well (no login, no network); a list that is refused is a gap.
pub async fn compare<T: Transport>(
    client: &LogMeOnce<T>,
    access: &Access<'_>,
    scope: &Scope,
    progress: &dyn Progress,
) -> Result<Checked, ClientError> {
    let organisation = access.organisation();
    let side = scope.sided(organisation);
    let (owners, endpoint, others) = side.asked();
    let ids = organisation.ids(others);
    let kind = match endpoint {
        Endpoint::UserSites => Kind::User,
        Endpoint::GroupSites => Kind::Group,
        _ => Kind::Site,
    };
    progress.expect(requests(&side, organisation));
    let jobs = owners
        .iter()
        .flat_map(|owner| ids.chunks(MAX_IDS).map(|ids| (*owner, ids)));
    let ask = |(owner, ids): (u64, &'_ [u64])| {
        let ids = ids.to_vec();
        async move { (owner, client.privileges(endpoint, owner, &ids).await) }
    };
    let jobs: Vec<_> = jobs.collect();
    let mut responses = stream::iter(jobs).map(ask).buffered(AT_A_TIME);
    let mut checked = Checked::default();
    let mut known: Option<(u64, BTreeMap<u64, Rights>)> = None;
    while let Some((owner, response)) = responses.next().await {
        progress.advance(1);
        checked.requests += 1;
        let told = match response {
            Ok(told) => told,
            Err(error) => {
                let (of, what) = ((kind, owner), Missing::Permissions(others));
                let error = passable(error)?;
                checked.gaps.push(Gap { of, what, error });
                continue;
            }
        };
        let lists = match known.take() {
            Some((same, lists)) if same == owner => lists,
            _ => listed(access, (kind, owner)),
        };
        checked.silent += told.odd.len() as u64;
        for told in told.records.iter().filter(|told| organisation.has(others, told.id)) {
            take(&mut checked, kind, owner, told, &lists);
        }
        known = Some((owner, lists));
    }
    Ok(checked.finish())
}

fn take(checked: &mut Checked, kind: Kind, owner: u64, told: &Privilege, lists: &BTreeMap<u64, Rights>) {
    let Some(effective) = effective(told, Relation::UserSite) else {
        checked.silent += 1;
        return;
    };
    let (who, site) = match kind {
        Kind::Site => ((Kind::User, told.id), owner),
        _ => ((kind, owner), told.id),
    };
    let listed = lists.get(&told.id).copied().unwrap_or_default();
    checked.add(Difference {
        who,
        site,
        listed,
        told: effective,
    });
}
