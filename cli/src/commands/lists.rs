//! How sites, users and groups are shown.

use serde::Serialize;
use serde_json::{Map, Value};
use zkvault::account::Service;
use zkvault_client::Listed;
use zkvault_core::model::{Group, Site, User};
use zkvault_core::text::folded;

use super::set_aside;
use crate::clock::Stamp;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Cell, Table};
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

fn print_sites(context: &Context<'_>, listed: &Listed<Site>) -> Result<Exit> {
    let Listed { records, odd } = listed;
    let sites = by_name(records, |site| site.name.clone().unwrap_or_default());
    let mut table = Table::new(&["ID", "NAME", "URL", "UPDATED"]).cut(&["NAME", "URL"]);
    for site in &sites {
        let url = site.login.as_ref().and_then(|login| login.url.as_deref());
        table.row([
            Cell::from(site.id.to_string()),
            Cell::text(site.name.as_deref()),
            Cell::text(url),
            Cell::time(site.updated.map(Stamp)),
        ]);
    }
    context.output.rows(&table, &sites)?;
    set_aside::finish(odd, Service::Logmeonce)
}

pub(super) fn print_users(context: &Context<'_>, listed: &Listed<User>) -> Result<Exit> {
    let Listed { records, odd } = listed;
    let users = by_name(records, full_name);
    let mut table = Table::new(&["ID", "NAME", "EMAIL", "STATE"]).cut(&["NAME", "EMAIL"]);
    for user in &users {
        let state = match user.active {
            Some(true) => "active",
            Some(false) => "inactive",
            None => "",
        };
        table.row([
            Cell::from(user.id.to_string()),
            Cell::from(full_name(user)),
            Cell::text(user.email.as_deref().or(user.username.as_deref())),
            Cell::State(state),
        ]);
    }
    context.output.rows(&table, &users)?;
    set_aside::finish(odd, Service::Logmeonce)
}

/// First and last name, as far as there are any.
pub(super) fn full_name(user: &User) -> String {
    let names = [&user.firstname, &user.lastname].into_iter().flatten();
    names.map(String::as_str).collect::<Vec<_>>().join(" ")
}

pub(super) fn print_groups(context: &Context<'_>, listed: &Listed<Group>) -> Result<Exit> {
    let Listed { records, odd } = listed;
    let groups = by_name(records, |group| group.name.clone().unwrap_or_default());
    let mut table = Table::new(&["ID", "NAME"]).cut(&["NAME"]);
    for group in &groups {
        table.row([group.id.to_string(), group.name.clone().unwrap_or_default()]);
    }
    context.output.rows(&table, &groups)?;
    set_aside::finish(odd, Service::Logmeonce)
}

/// In the order of their names, whatever the service's order is.
fn by_name<T>(records: &[T], name: impl Fn(&T) -> String) -> Vec<&T> {
    let mut sorted: Vec<&T> = records.iter().collect();
    sorted.sort_by_cached_key(|record| folded(&name(record)).into_owned());
    sorted
}

/// Prints everything that is known of one thing, a row for each member, or the object with `--json`.
pub(super) fn print_one(context: &Context<'_>, thing: &impl Serialize) -> Result<Exit> {
    let document = serde_json::to_value(thing)
        .map_err(|error| CliError::new(Exit::Other, "json", "the answer cannot be shown").cause(error))?;
    let mut table = Table::pairs();
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
