//! Lists that a service gives in parts, on behalf of what reads them: their records, and where they have got to.

use http::HeaderMap;
use serde_json::{Map, Value};
use zkvault_core::model::OddRecord;

use crate::error::ClientError;
use crate::paging::{self, MAX_PARTS, Next, Part};
use crate::url::ServiceUrl;

/// The records of a list: those that can be used, and those that cannot.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T> {
    /// In the order of the service.
    pub records: Vec<T>,
    /// Those that were set aside, each with the reason.
    pub odd: Vec<OddRecord>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self {
            records: Vec::new(),
            odd: Vec::new(),
        }
    }
}

impl<T> Listed<T> {
    /// Adds one, wherever it belongs.
    pub fn push(&mut self, record: Result<T, OddRecord>) {
        match record {
            Ok(record) => self.records.push(record),
            Err(odd) => self.odd.push(odd),
        }
    }
}

/// How far a list has been asked for.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    next: Option<Next>,
    asked: Vec<Next>,
    before: u64,
}

impl Parts {
    /// The parameters of the part whose turn it is, in place of those of the same name.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        self.next.as_ref().map(Next::parameters).unwrap_or_default()
    }

    /// Notes that a part has come whole, with so many records and this beside them. Says whether a further one follows.
    pub(crate) fn read(
        &mut self,
        records: u64,
        beside: &Map<String, Value>,
        headers: &HeaderMap,
        (url, path): (&ServiceUrl, &str),
    ) -> Result<bool, ClientError> {
        let part = Part {
            beside,
            headers,
            records,
            before: self.before,
            origin: url.origin(),
            path,
            asked: self.next.as_ref(),
        };
        let next = paging::next(&part).map_err(half)?;
        self.before += records;
        self.asked.extend(self.next.take());
        if self.asked.len() >= MAX_PARTS || next.as_ref().is_some_and(|next| self.asked.contains(next)) {
            return Err(half("its parts have no end"));
        }
        self.next = next;
        Ok(self.next.is_some())
    }
}

fn half(why: &str) -> ClientError {
    ClientError::malformed(format!("the list is not whole: {why}"))
}
