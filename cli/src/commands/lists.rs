//! How sites, users and groups are shown.

use serde::Serialize;
use serde_json::{Map, Value};
use zkvault_client::Listed;
use zkvault_core::model::{Group, Site, User};

use super::set_aside;
use crate::clock;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Table;
use crate::session::{self, Client};

/// Lists sites.
pub(super) fn run_sites(context: &Context<'_>, of: Sites<'_>) -> Result<Exit> {
    let sites = session::logmeonce(context)?.block_on(async |client| sites(client, of).await)?;
    print_sites(context, &sites)
}

/// Reads sites to their end: so that nothing is printed of a list that breaks off.
async fn sites(client: &Client, of: Sites<'_>) -> Result<Listed<Site>> {
    let mut stream = match of {
        Sites::All(search) => client.sites(search).await?,
        Sites::OfUser(user) => client.sites_of_user(user).await?,
        Sites::OfGroup(group) => client.sites_of_group(group).await?,
    };
    let mut sites = Listed::default();
    while let Some(site) = stream.next().await? {
        sites.push(site);
    }
    Ok(sites)
}

/// Which sites.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sites<'a> {
    /// Those that a phrase is found in, or all.
    All(Option<&'a str>),
    OfUser(u64),
    OfGroup(u64),
}

#[derive(Serialize)]
struct SiteDocument<'a> {
    sites: &'a [Site],
}

fn print_sites(context: &Context<'_>, listed: &Listed<Site>) -> Result<Exit> {
    let Listed { records: sites, odd } = listed;
    let mut table = Table::new(&["ID", "NAME", "URL", "UPDATED"]).breakable(&["NAME", "URL"]);
    for site in sites {
        let url = site.login.as_ref().and_then(|login| login.url.clone());
        table.row([
            site.id.to_string(),
            site.name.clone().unwrap_or_default(),
            url.unwrap_or_default(),
            site.updated.map(clock::shown).unwrap_or_default(),
        ]);
    }
    context.output.rows(&table, &SiteDocument { sites })?;
    set_aside::finish(odd)
}

#[derive(Serialize)]
struct UserDocument<'a> {
    users: &'a [User],
}

pub(super) fn print_users(context: &Context<'_>, listed: &Listed<User>) -> Result<Exit> {
    let Listed { records: users, odd } = listed;
    let mut table = Table::new(&["ID", "NAME", "EMAIL", "STATE"]).breakable(&["NAME", "EMAIL"]);
    for user in users {
        let state = match user.active {
            Some(true) => "active",
            Some(false) => "inactive",
            None => "",
        };
        table.row([
            user.id.to_string(),
            full_name(user),
            user.email.clone().or_else(|| user.username.clone()).unwrap_or_default(),
            state.to_owned(),
        ]);
    }
    context.output.rows(&table, &UserDocument { users })?;
    set_aside::finish(odd)
}

/// First and last name, as far as there are any.
pub(super) fn full_name(user: &User) -> String {
    let names = [&user.firstname, &user.lastname].into_iter().flatten();
    names.map(String::as_str).collect::<Vec<_>>().join(" ")
}

#[derive(Serialize)]
struct GroupDocument<'a> {
    groups: &'a [Group],
}

pub(super) fn print_groups(context: &Context<'_>, listed: &Listed<Group>) -> Result<Exit> {
    let Listed { records: groups, odd } = listed;
    let mut table = Table::new(&["ID", "NAME"]).breakable(&["NAME"]);
    for group in groups {
        table.row([group.id.to_string(), group.name.clone().unwrap_or_default()]);
    }
    context.output.rows(&table, &GroupDocument { groups })?;
    set_aside::finish(odd)
}

/// Prints everything that is known of one thing, a row for each member, or the object with `--json`.
pub(super) fn print_one(context: &Context<'_>, thing: &impl Serialize) -> Result<Exit> {
    let document = serde_json::to_value(thing)
        .map_err(|error| CliError::new(Exit::Other, "json", "the answer cannot be shown").cause(error))?;
    let mut table = Table::new(&["MEMBER", "VALUE"]).breakable(&["VALUE"]);
    if let Value::Object(members) = &document {
        add_members(&mut table, "", members);
    }
    // Not the `Value`: it would not keep the letters of numbers.
    context.output.rows(&table, thing)?;
    Ok(Exit::Success)
}

fn add_members(table: &mut Table, path: &str, members: &Map<String, Value>) {
    for (name, value) in members {
        add_value(table, &format!("{path}{name}"), value);
    }
}

fn add_value(table: &mut Table, path: &str, value: &Value) {
    match value {
        Value::Object(members) => add_members(table, &format!("{path}."), members),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                add_value(table, &format!("{path}[{index}]"), item);
            }
        }
        Value::Null => {}
        Value::String(text) => table.row([path.to_owned(), text.clone()]),
        other => table.row([path.to_owned(), other.to_string()]),
    }
}
