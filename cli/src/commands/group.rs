//! `zkv group`.

use zkvault_client::logmeonce::{Call, Tie};

use super::lists::{self, Sites};
use super::names::Names;
use super::outcomes::Kind;
use super::ties::{self, Change, Step};
use super::{request, rights};
use crate::args::{GroupCommand, GroupCreate, GroupMembers, GroupPrivileges, GroupUpdate};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::session;

pub(crate) fn run(command: &GroupCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        GroupCommand::List => {
            let groups = session::logmeonce(context)?.block_on(async |client| Ok(client.groups().await?))?;
            lists::print_groups(context, &groups)
        }
        GroupCommand::Get { group } => {
            let id = Names::to_look(context).id(Kind::Group, group)?;
            let group = session::logmeonce(context)?.block_on(async |client| Ok(client.group(id).await?))?;
            lists::print_one(context, &group)
        }
        GroupCommand::Create(args) => create(args, context),
        GroupCommand::Update(args) => update(args, context),
        GroupCommand::Users { group } => {
            let id = Names::to_look(context).id(Kind::Group, group)?;
            let users = session::logmeonce(context)?.block_on(async |client| Ok(client.users_of_group(id).await?))?;
            lists::print_users(context, &users)
        }
        GroupCommand::Sites { group } => {
            let id = Names::to_look(context).id(Kind::Group, group)?;
            lists::run_sites(context, Sites::OfGroup(id))
        }
        GroupCommand::Add(args) => members(args, Change::Tie, context),
        GroupCommand::Remove(args) => members(args, Change::Untie, context),
        GroupCommand::Privileges(args) => privileges(args, context),
    }
}

fn create(args: &GroupCreate, context: &Context<'_>) -> Result<Exit> {
    let description = args.description.as_deref();
    if args.sending.dry_run {
        return request::print(context, &[Call::create_group(&args.name, description)]);
    }
    let mut session = session::logmeonce(context)?.with_form(args.sending.form);
    let group = session.block_on(async |client| Ok(client.create_group(&args.name, description).await?))?;
    match group {
        Some(group) => lists::print_one(context, &group),
        None => {
            context
                .output
                .note("The group was created; the service does not tell its id.");
            Ok(Exit::Success)
        }
    }
}

fn update(args: &GroupUpdate, context: &Context<'_>) -> Result<Exit> {
    let group = Names::to_change(context).id(Kind::Group, &args.group)?;
    let (name, description) = (args.name.as_deref(), args.description.as_deref());
    if args.sending.dry_run {
        return request::print(context, &[Call::update_group(group, name, description)?]);
    }
    let mut session = session::logmeonce(context)?.with_form(args.sending.form);
    let group = session.block_on(
        async |client| match client.update_group(group, name, description).await? {
            Some(updated) => Ok(updated),
            None => Ok(client.group(group).await?),
        },
    )?;
    lists::print_one(context, &group)
}

fn members(args: &GroupMembers, change: Change, context: &Context<'_>) -> Result<Exit> {
    let mut names = Names::to_change(context);
    let group = names.id(Kind::Group, &args.group)?;
    let users = names.all(Kind::User, &args.users)?;
    let steps = Step::chunks(Kind::User, Tie::GroupUsers, group, &users);
    ties::run(steps, change, &args.sending, true, context)
}

fn privileges(args: &GroupPrivileges, context: &Context<'_>) -> Result<Exit> {
    let mut names = rights::names(&args.rights, context);
    let groups = names.all(Kind::Group, &args.groups)?;
    let users = names.ids(Kind::User, &args.users)?;
    let sites = names.ids(Kind::Site, &args.sites)?;
    let steps = match users.as_slice() {
        [] => Step::plan(Kind::Group, &groups, &sites, Tie::GroupSites, Tie::SiteGroups),
        users => Step::plan(Kind::Group, &groups, users, Tie::GroupUsers, Tie::UserGroups),
    };
    rights::run(steps, &args.rights, &args.sending, &args.consent, context)
}
