//! Plans and their application, against the simulated service: whatever happens in between, the same call ends in the
//! wanted state, and nothing is removed that the plan did not show.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first failure, in its helpers too"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use zkvault::client::logmeonce::LogMeOnce;
use zkvault::client::oauth::{Credentials, Session};
use zkvault::client::{
    Bytes, NativeBody, NativeTransport, Request, Response, ServiceUrl, Transport, TransportError, TransportFault,
};
use zkvault::core::SecretText;
use zkvault::org::{self, Change, FileFormat, OrgError, OrgFile, Outcome, Plan, SavedPlan, State};
use zkvault::progress::NoProgress;
use zkvault_simulator as simulator;
use zkvault_simulator::{Fault, Kind, Organisation, Relation, Right, Server, Settings};

/// The native transport, without pauses, whose connection breaks at a request and stays broken.
#[derive(Clone)]
struct Fragile {
    inner: Arc<NativeTransport>,
    /// Requests that still get through.
    left: Arc<AtomicU64>,
    /// Whether the one at which it breaks reaches the service.
    arrives: bool,
}

impl Transport for Fragile {
    type Body = NativeBody;

    async fn send(&self, request: Request<Bytes>) -> Result<Response<NativeBody>, TransportError> {
        let left = self.left.load(Ordering::SeqCst);
        self.left.store(left.saturating_sub(1), Ordering::SeqCst);
        let broken = || TransportError::new(TransportFault::Broken, "it broke");
        match left {
            0 => Err(TransportError::new(TransportFault::Connect, "it is gone")),
            1 => {
                if self.arrives {
                    self.inner.send(request).await?;
                }
                Err(broken())
            }
            _ => self.inner.send(request).await,
        }
    }

    async fn sleep(&self, _duration: Duration) {
        tokio::task::yield_now().await;
    }

    fn now(&self) -> u64 {
        self.inner.now()
    }
}

struct World {
    service: simulator::LogMeOnce,
    server: Server,
    /// One for all clients: it reads the machine's certificates.
    transport: Arc<NativeTransport>,
}

impl World {
    async fn of(organisation: Organisation) -> Self {
        Self::over(&Arc::new(NativeTransport::new()), organisation).await
    }

    async fn over(transport: &Arc<NativeTransport>, organisation: Organisation) -> Self {
        let service = simulator::LogMeOnce::new(Settings::default(), organisation);
        let server = Server::start(0, service.router()).await.unwrap();
        Self {
            service,
            server,
            transport: Arc::clone(transport),
        }
    }

    /// A client whose connection breaks when so many requests are left, of which the last may arrive.
    fn fragile(&self, left: u64, arrives: bool) -> LogMeOnce<Fragile> {
        let transport = Fragile {
            inner: Arc::clone(&self.transport),
            left: Arc::new(AtomicU64::new(left)),
            arrives,
        };
        let credentials = Credentials::new("simulator-key", SecretText::from("simulator-secret".to_owned()));
        LogMeOnce::new(
            transport,
            ServiceUrl::parse(&self.server.url()).unwrap(),
            Session::new(credentials, None),
        )
    }

    fn sound(&self) -> LogMeOnce<Fragile> {
        self.fragile(u64::MAX, true)
    }

    async fn read(&self) -> org::Organisation {
        org::read(&self.sound(), &NoProgress).await.unwrap().organisation
    }

    /// The whole organisation as a file, without the ids, which a group that was created does not choose.
    async fn file(&self) -> String {
        let reading = org::read(&self.sound(), &NoProgress).await.unwrap();
        let text = org::write("acme.example", &reading, FileFormat::Yaml).unwrap();
        text.lines()
            .filter(|line| !line.starts_with("  id: "))
            .map(|line| format!("{line}\n"))
            .collect()
    }

    async fn plan(&self, file: &str) -> Plan {
        org::plan(
            &OrgFile::read(file.as_bytes()).unwrap(),
            "acme.example",
            &self.read().await,
            true,
        )
        .unwrap()
    }
}

/// Numbers that look random.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

