//! `zkv site`.

use zkvault_client::logmeonce::Tie;

use super::lists::{self, Sites};
use super::outcomes::Kind;
use super::ties::{self, Change, Step};
use super::{ids, rights};
use crate::args::{IdArg, SiteCommand, SiteList, SitePrivileges, SiteTies};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::session;

pub(crate) fn run(command: &SiteCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        SiteCommand::List(args) => list(args, context),
        SiteCommand::Get { site } => {
            let site = session::logmeonce(context)?.block_on(async |client| Ok(client.site(*site).await?))?;
            lists::print_one(context, &site)
        }
        SiteCommand::Users { site } => {
            let users =
                session::logmeonce(context)?.block_on(async |client| Ok(client.users_of_site(*site).await?))?;
            lists::print_users(context, &users)
        }
        SiteCommand::Groups { site } => {
            let groups =
                session::logmeonce(context)?.block_on(async |client| Ok(client.groups_of_site(*site).await?))?;
            lists::print_groups(context, &groups)
        }
        SiteCommand::Assign(args) => change(args, Change::Tie, context),
        SiteCommand::Unassign(args) => change(args, Change::Untie, context),
        SiteCommand::Privileges(args) => privileges(args, context),
    }
}

fn list(args: &SiteList, context: &Context<'_>) -> Result<Exit> {
    let of = match (args.user, args.group) {
        (Some(user), _) => Sites::OfUser(user),
        (_, Some(group)) => Sites::OfGroup(group),
        _ => Sites::All(args.search.as_deref()),
    };
    lists::run_sites(context, of)
}

fn change(args: &SiteTies, change: Change, context: &Context<'_>) -> Result<Exit> {
    let steps = steps(&args.sites, &args.users, &args.groups)?;
    // Nobody is asked: what is assigned can be taken away, and the other way round.
    ties::run(steps, change, &args.sending, true, context)
}

fn privileges(args: &SitePrivileges, context: &Context<'_>) -> Result<Exit> {
    let steps = steps(&args.sites, &args.users, &args.groups)?;
    rights::run(steps, &args.rights, &args.sending, &args.consent, context)
}

fn steps(sites: &[IdArg], users: &[u64], groups: &[u64]) -> Result<Vec<Step>> {
    let sites = ids::resolve(sites)?;
    let mut steps = Vec::new();
    if !users.is_empty() {
        steps.extend(Step::plan(Kind::Site, &sites, users, Tie::SiteUsers, Tie::UserSites));
    }
    if !groups.is_empty() {
        steps.extend(Step::plan(Kind::Site, &sites, groups, Tie::SiteGroups, Tie::GroupSites));
    }
    Ok(steps)
}
