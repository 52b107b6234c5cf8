//! The paths, and what serves each.

mod repositories;
mod sas;

use axum::Router;
use axum::extract::{Extension, FromRequestParts, RawPathParams, State};
use axum::http::request::Parts;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use serde_json::Value;

use super::gate::{Problem, gate};
use super::tenant::{Project, Workstation};
use super::{Loome, names, token};
use crate::answer::{Answer, Refusal};
use crate::params::{Params, parse_id};

const REPOSITORIES: &str = "/api/v1/Projects/{projectId}/DataRepositories";
const REPOSITORY_NETWORK: &str = "/api/v1/Projects/{projectId}/DataRepositories/{id}/NetworkConfiguration";
const SAS: &str = "/api/v1/Projects/{projectId}/DataRepositories/{id}/SharedAccessSignature";
const WORKSTATIONS: &str = "/api/v1/Projects/{projectId}/Workstations";
const WORKSTATION_NETWORK: &str = "/api/v1/Projects/{projectId}/Workstations/{id}/NetworkConfiguration";

/// What a handler gives.
type Answered = Result<Answer, Problem>;

pub(super) fn router(service: &Loome) -> Router {
    let settings = service.settings();
    let paths = settings.paths;
    let api = Router::new()
        .route(REPOSITORIES, get(repositories::list))
        .route(REPOSITORY_NETWORK, get(repositories::network))
        .route(SAS, get(sas::sas))
        .route(WORKSTATIONS, get(workstations))
        .route(WORKSTATION_NETWORK, get(workstation_network))
        .route(&paths.projects, get(projects))
        .route(&paths.name_check, get(name_check))
        .route(&paths.create, post(repositories::create))
        .layer(from_fn_with_state(service.clone(), gate));
    let tokens = match settings.has_identity_host {
        true => Router::new(),
        false => Router::new().route(&paths.token, post(token::token)),
    };
    complete(Router::new().merge(api).merge(tokens), service)
}

/// The host that gives tokens only.
pub(super) fn identity_router(service: &Loome) -> Router {
    let path = service.settings().paths.token;
    complete(Router::new().route(&path, post(token::token)), service)
}

fn complete(routes: Router<Loome>, service: &Loome) -> Router {
    routes
        .fallback(async || Problem::from(Refusal::no_such_path()))
        .method_not_allowed_fallback(async || Problem::from(Refusal::wrong_method()))
        .with_state(service.clone())
}

/// The ids in a path: the project's, and that of something in it.
#[derive(Debug)]
struct Ids {
    project: u64,
    inner: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| Refusal::bad("the path is not UTF-8"))?;
        let get = |name: &str| params.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
        let project = get("projectId").unwrap_or_default();
        Ok(Self {
            project: parse_id(project).ok_or_else(|| Refusal::unknown("project", project))?,
            inner: get("id").unwrap_or_default().to_owned(),
        })
    }
}

impl Ids {
    /// Reads the project of the path.
    fn in_project<T>(&self, service: &Loome, read: impl FnOnce(&Project) -> T) -> Result<T, Refusal> {
        let tenant = service.tenant();
        let project = tenant.project(self.project);
        project
            .map(read)
            .ok_or_else(|| Refusal::unknown("project", self.project))
    }
}

/// The projects of the user with an email address, which only an administrator may ask for; all API keys are.
async fn projects(State(service): State<Loome>, Extension(params): Extension<Params>) -> Answered {
    let settings = service.settings();
    let key_parameter = settings.key_parameter.as_deref();
    let names: Vec<_> = ["email"].into_iter().chain(key_parameter).collect();
    params.only(&names)?;
    let email = params.required("email")?;
    if let Some(name) = key_parameter {
        let key = params.required(name)?;
        if !settings.api_keys.iter().any(|known| known.key == key) {
            return Err(Refusal::new(403, "forbidden", "the API key is unknown").into());
        }
    }
    let tenant = service.tenant();
    let of_user = tenant.projects.iter().filter(|project| project.has_member(email));
    Ok(Answer::ok(of_user.map(Project::document).collect::<Vec<_>>()))
}

async fn name_check(State(service): State<Loome>, Extension(params): Extension<Params>) -> Answered {
    params.only(&["name"])?;
    Ok(Answer::ok(names::availability(
        &service.tenant(),
        params.required("name")?,
    )))
}

async fn workstations(State(service): State<Loome>, ids: Ids, Extension(params): Extension<Params>) -> Answered {
    params.only(&[])?;
    let documents = |project: &Project| -> Vec<Value> {
        let all = project.workstations.iter();
        all.map(|workstation| workstation.document(project.id)).collect()
    };
    Ok(Answer::ok(ids.in_project(&service, documents)?))
}

async fn workstation_network(State(service): State<Loome>, ids: Ids, Extension(params): Extension<Params>) -> Answered {
    params.only(&[])?;
    let find = |project: &Project| -> Option<Workstation> {
        let mut all = project.workstations.iter();
        all.find(|workstation| workstation.id == ids.inner).cloned()
    };
    let workstation = ids.in_project(&service, find)?;
    let workstation = workstation.ok_or_else(|| Refusal::unknown("workstation", &ids.inner))?;
    Ok(Answer::ok(workstation.network.document()))
}
