//! The oddities of real services, which the simulator has on demand: what is read is the same with them, or it is said
//! what is not.

use zkvault_client::logmeonce::{Rights, Tie, UserUpdate};
use zkvault_client::{ErrorKind, OAuthCode};
use zkvault_core::model::{Group, Site, SiteList, User};
use zkvault_simulator::{Quirk, seed};

use zkvault_test_support::secret;

use crate::world::{Client, World, all, site_ids};

async fn everything(client: &Client) -> (Vec<Site>, Vec<User>, Vec<Group>) {
    let sites = all(client.sites(None).await.unwrap()).await.unwrap();
    let users = client.users().await.unwrap();
    let groups = client.groups().await.unwrap();
    assert_eq!((users.odd.len(), groups.odd.len()), (0, 0));
    (sites, users.records, groups.records)
}

#[tokio::test]
async fn what_is_read_is_the_same() {
    let world = World::demo();
    let plain = everything(&world.client()).await;
    assert_eq!((plain.0.len(), plain.1.len(), plain.2.len()), (12, 9, 5));
    for quirks in [
        &[Quirk::NumbersAsText][..],
        &[Quirk::ListsAsObjects],
        &[Quirk::Pages],
        &[Quirk::LinkedPages],
        &[Quirk::ByteOrderMark],
        &[Quirk::Utf16],
        &[Quirk::Gzip],
        &[Quirk::Deflate],
        &[Quirk::HtmlLabel],
        &[Quirk::OddToken],
        &[
            Quirk::NumbersAsText,
            Quirk::Pages,
            Quirk::ListsAsObjects,
            Quirk::Utf16,
            Quirk::Gzip,
            Quirk::OddToken,
        ],
    ] {
        world.service.conditions().set_quirks(quirks);
        let client = world.client();
        // Unknown members keep the letters that they came in.
        if quirks.contains(&Quirk::NumbersAsText) {
            let ids = site_ids(&client).await.unwrap();
            assert_eq!(
                ids,
                plain.0.iter().map(|site| site.id).collect::<Vec<_>>(),
                "{quirks:?}"
            );
            let users = client.users().await.unwrap().records;
            let known = |users: &[User]| {
                users
                    .iter()
                    .map(|user| (user.id, user.active, user.license))
                    .collect::<Vec<_>>()
            };
            assert_eq!(known(&users), known(&plain.1), "{quirks:?}");
        } else {
            assert_eq!(everything(&client).await, plain, "{quirks:?}");
        }
        assert_eq!(client.site(seed::GITHUB).await.unwrap().id, seed::GITHUB, "{quirks:?}");
    }
}

#[tokio::test]
async fn tokens_end_when_an_odd_response_says() {
    let world = World::demo();
    world.service.conditions().set_quirks(&[Quirk::OddToken]);
    let client = world.client();
    let now = zkvault_client::Transport::now(&world.transport);
    let token = client.log_in().await.unwrap();
    let lifetime = token.expires_at().unwrap() - now;
    assert!((3500..=3700).contains(&lifetime), "{lifetime}");
}

#[tokio::test]
async fn odd_records_are_set_aside_by_name() {
    let world = World::demo();
    world.service.conditions().set_quirks(&[Quirk::OddSite, Quirk::OddUser]);
    let client = world.client();
    let mut sites = client.sites(None).await.unwrap();
    let odd = sites.next().await.unwrap().unwrap().unwrap_err();
    assert_eq!((odd.kind(), odd.member()), ("site", Some("login")));
    assert!(odd.id().is_some() && odd.name().is_some(), "{odd}");
    let mut rest = 0;
    while sites.next().await.unwrap().is_some_and(|site| site.is_ok()) {
        rest += 1;
    }
    assert_eq!(rest, 11);
    let users = client.users().await.unwrap();
    assert_eq!((users.records.len(), users.odd.len()), (8, 1));
    assert_eq!((users.odd[0].id(), users.odd[0].member()), (None, Some("id")));
    let text = client.sites_json(None).await.unwrap();
    assert_eq!(text.odd, [odd]);
    let listed: SiteList = serde_json::from_slice(text.text.expose_secret()).unwrap();
    assert_eq!(listed.sites.len(), rest);
    assert_eq!(client.users_json().await.unwrap().odd, users.odd);
    world.service.conditions().set_quirks(&[Quirk::HalfCharacter]);
    let (sites, _, groups) = everything(&client).await;
    assert!(
        sites[0].name.as_ref().unwrap().starts_with('\u{fffd}'),
        "{:?}",
        sites[0].name
    );
    assert_eq!((sites.len(), groups.len()), (12, 5));
}

