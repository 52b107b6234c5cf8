//! What is assigned to what: six paths of one kind, each for one end of a relation.

use axum::Extension;
use axum::extract::State;
use axum::routing::{MethodRouter, get};
use serde_json::{Value, json};

use super::{Id, listed, must_exist};
use crate::answer::{Answer, Refusal};
use crate::logmeonce::LogMeOnce;
use crate::logmeonce::organisation::{Document, Kind, Organisation, Relation, Right, Rights};
use crate::params::Params;

/// A path `/OWNERS/ID/OTHERS`, and the parameters that tie and untie.
#[derive(Debug)]
pub(super) struct RelationPath {
    relation: Relation,
    owner: Kind,
    tie: &'static str,
    untie: &'static str,
}

pub(super) const USER_SITES: RelationPath = RelationPath {
    relation: Relation::UserSite,
    owner: Kind::User,
    tie: "assign",
    untie: "unassign",
};
pub(super) const SITE_USERS: RelationPath = RelationPath {
    owner: Kind::Site,
    ..USER_SITES
};
pub(super) const GROUP_SITES: RelationPath = RelationPath {
    relation: Relation::GroupSite,
    owner: Kind::Group,
    tie: "assign",
    untie: "unassign",
};
pub(super) const SITE_GROUPS: RelationPath = RelationPath {
    owner: Kind::Site,
    ..GROUP_SITES
};
pub(super) const GROUP_USERS: RelationPath = RelationPath {
    relation: Relation::GroupUser,
    owner: Kind::Group,
    tie: "add",
    untie: "remove",
};
pub(super) const USER_GROUPS: RelationPath = RelationPath {
    relation: Relation::GroupUser,
    owner: Kind::User,
    tie: "join",
    untie: "leave",
};

const PRIVILEGES: &str = "privileges";

impl RelationPath {
    /// The kind at the other end.
    fn other(&self) -> Kind {
        match self.relation.ends() {
            (left, right) if left == self.owner => right,
            (left, _) => left,
        }
    }

    /// The two in the order of the relation.
    fn ends(&self, owner: u64, other: u64) -> (u64, u64) {
        match self.relation.ends() {
            (left, _) if left == self.owner => (owner, other),
            _ => (other, owner),
        }
    }
}

/// What a request changes, for each of the ids at the other end.
enum Change {
    Tie(Vec<u64>),
    Untie(Vec<u64>),
    /// No permissions: they are only asked for.
    Rights(Vec<u64>, Vec<(Right, bool)>),
}

impl Change {
    /// Each of the three parameters stands alone, as the page says of each; only rights go with `privileges`.
    fn read(path: &RelationPath, params: &Params) -> Result<Self, Refusal> {
        let rights = path.relation.rights();
        let mut names = vec![path.tie, path.untie, PRIVILEGES];
        names.extend(rights.iter().map(|right| right.name()));
        params.only(&names)?;
        let set = rights.iter().filter_map(|right| match params.right(right.name()) {
            Ok(on) => on.map(|on| Ok((*right, on))),
            Err(refusal) => Some(Err(refusal)),
        });
        let set = set.collect::<Result<Vec<_>, _>>()?;
        match (
            params.ids(path.tie)?,
            params.ids(path.untie)?,
            params.id_array(PRIVILEGES)?,
        ) {
            (Some(ids), None, None) if set.is_empty() => Ok(Self::Tie(ids)),
            (None, Some(ids), None) if set.is_empty() => Ok(Self::Untie(ids)),
            (None, None, Some(ids)) => Ok(Self::Rights(ids, set)),
            _ => Err(Refusal::bad(format!(
                "give {} or {} alone, or {PRIVILEGES} with the permissions to change",
                path.tie, path.untie
            ))),
        }
    }

    fn ids(&self) -> &[u64] {
        match self {
            Self::Tie(ids) | Self::Untie(ids) | Self::Rights(ids, _) => ids,
        }
    }

