//! Lists that a service gives in parts, on behalf of what reads them: their records, and where they have got to.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use http::HeaderMap;
use serde_json::{Map, Value};
use zkvault_core::model::{OddRecord, Record};

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

impl<T: Record + PartialEq> Listed<T> {
    /// Sets aside the records whose id others have as well, with other contents. A copy that is the same counts once: a
    /// service that joins tables, or whose parts overlap, sends some.
    pub(crate) fn without_contradictions(self) -> Self {
        let Self { records, odd } = self;
        let mut listed = Self {
            records: Vec::with_capacity(records.len()),
            odd,
        };
        let mut places = HashMap::with_capacity(records.len());
        let mut contradicted = BTreeSet::new();
        for record in records {
            let place = *places.entry(record.id()).or_insert(listed.records.len());
            match listed.records.get(place) {
                None => listed.records.push(record),
                Some(first) if *first == record => {}
                Some(_) => {
                    contradicted.insert(record.id());
                }
            }
        }
        listed.records.retain(|record| !contradicted.contains(&record.id()));
        let why = "is listed more than once, with different contents";
        let set_aside = contradicted
            .into_iter()
            .map(|id| OddRecord::new(T::KIND, None, why).with_id(id));
        listed.odd.extend(set_aside);
        listed
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
    fn an_id_that_two_different_users_have_is_nobodys() {
        use zkvault_core::model::User;

        let user = |id: u64, email: &str| User::from_json(&format!(r#"{{"id":{id},"email":"{email}"}}"#));
        let mut listed = Listed::default();
        for (id, email) in [
            (1, "a@x"),
            (2, "b@x"),
            (1, "c@x"),
            (3, "d@x"),
            (3, "d@x"),
            (1, "a@x"),
            (2, "b@x"),
        ] {
            listed.push(user(id, email));
        }
        let listed = listed.without_contradictions();
        assert_eq!(listed.records.iter().map(|user| user.id).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(listed.odd.iter().map(OddRecord::id).collect::<Vec<_>>(), [Some(1)]);
        let told = listed.odd[0].reason();
        assert!(told.contains("more than once"), "{told}");
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
