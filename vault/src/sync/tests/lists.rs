//! The users and the groups, which are kept whole.

use super::*;

#[test]
fn lists_are_written_when_they_change_and_kept_when_they_are_not_shown() {
    let world = World::new();
    let places = world.places();
    let target = places.target();
    let list = |json: &[u8], count| {
        Some(List {
            json: json.to_vec(),
            count,
            odd: Vec::new(),
        })
    };
    let mut revisions = Vec::new();
    for users in [list(b"[1]", 1), list(b"[1]", 1), list(b"[1,2]", 2), None] {
        let lists = Lists {
            users,
            ..Lists::default()
        };
        let synced = sync(
            &target,
            Account {
                lists,
                ..Account::default()
            },
        )
        .unwrap();
        let head = synced.store.head();
        revisions.push((head.parts.users, head.users, head.parts.groups));
    }
    assert_eq!(revisions, [(1, 1, 0), (1, 1, 0), (3, 2, 0), (3, 2, 0)]);
    let lists = Lists {
        groups: list(b"[7]", 1),
        ..Lists::default()
    };
    let account = Account {
        lists,
        ..Account::default()
    };
    let store = sync(&target, account).unwrap().store;
    assert_eq!((store.head().parts.groups, store.head().groups), (5, 1));
    let kept = |kind| store.list(kind).unwrap().unwrap().expose_secret().to_vec();
    assert_eq!(
        (kept(RecordKind::Users), kept(RecordKind::Groups)),
        (b"[1,2]".to_vec(), b"[7]".to_vec())
    );
}

#[test]
fn what_is_stored_of_an_entry_that_cannot_be_used_stays() {
    let world = World::new();
    let places = world.places();
    let target = places.target();
    let groups = |json: &str, odd: &[Option<u64>]| {
        let list = List {
            json: json.as_bytes().to_vec(),
            count: 0,
            odd: odd.to_vec(),
        };
        let lists = Lists {
            groups: Some(list),
            ..Lists::default()
        };
        let account = Account {
            lists,
            ..Account::default()
        };
        let store = sync(&target, account).unwrap().store;
        let json = store.list(RecordKind::Groups).unwrap().unwrap();
        (
            String::from_utf8(json.expose_secret().to_vec()).unwrap(),
            store.head().groups,
        )
    };
    let all = r#"[{"id":1,"name":"a"},{"id":2,"name":"b"},{"id":3,"name":"c"}]"#;
    assert_eq!(groups(all, &[]).0, all);
    // The second cannot be used; the third is gone.
    let without = groups(r#"[{"id":1,"name":"x"}]"#, &[Some(2)]);
    assert_eq!(without, (r#"[{"id":1,"name":"x"},{"id":2,"name":"b"}]"#.to_owned(), 2));
    // One that has no id may be any of those that are stored.
    assert_eq!(groups("[]", &[None]).0, without.0);
    assert_eq!(groups("[]", &[]).0, "[]");
}