    /// Changes all or, when one cannot be, nothing.
    fn apply(&self, path: &RelationPath, owner: u64, organisation: &mut Organisation) -> Result<(), Refusal> {
        must_exist(organisation, path.owner, owner)?;
        self.ids()
            .iter()
            .try_for_each(|id| must_exist(organisation, path.other(), *id))?;
        let ends = |other: &u64| path.ends(owner, *other);
        match self {
            Self::Tie(ids) => ids
                .iter()
                .map(ends)
                .for_each(|(l, r)| organisation.link(path.relation, l, r)),
            Self::Untie(ids) => ids
                .iter()
                .map(ends)
                .for_each(|(l, r)| organisation.unlink(path.relation, l, r)),
            Self::Rights(_, set) if set.is_empty() => {}
            Self::Rights(ids, set) => {
                let untied = |id: &&u64| {
                    let (left, right) = ends(id);
                    organisation.rights(path.relation, left, right).is_none()
                };
                if let Some(id) = ids.iter().find(untied) {
                    let (owner_kind, other) = (path.owner.singular(), path.other().singular());
                    let message = format!("{other} {id} and {owner_kind} {owner} are not assigned to each other");
                    return Err(Refusal::conflict(message));
                }
                for (left, right) in ids.iter().map(ends) {
                    if let Some(rights) = organisation.rights_mut(path.relation, left, right) {
                        set.iter().for_each(|(right, on)| rights.set(*right, *on));
                    }
                }
            }
        }
        Ok(())
    }
}

/// `GET` lists what is tied, `POST` changes it.
pub(super) fn relation(path: &'static RelationPath) -> MethodRouter<LogMeOnce> {
    let list = async move |State(service): State<LogMeOnce>, Id(owner): Id, Extension(params): Extension<Params>| {
        params.only(&[])?;
        service.read(|organisation| list_tied(path, owner, organisation))
    };
    let change = async move |State(service): State<LogMeOnce>, Id(owner): Id, Extension(params): Extension<Params>| {
        service.change(|organisation| must_exist(organisation, path.owner, owner))?;
        let change = Change::read(path, &params)?;
        service.change(|organisation| change.apply(path, owner, organisation))?;
        match change {
            Change::Rights(ids, _) => Ok(service.read(|organisation| privileges(path, owner, &ids, organisation))),
            _ => Ok::<_, Refusal>(Answer::done()),
        }
    };
    get(list).post(change)
}

fn list_tied(path: &RelationPath, owner: u64, organisation: &Organisation) -> Result<Answer, Refusal> {
    must_exist(organisation, path.owner, owner)?;
    let kind = path.other();
    let tied = organisation.linked(path.relation, path.owner, owner);
    let documents = tied.into_iter().filter_map(|id| organisation.get(kind, id));
    Ok(Answer::list(
        kind.plural(),
        documents.map(|document| listed(kind, document)).collect(),
    ))
}

fn privileges(path: &RelationPath, owner: u64, ids: &[u64], organisation: &Organisation) -> Answer {
    let each = ids.iter().map(|id| {
        let (left, right) = path.ends(owner, *id);
        let own = organisation
            .rights(path.relation, left, right)
            .cloned()
            .unwrap_or_default();
        let mut document = Document::from_iter([("id".to_owned(), json!(id))]);
        document.extend(flags(path.relation, &own));
        if path.relation != Relation::GroupUser {
            let inherited = organisation.inherited(path.relation, left, right);
            let inherited = flags(path.relation, &inherited).collect();
            document.insert("inherited".to_owned(), Value::Object(inherited));
        }
        Value::Object(document)
    });
    Answer::list(PRIVILEGES, each.collect())
}

/// Every right of a relation, and whether it is given.
fn flags(relation: Relation, rights: &Rights) -> impl Iterator<Item = (String, Value)> {
    relation
        .rights()
        .iter()
        .map(|right| (right.name().to_owned(), rights.has(*right).into()))
}