#[tokio::test]
async fn half_a_list_is_refused() {
    let world = World::demo();
    world.service.conditions().set_quirks(&[Quirk::HalfLists]);
    let client = world.client();
    assert_eq!(site_ids(&client).await, Err(ErrorKind::Malformed));
    let error = client.users().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.to_string().contains("not whole"), "{error}");
    assert_eq!(client.sites_json(None).await.unwrap_err().kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn no_change_that_was_refused_is_done() {
    let world = World::demo();
    let client = world.client();
    client.log_in().await.unwrap();
    let before = world.service.organisation();
    world.service.conditions().set_quirks(&[Quirk::RefusalUnder200]);
    let update = UserUpdate {
        city: Some("Hull".to_owned()),
        ..UserUpdate::default()
    };
    let rights = Rights::Sharing {
        read: Some(true),
        update: None,
        delete: None,
    };
    let key = Some(("key", secret("an encryption key")));
    let refused = [
        client.delete_user(1917).await.err(),
        client.activate_user(1917, key).await.err(),
        client.activate_user(1918, None).await.err(),
        client.deactivate_user(1918).await.err(),
        client.update_user(1918, &update).await.err(),
        client.create_group("A", None).await.err(),
        client.update_group(seed::ENGINEERING, Some("B"), None).await.err(),
        client.assign(Tie::UserSites, 1918, &[seed::GOOGLE]).await.err(),
        client
            .unassign(Tie::GroupSites, seed::ENGINEERING, &[seed::GITHUB])
            .await
            .err(),
        client.assign(Tie::GroupUsers, seed::ENGINEERING, &[1917]).await.err(),
        client.unassign(Tie::UserGroups, 1918, &[seed::ENGINEERING]).await.err(),
        client.assign(Tie::SiteUsers, seed::GOOGLE, &[1918]).await.err(),
        client
            .unassign(Tie::SiteGroups, seed::GITHUB, &[seed::ENGINEERING])
            .await
            .err(),
        client
            .set_privileges(Tie::UserSites, 1918, &[seed::GITHUB], rights)
            .await
            .err(),
    ];
    for (number, error) in refused.into_iter().enumerate() {
        let error = error.unwrap_or_else(|| panic!("change {number} was reported as done"));
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Rejected, Some(200)),
            "{number}"
        );
        assert_eq!(
            error.service_message(),
            Some("You are not allowed to do this"),
            "{number}"
        );
    }
    for kind in [zkvault_simulator::Kind::User, zkvault_simulator::Kind::Group] {
        assert_eq!(world.service.organisation().all(kind).count(), before.all(kind).count());
    }
}

#[tokio::test]
async fn a_token_that_is_refused_under_status_200_is_none() {
    let world = World::demo();
    world.service.conditions().set_quirks(&[Quirk::TokenRefusalUnder200]);
    let error = world.client().groups().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OAuth(OAuthCode::InvalidClient));
    assert_eq!(error.service_message(), Some("the client credentials are invalid"));
}

#[tokio::test]
async fn what_is_not_offered_is_told_apart() {
    let world = World::demo();
    world
        .service
        .conditions()
        .set_quirks(&[Quirk::NoGroups, Quirk::NoUsers]);
    let client = world.client();
    assert_eq!(client.groups().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(client.users().await.unwrap_err().status(), Some(501));
    assert_eq!(site_ids(&client).await.unwrap().len(), 12);
}
