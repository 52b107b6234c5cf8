//! Data repositories: their list, their network, and new ones.

use axum::extract::{Extension, State};
use serde_json::Value;

use super::{Answered, Ids};
use crate::answer::{Answer, Refusal};
use crate::loome::tenant::{DataRepository, Project};
use crate::loome::{Loome, names};
use crate::params::Params;

pub(super) async fn list(State(service): State<Loome>, ids: Ids, Extension(params): Extension<Params>) -> Answered {
    params.only(&[])?;
    let documents = |project: &Project| -> Vec<Value> {
        let all = project.repositories.iter();
        all.map(|repository| repository.document(project.id)).collect()
    };
    Ok(Answer::ok(ids.in_project(&service, documents)?))
}

pub(super) async fn network(State(service): State<Loome>, ids: Ids, Extension(params): Extension<Params>) -> Answered {
    params.only(&[])?;
    Ok(Answer::ok(find(&service, &ids)?.network.document()))
}

/// The data repository that a path names.
pub(super) fn find(service: &Loome, ids: &Ids) -> Result<DataRepository, Refusal> {
    let find = |project: &Project| {
        let mut all = project.repositories.iter();
        all.find(|repository| repository.id.to_string() == ids.inner).cloned()
    };
    let found = ids.in_project(service, find)?;
    found.ok_or_else(|| Refusal::unknown("data repository", &ids.inner))
}

/// The page names no members: a name, which the storage account gets, and a description.
pub(super) async fn create(State(service): State<Loome>, ids: Ids, Extension(params): Extension<Params>) -> Answered {
    ids.in_project(&service, |_| ())?;
    params.only(&["name", "description"])?;
    let name = params.required("name")?;
    let description = params.text("description")?.unwrap_or_default();
    let created = service.change(|tenant| {
        names::check(tenant, name)?;
        let repository = DataRepository::new(tenant.next_repository_id(), name, description);
        let project = tenant.project_mut(ids.project);
        let project = project.ok_or_else(|| Refusal::unknown("project", ids.project))?;
        project.repositories.push(repository.clone());
        Ok::<_, Refusal>(repository)
    })?;
    service.storage().create_container(&created.name);
    Ok(Answer::new(201, created.document(ids.project)))
}
