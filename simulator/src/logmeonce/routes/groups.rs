//! `/groups`.

use axum::Extension;
use axum::extract::State;

use super::{Id, all, filled, single};
use crate::answer::{Answer, Refusal};
use crate::logmeonce::LogMeOnce;
use crate::logmeonce::organisation::Kind;
use crate::params::Params;

const PARAMETERS: [&str; 2] = ["name", "description"];

pub(super) async fn list(
    State(service): State<LogMeOnce>,
    Extension(params): Extension<Params>,
) -> Result<Answer, Refusal> {
    params.only(&[])?;
    Ok(all(&service, Kind::Group, |_| true))
}

pub(super) async fn get(
    State(service): State<LogMeOnce>,
    Id(id): Id,
    Extension(params): Extension<Params>,
) -> Result<Answer, Refusal> {
    params.only(&[])?;
    single(&service, Kind::Group, id)
}

pub(super) async fn create(
    State(service): State<LogMeOnce>,
    Extension(params): Extension<Params>,
) -> Result<Answer, Refusal> {
    params.only(&PARAMETERS)?;
    let name = filled(&params, "name")?.ok_or_else(|| Refusal::bad("name is missing"))?;
    let description = params.text("description")?;
    service.change(|organisation| {
        let id = organisation.create_group(name, description);
        let group = organisation.get(Kind::Group, id).cloned().unwrap_or_default();
        Ok(Answer::new(201, group.into()))
    })
}

/// The page names no parameters: the same as when it is created, and at least one.
pub(super) async fn update(
    State(service): State<LogMeOnce>,
    Id(id): Id,
    Extension(params): Extension<Params>,
) -> Result<Answer, Refusal> {
    service.change(|organisation| {
        let group = organisation
            .get_mut(Kind::Group, id)
            .ok_or_else(|| Refusal::unknown("group", id))?;
        params.only(&PARAMETERS)?;
        let name = filled(&params, "name")?;
        let description = params.text("description")?;
        if params.is_empty() {
            return Err(Refusal::bad("there is nothing to update"));
        }
        for (member, value) in [("name", name), ("description", description)] {
            if let Some(value) = value {
                group.insert(member.to_owned(), value.into());
            }
        }
        Ok(Answer::ok(group.clone()))
    })
}
