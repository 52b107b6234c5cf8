//! `zkv site`.

use zkvault_client::logmeonce::Tie;

use super::lists::{self, Sites};
use super::names::Names;
use super::outcomes::Kind;
use super::rights;
use super::ties::{self, Change, Step};
use crate::args::{IdArg, SiteCommand, SiteList, SitePrivileges, SiteTies, Which};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::session;

pub(crate) fn run(command: &SiteCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        SiteCommand::List(args) => list(args, context),
        SiteCommand::Get { site } => {
            let id = Names::to_look(context).id(Kind::Site, site)?;
            let site = session::logmeonce(context)?.block_on(async |client| Ok(client.site(id).await?))?;
            lists::print_one(context, &site)
        }
        SiteCommand::Users { site } => {
            let id = Names::to_look(context).id(Kind::Site, site)?;
            let users = session::logmeonce(context)?.block_on(async |client| Ok(client.users_of_site(id).await?))?;
            lists::print_users(context, &users)
        }
        SiteCommand::Groups { site } => {
            let id = Names::to_look(context).id(Kind::Site, site)?;
            let groups = session::logmeonce(context)?.block_on(async |client| Ok(client.groups_of_site(id).await?))?;
            lists::print_groups(context, &groups)
        }
        SiteCommand::Assign(args) => change(args, Change::Tie, context),
        SiteCommand::Unassign(args) => change(args, Change::Untie, context),
        SiteCommand::Privileges(args) => privileges(args, context),
    }
}

fn list(args: &SiteList, context: &Context<'_>) -> Result<Exit> {
    let mut names = Names::to_look(context);
    let of = match (&args.user, &args.group) {
        (Some(user), _) => Sites::OfUser(names.id(Kind::User, user)?),
        (_, Some(group)) => Sites::OfGroup(names.id(Kind::Group, group)?),
        _ => Sites::All(args.search.as_deref()),
    };
    lists::run_sites(context, of)
}

fn change(args: &SiteTies, change: Change, context: &Context<'_>) -> Result<Exit> {
    let steps = steps(&args.sites, &args.users, &args.groups, Names::to_change(context))?;
    // Nobody is asked: what is assigned can be taken away, and the other way round.
    ties::run(steps, change, &args.sending, true, context)
}

fn privileges(args: &SitePrivileges, context: &Context<'_>) -> Result<Exit> {
    let names = rights::names(&args.rights, context);
    let steps = steps(&args.sites, &args.users, &args.groups, names)?;
    rights::run(steps, &args.rights, &args.sending, &args.consent, context)
}

fn steps(sites: &[IdArg], users: &[Which], groups: &[Which], mut names: Names<'_>) -> Result<Vec<Step>> {
    let sites = names.all(Kind::Site, sites)?;
    let users = names.ids(Kind::User, users)?;
    let groups = names.ids(Kind::Group, groups)?;
    let mut steps = Vec::new();
    if !users.is_empty() {
        steps.extend(Step::plan(Kind::Site, &sites, &users, Tie::SiteUsers, Tie::UserSites));
    }
    if !groups.is_empty() {
        steps.extend(Step::plan(
            Kind::Site,
            &sites,
            &groups,
            Tie::SiteGroups,
            Tie::GroupSites,
        ));
    }
    Ok(steps)
}
