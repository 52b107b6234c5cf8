//! A believable organisation, for demonstrations and tests: Halden & Frey, makers of sailing gear.

mod people;
mod scale;
mod sites;

use serde_json::json;
use zkvault_core::SealError;
use zkvault_core::key::{KeyId, VaultKey};
use zkvault_core::model::Site;
use zkvault_core::vendor::{Layout, SealLayoutError};

use super::organisation::{Kind, Organisation, Relation, Right};

pub use scale::scale;

/// The id of the site Google, which is the page's own; its values are in the vendor's layout.
pub const GOOGLE: u64 = 1_749_398;
/// The id of the site GitHub, whose values are bound.
pub const GITHUB: u64 = 1_749_412;
/// The id of a user who is active and in several groups.
pub const ACTIVE_USER: u64 = 1917;
/// The id of a user who was never activated.
pub const NEW_USER: u64 = 1921;
/// The id of a group that holds nested groups.
pub const ENGINEERING: u64 = 5717;
/// The id of a group in [`ENGINEERING`].
pub const PLATFORM: u64 = 5719;
/// The id of the group that [`NEW_USER`] is in.
pub const MARKETING: u64 = 8762;
/// The password of [`ACTIVE_USER`], for the password grant.
pub const ACTIVE_USER_PASSWORD: &str = "tidal-lantern-42";
/// The vendor's number for the key, in values of the vendor's layout: the one of the page's sample.
pub const VENDOR_KEY_ID: KeyId = KeyId::from_bytes([0xd8, 0x7f, 0x7e, 0x0c]);

/// The seed of [`add_one_time_codes`].
pub const ONE_TIME_SEED: &str =
    "otpauth://totp/GitHub:haldenfrey-bot?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=GitHub";

/// Twelve sites whose values are sealed under `key`, half of them in the vendor's layout and half bound; nine
/// users, of whom three were never activated and one was deactivated; five groups, two of them nested.
///
/// # Errors
/// [`SeedError`] when the operating system gives no random bytes.
pub fn demo(key: &VaultKey) -> Result<Organisation, SeedError> {
    filled(sites::sites(key, None)?)
}

/// As [`demo`], like the real thing may be: the vendor's half of the values is in a layout of its family, and a site
/// that is shared has a key of its own, under which they are.
///
/// # Errors
/// As [`demo`], and when nothing is ever sealed in the layout.
pub fn demo_in(layout: &Layout, key: &VaultKey) -> Result<Organisation, SeedError> {
    filled(sites::sites(key, Some(layout))?)
}

/// The site whose login page is at `url`: that of [`login_page`](crate::login_page). Its values are bound, and sealed
/// under `key`.
///
/// # Errors
/// [`SeedError`] when the operating system gives no random bytes.
pub fn practice(key: &VaultKey, url: &str) -> Result<Site, SeedError> {
    sites::practice(key, url)
}

/// Adds an input to the site [`GITHUB`] that holds the seed of one-time codes, sealed under `key` and bound.
///
/// # Errors
/// [`SeedError`] when the operating system gives no random bytes.
pub fn add_one_time_codes(organisation: &mut Organisation, key: &VaultKey) -> Result<(), SeedError> {
    let input = json!(sites::one_time_codes(key)?);
    let site = organisation.get_mut(Kind::Site, GITHUB);
    let inputs = site.and_then(|site| site.get_mut("login")?.get_mut("inputs")?.as_array_mut());
    if let Some(inputs) = inputs {
        inputs.push(input);
    }
    Ok(())
}

/// No organisation was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// A value was not sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A value was not sealed in the vendor's layout.
    #[error(transparent)]
    Layout(#[from] SealLayoutError),
}

fn filled(sites: Vec<Site>) -> Result<Organisation, SeedError> {
    let mut organisation = Organisation::new();
    for site in sites {
        organisation.add_site(&site);
    }
    people::add(&mut organisation);
    tie(&mut organisation);
    Ok(organisation)
}

/// An organisation of `count` sites with the ids 1, 2, … and nothing else: for measuring. Every other one's values
/// are bound.
///
/// # Errors
/// [`SeedError`] when the operating system gives no random bytes.
pub fn bulk(count: u64, key: &VaultKey) -> Result<Organisation, SeedError> {
    let mut organisation = Organisation::new();
    for id in 1..=count {
        organisation.add_site(&sites::numbered(key, id)?);
    }
    Ok(organisation)
}

const ON_CALL: u64 = 5720;
const FINANCE: u64 = 8763;

fn tie(organisation: &mut Organisation) {
    organisation.nest(PLATFORM, ENGINEERING);
    organisation.nest(ON_CALL, PLATFORM);
    let group_sites = [
        (ENGINEERING, [GITHUB, 1_749_413, 1_749_414].as_slice()),
        (PLATFORM, &[1_749_415, 1_749_416]),
        (ON_CALL, &[1_749_417]),
        (MARKETING, &[GOOGLE, 1_749_399, 1_749_400]),
        (FINANCE, &[1_749_401, 1_749_402]),
    ];
    let group_users = [
        (ENGINEERING, [1917, 1918, 1919, 1924].as_slice()),
        (PLATFORM, &[1917, 1918]),
        (ON_CALL, &[1918]),
        (MARKETING, &[1920, 1921]),
        (FINANCE, &[1916, 1922]),
    ];
    let user_sites = [
        (1916, [1_749_403].as_slice()),
        (1917, &[GOOGLE, GITHUB]),
        (1920, &[GOOGLE]),
    ];
    let all = [
        (Relation::GroupSite, group_sites.as_slice()),
        (Relation::GroupUser, &group_users),
        (Relation::UserSite, &user_sites),
    ];
    for (relation, owners) in all {
        for (owner, others) in owners {
            others
                .iter()
                .for_each(|other| organisation.link(relation, *owner, *other));
        }
    }
    allow(
        organisation,
        Relation::UserSite,
        (1917, GITHUB),
        &[Right::Read, Right::Update],
    );
    allow(organisation, Relation::UserSite, (1920, GOOGLE), &[Right::Read]);
    allow(
        organisation,
        Relation::GroupSite,
        (PLATFORM, 1_749_415),
        &[Right::Update],
    );
    allow(
        organisation,
        Relation::GroupUser,
        (ENGINEERING, 1917),
        &[Right::Create, Right::Assign],
    );
}

fn allow(organisation: &mut Organisation, relation: Relation, (left, right): (u64, u64), allowed: &[Right]) {
    if let Some(rights) = organisation.rights_mut(relation, left, right) {
        allowed.iter().for_each(|right| rights.set(*right, true));
    }
}
