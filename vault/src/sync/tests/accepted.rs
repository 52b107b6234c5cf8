//! What a person accepts or follows.

use super::*;

#[test]
fn what_was_accepted_is_as_it_was_from_then_on() {
    let mut world = World::new();
    drop(world.sync());
    world.sites[0]["login"]["Url"] = json!("https://elsewhere.example/login");
    world.sites[0]["updated"] = json!(2000);
    world.sites.push(world.site(4, 1000));
    let synced = world.sync();
    let ids: Vec<u64> = synced.changes.attention.iter().map(|site| site.id).collect();
    assert_eq!(ids, [1, 4]);
    drop(synced);
    let (lock, keys) = (world.lock(), world.keys());
    let mut store = Store::open_to_write(&world.path(), &keys, &lock).unwrap().unwrap();
    accept(&mut store, &ids, &keys.opening).unwrap();
    drop((store, lock));
    let synced = world.sync();
    assert!(synced.changes.attention.is_empty(), "{:?}", synced.changes.attention);
    assert_eq!(standings(&synced), [Standing::Ok; 4]);
}

#[test]
fn ids_that_name_no_site_are_said_and_nothing_is_changed() {
    let world = World::new();
    drop(world.sync());
    let (lock, keys) = (world.lock(), world.keys());
    let mut store = Store::open_to_write(&world.path(), &keys, &lock).unwrap().unwrap();
    let refused = [
        accept(&mut store, &[9, 1, 7, 9], &keys.opening),
        follow(&mut store, &[9, 1, 7], true),
    ];
    for refused in refused {
        let error = refused.unwrap_err();
        assert!(
            matches!(&error, SyncError::NoSuchSites(ids) if ids == &[7, 9]),
            "{error}"
        );
        assert!(error.to_string().ends_with("id 7, 9"), "{error}");
    }
    assert_eq!((store.head().revision, followed(&store).unwrap()), (1, Vec::new()));
    follow(&mut store, &[1], true).unwrap();
    assert_eq!((store.head().revision, followed(&store).unwrap()), (2, vec![1]));
}
