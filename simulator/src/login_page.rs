//! A login page to fill: for a trial of the browser extension, or of anything else that fills logins.

use axum::Router;
use axum::extract::RawForm;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;

/// The user name that the page takes.
pub const PRACTICE_USERNAME: &str = "ingrid@haldenfrey.example";
/// The password that it takes. It is made up, and opens nothing else.
pub const PRACTICE_PASSWORD: &str = "first-Light-Spinnaker-5";

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Practice login</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 3rem auto; padding: 0 1rem }
  label, input, button { display: block; font: inherit }
  input { box-sizing: border-box; width: 100%; margin: 0 0 1rem; padding: .4rem }
</style>
<h1>Practice login</h1>
<p role="status">STATUS</p>
<form method="post" action="/">
  <label for="username">User name</label>
  <input id="username" name="username" type="text" autocomplete="username">
  <label for="password">Password</label>
  <input id="password" name="password" type="password" autocomplete="current-password">
  <button type="submit">Log in</button>
</form>
</html>
"#;
const WAITING: &str = "Served by this machine for zkvault's demo. Fill the login of the site “Practice login”.";
const RIGHT: &str = "You are logged in: user name and password are right.";
const WRONG: &str = "This is not the login of the site “Practice login”.";

/// A page with a form for a user name and a password at `/`, which says whether they were right.
pub fn login_page() -> Router {
    Router::new().route("/", get(async || page(WAITING)).post(log_in))
}

async fn log_in(RawForm(form): RawForm) -> impl IntoResponse {
    let sent = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(&form);
        pairs.find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
    };
    let is_right = sent("username").as_deref() == Some(PRACTICE_USERNAME)
        && sent("password").as_deref() == Some(PRACTICE_PASSWORD);
    page(if is_right { RIGHT } else { WRONG })
}

/// Nothing that was sent is in it.
fn page(status: &str) -> impl IntoResponse {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Html(PAGE.replace("STATUS", status)))
}
