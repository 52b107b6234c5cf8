//! The access that is computed, beside a model that tries every path.

use proptest::collection::{btree_map, btree_set};
use proptest::prelude::*;

use super::*;
use crate::org::{Person, Place, Right, Team, Tie};

/// Small enough that users meet in groups, and large enough for groups in groups in groups.
const USERS: u64 = 6;
const GROUPS: u64 = 6;
const SITES: u64 = 5;

fn any_rights() -> impl Strategy<Value = Option<Rights>> {
    let some = proptest::sample::subsequence(vec![Right::Read, Right::Update, Right::Delete], 0..=3);
    prop_oneof![1 => Just(None), 5 => some.prop_map(|rights| Some(rights.into_iter().collect()))]
}

fn any_ties(relation: Relation, lefts: u64, rights: u64) -> impl Strategy<Value = BTreeMap<Tie, Option<Rights>>> {
    btree_map((1..=lefts, 1..=rights), any_rights(), 0..14).prop_map(move |ties| {
        let tie = |((left, right), rights)| (Tie { relation, left, right }, rights);
        ties.into_iter().map(tie).collect()
    })
}

/// Circles of groups too: a service that has them must not make the report run forever.
fn any_organisation() -> impl Strategy<Value = Organisation> {
    let people = proptest::collection::vec(proptest::option::of(any::<bool>()), USERS as usize);
    let ties = (
        any_ties(Relation::Membership, GROUPS, USERS),
        any_ties(Relation::GroupSite, GROUPS, SITES),
        any_ties(Relation::UserSite, USERS, SITES),
    );
    let nested = btree_set((1..=GROUPS, 1..=GROUPS), 0..8);
    (people, ties, nested).prop_map(|(people, (members, group_sites, user_sites), nested)| {
        let person = |active| Person {
            active,
            ..Person::default()
        };
        Organisation {
            users: (1..).zip(people.into_iter().map(person)).collect(),
            groups: (1..=GROUPS).map(|id| (id, Team::default())).collect(),
            sites: (1..=SITES).map(|id| (id, Place::default())).collect(),
            ties: members.into_iter().chain(group_sites).chain(user_sites).collect(),
            nested,
        }
    })
}

fn tie(relation: Relation, left: u64, right: u64) -> Tie {
    Tie { relation, left, right }
}

/// Whether one group is within another: by steps, and never through one group twice.
fn is_within(organisation: &Organisation, outer: u64, inner: u64, passed: &[u64]) -> bool {
    outer == inner
        || (1..=GROUPS).any(|next| {
            organisation.nested.contains(&(outer, next))
                && !passed.contains(&next)
                && is_within(organisation, next, inner, &[passed, &[next]].concat())
        })
}

/// Every path from a user to a site, with what it permits.
fn model(organisation: &Organisation, user: u64, site: u64) -> Vec<(Path, Rights)> {
    let of = |relation, left| {
        organisation
            .ties
            .get(&tie(relation, left, site))
            .map(|rights| rights.unwrap_or_default())
    };
    let mut paths: Vec<(Path, Rights)> = Vec::new();
    paths.extend(of(Relation::UserSite, user).map(|rights| (Path::Direct, rights)));
    for member in 1..=GROUPS {
        for holder in 1..=GROUPS {
            let is_member = organisation.ties.contains_key(&tie(Relation::Membership, member, user));
            if is_member && is_within(organisation, member, holder, &[member]) {
                paths.extend(of(Relation::GroupSite, holder).map(|rights| (Path::Group { member, holder }, rights)));
            }
        }
    }
    paths
}

fn effective_of(paths: &[(Path, Rights)]) -> Rights {
    paths
        .iter()
        .fold(Rights::default(), |all, (_, rights)| all.union(*rights))
}

