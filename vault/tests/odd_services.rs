//! Whole syncs with services that are odd and can still be understood: what they list is stored or set aside, no copy of
//! a site is lost, and a list that was refused, or is not whole, changes nothing.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first failure, in its helpers too"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use proptest::prelude::*;
use serde_json::{Value, json};
use zkvault::client::logmeonce::LogMeOnce;
use zkvault::client::oauth::{Credentials, Session, Token};
use zkvault::client::{Body, ServiceUrl, Transport, TransportError};
use zkvault::core::SecretText;
use zkvault::core::key::VaultKey;
use zkvault::core::value::{ValueContext, seal_bound};
use zkvault::profile::Profile;
use zkvault::progress::NoProgress;
use zkvault::store::Standing;
use zkvault::sync::Synced;
use zkvault::vault::Vault;

/// What becomes of one site in a response.
#[derive(Debug, Clone)]
enum Told {
    /// As the API's page shows it.
    Plainly,
    /// In the types of a program that has none.
    Loosely,
    /// With a member of which nothing can be made.
    Oddly(usize),
    NotAtAll,
}

/// What is around a list.
#[derive(Debug, Clone, Copy)]
enum Around {
    Name,
    Nothing,
    Numbers,
    Envelope,
    /// A part for each site, with a link to the next one.
    Links,
    /// The same, with the number of each.
    Pages,
}

/// What becomes of the whole response.
#[derive(Debug, Clone)]
enum Whole {
    Read(Around),
    /// Under a status of 200, one of [`REFUSALS`].
    Refused(usize),
    /// Cut off.
    Cut,
    /// More would follow, and it does not say how.
    Half(usize),
    Status(u16),
}

#[derive(Debug, Clone)]
struct Round {
    sites: Vec<Told>,
    list: Whole,
    users: Whole,
}

const ODD: &[(&str, &str)] = &[
    ("login", "\"text\""),
    ("login", "{\"inputs\":[{\"value\":{}}]}"),
    ("login", "{\"inputs\":[null]}"),
    ("login", "{\"Url\":\"\\ud800\"}"),
    ("flags", "-1"),
];

const REFUSALS: &[&str] = &[
    r#"{"error":"denied"}"#,
    r#"{"sites":[],"users":[],"success":false}"#,
    r#"{"Success":"False","data":{"sites":[],"users":[]}}"#,
    r#"{"code":403,"message":"denied"}"#,
    r#"{"status":{"code":"FORBIDDEN","error":true}}"#,
    r#"<response><error>denied</error></response>"#,
    "<h1>Please log in</h1>",
    "false",
    "",
];

const HALVES: &[&str] = &[
    r#""total":99"#,
    r#""has_more":true"#,
    r#""next":"b3BhcXVl""#,
    r#""next":"https://evil.example/rest/sites?page=2""#,
    r#""pages":3"#,
    r#""meta":{"next_cursor":"x"}"#,
];

/// A service and the vault that is synced with it.
struct World {
    folder: tempfile::TempDir,
    key: Arc<VaultKey>,
    /// As the service has them: an object each.
    sites: Vec<Value>,
    clock: AtomicU64,
    round: Mutex<Round>,
    asked: Mutex<Vec<String>>,
}

impl World {
    fn new(count: usize, first: Round) -> Self {
        let key = Arc::new(VaultKey::generate().unwrap());
        let sites = (1..=count as u64).map(|id| site(&key, id)).collect();
        Self {
            folder: tempfile::tempdir().unwrap(),
            key,
            sites,
            clock: AtomicU64::new(1_700_000_000),
            round: Mutex::new(first),
            asked: Mutex::default(),
        }
    }

    fn vault(&self) -> Vault {
        Vault::with_keys(Profile::new(self.folder.path()), vec![Arc::clone(&self.key)]).unwrap()
    }

    fn client(&self) -> LogMeOnce<&Self> {
        let token = r#"{"access":"abc","refresh":null,"grant":"client","expires_at":null,"renew_at":null}"#;
        let token = Token::from_json(&SecretText::from(token.to_owned())).unwrap();
        let credentials = Credentials::new("key", SecretText::from("secret".to_owned()));
        let url = ServiceUrl::parse("https://acme.example").unwrap();
        LogMeOnce::new(self, url, Session::new(credentials, Some(token)))
    }