const USERS: u64 = 4;
const GROUPS: u64 = 3;
const SITES: u64 = 4;

/// Names are those of the ids; everything else is by chance. The last user and group may be missing.
fn organisation(seed: u64) -> Organisation {
    let (mut dice, mut organisation) = (Dice(seed), Organisation::new());
    let (users, groups) = (USERS - dice.roll(2), GROUPS - dice.roll(2));
    for id in 1..=users {
        let mut user = zkvault::core::model::User::new(id);
        user.email = Some(format!("user{id}@x.example"));
        user.city = Some(format!("City {}", dice.roll(3)));
        user.active = Some(true);
        user.confirmed = Some(true);
        organisation.add_user(&user);
        if dice.roll(3) == 0 {
            organisation.deactivate(id);
        }
    }
    for id in 1..=groups {
        let mut group = zkvault::core::model::Group::new(id);
        group.name = Some(format!("Group {id}"));
        group.description = Some(format!("For {}", dice.roll(2)));
        organisation.add_group(&group);
    }
    for id in 1..=SITES {
        let mut site = zkvault::core::model::Site::new(id);
        site.name = Some(format!("Site {id}"));
        organisation.add_site(&site);
    }
    for (relation, lefts, rights) in [
        (Relation::GroupUser, groups, users),
        (Relation::GroupSite, groups, SITES),
        (Relation::UserSite, users, SITES),
    ] {
        for (left, right) in (1..=lefts).flat_map(|left| (1..=rights).map(move |right| (left, right))) {
            if dice.roll(2) == 0 {
                continue;
            }
            organisation.link(relation, left, right);
            let given = organisation.rights_mut(relation, left, right).unwrap();
            let all: &[Right] = match relation {
                Relation::GroupUser => &[Right::Create, Right::Assign],
                _ => &[Right::Read, Right::Update, Right::Delete],
            };
            all.iter().for_each(|right| given.set(*right, dice.roll(2) == 0));
        }
    }
    organisation
}

/// What an organisation has that both have: nothing may take it away in between.
fn kept(before: &Organisation, wanted: &Organisation) -> Vec<(Relation, u64, u64)> {
    let mut kept = Vec::new();
    for relation in [Relation::GroupUser, Relation::GroupSite, Relation::UserSite] {
        for (left, right) in (1..=USERS).flat_map(|left| (1..=SITES).map(move |right| (left, right))) {
            if [before, wanted]
                .iter()
                .all(|one| one.rights(relation, left, right).is_some())
            {
                kept.push((relation, left, right));
            }
        }
    }
    kept
}

/// The state of the world is the wanted one, and a plan finds nothing more.
async fn assert_reached(world: &World, wanted: &str, gone: &[String]) {
    let plan = world.plan(wanted).await;
    assert!(plan.changes.is_empty(), "{:?}", plan.changes);
    let is_gone = |name: &str| gone.iter().any(|gone| gone == name);
    let file = world.file().await;
    if gone.is_empty() {
        assert_eq!(file, wanted);
    } else {
        // Groups that the API does not delete stay, with no members.
        assert!(
            plan.limits
                .iter()
                .any(|limit| gone.iter().any(|gone| limit.reason.contains(gone)))
        );
        assert!(
            wanted
                .lines()
                .filter(|line| !is_gone(line))
                .all(|line| file.contains(line))
        );
    }
}

/// What happens in the middle of a run.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Broken { at: u64, arrives: bool },
    Status { at: usize, status: u16 },
    Refusal { at: usize },
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        (1u64..60, any::<bool>()).prop_map(|(at, arrives)| Trouble::Broken { at, arrives }),
        (0usize..25, prop_oneof![Just(429), Just(500)]).prop_map(|(at, status)| Trouble::Status { at, status }),
        (0usize..25).prop_map(|at| Trouble::Refusal { at }),
    ]
}

