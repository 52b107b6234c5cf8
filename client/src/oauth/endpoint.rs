//! The token endpoint, and the grant of an API key by itself.

use std::fmt::{self, Debug};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use zeroize::Zeroizing;
use zkvault_core::{SecretBuffer, SecretText, text};

use super::Credentials;
use super::session::repeats;
use super::token::{Grant, Token};
use crate::body::read_whole;
use crate::decoding::Decoded;
use crate::document::json;
use crate::error::{ClientError, ErrorKind, OAuthCode};
use crate::media::{self, Media};
use crate::message::{ServiceMessage, error_document};
use crate::refusal::{self, Wanted};
use crate::retry::{self, Effect, retry_after};
use crate::transport::Transport;

/// The longest answer of a token endpoint, in bytes.
const MAX_ANSWER_LEN: usize = 64 * 1024;

/// The parameters that hold a secret.
const SECRET_PARAMETERS: [&str; 5] = ["client_secret", "password", "refresh_token", "code", "code_verifier"];

/// Where tokens come from. The credentials travel as parameters: the vendor's API reference does not mention HTTP Basic.
pub(crate) struct TokenEndpoint<'a, T> {
    pub(crate) transport: &'a T,
    pub(crate) url: &'a str,
    pub(crate) credentials: &'a Credentials,
    /// What to ask for, where a service wants to be told.
    pub(crate) scope: Option<&'a str>,
}

impl<T: Transport> TokenEndpoint<'_, T> {
    /// Client credentials (RFC 6749 §4.4).
    pub(crate) async fn by_credentials(&self) -> Result<Token, ClientError> {
        let scope = self.scope.map(|scope| ("scope", scope));
        let parameters: Vec<_> = [("grant_type", "client_credentials")]
            .into_iter()
            .chain(scope)
            .collect();
        self.token(&parameters, Grant::Client, Effect::Idempotent).await
    }

    /// Asks for a token by these parameters, and those that name the API key.
    pub(super) async fn token(
        &self,
        parameters: &[(&str, &str)],
        grant: Grant,
        effect: Effect,
    ) -> Result<Token, ClientError> {
        let ask = || async move {
            // The lifetime counts from before the request, so that its way is not added to it.
            let now = self.transport.now();
            self.exchange(parameters, grant, now).await
        };
        retry::run(self.transport, effect, ask).await
    }

    fn form(&self, parameters: &[(&str, &str)]) -> Bytes {
        let credentials = [
            ("client_id", self.credentials.key()),
            ("client_secret", self.credentials.secret().expose_secret()),
        ];
        let all = || parameters.iter().chain(&credentials);
        // Room for every byte encoded to three: a string that grows leaves unwiped copies behind.
        let most: usize = all().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
        let mut form = form_urlencoded::Serializer::new(String::with_capacity(most));
        form.extend_pairs(all());
        Bytes::from_owner(Zeroizing::new(form.finish().into_bytes()))
    }

    /// One exchange.
    async fn exchange(&self, parameters: &[(&str, &str)], grant: Grant, now: u64) -> Result<Token, ClientError> {
        let form = self.form(parameters);
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.url)
            .header(ACCEPT, "application/json")
            .header(ACCEPT_ENCODING, "identity")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.clone());
        let request = request.map_err(|_| ClientError::new(ErrorKind::Request))?;
        let (head, body) = self.transport.send(request).await?.into_parts();
        let read = read_whole(&mut Decoded::new(&head.headers, body), MAX_ANSWER_LEN).await?;
        let (text, _) =
            media::lenient_text_of(read, &head.headers).map_err(|error| error.of_login().with_status(head.status))?;
        let token = match head.status.is_success() {
            true => read_token(&text, grant, now),
            false => {
                let after = retry_after(&head.headers, self.transport.now());
                Err(refusal(head.status, after, text.expose_secret(), grant))
            }
        };
        token.map_err(|error| {
            let message = ServiceMessage::find(text.expose_secret());
            let error = match error.kind() {
                ErrorKind::Foreign | ErrorKind::Malformed => error,
                _ => error.with_message(message.and_then(|message| message.shown(|text| repeats_secret(text, &form)))),
            };
            error.of_login().with_status(head.status)
        })
    }
}

