//! `/sites`, the page's sample, and the demo's values.

use serde_json::Value;
use zkvault_core::model::{Group, GroupList, SiteList, User, UserList};
use zkvault_core::value::Layout;
use zkvault_simulator::{Organisation, seed};

use crate::world::{World, keys};

const SITES: &str = include_str!("../../../core/tests/data/logmeonce-sites.json");
const USERS: &str = include_str!("../../../core/tests/data/logmeonce-users.json");
const GROUPS: &str = include_str!("../../../core/tests/data/logmeonce-groups.json");

fn page() -> Organisation {
    let mut organisation = Organisation::new();
    let sites: SiteList = serde_json::from_str(SITES).unwrap();
    let users: UserList = serde_json::from_str(USERS).unwrap();
    let groups: GroupList = serde_json::from_str(GROUPS).unwrap();
    sites.sites.iter().for_each(|site| organisation.add_site(site));
    users.users.iter().for_each(|user: &User| organisation.add_user(user));
    groups
        .groups
        .iter()
        .for_each(|group: &Group| organisation.add_group(group));
    organisation
}

#[tokio::test]
async fn the_samples_of_the_page_are_served_as_they_are() {
    let world = World::of(page()).await;
    for (path, sample) in [("/rest/sites", SITES), ("/rest/users", USERS), ("/rest/groups", GROUPS)] {
        let sample: Value = serde_json::from_str(sample).unwrap();
        let got = world.get(path).await;
        assert_eq!(got.text(), sample.to_string(), "the order of the members too");
        assert_eq!((got.status, got.header("content-type")), (200, "application/json"));
    }
    let sample: Value = serde_json::from_str(SITES).unwrap();
    assert_eq!(world.get("/rest/sites/1749398").await.json(), sample["sites"][0]);
}

#[tokio::test]
async fn search_filters_by_name_and_address() {
    let world = World::demo().await;
    assert_eq!(world.get("/rest/sites").await.ids("sites").len(), 12);
    assert_eq!(world.get("/rest/sites?search=").await.ids("sites").len(), 12);
    assert_eq!(
        world.get("/rest/sites?search=gOOgle").await.ids("sites"),
        [seed::GOOGLE]
    );
    assert_eq!(world.get("/rest/sites?search=intuit").await.ids("sites"), [1_749_401]);
    assert_eq!(
        world.get("/rest/sites?search=web%20services").await.ids("sites"),
        [1_749_415]
    );
    assert_eq!(
        world.get("/rest/sites?search=web+services").await.ids("sites"),
        [1_749_415]
    );
    assert!(world.get("/rest/sites?search=nothing").await.ids("sites").is_empty());
}

#[tokio::test]
async fn half_of_the_demos_values_are_bound_and_all_open() {
    let world = World::demo().await;
    let sites: SiteList = serde_json::from_str(world.get("/rest/sites").await.text()).unwrap();
    let mut layouts = Vec::new();
    for site in &sites.sites {
        for input in site.login.as_ref().unwrap().inputs.as_ref().unwrap() {
            let envelope = input.value.as_ref().unwrap().envelope().unwrap();
            let opened = envelope.open(&keys(), Some(&input.context(site.id))).unwrap();
            assert!(!opened.text.expose_secret().is_empty());
            layouts.push(opened.layout);
        }
    }
    assert_eq!(layouts.iter().filter(|layout| **layout == Layout::Bound).count(), 12);
    assert_eq!(
        layouts.iter().filter(|layout| layout.name() == "vendor-gcm").count(),
        12
    );
}
