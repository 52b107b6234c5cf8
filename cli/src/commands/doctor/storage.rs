//! The storage that `ZKV_SAS` or `ZKV_SAS_FILE` names: what its token says of itself, and what the storage says to that.

use std::time::Duration;

use zkvault::time;
use zkvault_client::NativeTransport;
use zkvault_client::blob::{BlobContainer, BlobErrorKind, CorsGap, ListedPage, SasUrl, cors_gaps};

use super::{Check, State};
use crate::error::{CliError, Result};
use crate::output::Patience;
use crate::repo::failed;
use crate::{clock, repo};

/// Seconds before the end of a token in which it is worth a word.
const SOON: u64 = 3600;
/// The rule that lets zkvault's pages in.
const CORS_HINT: &str = "the administrator of the storage account sets a rule: this origin, GET,HEAD,PUT,DELETE,OPTIONS, \
    allowed headers x-ms-*,content-type,if-match,if-none-match, exposed headers x-ms-*,etag,date,content-range,content-length";
/// What the letters of a token stand for; the first four are what zkv uses besides creating.
const LETTERS: [(char, &str); 14] = [
    ('r', "read"),
    ('l', "list"),
    ('w', "write"),
    ('d', "delete"),
    ('c', "create"),
    ('a', "append"),
    ('x', "delete versions"),
    ('y', "delete for good"),
    ('t', "tags"),
    ('f', "find by tags"),
    ('m', "move"),
    ('e', "execute"),
    ('o', "change owners"),
    ('p', "change permissions"),
];

/// Nothing where no token is given.
pub(super) fn checks(origin: Option<&str>) -> Result<Vec<Check>> {
    let Some(given) = repo::given()? else {
        return Ok(match origin {
            None => Vec::new(),
            Some(_) => vec![Check::new("cors", State::Fail, "there is no storage to ask").hint("set ZKV_SAS_FILE")],
        });
    };
    let url = match SasUrl::parse(&given) {
        Ok(url) => url,
        Err(error) => {
            let error = CliError::usage("the address of the repository was refused").cause(error);
            return Ok(vec![Check::failed("sas", State::Fail, error)]);
        }
    };
    let transport = NativeTransport::new();
    let _patience = Patience::with(format!("a response of {url}"));
    repo::runtime()?.block_on(async {
        let mut checks = vec![Check::new("sas", State::Ok, format!("{url}; {}", allowed(&url)))];
        let cors = match origin {
            Some(origin) => Some(pages(&transport, &url, origin).await),
            None => None,
        };
        let (end, limits) = (url.expires_at(), limits(&url));
        // One try is enough to look.
        let container = BlobContainer::new(transport, url).give_up_after(Duration::ZERO);
        checks.extend(limits);
        checks.push(reached(&container).await);
        checks.push(ends(end, container.service_time()));
        checks.extend(cors);
        Ok(checks)
    })
}

/// Whether pages of an origin may use the storage.
async fn pages(transport: &NativeTransport, url: &SasUrl, origin: &str) -> Check {
    match cors_gaps(transport, url, origin).await {
        Ok(gaps) if gaps.is_empty() => Check::new("cors", State::Ok, format!("pages of {origin} may use it")),
        Ok(gaps) => {
            let gaps: Vec<_> = gaps.iter().map(CorsGap::to_string).collect();
            Check::new("cors", State::Fail, gaps.join("; ")).hint(CORS_HINT)
        }
        Err(reason) => Check::new("cors", State::Fail, format!("the storage was not asked: {reason}")),
    }
}

/// What the token allows, in words.
fn allowed(url: &SasUrl) -> String {
    let Some(letters) = url.permissions() else {
        return "what it allows is in a policy of the storage".to_owned();
    };
    let known = LETTERS.iter().filter(|(letter, _)| letters.contains(*letter));
    let words: Vec<_> = known.map(|(_, word)| *word).collect();
    let missing = match (letters.contains('w'), letters.contains('r')) {
        (true, true) => "",
        (true, false) => "; downloads need read",
        (false, true) => "; uploads need write",
        (false, false) => "; uploads need write and downloads need read",
    };
    format!("it allows to {} ({letters}){missing}", words.join(", "))
}

/// Where a token does not hold, whatever its permissions say.
fn limits(url: &SasUrl) -> Option<Check> {
    let addresses = url
        .addresses()
        .map(|addresses| format!("only {addresses} may use it (sip)"));
    let types = match (url.lacks_objects(), url.lacks_containers()) {
        (true, _) => Some("it is not for blobs (srt without o): nothing can be read or written".to_owned()),
        (false, true) => Some("it is not for containers (srt without c): nothing can be listed".to_owned()),
        (false, false) => None,
    };
    let limits: Vec<_> = [addresses, types].into_iter().flatten().collect();
    let check = Check::new("sas limits", State::Warn, limits.join("; "));
    (!limits.is_empty()).then(|| check.hint("ask for a SAS of the container (sr=c), without addresses or for this one"))
}

/// What a listing found that commands set aside.
fn listed(page: &ListedPage) -> Check {
    let archived = page.blobs.iter().filter(|blob| blob.is_archived).count();
    let found = [
        (archived, "in the archive tier"),
        (page.odd_count, "without a name that can be read"),
    ];
    let found: Vec<_> = found
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} of the first blobs are {what}"))
        .collect();
    const ACCEPTED: &str = "it answers, and takes the token";
    match found.is_empty() {
        true => Check::new("storage", State::Ok, ACCEPTED),
        false => Check::new("storage", State::Warn, format!("{ACCEPTED}; {}", found.join("; "))),
    }
}

/// A token that may not list is one all the same: the storage had to accept it to say so.
async fn reached(container: &BlobContainer<NativeTransport>) -> Check {
    match container.list("", "").next_page().await {
        Ok(page) => listed(&page.unwrap_or_default()),
        Err(error) if matches!(error.kind(), BlobErrorKind::Permission { .. }) => Check::new(
            "storage",
            State::Ok,
            "it answers, and takes the token, which may not list",
        ),
        Err(error) => Check::failed("storage", State::Fail, failed("the storage was not listed", &error)),
    }
}

/// The end of the token by the storage's clock, or ours where it did not answer.
fn ends(end: Option<u64>, now: Option<u64>) -> Check {
    const NAME: &str = "sas end";
    const HINT: &str = "get a new one: with zkv repo sas, or from the person who gave you this one";
    let Some(end) = end else {
        return Check::new(
            NAME,
            State::Warn,
            "it does not say when it ends: a policy of the storage does",
        );
    };
    let now = now.or_else(|| time::now().ok()).unwrap_or_default();
    let shown = clock::shown(end);
    match end.checked_sub(now) {
        None | Some(0) => Check::new(
            NAME,
            State::Fail,
            format!("it ended at {shown}, by the storage's clock"),
        )
        .hint(HINT),
        Some(left @ ..SOON) => {
            let detail = format!("it ends at {shown}, in {} minutes by the storage's clock", left / 60);
            Check::new(NAME, State::Warn, detail).hint(HINT)
        }
        Some(_) => Check::new(NAME, State::Ok, format!("it ends at {shown}")),
    }
}