/// What the endpoint answers (RFC 6749 §5.1), unread: the optional members are odd at some services.
#[derive(Deserialize)]
struct TokenJson<'a> {
    #[serde(borrow, alias = "accessToken")]
    access_token: Option<&'a RawValue>,
    #[serde(borrow, alias = "tokenType")]
    token_type: Option<&'a RawValue>,
    #[serde(borrow, alias = "expiresIn")]
    expires_in: Option<&'a RawValue>,
    #[serde(borrow, alias = "refreshToken")]
    refresh_token: Option<&'a RawValue>,
    /// What some services put around all of it.
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

impl<'a> TokenJson<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let outer: Self = serde_json::from_str(text).ok()?;
        match (outer.access_token, outer.data) {
            (None, Some(data)) => serde_json::from_str(data.get()).ok(),
            _ => Some(outer),
        }
    }
}

/// The reader's own errors may quote a token, and so are not told.
fn read_token(answer: &SecretBuffer, grant: Grant, now: u64) -> Result<Token, ClientError> {
    let text = media::utf8(answer)?;
    match Media::of(text)? {
        Media::Json => {}
        Media::Other => return Err(ClientError::foreign("it is no JSON")),
        Media::Empty | Media::Xml => return Err(malformed()),
    }
    let token = TokenJson::read(text);
    let Some((token, access)) = token.and_then(|token| secret(token.access_token?).map(|access| (token, access)))
    else {
        return Err(refused(text));
    };
    let access = without_scheme(access);
    let is_bearer = match token
        .token_type
        .map(|kind| serde_json::from_str::<Option<&str>>(kind.get()))
    {
        None | Some(Ok(None)) => true,
        Some(Ok(Some(kind))) => matches!(kind.trim().to_ascii_lowercase().as_str(), "" | "bearer" | "bearertoken"),
        Some(Err(_)) => false,
    };
    if !is_bearer {
        return Err(malformed());
    }
    let refresh = token.refresh_token.and_then(secret);
    Token::new(access, refresh, grant, now, token.expires_in.and_then(lifetime)).map_err(|_| malformed())
}

/// A token: a text without what a program left around it, or a number, which some services take for one. None that is
/// empty.
fn secret(raw: &RawValue) -> Option<SecretText> {
    let text = match raw.get().as_bytes().first()? {
        b'"' => {
            let text = SecretText::from(serde_json::from_str::<String>(raw.get()).ok()?);
            SecretText::from(text::trimmed(text.expose_secret()).to_owned())
        }
        b'0'..=b'9' => SecretText::from(raw.get().to_owned()),
        _ => return None,
    };
    (!text.expose_secret().is_empty()).then_some(text)
}

/// A token without the scheme that some services write before it: it is not part of it, and no token has a space.
fn without_scheme(token: SecretText) -> SecretText {
    let bare = match token.expose_secret().split_once(' ') {
        Some((scheme, bare)) if scheme.eq_ignore_ascii_case("bearer") => text::trimmed(bare).to_owned(),
        _ => return token,
    };
    SecretText::from(bare)
}

/// For how many seconds a token holds: a number, with a fraction or as a text as well. What is no such number, or
/// below zero, says nothing: then the service's refusal shows when a token has ended.
fn lifetime(raw: &RawValue) -> Option<u64> {
    let text = raw.get().trim_matches('"').trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    // As JSON has it, whose reader is there anyway: the standard library's own is as long as all of this.
    let seconds: f64 = serde_json::from_str(text).ok()?;
    if seconds < 0.0 {
        return None;
    }
    // Beyond any clock it is the largest number.
    Some(seconds as u64)
}

/// A response under a status of 2xx that brings no token: a refusal, if it says so.
fn refused(text: &str) -> ClientError {
    let document = json::document(text);
    if refusal::find(&document, Wanted::Change).is_none() {
        return malformed();
    }
    ClientError::new(ErrorKind::OAuth(code_of(&document).unwrap_or(OAuthCode::Other)))
}

