//! The refusal rule and acceptance.

use super::*;

const USES: [Use; 5] = [Use::Read, Use::Fill, Use::Run, Use::Inject, Use::Export];

fn change(field: Field) -> Finding {
    Finding::Changed(Change {
        field,
        input: None,
        before: None,
        after: None,
    })
}

#[test]
fn the_table_of_permissions() {
    let table = [
        (vec![], "allowed allowed allowed allowed allowed"),
        (
            vec![Finding::New(FirstSeen::FirstUse)],
            "warned warned warned warned warned",
        ),
        (
            vec![Finding::New(FirstSeen::Unanchored)],
            "warned refused refused refused refused",
        ),
        (
            vec![Finding::New(FirstSeen::Later)],
            "warned refused refused refused refused",
        ),
        (
            vec![change(Field::Icon), change(Field::Image)],
            "warned warned warned warned warned",
        ),
        (vec![change(Field::SiteName)], "warned refused refused refused refused"),
        (
            vec![change(Field::Icon), change(Field::LoginUrl)],
            "warned refused refused refused refused",
        ),
        (vec![Finding::Missing], "warned refused refused refused refused"),
        (
            vec![Finding::RolledBack(Rollback::Resurrected)],
            "warned refused refused refused refused",
        ),
        (
            vec![Finding::Tampered(Tampering::SiteTwice)],
            "warned refused refused refused refused",
        ),
        (
            vec![
                Finding::New(FirstSeen::FirstUse),
                Finding::Tampered(Tampering::SiteTwice),
            ],
            "warned refused refused refused refused",
        ),
        (
            vec![Finding::ValueReplaced { input: 0 }],
            "warned asked asked asked asked",
        ),
        (
            vec![Finding::ValueReplaced { input: 0 }, change(Field::Icon)],
            "warned asked asked asked asked",
        ),
        (
            vec![Finding::ValueReplaced { input: 0 }, change(Field::LoginUrl)],
            "warned refused refused refused refused",
        ),
        (vec![key_changed()], "warned refused refused refused refused"),
        (
            vec![retired(FirstSeen::FirstUse), Finding::New(FirstSeen::FirstUse)],
            "warned refused refused refused refused",
        ),
        (
            vec![retired(FirstSeen::Later)],
            "warned refused refused refused refused",
        ),
    ];
    for (findings, expected) in table {
        let row = USES.map(|usage| format!("{:?}", permission(&findings, usage, true)).to_lowercase());
        assert_eq!(row.join(" "), expected, "{findings:?}");
        let tampered = findings.iter().any(|finding| finding.verdict() == Verdict::Tampered);
        let read = permission(&findings, Use::Read, false);
        assert_eq!(
            read == Permission::Refused,
            tampered,
            "without a trusted copy: {findings:?}"
        );
    }
}

fn retired(seen: FirstSeen) -> Finding {
    let key = key(1).fingerprint();
    Finding::RetiredKey { input: 0, key, seen }
}

fn key_changed() -> Finding {
    let [pinned, now] = [1, 2].map(|byte| key(byte).fingerprint());
    Finding::KeyChanged { input: 0, pinned, now }
}

#[test]
fn verdicts_stand_in_order_and_have_names() {
    let all = [
        Verdict::Ok,
        Verdict::New,
        Verdict::ValueReplaced,
        Verdict::MetadataChanged,
        Verdict::Missing,
        Verdict::RolledBack,
        Verdict::Tampered,
    ];
    assert!(all.is_sorted());
    let names = all.map(Verdict::name).join(" ");
    assert_eq!(
        names,
        "ok new value-replaced metadata-changed missing rolled-back tampered"
    );
}

#[test]
fn several_findings_stand_with_the_worst_first() {
    let original = vendor_site(1);
    let pins = pinned(std::slice::from_ref(&original));
    let mut changed = original;
    changed["updated"] = 999.into();
    changed["name"] = "Other".into();
    changed["login"]["inputs"][1]["type"] = "text".into();
    let found = look(&pins, &[changed]);
    let classes: Vec<Verdict> = found.sites()[0].findings().iter().map(Finding::verdict).collect();
    assert_eq!(
        classes,
        [Verdict::Tampered, Verdict::RolledBack, Verdict::MetadataChanged]
    );
    assert_eq!(
        (found.worst(), found.sites()[0].verdict()),
        (Verdict::Tampered, Verdict::Tampered)
    );
}

/// Whatever was found, acceptance ends it; and the state before, served again, is found once more.
#[test]
fn an_accepted_site_is_ok_until_it_changes_again() {
    let original = bound_site(1);
    let attacks: [fn(&mut Value); 7] = [
        |site| site["updated"] = 1.into(),
        |site| site["name"] = "Other".into(),
        |site| site["login"]["Url"] = "https://evil.test/".into(),
        |site| site["login"]["inputs"][1]["type"] = "text".into(),
        |site| site["login"]["inputs"][1]["value"] = vendor("x").into(),
        |site| site["login"]["inputs"][1]["value"] = site["login"]["inputs"][0]["value"].clone(),
        |site| site["login"]["inputs"].as_array_mut().unwrap().reverse(),
    ];
    for (number, attack) in attacks.into_iter().enumerate() {
        let mut pins = pinned(std::slice::from_ref(&original));
        let mut changed = original.clone();
        attack(&mut changed);
        assert_ne!(verdicts(&pins, &[changed.clone()]), [Verdict::Ok], "{number}");
        pins.accept(&site(&changed), &keys()).unwrap();
        assert_eq!(findings(&pins, &[changed]), [], "{number}");
        if number > 0 {
            assert_ne!(
                verdicts(&pins, std::slice::from_ref(&original)),
                [Verdict::Ok],
                "{number}"
            );
        }
    }
}

#[test]
fn a_site_that_was_gone_can_be_accepted_back() {
    let original = vendor_site(1);
    let mut pins = pinned(std::slice::from_ref(&original));
    pins.accept_missing(1).unwrap();
    assert!(pins.get(1).unwrap().is_gone());
    pins.accept(&site(&original), &keys()).unwrap();
    assert_eq!(verdicts(&pins, &[original]), [Verdict::Ok]);
    assert_eq!(pins.accept_missing(2), Err(AcceptError::UnknownSite(2)));
}

#[test]
fn the_values_of_a_removed_input_are_remembered() {
    let original = vendor_site(1);
    let mut pins = pinned(std::slice::from_ref(&original));
    let mut removed = original.clone();
    removed["login"]["inputs"].as_array_mut().unwrap().pop();
    pins.accept(&site(&removed), &keys()).unwrap();
    let found = findings(&pins, &[original]);
    assert!(found.contains(&Finding::RolledBack(Rollback::EarlierValue { input: 1 })));
}
