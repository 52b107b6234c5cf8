//! Every endpoint of the page, in both encodings and both formats.

use serde_json::{Value, json};
use zkvault_client::logmeonce::{Call, Encoding, Format, RawBody, RightFlags, Rights, Tie, UserUpdate};
use zkvault_client::{ErrorKind, Method};
use zkvault_core::SecretBytes;
use zkvault_core::model::{Site, User};
use zkvault_simulator::{Document, Kind, seed};
use zkvault_test_support::secret;

use crate::world::{Client, World, all};

const ALL: [(Encoding, Format); 4] = [
    (Encoding::Json, Format::Json),
    (Encoding::Form, Format::Json),
    (Encoding::Json, Format::Xml),
    (Encoding::Form, Format::Xml),
];

/// Runs a scenario against a service of its own in each of the four ways.
async fn in_all_ways(scenario: impl AsyncFn(World, Client)) {
    for (encoding, format) in ALL {
        let world = World::demo();
        let client = world.client().with_encoding(encoding).with_format(format);
        scenario(world, client).await;
    }
}

fn truth(world: &World, kind: Kind, id: u64) -> Document {
    world.service.organisation().get(kind, id).unwrap().clone()
}

fn as_document(object: &impl serde::Serialize) -> Value {
    serde_json::to_value(object).unwrap()
}

fn ids<T>(items: &[T], id: impl Fn(&T) -> u64) -> Vec<u64> {
    items.iter().map(id).collect()
}

#[tokio::test]
async fn sites_are_listed_searched_and_read() {
    in_all_ways(async |world, client| {
        let sites = all(client.sites(None).await.unwrap()).await.unwrap();
        assert_eq!(sites.len(), 12);
        for site in &sites {
            assert_eq!(as_document(site), Value::Object(truth(&world, Kind::Site, site.id)));
            assert_eq!(&client.site(site.id).await.unwrap(), site);
        }
        let found = all(client.sites(Some("github")).await.unwrap()).await.unwrap();
        assert_eq!(ids(&found, |site: &Site| site.id), [seed::GITHUB]);
        let none = all(client.sites(Some("no & such = site?")).await.unwrap())
            .await
            .unwrap();
        assert!(none.is_empty());
        let of_user = all(client.sites_of_user(seed::ACTIVE_USER).await.unwrap())
            .await
            .unwrap();
        assert_eq!(ids(&of_user, |site| site.id), [seed::GOOGLE, seed::GITHUB]);
        let of_group = all(client.sites_of_group(seed::ENGINEERING).await.unwrap())
            .await
            .unwrap();
        assert_eq!(ids(&of_group, |site| site.id), [seed::GITHUB, 1_749_413, 1_749_414]);
    })
    .await;
}

#[tokio::test]
async fn users_are_listed_and_read() {
    in_all_ways(async |world, client| {
        let users = client.users().await.unwrap().records;
        assert_eq!(users.len(), 9);
        for user in &users {
            assert_eq!(as_document(user), Value::Object(truth(&world, Kind::User, user.id)));
            assert_eq!(&client.user(user.id).await.unwrap(), user);
        }
        let members = client.users_of_group(seed::ENGINEERING).await.unwrap().records;
        assert_eq!(ids(&members, |user: &User| user.id), [1917, 1918, 1919, 1924]);
        let of_site = client.users_of_site(seed::GOOGLE).await.unwrap().records;
        assert_eq!(ids(&of_site, |user| user.id), [1917, 1920]);
    })
    .await;
}

#[tokio::test]
async fn every_field_of_a_user_can_be_updated() {
    in_all_ways(async |world, client| {
        let text = |text: &str| Some(text.to_owned());
        let update = UserUpdate {
            first_name: text("Ada & Eve"),
            last_name: text("Löwe=1"),
            birthdate: text("1950-01-01"),
            gender: text("f"),
            address: text("1 \"Street\""),
            city: text("Kiel"),
            state: text("SH"),
            zip: text("00100"),
            country: text("DE"),
            phone: text("+49 1"),
            company: text("<H&F>"),
            job_title: text("sailmaker"),
            website: text("https://a.example/?b=c&d"),
        };
        let user = client.update_user(seed::ACTIVE_USER, &update).await.unwrap().unwrap();
        let truth = truth(&world, Kind::User, seed::ACTIVE_USER);
        assert_eq!(as_document(&user), Value::Object(truth.clone()));
        let expected = [
            ("firstname", "Ada & Eve"),
            ("lastname", "Löwe=1"),
            ("birthdate", "1950-01-01"),
            ("gender", "f"),
            ("address", "1 \"Street\""),
            ("city", "Kiel"),
            ("state", "SH"),
            ("zip", "00100"),
            ("country", "DE"),
            ("phone", "+49 1"),
            ("company", "<H&F>"),
            ("jobtitle", "sailmaker"),
            ("website", "https://a.example/?b=c&d"),
        ];
        for (member, value) in expected {
            assert_eq!(truth[member], value, "{member}");
        }
    })
    .await;
}