    fn sync(&self) -> Result<Synced, zkvault::vault::VaultError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(self.vault().sync(&self.client(), &NoProgress))
    }

    /// The sealed value and the standing of every site that the vault has.
    fn stored(&self) -> BTreeMap<u64, (String, Standing)> {
        let Ok(contents) = self.vault().contents() else {
            return BTreeMap::new();
        };
        let index = contents.index();
        let entries = contents.entries(&index).map(Result::unwrap);
        let stored = entries.map(|entry| {
            let site = serde_json::to_value(contents.site(&entry).unwrap()).unwrap();
            (entry.id, (value_of(&site), entry.standing))
        });
        stored.collect()
    }

    fn revision(&self) -> Option<u64> {
        Some(self.vault().contents().ok()?.store.head().revision)
    }

    /// The ids of the sites that this round tells so.
    fn told(&self, wanted: impl Fn(&Told) -> bool) -> BTreeSet<u64> {
        let round = self.round.lock().unwrap();
        let sites = round.sites.iter().zip(1..);
        sites.filter(|(told, _)| wanted(told)).map(|(_, id)| id).collect()
    }

    fn respond(&self, path: &str, page: usize) -> (u16, Option<String>, String) {
        let round = self.round.lock().unwrap();
        if path.ends_with("/groups") {
            return (404, None, String::new());
        }
        let (whole, name, records): (_, _, Vec<String>) = match path.ends_with("/users") {
            true => (&round.users, "users", vec![r#"{"id":7,"username":"ada"}"#.to_owned()]),
            false => {
                let sites = self.sites.iter().zip(&round.sites);
                (
                    &round.list,
                    "sites",
                    sites.filter_map(|(site, told)| tell(site, told)).collect(),
                )
            }
        };
        let list = records.join(",");
        match whole {
            Whole::Refused(which) => (200, None, REFUSALS[*which].to_owned()),
            Whole::Status(status) => (*status, None, r#"{"error":"denied"}"#.to_owned()),
            Whole::Cut => (200, None, format!("{{\"{name}\":[{list}")),
            Whole::Half(which) => (200, None, format!("{{\"{name}\":[{list}],{}}}", HALVES[*which])),
            Whole::Read(around) => around.write(name, &records, page),
        }
    }
}

impl Around {
    fn write(self, name: &str, records: &[String], page: usize) -> (u16, Option<String>, String) {
        let list = records.join(",");
        let one = records.get(page - 1).map(String::as_str).unwrap_or_default();
        let more = page < records.len();
        let numbers = || {
            records
                .iter()
                .zip(3..)
                .map(|(record, number)| format!("\"{number}\":{record}"))
        };
        let link = more.then(|| {
            format!(
                "<?page={}>; rel=\"next\", <?page={}>; rel=\"last\"",
                page + 1,
                records.len()
            )
        });
        match self {
            Self::Name => (200, None, format!("\u{feff}{{\"{name}\":[{list}],\"error\":null}}")),
            Self::Nothing => (200, None, format!("[{list}]")),
            Self::Numbers => (
                200,
                None,
                format!("{{\"{name}\":{{{}}}}}", numbers().collect::<Vec<_>>().join(",")),
            ),
            Self::Envelope => (200, None, format!("{{\"success\":1,\"data\":{{\"{name}\":[{list}]}}}}")),
            Self::Links => (200, link, format!("{{\"{name}\":[{one}]}}")),
            Self::Pages => (
                200,
                None,
                format!("{{\"page\":\"{page}\",\"{name}\":[{one}],\"has_more\":{more}}}"),
            ),
        }
    }
}

fn site(key: &VaultKey, id: u64) -> Value {
    let place = ValueContext {
        site_id: id,
        input_type: "password",
        input_name: "[\"pass\"]",
    };
    let value = seal_bound(key, &place, "secret").unwrap();
    json!({
        "id": id, "name": format!("Site {id}"), "updated": 1000, "flags": 3,
        "login": {"Url": format!("https://{id}.example/login"), "inputs": [
            {"name": place.input_name, "type": place.input_type, "value": value},
        ]},
    })
}

fn value_of(site: &Value) -> String {
    site["login"]["inputs"][0]["value"].as_str().unwrap().to_owned()
}

fn tell(site: &Value, told: &Told) -> Option<String> {
    let mut told_site = site.clone();
    match told {
        Told::NotAtAll => return None,
        Told::Plainly => {}
        Told::Loosely => {
            let inputs = told_site["login"]["inputs"].take();
            told_site["login"]["inputs"] = json!({"0": inputs[0]});
            told_site["id"] = json!(format!(" {} ", site["id"]));
            told_site["updated"] = json!("1000.0");
            told_site["flags"] = json!(3.0);
            told_site["login"]["match"] = json!([]);
        }
        Told::Oddly(which) => {
            let (member, value) = ODD[*which];
            let text = site.to_string();
            let members: BTreeMap<&str, &serde_json::value::RawValue> = serde_json::from_str(&text).unwrap();
            let members = members.iter().filter(|(name, _)| **name != member);
            let members: Vec<_> = members.map(|(name, value)| format!("\"{name}\":{value}")).collect();
            return Some(format!("{{{},\"{member}\":{value}}}", members.join(",")));
        }
    }
    Some(told_site.to_string())
}

/// A body in one piece.
struct InOnePiece(Option<Bytes>);

impl Body for InOnePiece {
    async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        Ok(self.0.take())
    }
}

impl Transport for World {
    type Body = InOnePiece;

    async fn send(&self, request: Request<Bytes>) -> Result<Response<InOnePiece>, TransportError> {
        let uri = request.uri();
        let page = uri.query().and_then(|query| query.strip_prefix("page="));
        self.asked.lock().unwrap().push(uri.to_string());
        let (status, link, body) = self.respond(uri.path(), page.map_or(1, |page| page.parse().unwrap()));
        let mut response = Response::builder().status(status).header("content-type", "text/html");
        if let Some(link) = link {
            response = response.header("link", link);
        }
        Ok(response.body(InOnePiece(Some(Bytes::from(body)))).unwrap())
    }

    async fn sleep(&self, _duration: Duration) {}

    /// A second passes with each look, so that no limit on requests in one second is met.
    fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed)
    }
}

