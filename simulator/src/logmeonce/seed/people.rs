//! The users and groups of the demo. Nobody of them exists.

use zkvault_core::model::{Group, User};

use super::{ACTIVE_USER, ACTIVE_USER_PASSWORD, ENGINEERING, FINANCE, MARKETING, NEW_USER, ON_CALL, PLATFORM};
use crate::logmeonce::organisation::Organisation;

const DOMAIN: &str = "haldenfrey.example";
const LICENSE: u64 = 102;
/// The user who left and was deactivated.
const DEACTIVATED: u64 = 1924;

/// Id, first name, last name, and whether the user was activated.
const USERS: [(u64, &str, &str, bool); 9] = [
    (1916, "Ingrid", "Halden", true),
    (ACTIVE_USER, "Mateus", "Frey", true),
    (1918, "Noor", "Rahimi", true),
    (1919, "Tomasz", "Wilk", true),
    (1920, "Camille", "Arnaud", true),
    (NEW_USER, "Priya", "Raman", false),
    (1922, "Jonas", "Lindqvist", false),
    (1923, "Aiko", "Tanaka", false),
    (DEACTIVATED, "Pedro", "Salgado", true),
];

const GROUPS: [(u64, &str, &str); 5] = [
    (ENGINEERING, "Engineering", "Everybody who builds"),
    (PLATFORM, "Platform", "Servers, domains and accounts with the clouds"),
    (ON_CALL, "On call", "Woken at night"),
    (MARKETING, "Marketing", "Group used for Marketing"),
    (FINANCE, "Finance", "Invoices and banks"),
];

pub(super) fn add(organisation: &mut Organisation) {
    for (id, first, last, active) in USERS {
        organisation.add_user(&user(id, first, last, active));
    }
    organisation.deactivate(DEACTIVATED);
    organisation.set_password(ACTIVE_USER, ACTIVE_USER_PASSWORD);
    for (id, name, description) in GROUPS {
        let mut group = Group::new(id);
        group.name = Some(name.to_owned());
        group.description = Some(description.to_owned());
        organisation.add_group(&group);
    }
}

fn user(id: u64, first: &str, last: &str, active: bool) -> User {
    let email = format!("{}@{DOMAIN}", first.to_lowercase());
    let mut user = User::new(id);
    user.username = Some(email.clone());
    user.email = Some(email);
    user.firstname = Some(first.to_owned());
    user.lastname = Some(last.to_owned());
    user.active = Some(active);
    user.confirmed = Some(active);
    user.license = Some(LICENSE);
    user.city = Some("Ålesund".to_owned());
    user.country = Some("NO".to_owned());
    user.company = Some("Halden & Frey".to_owned());
    user.website = Some(format!("https://{DOMAIN}"));
    user
}
