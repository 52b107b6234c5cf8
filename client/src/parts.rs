//! Lists that a service gives in parts, on behalf of what reads them: their records, and where they have got to.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use http::HeaderMap;
use serde_json::{Map, Value};
use zkvault_core::model::OddRecord;

use crate::error::{ClientError, ErrorKind};
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
    /// Of the records of the part that is being read, and of each part before it.
    digest: Option<DefaultHasher>,
    digests: BTreeSet<u64>,
}

impl Parts {
    /// The parameters of the part whose turn it is, in place of those of the same name.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        self.next.as_ref().map(Next::parameters).unwrap_or_default()
    }

    /// Why a part did not come: one that the list itself named and that is not there is no list that is not there.
    pub(crate) fn failed(&self, error: ClientError) -> ClientError {
        match (error.kind(), error.status(), &self.next) {
            (ErrorKind::NotFound, Some(404), Some(_)) => half("the service does not know a further part of it"),
            _ => error,
        }
    }

    /// Notes a record of the part that is being read. A service that does not know the parameters with which the next part
    /// is asked for sends the first one again, and may number it as if it were the next.
    pub(crate) fn note(&mut self, record: &[u8]) {
        record.hash(self.digest.get_or_insert_default());
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
        let digest = self.digest.take().map(|digest| digest.finish());
        if digest.is_some_and(|digest| !self.digests.insert(digest)) {
            return Err(half("its parts repeat"));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads parts whose records are these, each with a link to a next one.
    fn read(parts: &[&[&str]]) -> Result<Vec<bool>, ClientError> {
        let url = ServiceUrl::parse("https://a.example").unwrap();
        let mut list = Parts::default();
        let read = parts.iter().enumerate().map(|(number, records)| {
            let next = format!("/rest/sites?page={}", number + 2);
            let beside = Map::from_iter([("next".to_owned(), Value::from(next))]);
            records.iter().for_each(|record| list.note(record.as_bytes()));
            list.read(records.len() as u64, &beside, &HeaderMap::new(), (&url, "/sites"))
        });
        read.collect()
    }

    #[test]
    fn a_part_that_came_before_ends_the_list() {
        assert_eq!(read(&[&["1", "2"], &["2", "1"], &["1"], &["12"]]), Ok(vec![true; 4]));
        for parts in [&[&["1", "2"][..], &["1", "2"]][..], &[&["1"], &["2"], &["1"]]] {
            let error = read(parts).unwrap_err();
            assert!(error.to_string().ends_with("its parts repeat"), "{error}");
        }
    }
}
