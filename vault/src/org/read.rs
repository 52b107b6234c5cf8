//! Reads an organisation from the service with as few requests as its lists allow.
//!
//! One request each lists the users, the groups and the sites. The API lists what is tied to one thing, so every relation
//! is read from the side that has fewer things: of 20,000 sites and 500 groups, by the groups. One more request for each
//! thing that is tied to any returns the permissions, 500 ties at a time. The list of groups has no descriptions, so
//! there is a request for each group whose description the list leaves out. Lists in pages cost a request a page.
//!
//! Some records are odd, and some lists are refused to this account. Neither stops the rest: both are reported, and what
//! could not be read is not taken for empty.

mod nesting;
mod relations;

pub(super) use self::relations::Side;
pub(crate) use self::relations::effective;

use std::collections::BTreeMap;
use std::fmt;

use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use zkvault_client::logmeonce::LogMeOnce;
use zkvault_client::{ClientError, ErrorKind, Transport};
use zkvault_core::model::{Group, OddRecord, Record, Site, User};
use zkvault_core::trust::{Origin, readable_origin};

use super::error::OrgError;
use super::model::{FIRST_NEW_ID, Field, Organisation, Person, Place, Relation, Rights, Team, Tie};
use crate::directory::Kind;
use crate::progress::Progress;

/// Requests on their way at a time.
pub(crate) const AT_A_TIME: usize = 8;
/// Ids in one request: few enough for any limit on bodies, many enough to be quick.
pub(crate) const MAX_IDS: usize = 500;
/// Ties of one organisation at most: what a service lists beyond that is no organisation.
pub(super) const MAX_TIES: usize = 4_000_000;

/// What was read, and what could not be.
#[derive(Debug, Default)]
pub struct Reading {
    /// The organisation.
    pub organisation: Organisation,
    /// Records that were set aside.
    pub odd: Vec<OddRecord>,
    /// Lists that could not be read: what they would say is missing in the organisation.
    pub gaps: Vec<Gap>,
    /// What the service said is in effect, with what is inherited through groups, of the ties to sites that it was asked
    /// about. `None` where it did not say what is inherited.
    pub effective: Vec<(Tie, Option<Rights>)>,
    /// Requests that it took; further pages of a list are not counted.
    pub requests: u64,
}

/// Something of one thing that the service does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What it is of.
    pub of: (Kind, u64),
    /// What is missing.
    pub what: Missing,
    /// Why.
    pub error: ClientError,
}

/// What a gap is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The description of a group.
    Description,
    /// The list of the things of a kind that are tied to it.
    Ties(Kind),
    /// The permissions of these ties.
    Permissions(Kind),
    /// Which groups are in it.
    Nesting,
}

/// Such as `the users of group 5717 cannot be read: access is denied`.
impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            of: (kind, id),
            what,
            error,
        } = self;
        match what {
            Missing::Description => write!(f, "the description")?,
            Missing::Ties(kind) => write!(f, "the {}s", kind.name())?,
            Missing::Permissions(kind) => write!(f, "the permissions for the {}s", kind.name())?,
            Missing::Nesting => write!(f, "the groups")?,
        }
        write!(f, " of {} {id} cannot be read: {error}", kind.name())
    }
}

/// Reads the organisation of an account. `progress` counts requests.
///
/// # Errors
/// [`OrgError::Service`] when the users, groups or sites cannot be listed, or when every other request would fail as well
/// (no login, no network); [`OrgError::TooManyTies`].
pub async fn read<T: Transport>(client: &LogMeOnce<T>, progress: &dyn Progress) -> Result<Reading, OrgError> {
    let mut reading = Reading::default();
    progress.expect(3);
    let users = client.users().await?;
    progress.advance(1);
    reading.odd.extend(users.odd);
    let people = users.records.iter();
    reading.organisation.users = unique(people.map(|user| (user.id, person(user))), User::KIND, &mut reading.odd);
    things(client, progress, &mut reading).await?;
    describe(client, progress, &mut reading).await?;
    ties(client, progress, &mut reading, Side::shorter).await?;
    Ok(reading)
}

/// As [`read`], of one user: the groups and sites of everybody, and what this user is tied to, directly and by the groups.
/// It asks for no other user, and for no descriptions.
///
/// # Errors
/// As [`read`].
pub async fn read_of_user<T: Transport>(
    client: &LogMeOnce<T>,
    user: u64,
    progress: &dyn Progress,
) -> Result<Reading, OrgError> {
    let mut reading = Reading::default();
    progress.expect(3);
    let user = client.user(user).await?;
    progress.advance(1);
    reading.organisation.users = BTreeMap::from([(user.id, person(&user))]);
    things(client, progress, &mut reading).await?;
    ties(client, progress, &mut reading, Side::of_user).await?;
    Ok(reading)
}

/// The groups and sites.
async fn things<T: Transport>(
    client: &LogMeOnce<T>,
    progress: &dyn Progress,
    reading: &mut Reading,
) -> Result<(), ClientError> {
    let groups = client.groups().await?;
    progress.advance(1);
    reading.odd.extend(groups.odd);
    let teams = groups.records.iter();
    reading.organisation.groups = unique(
        teams.map(|group| (group.id, team(group))),
        Group::KIND,
        &mut reading.odd,
    );
    let sites = sites(client, &mut reading.odd).await?;
    reading.organisation.sites = unique(sites.into_iter(), Site::KIND, &mut reading.odd);
    progress.advance(1);
    reading.requests = 3;
    Ok(())
}

