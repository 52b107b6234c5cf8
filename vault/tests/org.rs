//! An organisation as the service has it, against the simulated service.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first failure, in its helpers too"
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use zkvault::account::{Account, Service};
use zkvault::client::NativeTransport;
use zkvault::client::logmeonce::LogMeOnce;
use zkvault::core::SecretText;
use zkvault::core::key::VaultKey;
use zkvault::core::model::{Group, Site};
use zkvault::directory::Kind;
use zkvault::org::{self, FileFormat, OrgFile, Organisation, Reading, Relation};
use zkvault::progress::NoProgress;
use zkvault_simulator as simulator;
use zkvault_simulator::{Fault, Server, Settings, seed};

struct World {
    service: simulator::LogMeOnce,
    server: Server,
}

impl World {
    async fn of(organisation: simulator::Organisation) -> Self {
        let service = simulator::LogMeOnce::new(Settings::default(), organisation);
        let server = Server::start(0, service.router()).await.unwrap();
        Self { service, server }
    }

    async fn demo() -> Self {
        Self::of(seed::demo(&VaultKey::generate().unwrap()).unwrap()).await
    }

    fn client(&self) -> LogMeOnce<NativeTransport> {
        let secret = SecretText::from("simulator-secret".to_owned());
        let account = Account::new(Service::Logmeonce, &self.server.url(), "simulator-key", secret).unwrap();
        account.logmeonce()
    }

    async fn read(&self) -> Reading {
        org::read(&self.client(), &NoProgress).await.unwrap()
    }
}

/// Whether everything that was read is true, and nothing is missing.
fn assert_same(read: &Organisation, truth: &simulator::Organisation) {
    for (kind, theirs) in [
        (Kind::User, simulator::Kind::User),
        (Kind::Group, simulator::Kind::Group),
        (Kind::Site, simulator::Kind::Site),
    ] {
        assert_eq!(read.ids(kind), truth.ids(theirs).collect::<Vec<_>>());
    }
    let mut count = 0;
    for (relation, theirs) in [
        (Relation::Membership, simulator::Relation::GroupUser),
        (Relation::UserSite, simulator::Relation::UserSite),
        (Relation::GroupSite, simulator::Relation::GroupSite),
    ] {
        let (kind, _) = relation.ends();
        let left = if kind == Kind::User {
            simulator::Kind::User
        } else {
            simulator::Kind::Group
        };
        for id in read.ids(kind) {
            let expected: Vec<u64> = truth.linked(theirs, left, id);
            let found: Vec<u64> = read
                .ties_of(relation)
                .filter(|(tie, _)| tie.left == id)
                .map(|(tie, _)| tie.right)
                .collect();
            assert_eq!(found, expected, "{relation:?} of {id}");
            count += found.len();
        }
        for (tie, rights) in read.ties_of(relation) {
            let expected = truth.rights(theirs, tie.left, tie.right).unwrap();
            let pairs = [
                (org::Right::Read, simulator::Right::Read),
                (org::Right::Update, simulator::Right::Update),
                (org::Right::Delete, simulator::Right::Delete),
                (org::Right::Create, simulator::Right::Create),
                (org::Right::Assign, simulator::Right::Assign),
            ];
            for (ours, theirs) in pairs {
                assert_eq!(rights.unwrap().has(ours), expected.has(theirs), "{tie:?} {ours:?}");
            }
        }
    }
    assert_eq!(count, read.ties.len());
}

#[tokio::test]
async fn the_demo_is_read_as_it_is_and_with_the_fewest_requests() {
    let world = World::demo().await;
    let reading = world.read().await;
    assert_same(&reading.organisation, &world.service.organisation());
    assert!(reading.odd.is_empty() && reading.gaps.is_empty());
    let nested = BTreeSet::from([(5717, 5719), (5719, 5720)]);
    assert_eq!(reading.organisation.nested, nested);
    let pages = reading.organisation.groups[&8762].description.as_deref();
    assert_eq!(pages, Some("Group used for Marketing"));
    // Three lists; of five groups the description, the members, the sites, the permissions of both and the groups within;
    // of nine users the sites, and of the three who have some the permissions.
    let asked = world.service.conditions().requests().len() as u64 - 1;
    assert_eq!((reading.requests, asked), (3 + 5 * 6 + 9 + 3, 3 + 5 * 6 + 9 + 3));
}

