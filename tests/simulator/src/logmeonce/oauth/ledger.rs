//! The tokens and codes that were handed out.

use std::collections::HashMap;

use crate::answer::Refusal;

/// Bytes of a token; as 40 hexadecimal digits it looks like the page's.
const TOKEN_LEN: usize = 20;
/// How long a code lives, in milliseconds. RFC 6749 §4.1.2 allows ten minutes.
const CODE_TTL: u64 = 60_000;
/// How long a refresh token lives, in milliseconds: two weeks.
const REFRESH_TTL: u64 = 14 * 24 * 3600 * 1000;

/// On whose behalf a request is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::logmeonce) struct Caller {
    /// The API key.
    pub(in crate::logmeonce) api_key: String,
    /// The user who logged in, under the password grant.
    pub(in crate::logmeonce) username: Option<String>,
}

/// What a code stands for.
#[derive(Debug, Clone)]
pub(super) struct Authorization {
    pub(super) api_key: String,
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
}

#[derive(Debug)]
struct Expiring<T> {
    expires: u64,
    value: T,
}

/// The tokens and codes that were handed out, by their text. Times are in milliseconds.
#[derive(Debug, Default)]
pub(in crate::logmeonce) struct Ledger {
    access: HashMap<String, Expiring<Caller>>,
    refresh: HashMap<String, Expiring<Caller>>,
    codes: HashMap<String, Expiring<Authorization>>,
}

impl Ledger {
    pub(in crate::logmeonce) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whose access token this is, if it is one at this time.
    pub(in crate::logmeonce) fn caller(&mut self, token: &str, now: u64) -> Option<Caller> {
        live(&mut self.access, now).get(token).map(|token| token.value.clone())
    }

    pub(super) fn issue_access(&mut self, caller: Caller, now: u64, ttl: u64) -> Result<String, Refusal> {
        issue(live(&mut self.access, now), caller, now + ttl)
    }

    pub(super) fn issue_refresh(&mut self, caller: Caller, now: u64) -> Result<String, Refusal> {
        issue(live(&mut self.refresh, now), caller, now + REFRESH_TTL)
    }

    pub(super) fn issue_code(&mut self, authorization: Authorization, now: u64) -> Result<String, Refusal> {
        issue(live(&mut self.codes, now), authorization, now + CODE_TTL)
    }

    /// What a code stands for. It works once.
    pub(super) fn redeem_code(&mut self, code: &str, now: u64) -> Option<Authorization> {
        live(&mut self.codes, now).remove(code).map(|code| code.value)
    }

    /// Whose refresh token this is. If it works once only, that was it.
    pub(super) fn redeem_refresh(&mut self, token: &str, api_key: &str, once: bool, now: u64) -> Option<Caller> {
        let tokens = live(&mut self.refresh, now);
        let caller = tokens.get(token)?.value.clone();
        if caller.api_key != api_key {
            return None;
        }
        if once {
            tokens.remove(token);
        }
        Some(caller)
    }
}

/// Those that have not expired; the others are forgotten.
fn live<T>(tokens: &mut HashMap<String, Expiring<T>>, now: u64) -> &mut HashMap<String, Expiring<T>> {
    tokens.retain(|_, token| now < token.expires);
    tokens
}

fn issue<T>(tokens: &mut HashMap<String, Expiring<T>>, value: T, expires: u64) -> Result<String, Refusal> {
    let mut bytes = [0; TOKEN_LEN];
    getrandom::fill(&mut bytes).map_err(|_| Refusal::new(500, "server_error", "no random bytes"))?;
    let text = hex::encode(bytes);
    tokens.insert(text.clone(), Expiring { expires, value });
    Ok(text)
}