/// What is tied to what, and which groups are in which.
async fn ties<T: Transport>(
    client: &LogMeOnce<T>,
    progress: &dyn Progress,
    reading: &mut Reading,
    side: impl Fn(Relation, &Organisation) -> Side,
) -> Result<(), OrgError> {
    let sides = Relation::ALL.map(|relation| side(relation, &reading.organisation));
    relations::read(client, progress, sides, reading).await?;
    nesting::read(client, progress, reading).await?;
    Ok(())
}

/// The sites, one at a time: of each only what is kept.
async fn sites<T: Transport>(
    client: &LogMeOnce<T>,
    odd: &mut Vec<OddRecord>,
) -> Result<Vec<(u64, Place)>, ClientError> {
    let (mut stream, mut sites) = (client.sites(None).await?, Vec::new());
    while let Some(site) = stream.next().await? {
        match site {
            Ok(site) => sites.push((site.id, place(&site))),
            Err(record) => odd.push(record),
        }
    }
    Ok(sites)
}

/// By their ids. The first of two with one id counts, and one whose id no service gives is set aside.
fn unique<V>(
    records: impl Iterator<Item = (u64, V)>,
    kind: &'static str,
    odd: &mut Vec<OddRecord>,
) -> BTreeMap<u64, V> {
    let mut all = BTreeMap::new();
    for (id, record) in records {
        let why = match (id >= FIRST_NEW_ID, all.contains_key(&id)) {
            (true, _) => "has an id that is too large",
            (_, true) => "is listed twice",
            _ => {
                all.insert(id, record);
                continue;
            }
        };
        odd.push(OddRecord::new(kind, Some(id.to_string()), why));
    }
    all
}

fn person(user: &User) -> Person {
    let document = serde_json::to_value(user).unwrap_or_default();
    let text = |member: &str| match document.get(member)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let fields = Field::ALL
        .iter()
        .filter_map(|(field, _, member)| Some((*field, text(member)?)));
    Person {
        fields: fields.collect(),
        active: user.active,
    }
}

pub(super) fn team(group: &Group) -> Team {
    Team {
        name: group.name.clone().unwrap_or_default(),
        description: group.description.clone(),
    }
}

fn place(site: &Site) -> Place {
    let url = site.login.as_ref().and_then(|login| login.url.as_deref());
    let origin = url.and_then(|url| Origin::parse(url).ok());
    Place {
        name: site.name.clone().unwrap_or_default(),
        host: origin.map(|origin| readable_origin(&origin.to_string()).to_owned()),
    }
}

/// Asks for the descriptions that the list does not have.
async fn describe<T: Transport>(
    client: &LogMeOnce<T>,
    progress: &dyn Progress,
    reading: &mut Reading,
) -> Result<(), ClientError> {
    let groups = reading.organisation.groups.iter();
    let ids: Vec<u64> = groups
        .filter(|(_, team)| team.description.is_none())
        .map(|(id, _)| *id)
        .collect();
    progress.expect(ids.len() as u64);
    reading.requests += ids.len() as u64;
    let ask = |id: u64| async move { (id, client.group(id).await) };
    let mut responses = stream::iter(ids).map(ask).buffered(AT_A_TIME);
    while let Some((id, response)) = responses.next().await {
        progress.advance(1);
        match response {
            // One that has none says so by this.
            Ok(group) => {
                if let Some(team) = reading.organisation.groups.get_mut(&id) {
                    team.description = Some(group.description.unwrap_or_default());
                }
            }
            Err(error) => {
                let (of, what) = ((Kind::Group, id), Missing::Description);
                reading.gaps.push(Gap {
                    of,
                    what,
                    error: passable(error)?,
                });
            }
        }
    }
    Ok(())
}

/// An error that is one thing's alone. Those that every request would meet end the reading.
pub(crate) fn passable(error: ClientError) -> Result<ClientError, ClientError> {
    match error.kind() {
        ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::Rejected
        | ErrorKind::Malformed
        | ErrorKind::TooLarge => Ok(error),
        _ => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_two_with_one_id_counts_and_ids_that_no_service_gives_are_set_aside() {
        let mut odd = Vec::new();
        let records = [(1, "a"), (1, "b"), (FIRST_NEW_ID, "c"), (2, "d")];
        let all = unique(records.into_iter(), "user", &mut odd);
        assert_eq!(all, BTreeMap::from([(1, "a"), (2, "d")]));
        assert_eq!(odd.len(), 2);
    }

    #[test]
    fn of_a_site_only_its_host_is_kept() {
        let json = r#"{"id":7,"name":"Mail","login":{"Url":"https://mail.example/login?token=hush"}}"#;
        let site: Site = serde_json::from_str(json).unwrap();
        assert_eq!(
            place(&site),
            Place {
                name: "Mail".to_owned(),
                host: Some("mail.example".to_owned())
            }
        );
    }

    #[test]
    fn a_profile_also_has_the_fields_that_the_sample_of_the_page_leaves_out() {
        let user = r#"{"id":1,"email":"a@b.example","state":"NY","jobtitle":"Sailmaker","license":102,"city":""}"#;
        let person = person(&serde_json::from_str(user).unwrap());
        let fields = [Field::State, Field::JobTitle, Field::License, Field::City].map(|field| person.field(field));
        assert_eq!(fields, ["NY", "Sailmaker", "102", ""]);
    }
}
