//! A service that repeats what it must not be told, wherever a client may pick it up.

use std::sync::Arc;

use serde_json::json;
use zkvault_simulator::{Answer, Received, Rewriter};

/// Begins the secrets that are looked for afterwards.
pub const CANARY: &str = "canary-5f1c9a";
const LINK: &str = "https://a.blob.core.windows.net/c?sp=r&sig=canary";

/// What is repeated. Clients drop a whole message for one secret in it, so each is also worth a test alone.
#[derive(Debug, Clone, Copy)]
pub enum Echo {
    /// A link with a signature.
    Link,
    /// The words of the request in which there is a canary, or else its token and its body.
    Secrets,
    /// Both.
    All,
}

impl Echo {
    /// Puts it into every response to a path that begins so, under this status.
    pub fn rewriter(self, status: u16, path: &'static str) -> Rewriter {
        Arc::new(move |received: &Received, answer: &mut Answer| {
            if received.path.starts_with(path) {
                *answer = self.answer(status, received);
            }
        })
    }

    fn answer(self, status: u16, received: &Received) -> Answer {
        let text = match self {
            Self::Link => LINK.to_owned(),
            Self::Secrets => secrets_of(received),
            Self::All => format!("{LINK} {}", secrets_of(received)),
        };
        // Errors of OAuth, of LogMeOnce and of Loome Assist, and something created.
        let document =
            json!({"error": "invalid_grant", "error_description": text, "title": "t", "detail": text, "id": text});
        Answer::new(status, document)
    }
}

fn secrets_of(received: &Received) -> String {
    let body = String::from_utf8_lossy(&received.body);
    let all = format!("{received:?} {body}");
    let words = all.split([' ', '"', '=', '&']).filter(|word| word.contains("canary"));
    // The beginning of a message is what is kept.
    let words: Vec<_> = words.collect();
    if words.is_empty() {
        let token = received.header("authorization").unwrap_or_default();
        return format!("{token} {body}");
    }
    words.join(" ")
}