#[tokio::test]
async fn users_are_activated_deactivated_and_deleted() {
    in_all_ways(async |world, client| {
        let active = |id| truth(&world, Kind::User, id)["active"] == true;
        let without = client.activate_user(seed::NEW_USER, None).await.unwrap_err();
        assert_eq!((without.kind(), active(seed::NEW_USER)), (ErrorKind::Rejected, false));
        client
            .activate_user(seed::NEW_USER, Some(("key", secret("a \"key\" +/="))))
            .await
            .unwrap();
        assert!(active(seed::NEW_USER));
        let again = client
            .activate_user(seed::NEW_USER, Some(("key", secret("another"))))
            .await;
        assert_eq!(again.unwrap_err().kind(), ErrorKind::Conflict);

        client.deactivate_user(seed::ACTIVE_USER).await.unwrap();
        assert!(!active(seed::ACTIVE_USER));
        client.activate_user(seed::ACTIVE_USER, None).await.unwrap();
        assert!(active(seed::ACTIVE_USER));

        client.delete_user(seed::ACTIVE_USER).await.unwrap();
        assert_eq!(
            client.user(seed::ACTIVE_USER).await.unwrap_err().kind(),
            ErrorKind::NotFound
        );
    })
    .await;
}

#[tokio::test]
async fn groups_are_listed_read_created_and_updated() {
    in_all_ways(async |world, client| {
        let groups = client.groups().await.unwrap().records;
        assert_eq!(groups.len(), 5);
        let group = client.group(seed::ENGINEERING).await.unwrap();
        assert_eq!(
            as_document(&group),
            Value::Object(truth(&world, Kind::Group, seed::ENGINEERING))
        );

        let created = client
            .create_group("Sales", Some("Group used for sales"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(client.group(created.id).await.unwrap(), created);
        let updated = client.update_group(created.id, None, Some("")).await.unwrap().unwrap();
        assert_eq!(
            (updated.name.as_deref(), updated.description.as_deref()),
            (Some("Sales"), Some(""))
        );

        let ids = |groups: &[zkvault_core::model::Group]| ids(groups, |group| group.id);
        assert_eq!(
            ids(&client.groups_of_user(1918).await.unwrap().records),
            [5717, 5719, 5720]
        );
        assert_eq!(
            ids(&client.groups_of_site(seed::GITHUB).await.unwrap().records),
            [seed::ENGINEERING]
        );
    })
    .await;
}

/// Who is tied by each of the six, in a scenario where nothing of it is tied before.
const TIES: [(Tie, u64, [u64; 2]); 6] = [
    (Tie::UserSites, 1922, [seed::GOOGLE, seed::GITHUB]),
    (Tie::GroupSites, 5720, [seed::GOOGLE, seed::GITHUB]),
    (Tie::GroupUsers, 5720, [1920, 1921]),
    (Tie::SiteUsers, 1_749_417, [1920, 1921]),
    (Tie::UserGroups, 1916, [5717, 5719]),
    (Tie::SiteGroups, 1_749_417, [5717, 8762]),
];

async fn tied(client: &Client, tie: Tie, owner: u64) -> Vec<u64> {
    let ids = |items: Vec<User>| items.iter().map(|user| user.id).collect();
    match tie {
        Tie::UserSites => sites(client.sites_of_user(owner).await.unwrap()).await,
        Tie::GroupSites => sites(client.sites_of_group(owner).await.unwrap()).await,
        Tie::GroupUsers => ids(client.users_of_group(owner).await.unwrap().records),
        Tie::SiteUsers => ids(client.users_of_site(owner).await.unwrap().records),
        Tie::UserGroups => groups(client.groups_of_user(owner).await.unwrap().records),
        Tie::SiteGroups => groups(client.groups_of_site(owner).await.unwrap().records),
    }
}

async fn sites<T: zkvault_client::Transport>(stream: zkvault_client::logmeonce::SiteStream<'_, T>) -> Vec<u64> {
    ids(&all(stream).await.unwrap(), |site| site.id)
}

fn groups(groups: Vec<zkvault_core::model::Group>) -> Vec<u64> {
    ids(&groups, |group| group.id)
}

#[tokio::test]
async fn one_and_several_are_tied_and_untied() {
    in_all_ways(async |_world, client| {
        for (tie, owner, [one, other]) in TIES {
            let before = tied(&client, tie, owner).await;
            assert!(!before.contains(&one) && !before.contains(&other), "{tie:?}");
            client.assign(tie, owner, &[one]).await.unwrap();
            assert!(tied(&client, tie, owner).await.contains(&one), "{tie:?}");
            client.assign(tie, owner, &[one, other]).await.unwrap();
            client.unassign(tie, owner, &[one]).await.unwrap();
            assert!(tied(&client, tie, owner).await.contains(&other), "{tie:?}");
            client.unassign(tie, owner, &[one, other]).await.unwrap();
            assert_eq!(tied(&client, tie, owner).await, before, "{tie:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn privileges_are_told_set_and_unset() {
    in_all_ways(async |_world, client| {
        for (tie, owner, others) in TIES {
            let conflict = |tie: Tie, rights| client.set_privileges(tie, owner, &others, rights);
            let (change, expected) = rights(tie);
            assert_eq!(
                conflict(tie, change).await.unwrap_err().kind(),
                ErrorKind::Conflict,
                "{tie:?}"
            );
            client.assign(tie, owner, &others).await.unwrap();
            let set = client.set_privileges(tie, owner, &others, change).await.unwrap();
            let told = client.privileges(tie, owner, &others).await.unwrap().records;
            assert_eq!(set, told, "{tie:?}");
            assert_eq!(ids(&told, |privilege| privilege.id), others, "{tie:?}");
            for privilege in told {
                assert_eq!(privilege.rights, expected, "{tie:?}");
                assert_eq!(privilege.inherited.is_none(), tie.is_membership(), "{tie:?}");
            }
        }
    })
    .await;
}

/// A change for a new tie, and what it leads to.
fn rights(tie: Tie) -> (Rights, RightFlags) {
    if tie.is_membership() {
        let change = Rights::Membership {
            create: Some(true),
            assign: Some(false),
        };
        let expected = RightFlags {
            create: Some(true),
            assign: Some(false),
            ..RightFlags::default()
        };
        return (change, expected);
    }
    let change = Rights::Sharing {
        read: Some(false),
        update: Some(true),
        delete: None,
    };
    let expected = RightFlags {
        read: Some(false),
        update: Some(true),
        delete: Some(false),
        ..RightFlags::default()
    };
    (change, expected)
}

#[tokio::test]
async fn what_is_sent_is_what_was_shown() {
    let world = World::demo();
    let client = world.client();
    let calls = [
        Call::assign(Tie::UserSites, 1922, &[seed::GOOGLE]).unwrap(),
        Call::assign(Tie::GroupUsers, 5720, &[1920, 1921]).unwrap(),
        Call::privileges(Tie::GroupUsers, 5720, &[1920]).unwrap(),
        Call::deactivate_user(1917),
    ];
    for call in calls {
        client.execute(&call).await.unwrap();
        let received = world.service.requests("/rest").pop().unwrap();
        let body = String::from_utf8(received.body).unwrap();
        let sent = format!(
            "{} {} {body}",
            received.method,
            received.path.trim_start_matches("/rest")
        );
        assert_eq!(sent.trim_end(), call.to_string());
    }
}

#[tokio::test]
async fn raw_answers_come_as_they_are() {
    let world = World::demo();
    let client = world.client();
    let read = async |call: &Call, accept| {
        let mut answer = client.raw(call, accept).await.unwrap();
        let mut text = Vec::new();
        while let Some(piece) = answer.chunk().await.unwrap() {
            text.extend_from_slice(&piece);
        }
        let status = answer.status().as_u16();
        (
            status,
            answer.content_type().map(str::to_owned),
            String::from_utf8(text).unwrap(),
            answer.error(),
        )
    };
    let raw = |method, path, body| Call::raw(method, path, vec![], body).unwrap();

    let (status, media, text, error) = read(&raw(Method::GET, "/groups/5717", None), Format::Xml).await;
    assert_eq!((status, media.as_deref(), error), (200, Some("application/xml"), None));
    assert!(text.contains("<id>5717</id>"), "{text}");

    let body = RawBody::new(Encoding::Form, SecretBytes::from(b"name=A&description=b".to_vec()));
    let (status, _, text, _) = read(&raw(Method::POST, "/groups", Some(body)), Format::Json).await;
    assert_eq!(
        (status, serde_json::from_str::<Value>(&text).unwrap()["name"].clone()),
        (201, json!("A"))
    );

    let (status, _, text, error) = read(&raw(Method::GET, "/groups/1", None), Format::Json).await;
    assert_eq!(
        (status, error.map(|error| error.kind())),
        (404, Some(ErrorKind::NotFound))
    );
    assert!(text.contains("not_found"), "{text}");
}

#[tokio::test]
async fn an_address_with_rest_at_its_end_is_the_same_service() {
    let world = World::demo();
    let url = zkvault_client::ServiceUrl::parse(&format!("{}/rest/", world.service.url())).unwrap();
    let session = zkvault_client::oauth::Session::new(crate::world::credentials(), None);
    let client = zkvault_client::logmeonce::LogMeOnce::new(world.transport.clone(), url, session);
    assert_eq!(client.groups().await.unwrap().records.len(), 5);
}
