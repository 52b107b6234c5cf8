//! An organisation as large as the largest are: for measuring.

use zkvault_core::model::{Group, Login, Site, User};

use crate::logmeonce::organisation::{Organisation, Relation, Right};

/// How much there is of everything at full size.
const USERS: u64 = 5_000;
const GROUPS: u64 = 500;
const SITES: u64 = 20_000;
/// Ties: users in groups, sites of groups, and sites of users.
const MEMBERS: u64 = 40_000;
const GROUP_SITES: u64 = 60_000;
const USER_SITES: u64 = 100_000;
/// Groups at the top: each of the others is in one of them, or in a group that is.
const TOP_GROUPS: u64 = 50;

/// An organisation without values: at full size 5,000 users, 500 nested groups, 20,000 sites and 200,000 ties; divided by
/// `part`. The same every time.
#[must_use]
pub fn scale(part: u64) -> Organisation {
    let of = |all: u64| (all / part.max(1)).max(1);
    let (users, groups, sites) = (of(USERS), of(GROUPS), of(SITES));
    let mut organisation = Organisation::new();
    (1..=users).for_each(|id| organisation.add_user(&user(id)));
    for id in 1..=groups {
        organisation.add_group(&group(id));
        if id > of(TOP_GROUPS) {
            organisation.nest(id, 1 + spread(id, 7) % (id - 1));
        }
    }
    (1..=sites).for_each(|id| organisation.add_site(&site(id)));
    // Each group has one site to itself.
    (1..=groups).for_each(|id| organisation.link(Relation::GroupSite, id, id));
    for (relation, count, lefts, rights) in [
        (Relation::GroupUser, of(MEMBERS), groups, 0..users),
        (Relation::GroupSite, of(GROUP_SITES) - groups, groups, groups..sites),
        (Relation::UserSite, of(USER_SITES), users, 0..sites),
    ] {
        for number in 0..count {
            // Every pair once: the right end continues where the left ends are exhausted.
            let offset = (number / lefts + spread(number % lefts, 11)) % (rights.end - rights.start);
            let (left, right) = (1 + number % lefts, 1 + rights.start + offset);
            organisation.link(relation, left, right);
            if number % 3 == 0
                && let Some(given) = organisation.rights_mut(relation, left, right)
            {
                relation
                    .rights()
                    .iter()
                    .filter(|right| **right != Right::Delete)
                    .for_each(|right| given.set(*right, true));
            }
        }
    }
    organisation
}

/// A number that looks random and is always the same.
fn spread(number: u64, salt: u64) -> u64 {
    (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ salt) >> 20
}

fn user(id: u64) -> User {
    let mut user = User::new(id);
    let email = format!("user{id}@company.example");
    user.username = Some(email.clone());
    user.email = Some(email);
    user.firstname = Some(format!("First {id}"));
    user.lastname = Some(format!("Last {id}"));
    user.active = Some(!id.is_multiple_of(50));
    user.confirmed = Some(true);
    user
}

fn group(id: u64) -> Group {
    let mut group = Group::new(id);
    group.name = Some(format!("Group {id}"));
    group.description = Some(format!("Made up, number {id}"));
    group
}

fn site(id: u64) -> Site {
    let mut site = Site::new(id);
    site.name = Some(format!("Site {id}"));
    let mut login = Login::default();
    login.url = Some(format!("https://site{id}.example/login"));
    site.login = Some(login);
    site
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logmeonce::organisation::Kind;

    #[test]
    fn a_part_has_its_share_of_everything() {
        let organisation = scale(10);
        let [users, groups, sites] = [Kind::User, Kind::Group, Kind::Site].map(|kind| organisation.ids(kind).count());
        assert_eq!([users, groups, sites], [500, 50, 2_000]);
        let ties: usize = [Relation::GroupUser, Relation::GroupSite]
            .map(|relation| {
                (1..=50)
                    .map(|group| organisation.linked(relation, Kind::Group, group).len())
                    .sum::<usize>()
            })
            .iter()
            .sum();
        assert_eq!(ties, 10_000);
        assert!((1..=500).all(|user| !organisation.linked(Relation::UserSite, Kind::User, user).is_empty()));
    }
}