proptest! {
    #[test]
    fn paths_and_permissions_are_those_of_the_model(organisation in any_organisation()) {
        let access = Access::of(&organisation);
        for user in 1..=USERS {
            let sites = access.sites(user);
            for site in 1..=SITES {
                let expected = model(&organisation, user, site);
                let mut paths = access.paths(user, site);
                paths.sort_unstable();
                prop_assert_eq!(&paths, &expected);
                prop_assert_eq!(access.rights(user, site), effective_of(&expected));
                prop_assert_eq!(sites.get(&site).copied(), (!expected.is_empty()).then(|| effective_of(&expected)));
                prop_assert_eq!(access.users(site).get(&user).copied(), sites.get(&site).copied());
            }
        }
    }

    #[test]
    fn counts_and_highlights_are_those_of_the_model(organisation in any_organisation()) {
        let access = Access::of(&organisation);
        let summary = Summary::of(&access);
        let found = highlights(&access, &summary);
        let may = |user: u64, site: u64, right| effective_of(&model(&organisation, user, site)).has(right);
        let is_active = |user: &u64| organisation.users[user].active != Some(false);
        for site in 1..=SITES {
            let of = |right| (1..=USERS).filter(|user| may(*user, site, right)).count() as u64;
            let counted = &summary.sites[&site];
            prop_assert_eq!(counted.readers, of(Right::Read));
            prop_assert_eq!(counted.updaters, of(Right::Update));
            prop_assert_eq!(counted.deleters, of(Right::Delete));
            let readers: Vec<u64> = (1..=USERS).filter(|user| may(*user, site, Right::Read) && is_active(user)).collect();
            let only = match readers.as_slice() { [user] => Some(*user), _ => None };
            prop_assert_eq!(counted.only_reader, only);
            prop_assert_eq!(found.alone.contains(&(site, only.unwrap_or_default())), only.is_some());
            prop_assert_eq!(found.unreachable.contains(&site), readers.is_empty());
        }
        for user in 1..=USERS {
            let of = |right| (1..=SITES).filter(|site| may(user, *site, right)).count() as u64;
            let counted = &summary.users[&user];
            prop_assert_eq!([counted.reads, counted.updates, counted.deletes], [Right::Read, Right::Update, Right::Delete].map(of));
            let is_listed = found.inactive.iter().any(|(listed, _)| *listed == user);
            prop_assert_eq!(is_listed, !is_active(&user) && of(Right::Read) > 0);
            prop_assert_eq!(found.deleters.contains(&user), of(Right::Delete) == SITES);
        }
        let active: Vec<u64> = (1..=USERS).filter(is_active).collect();
        for group in 1..=GROUPS {
            let is_member = |user: u64, group| organisation.ties.contains_key(&tie(Relation::Membership, group, user));
            let has_it = |user: &u64| (1..=GROUPS).any(|outer| is_member(*user, outer) && is_within(&organisation, outer, group, &[outer]));
            prop_assert_eq!(found.empty.contains(&group), !(1..=USERS).any(|user| is_member(user, group)));
            prop_assert_eq!(found.everybody.contains(&group), active.len() > 1 && active.iter().all(has_it));
            prop_assert_eq!(access.people(group), (1..=USERS).filter(has_it).collect::<BTreeSet<u64>>());
        }
    }

    /// A service that tells the truth is believed, and every lie is found.
    #[test]
    fn what_the_service_says_differently_is_found(organisation in any_organisation(), lie in any_rights(), which in any::<prop::sample::Index>()) {
        let access = Access::of(&organisation);
        let mut told: Vec<(Tie, Option<Rights>)> = Vec::new();
        for tie in organisation.ties.keys() {
            let effective = match tie.relation {
                Relation::UserSite => effective_of(&model(&organisation, tie.left, tie.right)),
                Relation::GroupSite => access.rights_of_group(tie.left, tie.right),
                Relation::Membership => continue,
            };
            told.push((*tie, Some(effective)));
        }
        prop_assert_eq!(&compare_read(&access, &told).differences, &[]);
        prop_assert_eq!(compare_read(&access, &told).pairs, told.len() as u64);
        if !told.is_empty() {
            let place = which.index(told.len());
            let (tie, said) = &mut told[place];
            let (tie, truth) = (*tie, *said);
            *said = lie;
            let checked = compare_read(&access, &told);
            prop_assert_eq!(checked.silent, u64::from(lie.is_none()));
            prop_assert_eq!(checked.differences.len(), usize::from(lie.is_some() && lie != truth));
            for Difference { who, site, listed, told } in checked.differences {
                prop_assert_eq!((who.1, site, Some(listed), Some(told)), (tie.left, tie.right, truth, lie));
            }
        }
    }
}

#[test]
fn everything_is_asked_by_the_side_that_takes_fewer_requests() {
    let mut organisation = Organisation {
        users: (1..=1_200).map(|id| (id, Person::default())).collect(),
        sites: (1..=600).map(|id| (id, Place::default())).collect(),
        ..Organisation::default()
    };
    assert_eq!(requests(&Scope::Everything, &organisation), 600 * 3);
    assert_eq!(requests(&Scope::Users(vec![7]), &organisation), 2);
    assert_eq!(requests(&Scope::Sites(vec![7, 8]), &organisation), 6);
    organisation.sites.retain(|id, _| *id <= 500);
    assert_eq!(requests(&Scope::Everything, &organisation), 1_200);
}
