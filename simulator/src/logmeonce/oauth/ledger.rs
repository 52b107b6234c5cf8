//! The tokens and codes that were handed out.

use crate::answer::Refusal;
use crate::tokens::Tokens;

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

/// The tokens and codes that were handed out. Times are in milliseconds.
#[derive(Debug, Default)]
pub(in crate::logmeonce) struct Ledger {
    access: Tokens<Caller>,
    refresh: Tokens<Caller>,
    codes: Tokens<Authorization>,
}

impl Ledger {
    pub(in crate::logmeonce) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whose access token this is, if it is one at this time.
    pub(in crate::logmeonce) fn caller(&mut self, token: &str, now: u64) -> Option<Caller> {
        self.access.get(token, now)
    }

    pub(super) fn issue_access(&mut self, caller: Caller, now: u64, ttl: u64) -> Result<String, Refusal> {
        self.access.issue(caller, now, ttl)
    }

    pub(super) fn issue_refresh(&mut self, caller: Caller, now: u64) -> Result<String, Refusal> {
        self.refresh.issue(caller, now, REFRESH_TTL)
    }

    pub(super) fn issue_code(&mut self, authorization: Authorization, now: u64) -> Result<String, Refusal> {
        self.codes.issue(authorization, now, CODE_TTL)
    }

    /// What a code stands for. It works once.
    pub(super) fn redeem_code(&mut self, code: &str, now: u64) -> Option<Authorization> {
        self.codes.take(code, now)
    }

    /// Whose refresh token this is. If it works once only, that was it.
    pub(super) fn redeem_refresh(&mut self, token: &str, api_key: &str, once: bool, now: u64) -> Option<Caller> {
        let caller = self.refresh.get(token, now);
        let caller = caller.filter(|caller| caller.api_key == api_key)?;
        match once {
            true => self.refresh.take(token, now),
            false => Some(caller),
        }
    }
}
