//! Texts that stand for something until they expire: tokens and codes.

use std::collections::HashMap;

use crate::answer::Refusal;

/// Bytes of a token; as 40 hexadecimal digits it looks like those of the LogMeOnce page.
const TOKEN_LEN: usize = 20;

/// What was handed out, by its text. Times are in milliseconds.
#[derive(Debug)]
pub(crate) struct Tokens<T>(HashMap<String, Expiring<T>>);

#[derive(Debug)]
struct Expiring<T> {
    expires: u64,
    value: T,
}

impl<T> Default for Tokens<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Clone> Tokens<T> {
    /// A new text for `value`.
    pub(crate) fn issue(&mut self, value: T, now: u64, ttl: u64) -> Result<String, Refusal> {
        let mut bytes = [0; TOKEN_LEN];
        getrandom::fill(&mut bytes).map_err(|_| Refusal::new(500, "server_error", "no random bytes"))?;
        let text = hex::encode(bytes);
        let expires = now.saturating_add(ttl);
        self.live(now).insert(text.clone(), Expiring { expires, value });
        Ok(text)
    }

    /// What a text stands for at this time.
    pub(crate) fn get(&mut self, text: &str, now: u64) -> Option<T> {
        self.live(now).get(text).map(|token| token.value.clone())
    }

    /// As [`get`](Self::get), for the last time.
    pub(crate) fn take(&mut self, text: &str, now: u64) -> Option<T> {
        self.live(now).remove(text).map(|token| token.value)
    }

    /// Those that have not expired; the others are forgotten.
    fn live(&mut self, now: u64) -> &mut HashMap<String, Expiring<T>> {
        self.0.retain(|_, token| now < token.expires);
        &mut self.0
    }
}