async fn reach(transport: &Arc<NativeTransport>, before: u64, wanted: u64, troubles: &[Trouble]) {
    let (first, second) = (organisation(before), organisation(wanted));
    let kept = kept(&first, &second);
    let missing = second.ids(Kind::Group).count() < first.ids(Kind::Group).count();
    let gone: Vec<String> = missing.then(|| format!("Group {GROUPS}")).into_iter().collect();
    // A user cannot be created.
    if second.ids(Kind::User).count() > first.ids(Kind::User).count() {
        return;
    }
    let world = World::over(transport, first).await;
    let target = World::over(transport, second).await;
    let file = target.file().await;
    let shown = world.plan(&file).await;
    // A new tie comes with permissions of the service's own, until it gets those of the plan.
    let was_tied = world.read().await.ties;
    let may_go = |change: &Change| match change {
        Change::Permit { tie, .. } if !was_tied.contains_key(tie) => true,
        change => shown.changes.contains(change) || !change.is_removal(),
    };
    for trouble in troubles {
        let client = match *trouble {
            Trouble::Broken { at, arrives } => world.fragile(at + 20, arrives),
            Trouble::Status { at, status } => {
                world
                    .service
                    .conditions()
                    .inject_after(at, Fault::status(status), 6, "/rest");
                world.sound()
            }
            Trouble::Refusal { at } => {
                // It says no, whatever it did.
                let left = AtomicUsize::new(at % 8);
                world
                    .service
                    .conditions()
                    .set_rewriter(Some(Arc::new(move |request, answer| {
                        if request.method != "GET" && left.fetch_sub(1, Ordering::SeqCst) == 0 {
                            answer.document = serde_json::json!({"success": false, "message": "not now"});
                        }
                    })));
                world.sound()
            }
        };
        if let Ok(reading) = org::read(&client, &NoProgress).await
            && reading.gaps.is_empty()
        {
            let parsed = OrgFile::read(file.as_bytes()).unwrap();
            let plan = org::plan(&parsed, "acme.example", &reading.organisation, true).unwrap();
            assert!(plan.changes.iter().all(may_go), "{:?}", plan.changes);
            org::apply(&client, &plan, &reading.organisation, &NoProgress).await;
        }
        world.service.conditions().clear_faults();
        world.service.behave();
        let now = world.service.organisation();
        for (relation, left, right) in &kept {
            assert!(
                now.rights(*relation, *left, *right).is_some(),
                "{relation:?} {left} {right} went by {trouble:?}"
            );
        }
    }
    let (plan, organisation) = (world.plan(&file).await, world.read().await);
    let applied = org::apply(&world.sound(), &plan, &organisation, &NoProgress).await;
    assert!(
        applied.outcomes.iter().all(|outcome| *outcome == Outcome::Done),
        "{:?}",
        applied.outcomes
    );
    assert_reached(&world, &file, &gone).await;
}

