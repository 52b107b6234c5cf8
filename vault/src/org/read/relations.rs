//! The ties of all relations, and their permissions.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};
use zkvault_client::logmeonce::{LogMeOnce, Privilege, RightFlags, Tie as Endpoint};
use zkvault_client::{ClientError, Listed, Transport};
use zkvault_core::model::OddRecord;

use super::{AT_A_TIME, Gap, MAX_IDS, MAX_TIES, Missing, Reading, passable};
use crate::directory::Kind;
use crate::org::error::OrgError;
use crate::org::model::{Organisation, Relation, Right, Rights, Tie};
use crate::progress::Progress;

/// One side of a relation: of the things there, the service lists what each is tied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::org) struct Side {
    pub(in crate::org) relation: Relation,
    pub(in crate::org) endpoint: Endpoint,
    /// Whether the owners are the relation's left ends.
    pub(in crate::org) is_left: bool,
}

impl Side {
    /// The left and the right side.
    pub(in crate::org) fn both(relation: Relation) -> [Self; 2] {
        let (left, right) = match relation {
            Relation::Membership => (Endpoint::GroupUsers, Endpoint::UserGroups),
            Relation::UserSite => (Endpoint::UserSites, Endpoint::SiteUsers),
            Relation::GroupSite => (Endpoint::GroupSites, Endpoint::SiteGroups),
        };
        [(left, true), (right, false)].map(|(endpoint, is_left)| Self {
            relation,
            endpoint,
            is_left,
        })
    }

    /// The kinds of the owners and of what is tied to them.
    pub(in crate::org) fn kinds(self) -> (Kind, Kind) {
        match (self.relation.ends(), self.is_left) {
            (ends, true) => ends,
            ((left, right), false) => (right, left),
        }
    }

    /// The tie of an owner to another.
    pub(in crate::org) fn tie(self, owner: u64, other: u64) -> Tie {
        Tie::on_side(self.relation, self.is_left, owner, other)
    }

    /// The side with fewer owners: fewer requests.
    pub(super) fn shorter(relation: Relation, organisation: &Organisation) -> Self {
        let owners = |side: &Self| organisation.ids(side.kinds().0).len();
        let [left, right] = Self::both(relation);
        if owners(&right) < owners(&left) { right } else { left }
    }

    /// The side of one user, of whom alone an organisation is read: the other side would list everybody.
    pub(super) fn of_user(relation: Relation, organisation: &Organisation) -> Self {
        let [left, right] = Self::both(relation);
        match relation {
            Relation::Membership => right,
            Relation::UserSite => left,
            Relation::GroupSite => Self::shorter(relation, organisation),
        }
    }
}

/// What the service says of one owner.
#[derive(Debug)]
struct Owned {
    owner: u64,
    ids: Vec<u64>,
    rights: BTreeMap<u64, Rights>,
    effective: BTreeMap<u64, Option<Rights>>,
    odd: Vec<OddRecord>,
    failure: Option<(Missing, ClientError)>,
    requests: u64,
}

pub(super) async fn read<T: Transport>(
    client: &LogMeOnce<T>,
    progress: &dyn Progress,
    sides: [Side; 3],
    reading: &mut Reading,
) -> Result<(), OrgError> {
    let owners = |side: &Side| reading.organisation.ids(side.kinds().0);
    let jobs: Vec<(Side, u64)> = sides
        .iter()
        .flat_map(|side| owners(side).into_iter().map(|id| (*side, id)))
        .collect();
    progress.expect(jobs.len() as u64);
    let known = [Kind::User, Kind::Group, Kind::Site].map(|kind| (kind, reading.organisation.ids(kind)));
    let ask = |(side, owner): (Side, u64)| {
        let known = known.iter().find(|(kind, _)| *kind == side.kinds().1);
        let known = known.map(|(_, ids)| ids.as_slice()).unwrap_or_default();
        async move { (side, owned(client, side, owner, known).await) }
    };
    let mut responses = stream::iter(jobs).map(ask).buffered(AT_A_TIME);
    while let Some((side, owned)) = responses.next().await {
        progress.advance(1);
        take(side, owned?, reading);
        if reading.organisation.ties.len() > MAX_TIES {
            return Err(OrgError::TooManyTies);
        }
    }
    Ok(())
}

