//! Rights: what `--allow` and `--deny` ask for, and how the service's answer is shown.

use serde_json::{Map, Value};
use zkvault::account::Service;
use zkvault_client::logmeonce::{Call, Privilege, RightFlags, Rights};

use super::names::Names;
use super::outcomes::Subject;
use super::request;
use super::set_aside;
use super::ties::{self, Change, Step};
use crate::args::{Consent, Right, RightsChange, Sending};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Table;
use crate::session;

/// How things are named here: more loosely where permissions are only shown.
pub(super) fn names<'c>(change: &RightsChange, context: &'c Context<'c>) -> Names<'c> {
    match change.allow.is_empty() && change.deny.is_empty() {
        true => Names::to_look(context),
        false => Names::to_change(context),
    }
}

/// Shows the permissions that go with ties, or changes them when the arguments say how.
pub(super) fn run(
    steps: Vec<Step>,
    change: &RightsChange,
    sending: &Sending,
    consent: &Consent,
    context: &Context<'_>,
) -> Result<Exit> {
    let membership = steps.iter().any(|step| step.tie.is_membership());
    match (change.allow.as_slice(), change.deny.as_slice()) {
        ([], []) => show(&steps, membership, sending, context),
        (allow, deny) => {
            let rights = rights(allow, deny, membership)?;
            ties::run(steps, Change::Rights(rights), sending, consent.yes, context)
        }
    }
}

fn rights(allow: &[Right], deny: &[Right], membership: bool) -> Result<Rights> {
    if let Some(both) = allow.iter().find(|right| deny.contains(right)) {
        return Err(CliError::usage(format!(
            "the right to {} is both given and taken",
            name(*both)
        )));
    }
    let own = if membership {
        [Right::Create, Right::Assign].as_slice()
    } else {
        &[Right::Read, Right::Update, Right::Delete]
    };
    if let Some(other) = allow.iter().chain(deny).find(|right| !own.contains(right)) {
        let own: Vec<_> = own.iter().copied().map(name).collect();
        return Err(CliError::usage(format!("there is no right to {} here", name(*other)))
            .hint(format!("the permissions are {}", own.join(", "))));
    }
    let set = |right| match (allow.contains(&right), deny.contains(&right)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    Ok(match membership {
        true => Rights::Membership {
            create: set(Right::Create),
            assign: set(Right::Assign),
        },
        false => Rights::Sharing {
            read: set(Right::Read),
            update: set(Right::Update),
            delete: set(Right::Delete),
        },
    })
}

fn name(right: Right) -> &'static str {
    match right {
        Right::Read => "read",
        Right::Update => "update",
        Right::Delete => "delete",
        Right::Create => "create",
        Right::Assign => "assign",
    }
}

/// The names of the permissions that a tie can give, with what is told about each.
fn named(flags: &RightFlags, membership: bool) -> Vec<(&'static str, Option<bool>)> {
    match membership {
        true => vec![("create", flags.create), ("assign", flags.assign)],
        false => vec![("read", flags.read), ("update", flags.update), ("delete", flags.delete)],
    }
}

fn show(steps: &[Step], membership: bool, sending: &Sending, context: &Context<'_>) -> Result<Exit> {
    if sending.dry_run {
        let calls = steps
            .iter()
            .map(|step| Ok(Call::privileges(step.tie, step.owner, &step.others)?));
        return request::print(context, &calls.collect::<Result<Vec<_>>>()?);
    }
    let mut session = session::logmeonce(context)?.with_form(sending.form);
    let (told, odd) = session.block_on(async |client| {
        let (mut told, mut odd) = (Vec::new(), Vec::new());
        for step in steps {
            let privileges = client.privileges(step.tie, step.owner, &step.others).await?;
            let records = privileges.records.into_iter();
            told.extend(records.map(|privilege| (step.subject(privilege.id), privilege)));
            odd.extend(privileges.odd);
        }
        Ok((told, odd))
    })?;
    set_aside::warn(&odd, context);
    print(context, &told, membership)?;
    set_aside::finish(&odd, Service::Logmeonce)
}

fn print(context: &Context<'_>, told: &[(Subject, Privilege)], membership: bool) -> Result<()> {
    let mut table = match membership {
        true => Table::new(&["ID", "WITH", "CREATE", "ASSIGN"]),
        false => Table::new(&["ID", "WITH", "READ", "UPDATE", "DELETE", "INHERITED"]),
    };
    for (subject, privilege) in told {
        let with = subject.with.map(|(kind, id)| format!("{} {id}", kind.name()));
        let ends = [subject.of.1.to_string(), with.unwrap_or_default()];
        let mut cells = named(&privilege.rights, membership)
            .into_iter()
            .map(|(_, on)| shown(on));
        let mut cell = || cells.next().unwrap_or_default();
        let [id, with] = ends;
        match membership {
            true => table.row([id, with, cell(), cell()]),
            false => table.row([id, with, cell(), cell(), cell(), inherited(privilege)]),
        }
    }
    let privileges: Vec<_> = told.iter().map(|told| json(told, membership)).collect();
    context.output.rows(&table, &privileges)
}

fn shown(on: Option<bool>) -> String {
    match on {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    }
    .to_owned()
}

fn inherited(privilege: &Privilege) -> String {
    let flags = privilege.inherited.unwrap_or_default();
    let given = named(&flags, false).into_iter().filter(|(_, on)| *on == Some(true));
    given.map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

/// `{"site": 1, "user": 2, "read": true, …, "inherited": {"read": false, …}}`.
fn json((subject, privilege): &(Subject, Privilege), membership: bool) -> Value {
    let flags = |flags: &RightFlags| {
        let named = named(flags, membership).into_iter();
        named
            .map(|(name, on)| (name.to_owned(), Value::from(on)))
            .collect::<Map<_, _>>()
    };
    let mut members = subject.members();
    members.extend(flags(&privilege.rights));
    if let Some(inherited) = &privilege.inherited {
        members.insert("inherited".to_owned(), Value::Object(flags(inherited)));
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_stays_as_it_is() {
        let sharing = rights(&[Right::Read], &[Right::Delete], false).unwrap();
        let expected = Rights::Sharing {
            read: Some(true),
            update: None,
            delete: Some(false),
        };
        assert_eq!(sharing, expected);
        let membership = rights(&[], &[Right::Assign], true).unwrap();
        let expected = Rights::Membership {
            create: None,
            assign: Some(false),
        };
        assert_eq!(membership, expected);
    }

    #[test]
    fn rights_that_contradict_or_belong_elsewhere_are_refused() {
        for (allow, deny, membership) in [
            (Right::Read, Right::Read, false),
            (Right::Read, Right::Create, false),
            (Right::Create, Right::Delete, true),
        ] {
            let error = rights(&[allow], &[deny], membership).unwrap_err();
            assert_eq!(error.exit, Exit::Usage, "{allow:?} {deny:?}");
        }
    }
}