/// The code of RFC 6749 §5.2 in a refusal, in the place that it has there or in one that services use.
fn code_of(document: &Value) -> Option<OAuthCode> {
    let name = ["error", "code", "error_code", "errorCode"]
        .iter()
        .find_map(|name| match document.get(name)? {
            Value::String(text) => Some(text.as_str()),
            inner => ["code", "type", "error"]
                .iter()
                .find_map(|name| inner.get(name)?.as_str()),
        });
    name.map(|name| OAuthCode::from_name(&name.to_ascii_lowercase()))
}

/// By the code of RFC 6749 §5.2 when there is one; otherwise by the status. 401 without a code is about what the request
/// proves itself with, since no token goes with it.
fn refusal(status: StatusCode, after: Option<Duration>, body: &[u8], grant: Grant) -> ClientError {
    let code = error_document(body).and_then(|document| code_of(&document));
    let code = match (status.as_u16(), code) {
        (400 | 401 | 403, Some(code)) => code,
        (401, None) if grant == Grant::Client => OAuthCode::InvalidClient,
        (401, None) => OAuthCode::InvalidGrant,
        (404 | 405 | 410, _) => OAuthCode::NoEndpoint,
        _ => return media::error_of(status, after, body),
    };
    ClientError::new(ErrorKind::OAuth(code))
}

/// Whether a message repeats a secret parameter of the request.
fn repeats_secret(message: &str, sent: &[u8]) -> bool {
    form_urlencoded::parse(sent)
        .filter(|(name, _)| SECRET_PARAMETERS.contains(&&**name))
        .any(|(_, value)| repeats(message, &SecretText::from(value.into_owned())))
}

impl<T> Debug for TokenEndpoint<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            transport: _,
            url,
            credentials,
            scope,
        } = self;
        f.debug_struct("TokenEndpoint")
            .field("url", url)
            .field("credentials", credentials)
            .field("scope", scope)
            .finish()
    }
}

