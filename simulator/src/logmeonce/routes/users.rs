//! `/users`.

use axum::Extension;
use axum::extract::State;
use serde_json::Value;

use super::{Id, all, must_exist, single};
use crate::answer::{Answer, Refusal};
use crate::logmeonce::LogMeOnce;
use crate::logmeonce::organisation::{ActivateError, Kind};
use crate::params::Params;

/// What can be updated, each with the member of a user that it changes. The page's sample has no `state` and no
/// `jobtitle`: these follow the spelling of the others.
const FIELDS: [(&str, &str); 13] = [
    ("firstName", "firstname"),
    ("lastName", "lastname"),
    ("birthdate", "birthdate"),
    ("gender", "gender"),
    ("address", "address"),
    ("city", "city"),
    ("state", "state"),
    ("zip", "zip"),
    ("country", "country"),
    ("phone", "phone"),
    ("company", "company"),
    ("jobTitle", "jobtitle"),
    ("website", "website"),
];

pub(super) async fn list(
    State(service): State<LogMeOnce>,
    Extension(params): Extension<Params>,
) -> Result<Answer, Refusal> {
    params.only(&[])?;
    Ok(all(&service, Kind::User, |_| true))
}

pub(super) async fn get(
    State(service): State<LogMeOnce>,
    Id(id): Id,
    Extension(params): Extension<Params>,
) -> Result<Answer, Refusal> {
    params.only(&[])?;
    single(&service, Kind::User, id)
}

pub(super) async fn update(
    State(service): State<LogMeOnce>,
    Id(id): Id,
    Extension(params): Extension<Params>,
) -> Result<Answer, Refusal> {
    service.change(|organisation| {
        let user = organisation
            .get_mut(Kind::User, id)
            .ok_or_else(|| Refusal::unknown("user", id))?;
        params.only(&FIELDS.map(|(parameter, _)| parameter))?;
        if params.is_empty() {
            return Err(Refusal::bad("there is nothing to update"));
        }
        let mut changed = user.clone();
        for (parameter, member) in FIELDS {
            if let Some(text) = params.text(parameter)? {
                changed.insert(member.to_owned(), Value::from(text));
            }
        }
        *user = changed;
        Ok(Answer::ok(user.clone()))
    })
}

pub(super) async fn delete(
    State(service): State<LogMeOnce>,
    Id(id): Id,
    Extension(params): Extension<Params>,
) -> Result<Answer, Refusal> {
    params.only(&[])?;
    match service.change(|organisation| organisation.remove(Kind::User, id)) {
        true => Ok(Answer::done()),
        false => Err(Refusal::unknown("user", id)),
    }
}

pub(super) async fn activate(
    State(service): State<LogMeOnce>,
    Id(id): Id,
    Extension(params): Extension<Params>,
) -> Result<Answer, Refusal> {
    let parameter = service.settings().activation_key_parameter;
    service.change(|organisation| {
        must_exist(organisation, Kind::User, id)?;
        params.only(&[&parameter])?;
        let key = super::filled(&params, &parameter)?;
        organisation.activate(id, key).map_err(|error| match error {
            ActivateError::KeyKnown => Refusal::conflict(error.to_string()),
            _ => Refusal::bad(error.to_string()),
        })?;
        Ok(Answer::done())
    })
}

pub(super) async fn deactivate(
    State(service): State<LogMeOnce>,
    Id(id): Id,
    Extension(params): Extension<Params>,
) -> Result<Answer, Refusal> {
    params.only(&[])?;
    match service.change(|organisation| organisation.deactivate(id)) {
        true => Ok(Answer::done()),
        false => Err(Refusal::unknown("user", id)),
    }
}
