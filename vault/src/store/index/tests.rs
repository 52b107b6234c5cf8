use super::*;

fn entries() -> Vec<Entry<'static>> {
    let slot = |row| Some(Slot { row, revision: row * 3 });
    let empty = Entry::new(0, Standing::Ok);
    let full = Entry {
        id: 7,
        standing: Standing::Tampered,
        trusted: slot(1),
        candidate: slot(2),
        findings: slot(300),
        updated: Some(1_700_000_000),
        name: Some("Größe".into()),
        url: Some("https://example.com/login".into()),
        origin: Some("https://example.com".into()),
    };
    let mapped = Entry {
        id: u64::MAX,
        url: Some("HTTPS://Example.com:443/".into()),
        name: Some("".into()),
        ..full.clone()
    };
    vec![empty, full, mapped]
}

#[test]
fn any_member_may_be_missing() {
    let full = || entries().swap_remove(1);
    let without: Vec<Entry<'static>> = vec![
        Entry {
            trusted: None,
            ..full()
        },
        Entry {
            candidate: None,
            ..full()
        },
        Entry {
            findings: None,
            ..full()
        },
        Entry {
            updated: None,
            ..full()
        },
        Entry { name: None, ..full() },
        Entry { origin: None, ..full() },
        Entry { url: None, ..full() },
    ];
    for entry in without {
        let (index, details) = written(std::slice::from_ref(&entry));
        assert_eq!(read(&index, Some(&details)), Ok(vec![entry]));
    }
}

fn written(entries: &[Entry<'_>]) -> (Vec<u8>, Vec<u8>) {
    let mut writer = Writer::new();
    entries.iter().for_each(|entry| writer.add(entry));
    writer.finish()
}

fn read(index: &[u8], details: Option<&[u8]>) -> Result<Vec<Entry<'static>>, Malformed> {
    Entries::new(index, details)
        .map(|entry| entry.map(Entry::into_owned))
        .collect()
}

#[test]
fn every_entry_comes_back() {
    let (index, details) = written(&entries());
    assert_eq!(read(&index, Some(&details)), Ok(entries()));
    let (index_of_none, details_of_none) = written(&[]);
    assert_eq!(read(&index_of_none, Some(&details_of_none)), Ok(Vec::new()));
    let names = read(&index, None).unwrap();
    assert_eq!((names[1].name.as_deref(), &names[1].url), (Some("Größe"), &None));
}

#[test]
fn cut_and_foreign_bytes_are_refused_once() {
    let (index, details) = written(&entries());
    for cut in 0..index.len() {
        assert!(read(&index[..cut], None).is_err(), "cut at {cut}");
        let fails = Entries::new(&index[..cut], Some(&details)).filter(|entry| entry.is_err());
        assert_eq!(fails.count(), 1, "cut at {cut}");
    }
    for cut in 0..details.len() {
        let fails = Entries::new(&index, Some(&details[..cut])).filter(|entry| entry.is_err());
        assert_eq!(fails.count(), 1, "details cut at {cut}");
    }
    assert!(read(&[&index[..], &[0]].concat(), None).is_err());
    assert!(read(&index, Some(&[&details[..], &[0]].concat())).is_err());
}