#[tokio::test]
async fn a_large_one_is_read_by_the_shorter_sides() {
    let truth = seed::scale(100);
    let world = World::of(truth.clone()).await;
    let reading = world.read().await;
    assert_same(&reading.organisation, &truth);
    // 50 users, 5 groups, 200 sites: no request is about one site.
    assert_eq!(reading.requests, 3 + 5 * 6 + 50 * 2);
    assert_eq!(reading.organisation.nested.len(), 4, "all but the first are in one");
    let asked = world.service.audit_log();
    assert!(asked.iter().all(|entry| !entry.path.starts_with("/rest/sites/")));
}

#[tokio::test]
async fn two_groups_suffice_to_see_that_one_is_in_the_other() {
    let mut truth = simulator::Organisation::new();
    for id in [1, 2] {
        truth.add_group(&Group::new(id));
        truth.add_site(&Site::new(10 + id));
        truth.link(simulator::Relation::GroupSite, id, 10 + id);
        let rights = truth.rights_mut(simulator::Relation::GroupSite, id, 10 + id).unwrap();
        rights.set(simulator::Right::Read, true);
    }
    assert!(truth.nest(2, 1));
    let reading = World::of(truth).await.read().await;
    assert_eq!(reading.organisation.nested, BTreeSet::from([(1, 2)]));
}

#[tokio::test]
async fn what_is_odd_or_refused_is_reported_and_stops_nothing() {
    let world = World::demo().await;
    world
        .service
        .conditions()
        .set_rewriter(Some(Arc::new(|request, answer| match request.path.as_str() {
            "/rest/users" => {
                let users = answer.document["users"].as_array_mut().unwrap();
                users.push(json!({"id": 1917, "email": "twice@haldenfrey.example"}));
                users.push(json!({"id": -3, "email": "odd@haldenfrey.example"}));
                users.push(json!({"id": 1_u64 << 60, "email": "large@haldenfrey.example"}));
            }
            "/rest/groups/5717/users" if request.method == "GET" => {
                let users = answer.document["users"].as_array_mut().unwrap();
                users.push(json!({"id": 4711, "email": "stray@haldenfrey.example"}));
                users.push(json!({"id": -3, "email": "odd@haldenfrey.example"}));
            }
            "/rest/groups/8762/users" if request.method == "GET" => {
                let users = answer.document["users"].as_array_mut().unwrap();
                users.push(json!({"id": -4, "email": "odder@haldenfrey.example"}));
            }
            "/rest/groups/8763/users" if request.method == "GET" => {
                let users = answer.document["users"].as_array_mut().unwrap();
                users.push(json!({"id": -4, "email": "odder@haldenfrey.example"}));
            }
            _ => {}
        })));
    world
        .service
        .conditions()
        .inject(Fault::status(403), 1, "/rest/groups/8763/sites");
    world
        .service
        .conditions()
        .inject(Fault::status(404), 1, "/rest/users/1920/sites");
    let reading = world.read().await;
    let odd: Vec<String> = reading.odd.iter().map(ToString::to_string).collect();
    // Each once, in however many lists it is.
    assert_eq!(odd.len(), 5, "{odd:?}");
    assert_eq!(
        reading.organisation.users[&1917].field(org::Field::Email),
        "mateus@haldenfrey.example"
    );
    let gaps: Vec<(Kind, u64)> = reading.gaps.iter().map(|gap| gap.of).collect();
    assert_eq!(gaps, [(Kind::User, 1920), (Kind::Group, 8763)]);
    assert_eq!(reading.organisation.ties_of(Relation::Membership).count(), 11);

    let text = org::write("acme.example", &reading, FileFormat::Yaml).unwrap();
    let file = OrgFile::read(text.as_bytes()).unwrap();
    assert_eq!(file.incomplete.unwrap().len(), 7);
}

#[tokio::test]
async fn a_login_that_ends_ends_the_reading() {
    let world = World::demo().await;
    world
        .service
        .conditions()
        .inject_after(3, Fault::status(401), 9, "/rest/groups");
    let error = org::read(&world.client(), &NoProgress).await.unwrap_err();
    assert_eq!(error.code(), "not-authenticated");
}