fn malformed() -> ClientError {
    ClientError::malformed("the token endpoint gives no token of the kind Bearer")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Token, ClientError> {
        let mut text = SecretBuffer::new();
        text.extend(body.as_bytes());
        read_token(&text, Grant::Client, 1000)
    }

    fn end(expires_in: &str) -> Option<u64> {
        read(&format!(
            r#"{{"access_token":"a","token_type":"Bearer","expires_in":{expires_in}}}"#
        ))
        .unwrap()
        .expires_at()
    }

    #[test]
    fn a_lifetime_is_read_in_every_form() {
        for (expires_in, expected) in [
            ("3600", Some(4600)),
            ("\"3600\"", Some(4600)),
            ("\" 3600 \"", Some(4600)),
            ("3600.9", Some(4600)),
            ("\"3600.0\"", Some(4600)),
            ("3.6e3", Some(4600)),
            ("0", Some(1000)),
            ("1e300", Some(u64::MAX)),
            ("99999999999999999999", Some(u64::MAX)),
            ("-1", None),
            ("null", None),
            ("\"\"", None),
            ("\"never\"", None),
            ("false", None),
            ("{}", None),
        ] {
            assert_eq!(end(expires_in), expected, "{expires_in}");
        }
    }

    #[test]
    fn odd_optional_members_do_no_harm() {
        for body in [
            r#"{"access_token":"87f245","expires_in":3600,"token_type":"Bearer","scope":null}"#,
            r#"{"access_token":"87f245","token_type":"bearer","scope":["a","b"],"refresh_token":null,"error":null}"#,
            r#"{"access_token":"87f245","refresh_token":"","scope":{},"id_token":7}"#,
            r#"{"access_token":87245,"token_type":null,"refresh_token":false}"#,
            r#"{"access_token":" 87f245\r\n","token_type":" BEARER "}"#,
            r#"{"access_token":"\ufeff87f245","token_type":"","expires_in":"soon"}"#,
        ] {
            let token = read(body).unwrap_or_else(|error| panic!("{error}: {body}"));
            assert!(token.refresh().is_none(), "{body}");
        }
        for body in [
            r#"{"access_token":"Bearer a","token_type":"BearerToken"}"#,
            r#"{"accessToken":"a","tokenType":"Bearer","expiresIn":3600}"#,
            r#"{"success":true,"data":{"access_token":"a","token_type":"Bearer"}}"#,
        ] {
            let token = read(body).unwrap_or_else(|error| panic!("{error}: {body}"));
            assert_eq!(token.access().expose_secret(), "a", "{body}");
        }
        let token = read(r#"{"access_token":"a","refresh_token":"r","token_type":"BEARER"}"#).unwrap();
        assert!(token.refresh().is_some());
        for body in [
            r#"{"access_token":"a","token_type":"mac"}"#,
            r#"{"access_token":"a","token_type":"JWT"}"#,
            r#"{"data":{"access_token":"a","token_type":"mac"}}"#,
            r#"{"access_token":"a b"}"#,
            "[]",
            "{}",
            "\"a\"",
        ] {
            assert_eq!(read(body).unwrap_err().kind(), ErrorKind::Malformed, "{body}");
        }
        for body in ["<html></html>", "access_token=a"] {
            assert_eq!(read(body).unwrap_err().kind(), ErrorKind::Foreign, "{body}");
        }
    }

    #[test]
    fn a_refusal_is_read_in_every_encoding() {
        let refused = r#"{"error":"invalid_client"}"#;
        let marked = format!("\u{feff}{refused}");
        let utf16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for body in [refused.as_bytes(), marked.as_bytes(), &utf16] {
            let error = refusal(StatusCode::BAD_REQUEST, None, body, Grant::Client);
            assert_eq!(error.kind(), ErrorKind::OAuth(OAuthCode::InvalidClient));
        }
    }

    #[test]
    fn a_refusal_is_told_by_its_code_or_else_by_its_status() {
        let (client, user) = (Grant::Client, Grant::User);
        for (status, body, grant, code) in [
            (
                400,
                r#"{"error":{"code":"invalid_client","message":"x"}}"#,
                client,
                Some(OAuthCode::InvalidClient),
            ),
            (
                400,
                r#"{"code":"INVALID_SCOPE"}"#,
                client,
                Some(OAuthCode::InvalidScope),
            ),
            (403, r#"{"error":"something"}"#, client, Some(OAuthCode::Other)),
            (401, "", client, Some(OAuthCode::InvalidClient)),
            (401, "no", user, Some(OAuthCode::InvalidGrant)),
            (
                401,
                r#"{"error":"invalid_client"}"#,
                user,
                Some(OAuthCode::InvalidClient),
            ),
            (404, r#"{"error":"not_found"}"#, client, Some(OAuthCode::NoEndpoint)),
            (405, "", client, Some(OAuthCode::NoEndpoint)),
            (400, r#"{"errors":[{"message":"x"}]}"#, client, None),
            (500, r#"{"error":"invalid_client"}"#, client, None),
            (403, "<html></html>", client, None),
        ] {
            let error = refusal(StatusCode::from_u16(status).unwrap(), None, body.as_bytes(), grant);
            let expected = code.map(ErrorKind::OAuth);
            assert_eq!(
                Some(error.kind()).filter(|kind| matches!(kind, ErrorKind::OAuth(_))),
                expected,
                "{status} {body}"
            );
        }
    }

    #[test]
    fn a_refusal_under_status_200_is_one() {
        for (body, code) in [
            (
                r#"{"error":"invalid_client","error_description":"denied"}"#,
                OAuthCode::InvalidClient,
            ),
            (
                r#"{"access_token":null,"error":"invalid_grant"}"#,
                OAuthCode::InvalidGrant,
            ),
            (
                r#"{"access_token":"","error":{"code":"invalid_client","message":"denied"}}"#,
                OAuthCode::InvalidClient,
            ),
            (r#"{"ok":false,"error":"invalid_scope"}"#, OAuthCode::InvalidScope),
            (r#"{"success":false,"message":"denied"}"#, OAuthCode::Other),
            (r#"{"errors":["denied"]}"#, OAuthCode::Other),
            (r#"{"status":401,"message":"denied"}"#, OAuthCode::Other),
            ("false", OAuthCode::Other),
            ("null", OAuthCode::Other),
        ] {
            assert_eq!(read(body).unwrap_err().kind(), ErrorKind::OAuth(code), "{body}");
        }
    }
}