#[test]
fn what_no_writer_writes_is_refused() {
    let (index, details) = written(&many());
    let changed = |bytes: &[u8], place: usize, byte: u8| {
        let mut bytes = bytes.to_vec();
        assert_ne!(bytes[place], byte, "{place}");
        bytes[place] = byte;
        bytes
    };
    let block = 9 + 12;
    let body = block + 2 * 12 + 4 * 300;
    for (place, byte, what) in [
        (0, 1, "another version"),
        (8, 0x2b, "a site less"),
        (8, 0x2d, "a site more"),
        (block, 1, "a block that begins before the one before ends"),
        (block + 7, 0, "a block that begins with another site"),
        (block + 11, 0xff, "a block that begins elsewhere"),
        (body, 1, "a first site that is not that of its block"),
        (body + 1, 10, "a standing that there is not"),
    ] {
        assert!(read(&changed(&index, place, byte), None).is_err(), "{what}");
    }
    for (place, byte, what) in [
        (0, 1, "another version"),
        (8, 0xff, "a block that begins elsewhere"),
        (13, URL | ORIGIN_BEGINS_URL | ORIGIN, "two origins"),
        (13, ORIGIN_BEGINS_URL, "the beginning of nothing"),
    ] {
        assert!(read(&index, Some(&changed(&details, place, byte))).is_err(), "{what}");
    }
    let order = 9 + 3 * 12;
    assert!(
        places_by_name(&changed(&index, order, 1)).is_err(),
        "a place that there is not"
    );
    assert!(
        places_by_name(&changed(&index, order + 3, index[order + 7])).is_err(),
        "a place twice"
    );
    // Names that were folded by another Unicode are no damage.
    assert_eq!(places_by_name(&changed(&index, 2, 1)), Ok(None));
}

/// Three blocks of sites.
fn many() -> Vec<Entry<'static>> {
    let names = ["b", "A", "a", "ab", "E\u{301}", "\u{e9}", "B"];
    let site = |(id, name): (u64, &str)| Entry {
        id: id * 5 + 1,
        name: Some(name.to_owned().into()),
        ..entries().swap_remove(1)
    };
    (0..300).zip(names.into_iter().cycle()).map(site).collect()
}

#[test]
fn sites_of_several_blocks_come_back_and_their_order_is_that_of_their_names() {
    let entries = many();
    let (index, details) = written(&entries);
    assert_eq!(read(&index, Some(&details)), Ok(entries.clone()));
    let places = places_by_name(&index).unwrap().unwrap();
    let sorted = sorted_by_name(&entries);
    assert_eq!(places.iter().map(|place| *place as usize).collect::<Vec<_>>(), sorted);
    let name = |place: &usize| {
        (
            zkvault_core::text::folded(entries[*place].name.as_deref().unwrap()),
            *place,
        )
    };
    assert!(sorted.is_sorted_by_key(name));
}

#[test]
fn a_writer_knows_what_it_would_write() {
    let would = |entries: &[Entry<'_>], index: &[u8], details: &[u8]| {
        let mut writer = Writer::new();
        entries.iter().for_each(|entry| writer.add(entry));
        writer.would_write(index, details)
    };
    let entries = many();
    let (index, details) = written(&entries);
    assert_eq!(would(&entries, &index, &details), (true, true));
    assert_eq!(would(&entries[..299], &index, &details), (false, false));
    let mut renamed = entries.clone();
    renamed[200].name = Some("x".into());
    assert_eq!(would(&renamed, &index, &details), (false, true));
    let mut moved = entries;
    moved[299].updated = None;
    assert_eq!(would(&moved, &index, &details), (true, false));
    assert_eq!(would(&moved, b"", b""), (false, false));
}

/// Spaces up to the terminal's edge would make a line of a name look like one of ours.
#[test]
fn a_label_is_shorter_than_a_line() {
    let label = |name: &str| {
        let entry = Entry {
            name: Some(name.to_owned().into()),
            ..entries().swap_remove(0)
        };
        entry.label()
    };
    assert_eq!(label("GitHub"), "GitHub (0)");
    assert_eq!(label(&"ä".repeat(60)), format!("{} (0)", "ä".repeat(60)));
    assert_eq!(label(&"ä".repeat(61)), format!("{}… (0)", "ä".repeat(60)));
}

#[test]
fn long_texts_are_cut_between_characters() {
    let long = "ä".repeat(1000);
    assert_eq!(kept(&long).len(), 1024);
    assert_eq!(kept(&format!("a{long}")).len(), 1023);
    assert_eq!(kept("short"), "short");
}
