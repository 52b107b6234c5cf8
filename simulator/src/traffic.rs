//! The requests that came, byte for byte: tests search them for what must never leave a client.

use std::collections::VecDeque;

use axum::http::request::Parts;

/// How many requests are kept.
pub const MAX_RECEIVED: usize = 10_000;

/// A request as it came. Header values that are not ASCII are kept in Latin-1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The method.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// What follows the question mark.
    pub query: Option<String>,
    /// All headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    pub(crate) fn new(parts: &Parts, body: &[u8]) -> Self {
        let headers = parts.headers.iter().map(|(name, value)| {
            let value = value.as_bytes().iter().copied().map(char::from).collect();
            (name.as_str().to_owned(), value)
        });
        Self {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: headers.collect(),
            body: body.to_vec(),
        }
    }

    /// The first header of a name, given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Default)]
pub(crate) struct Traffic {
    received: VecDeque<Received>,
}

impl Traffic {
    pub(crate) fn push(&mut self, received: Received) {
        if self.received.len() == MAX_RECEIVED {
            self.received.pop_front();
        }
        self.received.push_back(received);
    }

    pub(crate) fn list(&self) -> Vec<Received> {
        self.received.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_are_kept() {
        let mut traffic = Traffic::default();
        for number in 0..=MAX_RECEIVED {
            traffic.push(Received {
                method: "GET".to_owned(),
                path: number.to_string(),
                query: None,
                headers: Vec::new(),
                body: Vec::new(),
            });
        }
        let kept = traffic.list();
        assert_eq!((kept.len(), kept[0].path.as_str()), (MAX_RECEIVED, "1"));
    }
}
