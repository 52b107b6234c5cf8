//! `zkv group`.

use zkvault_client::logmeonce::{Call, Tie};

use super::lists::{self, Sites};
use super::outcomes::Kind;
use super::ties::{self, Change, Step};
use super::{ids, request, rights};
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
            let group = session::logmeonce(context)?.block_on(async |client| Ok(client.group(*group).await?))?;
            lists::print_one(context, &group)
        }
        GroupCommand::Create(args) => create(args, context),
        GroupCommand::Update(args) => update(args, context),
        GroupCommand::Users { group } => {
            let users =
                session::logmeonce(context)?.block_on(async |client| Ok(client.users_of_group(*group).await?))?;
            lists::print_users(context, &users)
        }
        GroupCommand::Sites { group } => lists::run_sites(context, Sites::OfGroup(*group)),
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
    let (name, description) = (args.name.as_deref(), args.description.as_deref());
    if args.sending.dry_run {
        return request::print(context, &[Call::update_group(args.group, name, description)?]);
    }
    let mut session = session::logmeonce(context)?.with_form(args.sending.form);
    let group = session.block_on(
        async |client| match client.update_group(args.group, name, description).await? {
            Some(group) => Ok(group),
            None => Ok(client.group(args.group).await?),
        },
    )?;
    lists::print_one(context, &group)
}

fn members(args: &GroupMembers, change: Change, context: &Context<'_>) -> Result<Exit> {
    let users = ids::resolve(&args.users)?;
    let steps = Step::chunks(Kind::User, Tie::GroupUsers, args.group, &users);
    ties::run(steps, change, &args.sending, true, context)
}

fn privileges(args: &GroupPrivileges, context: &Context<'_>) -> Result<Exit> {
    let groups = ids::resolve(&args.groups)?;
    let steps = match args.users.as_slice() {
        [] => Step::plan(Kind::Group, &groups, &args.sites, Tie::GroupSites, Tie::SiteGroups),
        users => Step::plan(Kind::Group, &groups, users, Tie::GroupUsers, Tie::UserGroups),
    };
    rights::run(steps, &args.rights, &args.sending, &args.consent, context)
}