/// Asks for what is tied to an owner, and for the permissions of those that are `known`, in order: one unknown id would
/// have the request for all refused.
async fn owned<T: Transport>(
    client: &LogMeOnce<T>,
    side: Side,
    owner: u64,
    known: &[u64],
) -> Result<Owned, ClientError> {
    let (_, others) = side.kinds();
    let mut owned = Owned {
        owner,
        ids: Vec::new(),
        rights: BTreeMap::new(),
        effective: BTreeMap::new(),
        odd: Vec::new(),
        failure: None,
        requests: 1,
    };
    if let Err(error) = list(client, side, &mut owned).await {
        owned.failure = Some((Missing::Ties(others), passable(error)?));
        return Ok(owned);
    }
    owned.ids.sort_unstable();
    owned.ids.dedup();
    let is_known = |id: &&u64| known.binary_search(id).is_ok();
    let ids: Vec<u64> = owned.ids.iter().filter(is_known).copied().collect();
    for ids in ids.chunks(MAX_IDS) {
        owned.requests += 1;
        match client.privileges(side.endpoint, owner, ids).await {
            Ok(Listed { records: told, odd }) => {
                owned.odd.extend(odd);
                let own = told.iter().map(|told| (told.id, rights(told, side.relation)));
                owned.rights.extend(own);
                let effective = told.iter().map(|told| (told.id, effective(told, side.relation)));
                owned
                    .effective
                    .extend(effective.filter(|_| side.relation != Relation::Membership));
            }
            Err(error) => owned.failure = Some((Missing::Permissions(others), passable(error)?)),
        }
    }
    Ok(owned)
}

/// What is tied to an owner.
async fn list<T: Transport>(client: &LogMeOnce<T>, side: Side, owned: &mut Owned) -> Result<(), ClientError> {
    let owner = owned.owner;
    let (ids, odd): (Vec<u64>, _) = match side.endpoint {
        Endpoint::GroupUsers | Endpoint::SiteUsers => {
            let users = match side.endpoint {
                Endpoint::GroupUsers => client.users_of_group(owner).await?,
                _ => client.users_of_site(owner).await?,
            };
            (users.records.iter().map(|user| user.id).collect(), users.odd)
        }
        Endpoint::UserGroups | Endpoint::SiteGroups => {
            let groups = match side.endpoint {
                Endpoint::UserGroups => client.groups_of_user(owner).await?,
                _ => client.groups_of_site(owner).await?,
            };
            (groups.records.iter().map(|group| group.id).collect(), groups.odd)
        }
        Endpoint::UserSites | Endpoint::GroupSites => {
            let mut stream = match side.endpoint {
                Endpoint::UserSites => client.sites_of_user(owner).await?,
                _ => client.sites_of_group(owner).await?,
            };
            let (mut ids, mut odd) = (Vec::new(), Vec::new());
            while let Some(site) = stream.next().await? {
                match site {
                    Ok(site) => ids.push(site.id),
                    Err(record) => odd.push(record),
                }
            }
            (ids, odd)
        }
    };
    (owned.ids, owned.odd) = (ids, odd);
    Ok(())
}

/// The permissions of a tie. One of which the service says nothing is not given.
fn rights(told: &Privilege, relation: Relation) -> Rights {
    given(&told.rights, relation)
}

/// What is in effect between two: the permissions of their tie and those that are inherited. `None` where the service does
/// not say what is inherited.
pub(crate) fn effective(told: &Privilege, relation: Relation) -> Option<Rights> {
    let inherited = told.inherited.as_ref()?;
    Some(rights(told, relation).union(given(inherited, relation)))
}

fn given(flags: &RightFlags, relation: Relation) -> Rights {
    let rights = relation.rights().iter().copied();
    rights.filter(|right| flag(flags, *right) == Some(true)).collect()
}

fn flag(flags: &RightFlags, right: Right) -> Option<bool> {
    match right {
        Right::Read => flags.read,
        Right::Update => flags.update,
        Right::Delete => flags.delete,
        Right::Create => flags.create,
        Right::Assign => flags.assign,
    }
}

/// Takes what was said of one owner, as far as it is about things that the organisation has.
fn take(side: Side, owned: Owned, reading: &mut Reading) {
    let (owner_kind, other_kind) = side.kinds();
    reading.requests += owned.requests;
    // The same site may be odd in every list that it is in.
    let is_new = |record: &OddRecord, known: &[OddRecord]| !known.contains(record);
    for record in owned.odd {
        if is_new(&record, &reading.odd) {
            reading.odd.push(record);
        }
    }
    if let Some((what, error)) = owned.failure {
        let of = (owner_kind, owned.owner);
        reading.gaps.push(Gap { of, what, error });
    }
    for id in owned.ids {
        if !reading.organisation.has(other_kind, id) {
            let why = "is tied to others, and in no list";
            let stray = OddRecord::new(other_kind.name(), Some(id.to_string()), why);
            if is_new(&stray, &reading.odd) {
                reading.odd.push(stray);
            }
            continue;
        }
        let tie = side.tie(owned.owner, id);
        reading.organisation.ties.insert(tie, owned.rights.get(&id).copied());
        if let Some(effective) = owned.effective.get(&id) {
            reading.effective.push((tie, *effective));
        }
    }
}