#[test]
fn any_wanted_state_is_reached_whatever_happens_in_between() {
    let config = ProptestConfig {
        cases: 6,
        max_shrink_iters: 0,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let transport = Arc::new(NativeTransport::new());
    let input = (any::<u64>(), any::<u64>(), proptest::collection::vec(trouble(), 0..4));
    let result = TestRunner::new(config).run(&input, |(before, wanted, troubles)| {
        runtime.block_on(reach(&transport, before, wanted, &troubles));
        Ok(())
    });
    result.unwrap();
}

#[tokio::test]
async fn a_saved_plan_is_for_the_state_that_it_was_made_from() {
    let world = World::of(organisation(1)).await;
    let file = World::of(organisation(4)).await.file().await;
    let plan = world.plan(&file).await;
    let saved = plan.save(&world.read().await).unwrap();
    assert!(SavedPlan::is_one(&saved) && !SavedPlan::is_one(file.as_bytes()));
    // As PowerShell copies a text.
    let text = format!("\u{feff}{}", std::str::from_utf8(&saved).unwrap());
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(SavedPlan::is_one(&utf_16));
    assert_eq!(SavedPlan::read(&utf_16).unwrap().plan, plan);
    let saved = SavedPlan::read(&saved).unwrap();
    assert_eq!(saved.plan, plan);
    saved.check("acme.example", &world.read().await).unwrap();
    let other = saved.check("other.example", &world.read().await).unwrap_err();
    assert!(matches!(other, OrgError::OtherAccount { .. }));

    // A run that is cut off leaves a state from which the plan continues.
    let client = world.fragile(6, true);
    org::apply(&client, &saved.plan, &world.read().await, &NoProgress).await;
    let half = world.read().await;
    saved.check("acme.example", &half).unwrap();
    let groups = |id| Some(id);
    let made = plan
        .changes
        .iter()
        .filter(|change| change.state(&half, groups) == State::Made)
        .count();
    assert!(
        (1..plan.changes.len()).contains(&made),
        "{made} of {}",
        plan.changes.len()
    );

    // Somebody else changes something that the plan is not about.
    world.service.change(|organisation| {
        let mut site = zkvault::core::model::Site::new(77);
        site.name = Some("Elsewhere".to_owned());
        organisation.add_site(&site);
    });
    let stale = saved.check("acme.example", &world.read().await).unwrap_err();
    assert!(matches!(stale, OrgError::Stale(_)));
}

#[tokio::test]
async fn a_service_that_confirms_and_does_nothing_is_found() {
    let world = World::of(organisation(1)).await;
    let file = World::of(organisation(4)).await.file().await;
    let (plan, organisation) = (world.plan(&file).await, world.read().await);
    let before = world.service.organisation();
    // Whatever was done is undone before anybody reads again.
    let service = world.service.clone();
    world
        .service
        .conditions()
        .set_rewriter(Some(Arc::new(move |request, _| {
            if request.method != "GET" {
                let before = before.clone();
                service.change(|organisation| *organisation = before);
            }
        })));
    let applied = org::apply(&world.sound(), &plan, &organisation, &NoProgress).await;
    let lies = applied
        .outcomes
        .iter()
        .filter(|outcome| **outcome == Outcome::Unchanged)
        .count();
    assert!(lies > 0 && applied.done() == 0, "{:?}", applied.outcomes);
}

#[tokio::test]
async fn a_thousand_assignments_are_a_handful_of_requests() {
    let mut organisation = Organisation::new();
    for id in 1..=1000 {
        let mut user = zkvault::core::model::User::new(id);
        user.email = Some(format!("user{id}@x.example"));
        organisation.add_user(&user);
    }
    let mut site = zkvault::core::model::Site::new(1);
    site.name = Some("Everybody's".to_owned());
    organisation.add_site(&site);
    let world = World::of(organisation).await;
    let users: String = (1..=1000)
        .map(|id| format!("    user{id}@x.example: [read]\n"))
        .collect();
    let file = format!("zkvault-org: 1\nsites:\n- site: Everybody's\n  users:\n{users}");
    let (plan, organisation) = (world.plan(&file).await, world.read().await);
    let applied = org::apply(&world.sound(), &plan, &organisation, &NoProgress).await;
    assert_eq!((applied.done(), applied.requests), (1000, 4));
}

#[tokio::test]
async fn the_largest_id_of_a_service_is_that_of_a_group_that_is_there() {
    let mut organisation = Organisation::new();
    let mut user = zkvault::core::model::User::new(1);
    user.email = Some("ada@x.example".to_owned());
    organisation.add_user(&user);
    let last = org::FIRST_NEW_ID - 1;
    let mut group = zkvault::core::model::Group::new(last);
    group.name = Some("Last".to_owned());
    organisation.add_group(&group);
    let world = World::of(organisation).await;
    let file = "zkvault-org: 1\ngroups:\n- group: Last\n  members:\n    ada@x.example: []\n";
    let (plan, organisation) = (world.plan(file).await, world.read().await);
    let applied = org::apply(&world.sound(), &plan, &organisation, &NoProgress).await;
    assert!(
        applied.done() == plan.changes.len() && applied.done() > 0,
        "{:?}",
        applied.outcomes
    );
    let members = world
        .service
        .organisation()
        .linked(Relation::GroupUser, Kind::Group, last);
    assert_eq!(members, [1]);
}