fn whole() -> impl Strategy<Value = Whole> {
    let around = prop::sample::select(vec![
        Around::Name,
        Around::Nothing,
        Around::Numbers,
        Around::Envelope,
        Around::Links,
        Around::Pages,
    ]);
    prop_oneof![
        6 => around.prop_map(Whole::Read),
        1 => (0..REFUSALS.len()).prop_map(Whole::Refused),
        1 => Just(Whole::Cut),
        1 => (0..HALVES.len()).prop_map(Whole::Half),
        1 => prop::sample::select(vec![403, 404, 500]).prop_map(Whole::Status),
    ]
}

fn told() -> impl Strategy<Value = Told> {
    prop_oneof![
        3 => Just(Told::Plainly),
        3 => Just(Told::Loosely),
        2 => (0..ODD.len()).prop_map(Told::Oddly),
        1 => Just(Told::NotAtAll),
    ]
}

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    (1..6_usize).prop_flat_map(|count| {
        let round = (prop::collection::vec(told(), count), whole(), whole());
        let round = round.prop_map(|(sites, list, users)| Round { sites, list, users });
        prop::collection::vec(round, 1..5)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_listed_is_stored_or_set_aside_and_nothing_is_lost(rounds in rounds()) {
        let world = World::new(rounds[0].sites.len(), rounds[0].clone());
        // What a first sync brings is trusted; what comes later waits for a person, and goes when it is not listed.
        let (mut known, mut trusted) = (BTreeSet::new(), None);
        for round in rounds {
            *world.round.lock().unwrap() = round.clone();
            let (before, revision) = (world.stored(), world.revision());
            let synced = world.sync();
            let is_read = matches!(round.list, Whole::Read(_));
            prop_assert_eq!(synced.is_ok(), is_read, "{:?}", synced.map(drop));
            let Ok(synced) = synced else {
                prop_assert_eq!((world.stored(), world.revision()), (before, revision));
                continue;
            };
            let odd: BTreeSet<u64> = synced.odd.iter().map(|odd| odd.id().unwrap()).collect();
            prop_assert_eq!(&odd, &world.told(|told| matches!(told, Told::Oddly(_))));
            let users_are_withheld = !matches!(round.users, Whole::Read(_));
            prop_assert_eq!(synced.withheld.len(), usize::from(users_are_withheld) + 1, "groups are not there at all");
            drop(synced);
            let told = world.told(|told| matches!(told, Told::Plainly | Told::Loosely));
            let gone = world.told(|told| matches!(told, Told::NotAtAll));
            known.extend(&told);
            let trusted = trusted.get_or_insert(told);
            known.retain(|id| trusted.contains(id) || !gone.contains(id));
            let stored = world.stored();
            prop_assert_eq!(stored.keys().copied().collect::<BTreeSet<_>>(), known.clone());
            for (id, (value, standing)) in &stored {
                let site = &world.sites[usize::try_from(*id).unwrap() - 1];
                prop_assert_eq!(value, &value_of(site));
                // What is set aside stays as it was, also one that was missing.
                let was_missing = before.get(id).is_some_and(|(_, standing)| *standing == Standing::Missing);
                let is_missing = gone.contains(id) || (odd.contains(id) && was_missing);
                prop_assert_eq!(*standing == Standing::Missing, is_missing, "site {}: {:?}", id, standing);
            }
        }
        let elsewhere = world.asked.lock().unwrap().iter().any(|url| !url.starts_with("https://acme.example/rest/"));
        prop_assert!(!elsewhere, "no token leaves for another host");
    }
}
