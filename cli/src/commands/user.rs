//! `zkv user`.

mod activate;
mod handover;
mod recipient;

use zkvault_client::logmeonce::{Call, Tie, UserUpdate as Update};

use super::lists::{self, Sites};
use super::names::Names;
use super::outcomes::Kind;
use super::ties::{self, Change, Step};
use super::{bulk, consent, request};
use crate::args::{UserCommand, UserDeactivate, UserDelete, UserFields, UserGroups, UserUpdate};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::session;

pub(crate) fn run(command: &UserCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        UserCommand::List => {
            let users = session::logmeonce(context)?.block_on(async |client| Ok(client.users().await?))?;
            lists::print_users(context, &users)
        }
        UserCommand::Get { user } => {
            let id = Names::to_look(context).id(Kind::User, user)?;
            let user = session::logmeonce(context)?.block_on(async |client| Ok(client.user(id).await?))?;
            lists::print_one(context, &user)
        }
        UserCommand::Update(args) => update(args, context),
        UserCommand::Delete(args) => delete(args, context),
        UserCommand::Activate(args) => activate::run(args, context),
        UserCommand::Deactivate(args) => deactivate(args, context),
        UserCommand::Sites { user } => {
            let id = Names::to_look(context).id(Kind::User, user)?;
            lists::run_sites(context, Sites::OfUser(id))
        }
        UserCommand::Groups { user } => {
            let id = Names::to_look(context).id(Kind::User, user)?;
            let groups = session::logmeonce(context)?.block_on(async |client| Ok(client.groups_of_user(id).await?))?;
            lists::print_groups(context, &groups)
        }
        UserCommand::Join(args) => memberships(args, Change::Tie, context),
        UserCommand::Leave(args) => memberships(args, Change::Untie, context),
    }
}

fn update(args: &UserUpdate, context: &Context<'_>) -> Result<Exit> {
    let users = Names::to_change(context).all(Kind::User, &args.users.users)?;
    let update = fields(&args.fields);
    let calls = users.iter().map(|user| Ok(Call::update_user(*user, &update)?));
    let calls = calls.collect::<Result<Vec<_>>>()?;
    if args.users.sending.dry_run {
        return request::print(context, &calls);
    }
    let mut session = session::logmeonce(context)?.with_form(args.users.sending.form);
    let outcomes = bulk::each(&mut session, (Kind::User, &users), "updated", async |client, user| {
        client.update_user(user, &update).await?;
        Ok(())
    })?;
    outcomes.finish(context)
}

fn fields(fields: &UserFields) -> Update {
    let UserFields {
        first_name,
        last_name,
        birthdate,
        gender,
        address,
        city,
        state,
        zip,
        country,
        phone,
        company,
        job_title,
        website,
    } = fields.clone();
    Update {
        first_name,
        last_name,
        birthdate,
        gender,
        address,
        city,
        state,
        zip,
        country,
        phone,
        company,
        job_title,
        website,
    }
}

fn delete(args: &UserDelete, context: &Context<'_>) -> Result<Exit> {
    if !args.consent.yes && !args.users.sending.dry_run {
        consent::must_be_possible(context)?;
    }
    let users = Names::to_change(context).all(Kind::User, &args.users.users)?;
    if args.users.sending.dry_run {
        let calls: Vec<_> = users.iter().map(|user| Call::delete_user(*user)).collect();
        return request::print(context, &calls);
    }
    let mut session = session::logmeonce(context)?.with_form(args.users.sending.form);
    if !args.consent.yes {
        let subjects: Vec<_> = bulk::subjects(Kind::User, &users).collect();
        consent::ask(context, &mut session, "Delete for ever?", &subjects)?;
    }
    let outcomes = bulk::each(&mut session, (Kind::User, &users), "deleted", async |client, user| {
        Ok(client.delete_user(user).await?)
    })?;
    outcomes.finish(context)
}

fn deactivate(args: &UserDeactivate, context: &Context<'_>) -> Result<Exit> {
    let users = Names::to_change(context).all(Kind::User, &args.users.users)?;
    if args.users.sending.dry_run {
        let calls: Vec<_> = users.iter().map(|user| Call::deactivate_user(*user)).collect();
        return request::print(context, &calls);
    }
    let mut session = session::logmeonce(context)?.with_form(args.users.sending.form);
    // It can be undone: where nobody can answer, nobody is asked.
    if !args.consent.yes && context.prompt.is_allowed() {
        let subjects: Vec<_> = bulk::subjects(Kind::User, &users).collect();
        consent::ask(context, &mut session, "Deactivate?", &subjects)?;
    }
    let outcomes = bulk::each(
        &mut session,
        (Kind::User, &users),
        "deactivated",
        async |client, user| Ok(client.deactivate_user(user).await?),
    )?;
    outcomes.finish(context)
}

fn memberships(args: &UserGroups, change: Change, context: &Context<'_>) -> Result<Exit> {
    let mut names = Names::to_change(context);
    let user = names.id(Kind::User, &args.user)?;
    let groups = names.all(Kind::Group, &args.groups)?;
    let steps = Step::chunks(Kind::Group, Tie::UserGroups, user, &groups);
    ties::run(steps, change, &args.sending, true, context)
}
