//! Faults of a service and of the network, for the next requests.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

use crate::answer::{Answer, Refusal};

/// What goes wrong. Under [`Status`](Self::Status), [`HtmlPage`](Self::HtmlPage), [`Stall`](Self::Stall) and
/// [`Reset`](Self::Reset) the request is not carried out; under the others it is, and only the answer suffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// This HTTP status, with a `Retry-After` in seconds or without.
    Status {
        /// The status, such as 429 or 503.
        status: u16,
        /// What `Retry-After` says.
        retry_after: Option<u64>,
    },
    /// Status 200 and a page of HTML, as a captive portal or a proxy sends it.
    HtmlPage,
    /// The answer's head, and no body.
    Empty,
    /// Half of the body, then the connection ends; the length that was announced is the whole one's.
    Truncated,
    /// One byte of the body after each pause.
    SlowLoris {
        /// How long each byte takes.
        pause: Duration,
    },
    /// A body whose last byte is missing and whose length fits: no JSON, no XML.
    Malformed,
    /// The first `name` in the document, or a new member `padding`, is a text of so many bytes.
    HugeField {
        /// Bytes of the text.
        bytes: usize,
    },
    /// The connection is reset, and the request not carried out.
    Reset,
    /// The connection is reset after the request was carried out: nobody learns that it was.
    AnswerLost,
    /// The connection stays open, and no answer comes. The request is not carried out.
    Stall,
}

impl Fault {
    /// A status without `Retry-After`.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self::Status {
            status,
            retry_after: None,
        }
    }
}

/// The answer to a request that is not carried out, with a status a test asked for.
pub(crate) fn failure(status: u16, retry_after: Option<u64>) -> Answer {
    let answer = match status {
        429 => Refusal::new(status, "rate_limited", "too many requests"),
        _ => Refusal::new(status, "injected_fault", "a test asked for this failure"),
    };
    let answer = Answer::from(answer);
    match retry_after {
        Some(seconds) => answer.header("retry-after", seconds.to_string()),
        None => answer,
    }
}

pub(crate) const HTML_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\
    <body><h1>Welcome to the guest network</h1><form><input name=\"password\"></form></body></html>\n";

/// Puts a text of `bytes` bytes into a document.
pub(crate) fn inflate(document: &mut Value, bytes: usize) {
    let huge = || Value::String("A".repeat(bytes));
    if let Some(name) = first_name(document) {
        *name = huge();
    } else if let Value::Object(members) = document {
        members.insert("padding".to_owned(), huge());
    }
}

fn first_name(document: &mut Value) -> Option<&mut Value> {
    match document {
        Value::Object(members) => {
            let named = members.contains_key("name");
            let mut members = members.iter_mut();
            members.find_map(|(key, value)| {
                if named {
                    (key == "name").then_some(value)
                } else {
                    first_name(value)
                }
            })
        }
        Value::Array(items) => items.iter_mut().find_map(first_name),
        _ => None,
    }
}

/// The faults that wait for their requests.
#[derive(Debug, Default)]
pub(crate) struct FaultQueue {
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    fault: Fault,
    /// How many requests pass first.
    after: usize,
    times: usize,
    path: String,
}

impl FaultQueue {
    pub(crate) fn push(&mut self, fault: Fault, after: usize, times: usize, path: &str) {
        self.waiting.push_back(Waiting {
            fault,
            after,
            times,
            path: path.to_owned(),
        });
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// The fault for a request, if it is one's turn.
    pub(crate) fn take(&mut self, path: &str) -> Option<Fault> {
        self.waiting.retain(|waiting| waiting.times > 0);
        let waiting = self
            .waiting
            .iter_mut()
            .find(|waiting| path.starts_with(&waiting.path))?;
        if waiting.after > 0 {
            waiting.after -= 1;
            return None;
        }
        waiting.times -= 1;
        Some(waiting.fault)
    }
}
