//! `zkv access`.

mod findings;
mod page;
mod pairs;
mod whole;

use serde::Serialize;
use zkvault::access::{Access, Checked, Scope, Summary, compare, compare_read, highlights, requests};
use zkvault::directory::Kind;
use zkvault::org::{Names, Reading};
use zkvault::time;

use self::findings::Found;
use self::pairs::Pairs;
use self::whole::Whole;
use super::org;
use super::report::Delivery;
use crate::args::{AccessCommand, AccessReport};
use crate::clock::Stamp;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Progress, escaped};
use crate::session::{self, Session};

/// Requests of a comparison from which on their number is said before they are sent.
const MANY_REQUESTS: u64 = 100;

pub(crate) fn run(command: &AccessCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        AccessCommand::Report(args) => report(args, context),
    }
}

/// What every form of the report is made of.
struct Material<'a> {
    account: &'a str,
    made: u64,
    access: &'a Access<'a>,
    names: &'a Names<'a>,
    /// What was compared with the service.
    checked: &'a Checked,
    /// What the service did not list.
    missing: Vec<String>,
    requests: u64,
}

/// A report as programs get it: what every one begins with, and the rest.
#[derive(Serialize)]
struct Json<'a, T> {
    account: &'a str,
    made: Stamp,
    requests: u64,
    compared: u64,
    not_compared: u64,
    findings: &'a [Found],
    #[serde(flatten)]
    rest: T,
}

impl<'a> Material<'a> {
    fn json<T>(&'a self, findings: &'a [Found], rest: T) -> Json<'a, T> {
        Json {
            account: self.account,
            made: Stamp(self.made),
            requests: self.requests,
            compared: self.checked.pairs,
            not_compared: self.checked.silent,
            findings,
            rest,
        }
    }
}

fn report(args: &AccessReport, context: &Context<'_>) -> Result<Exit> {
    let delivery = Delivery::open(&args.destination, context)?;
    let mut session = session::logmeonce(context)?;
    let account = session.url().account();
    let reading = org::read(&mut session, context)?;
    let access = Access::of(&reading.organisation);
    let names = Names::of(&reading.organisation);
    let subjects = subjects(args, &names)?;
    let checked = check(args, &subjects, &access, &reading, &mut session, context)?;
    let missing = org::missing(&reading).chain(checked.gaps.iter().map(ToString::to_string));
    let material = Material {
        account: &account,
        made: time::now()?,
        access: &access,
        names: &names,
        checked: &checked,
        missing: missing.collect(),
        requests: reading.requests + checked.requests,
    };
    if subjects.is_empty() {
        let summary = Summary::of(&access);
        let found = highlights(&access, &summary);
        delivery.deliver(&Whole::new(&material, &summary, &found), context)?;
    } else {
        delivery.deliver(&Pairs::new(&material, &subjects), context)?;
    }
    finish(&material, &reading, context)
}

/// What the report is about; nothing where it is about everything.
fn subjects(args: &AccessReport, names: &Names<'_>) -> Result<Vec<(Kind, u64)>> {
    let given = [
        (Kind::User, &args.user),
        (Kind::Site, &args.site),
        (Kind::Group, &args.group),
    ];
    let mut subjects = Vec::new();
    for (kind, texts) in given {
        for text in texts {
            let subject = (kind, names.look(kind, text).map_err(CliError::from)?);
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
    }
    Ok(subjects)
}

/// Compares what the lists say with what the service says is in effect.
fn check(
    args: &AccessReport,
    subjects: &[(Kind, u64)],
    access: &Access<'_>,
    reading: &Reading,
    session: &mut Session<'_>,
    context: &Context<'_>,
) -> Result<Checked> {
    let of = |kind| {
        let ids = subjects.iter().filter(|(subject, _)| *subject == kind);
        ids.map(|(_, id)| *id).collect::<Vec<u64>>()
    };
    let scopes = match (subjects.is_empty(), args.verify) {
        (true, false) => return Ok(compare_read(access, &reading.effective)),
        (true, true) => vec![Scope::Everything],
        (false, _) => vec![
            Scope::Users(of(Kind::User)),
            Scope::Sites(of(Kind::Site)),
            Scope::Groups(of(Kind::Group)),
        ],
    };
    let total: u64 = scopes.iter().map(|scope| requests(scope, access.organisation())).sum();
    if total >= MANY_REQUESTS {
        context
            .output
            .note(&format!("comparing with the service takes {total} more requests"));
    }
    let progress = Progress::of_requests(context.output.is_json());
    let mut checked = match subjects.is_empty() {
        true => compare_read(access, &reading.effective),
        false => Checked::default(),
    };
    for scope in scopes {
        let more = session.block_on(async |client| Ok(compare(client, access, &scope, &progress).await?))?;
        checked = checked.with(more);
    }
    Ok(checked)
}

/// Says what was read and compared, and ends with what is wrong.
fn finish(material: &Material<'_>, reading: &Reading, context: &Context<'_>) -> Result<Exit> {
    let Material { checked, .. } = material;
    let silent = match checked.silent {
        0 => String::new(),
        count => format!("; of {count} the service does not say what is inherited"),
    };
    context.output.note(&format!(
        "compared {} pairs with the permissions that the service says are in effect{silent}; {} requests in all",
        checked.pairs, material.requests
    ));
    for gap in &checked.gaps {
        context.output.warning(&escaped(&gap.to_string()));
    }
    match checked.differences.len() {
        0 if checked.gaps.is_empty() => org::finish(reading),
        0 => Err(CliError::new(
            Exit::PartlyFailed,
            "partly-failed",
            format!("{} lists of the service cannot be compared", checked.gaps.len()),
        )),
        count => Err(CliError::new(
            Exit::Integrity,
            "access-differs",
            format!(
                "for {} the service says something else than its lists do",
                findings::count(count as u64, "pair")
            ),
        )
        .hint("the report lists them; zkv site privileges shows what the service says of one")),
    }
}
