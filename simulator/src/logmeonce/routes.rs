//! The paths of the page, and what serves each.

mod groups;
mod relations;
mod sites;
mod users;

use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use serde_json::Value;

use super::organisation::{Document, Kind, Organisation};
use super::{LogMeOnce, gate, oauth};
use crate::answer::{Answer, Refusal};
use crate::params::{Params, parse_id};
use relations::relation;

pub(super) fn router(service: &LogMeOnce) -> Router {
    let rest = Router::new()
        .route("/sites", get(sites::list))
        .route("/sites/{id}", get(sites::get))
        .route("/sites/{id}/users", relation(&relations::SITE_USERS))
        .route("/sites/{id}/groups", relation(&relations::SITE_GROUPS))
        .route("/users", get(users::list))
        .route("/users/{id}", get(users::get).put(users::update).delete(users::delete))
        .route("/users/{id}/activate", post(users::activate))
        .route("/users/{id}/deactivate", post(users::deactivate))
        .route("/users/{id}/sites", relation(&relations::USER_SITES))
        .route("/users/{id}/groups", relation(&relations::USER_GROUPS))
        .route("/groups", get(groups::list).post(groups::create))
        .route("/groups/{id}", get(groups::get).put(groups::update))
        .route("/groups/{id}/sites", relation(&relations::GROUP_SITES))
        .route("/groups/{id}/users", relation(&relations::GROUP_USERS))
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(service.clone(), gate::gate));
    Router::new()
        .nest("/rest", rest)
        .route("/oauth2/authorize", get(oauth::authorize))
        .route("/oauth2/token", post(oauth::token))
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method)
        .with_state(service.clone())
}

async fn no_such_path() -> Refusal {
    Refusal::no_such_path()
}

async fn wrong_method() -> Refusal {
    Refusal::wrong_method()
}

/// The id in a path. What cannot be one is unknown, like one that nobody has.
struct Id(u64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let id = path.ok().and_then(|Path(id)| parse_id(&id));
        id.map(Self)
            .ok_or_else(|| Refusal::new(404, "not_found", "the path holds no id"))
    }
}

/// One thing as it is answered by itself.
fn single(service: &LogMeOnce, kind: Kind, id: u64) -> Result<Answer, Refusal> {
    let document = service.read(|organisation| organisation.get(kind, id).cloned());
    let document = document.ok_or_else(|| Refusal::unknown(kind.singular(), id))?;
    Ok(Answer::ok(document))
}

/// All of a kind, or those that `keep` lets through.
fn all(service: &LogMeOnce, kind: Kind, keep: impl Fn(&Document) -> bool) -> Answer {
    let items = service.read(|organisation| {
        let kept = organisation.all(kind).filter(|(_, document)| keep(document));
        kept.map(|(_, document)| listed(kind, document)).collect()
    });
    Answer::list(kind.plural(), items)
}

/// One thing as lists show it: of groups the page's sample has id and name only.
fn listed(kind: Kind, document: &Document) -> Value {
    let mut document = document.clone();
    if kind == Kind::Group {
        document.shift_remove("description");
    }
    Value::Object(document)
}

fn must_exist(organisation: &Organisation, kind: Kind, id: u64) -> Result<(), Refusal> {
    let known = organisation.get(kind, id).is_some();
    known.then_some(()).ok_or_else(|| Refusal::unknown(kind.singular(), id))
}

/// A text parameter that is there must say something.
fn filled<'a>(params: &'a Params, name: &str) -> Result<Option<&'a str>, Refusal> {
    match params.text(name)? {
        Some(text) if text.trim().is_empty() => Err(Refusal::bad(format!("{name} must not be empty"))),
        text => Ok(text),
    }
}
