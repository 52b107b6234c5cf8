//! What a server can do to sites as wholes and to what they hold in plaintext.

use super::*;
use crate::model::site_members;

/// Another value of the same type for the member `key`.
fn edited(key: &str, value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_u64().unwrap() + 1),
        Value::String(text) if key == "Url" => json!(text.replace("accounts", "evil")),
        Value::String(text) => json!(format!("{text}x")),
        Value::Array(_) => json!([]),
        other => panic!("{key}: {other}"),
    }
}

/// What an edit of each member must be found as. A member that is not here fails the test.
fn expected(object: &str, key: &str) -> (Verdict, Vec<Field>) {
    use Field::*;
    let changed = |fields: &[Field]| (Verdict::MetadataChanged, fields.to_vec());
    match (object, key) {
        // Another number is another site, with the ciphertexts of this one.
        ("", "id") => (Verdict::Tampered, vec![]),
        // A later time of change comes with any change, and the counter with any use: neither decides anything.
        ("", "updated" | "used") => (Verdict::Ok, vec![]),
        ("", "name") => changed(&[SiteName]),
        ("", "flags") => changed(&[SiteFlags]),
        ("", "image") => changed(&[Image]),
        ("", "icon") => changed(&[Icon]),
        // No envelope any more.
        ("", "key") => (Verdict::Tampered, vec![]),
        ("/login", "Url") => changed(&[LoginOrigin, LoginUrl]),
        ("/login", "regex") => changed(&[Regex]),
        ("/login", "inputs") => changed(&[InputRemoved, InputRemoved]),
        ("/login/inputs/1", "flags") => changed(&[InputFlags]),
        ("/login/inputs/1", "name") => changed(&[InputName]),
        ("/login/inputs/1", "type") => (Verdict::Tampered, vec![]),
        // A text that is no envelope in the place of one.
        ("/login/inputs/1", "value") => (Verdict::Tampered, vec![]),
        ("/login/match", "username") => changed(&[MatchUsername]),
        ("/login/match", "trim") => changed(&[MatchTrim]),
        ("/login/action", "submit") => changed(&[ActionSubmit]),
        // Objects: what becomes of them when they are emptied.
        ("", "login") => changed(&[
            LoginOrigin,
            LoginUrl,
            Regex,
            MatchUsername,
            MatchTrim,
            ActionSubmit,
            InputRemoved,
            InputRemoved,
        ]),
        ("/login", "match") => changed(&[MatchUsername, MatchTrim]),
        ("/login", "action") => changed(&[ActionSubmit]),
        _ => panic!("decide what an edit of {object}/{key} is found as"),
    }
}

fn changed_fields(findings: &[Finding]) -> Vec<Field> {
    let field = |finding: &Finding| match finding {
        Finding::Changed(change) => Some(change.field),
        _ => None,
    };
    findings.iter().filter_map(field).collect()
}

#[test]
fn z03_each_member_of_the_schema_edited_in_turn() {
    let original = keyed_site(1);
    let pins = pinned(std::slice::from_ref(&original));
    for (object, key) in site_members() {
        let mut changed = original.clone();
        let member = &mut changed.pointer_mut(object).unwrap()[key];
        *member = if member.is_object() {
            json!([])
        } else {
            edited(key, member)
        };
        let found = look(&pins, &[changed.clone()]);
        let found = &found.sites()[0];
        let (verdict, fields) = expected(object, key);
        assert_eq!(found.verdict(), verdict, "{object}/{key}: {:?}", found.findings());
        assert_eq!(changed_fields(found.findings()), fields, "{object}/{key}");

        let decoration = [Field::Image, Field::Icon];
        let uses = match verdict {
            Verdict::Ok => Permission::Allowed,
            _ if !fields.is_empty() && fields.iter().all(|field| decoration.contains(field)) => Permission::Warned,
            _ => Permission::Refused,
        };
        for usage in [Use::Fill, Use::Run, Use::Inject, Use::Export] {
            assert_eq!(found.permission(usage), uses, "{object}/{key} {usage:?}");
        }
        // With another number it is another site, which has no trusted copy, and the values of the pinned one.
        let refused = (object, key) == ("", "id");
        assert_eq!(
            found.permission(Use::Read) == Permission::Refused,
            refused,
            "{object}/{key}"
        );
    }
}

/// The same for members that are taken away or made null: nothing may be hidden by leaving it out.
#[test]
fn z03_each_member_of_the_schema_removed_in_turn() {
    let original = keyed_site(1);
    let pins = pinned(std::slice::from_ref(&original));
    for (object, key) in site_members().into_iter().filter(|member| *member != ("", "id")) {
        for null in [false, true] {
            let mut changed = original.clone();
            let holder = changed.pointer_mut(object).unwrap().as_object_mut().unwrap();
            let removed = holder.remove(key);
            assert!(removed.is_some(), "the example has {object}/{key}");
            if null {
                holder.insert(key.to_owned(), Value::Null);
            }
            let verdict = verdicts(&pins, &[changed])[0];
            let expected = match (object, key) {
                ("", "used") => Verdict::Ok,
                ("", "updated") => Verdict::RolledBack,
                ("", "key") | ("/login/inputs/1", "type" | "value") => Verdict::Tampered,
                _ => Verdict::MetadataChanged,
            };
            assert_eq!(verdict, expected, "{object}/{key}");
        }
    }
}

#[test]
fn z03_a_change_shows_before_and_after() {
    let pins = pinned(&[vendor_site(1)]);
    let mut changed = vendor_site(1);
    changed["login"] = pins_login(&pins);
    changed["login"]["Url"] = "https://accounts.example.com.evil.test/".into();
    let mut shown: Vec<String> = Vec::new();
    for finding in findings(&pins, &[changed]) {
        if let Finding::Changed(Change {
            field, before, after, ..
        }) = finding
        {
            let text = |text: Option<PinnedText>| text.map_or("none".to_owned(), |text| text.to_string());
            shown.push(format!("{}: {} -> {}", field.path(), text(before), text(after)));
        }
    }
    insta::assert_snapshot!(shown.join("\n"), @r#"
    login.Url: "https://accounts.example.com" -> "https://accounts.example.com.evil.test"
    login.Url: "https://accounts.example.com/login?x=1" -> "https://accounts.example.com.evil.test/"
    "#);
}

/// The login of the example, without inputs: their values are made anew each time.
fn pins_login(pins: &PinSet) -> Value {
    let mut login = vendor_site(1)["login"].take();
    login["Url"] = pins.get(1).unwrap().url().unwrap().whole().unwrap().into();
    login
}

#[test]
fn z03_a_long_text_is_compared_to_its_last_byte() {
    let mut long = vendor_site(1);
    long["login"]["regex"] = "r".repeat(MAX_PINNED_TEXT_LEN + 1).into();
    let pins = pinned(std::slice::from_ref(&long));
    assert_eq!(verdicts(&pins, &[long.clone()]), [Verdict::Ok]);
    long["login"]["regex"] = format!("{}s", "r".repeat(MAX_PINNED_TEXT_LEN)).into();
    assert_eq!(changed_fields(&findings(&pins, &[long])), [Field::Regex]);
}

#[test]
fn z03_an_input_that_is_added_or_reordered_is_a_change() {
    let original = vendor_site(1);
    let pins = pinned(std::slice::from_ref(&original));
    let mut added = original.clone();
    let inputs = added["login"]["inputs"].as_array_mut().unwrap();
    inputs.push(json!({"name": "pin", "type": "password", "value": vendor("1")}));
    assert_eq!(changed_fields(&findings(&pins, &[added])), [Field::InputAdded]);

    let mut reordered = original.clone();
    reordered["login"]["inputs"].as_array_mut().unwrap().reverse();
    assert_eq!(findings(&pins, &[reordered]).len(), 1);
    let mut reordered = original;
    reordered["login"]["inputs"].as_array_mut().unwrap().reverse();
    assert_eq!(changed_fields(&findings(&pins, &[reordered])), [Field::InputOrder]);
}

#[test]
fn z04_types_and_flags_flipped() {
    for make in [vendor_site, bound_site] {
        let original = make(1);
        let pins = pinned(std::slice::from_ref(&original));
        for input in [0, 1] {
            for input_type in ["text", "password", "email", "hidden", ""] {
                let mut changed = original.clone();
                let member = &mut changed["login"]["inputs"][input]["type"];
                let same = *member == input_type;
                *member = input_type.into();
                let found = findings(&pins, &[changed]);
                assert_eq!(
                    has(&found, Tampering::TypeChanged { input }),
                    !same,
                    "{input} {input_type}"
                );
                let bound = pins.get(1).unwrap().inputs()[input].form() == ValueForm::Bound;
                assert_eq!(has(&found, Tampering::BoundValueFails { input }), bound && !same);
                assert_eq!(found.is_empty(), same);
            }
            for flags in [json!(0), json!(1), json!(7), Value::Null] {
                let mut changed = original.clone();
                changed["login"]["inputs"][input]["flags"] = flags.clone();
                let found = findings(&pins, &[changed]);
                assert_eq!(changed_fields(&found), [Field::InputFlags], "{input} {flags}");
            }
        }
    }
}

/// Fifty sites, of which one after the other is dropped, doubled, moved or brought back.
#[test]
fn z13_sites_dropped_doubled_reordered_and_resurrected() {
    let vault: Vec<Value> = (1..=50).map(vendor_site).collect();
    let pins = pinned(&vault);
    for at in 0..vault.len() {
        let id = vault[at]["id"].as_u64().unwrap();

        let mut dropped = vault.clone();
        dropped.remove(at);
        let found = look(&pins, &dropped);
        let missing = found.sites().last().unwrap();
        assert_eq!(
            (missing.site_id(), missing.findings()),
            (id, [Finding::Missing].as_slice())
        );
        assert!(found.sites()[..49].iter().all(|site| site.verdict() == Verdict::Ok));

        let mut doubled = vault.clone();
        doubled.push(vault[at].clone());
        let found = look(&pins, &doubled);
        for number in [at, 50] {
            assert_eq!(
                found.sites()[number].findings(),
                [Finding::Tampered(Tampering::SiteTwice)]
            );
        }
        assert_eq!(
            found
                .sites()
                .iter()
                .filter(|site| site.verdict() == Verdict::Ok)
                .count(),
            49
        );

        let mut reordered = vault.clone();
        reordered.rotate_left(at);
        assert_eq!(look(&pins, &reordered).worst(), Verdict::Ok);

        let mut gone = pins.clone();
        gone.accept_missing(id).unwrap();
        assert_eq!(look(&gone, &dropped).worst(), Verdict::Ok);
        let resurrected = look(&gone, &vault);
        let found = &resurrected.sites()[at];
        assert_eq!(found.findings(), [Finding::RolledBack(Rollback::Resurrected)]);
    }
}

#[test]
fn z13_a_site_that_is_copied_under_another_number_is_found() {
    for make in [vendor_site, bound_site] {
        let original = make(1);
        let pins = pinned(std::slice::from_ref(&original));
        let mut copy = original.clone();
        copy["id"] = 2.into();
        let found = look(&pins, &[original, copy]);
        let [first, second] = found.sites() else { panic!() };
        assert_eq!(first.verdict(), Verdict::Ok, "the original stays usable");
        for input in [0, 1] {
            let other = Place {
                site_id: 1,
                input: Some(input),
            };
            assert!(has(second.findings(), Tampering::SameCiphertext { input, other }));
        }
        assert!(second.findings().contains(&Finding::New(FirstSeen::Later)));
        assert_eq!(second.permission(Use::Fill), Permission::Refused);
    }
}

#[test]
fn z13_a_part_of_the_sites_has_none_missing() {
    let vault = [vendor_site(1), vendor_site(2)];
    let pins = pinned(&vault);
    let keys = keys();
    let mut assessor = Assessor::new(Account::Pinned(&pins), &keys);
    assessor.add(&site(&vault[1]), Sighting::default());
    let found = assessor.finish_part();
    assert_eq!((found.sites().len(), found.worst()), (1, Verdict::Ok));
}

#[test]
fn z14_each_earlier_state_of_a_site_served_again() {
    let mut states = vec![vendor_site(1)];
    let mut pins = pinned(&states);
    for step in 1..10_u64 {
        let mut next = states.last().unwrap().clone();
        next["updated"] = (1000 + step).into();
        set_value(&mut next, (step % 2) as usize, vendor("changed"));
        advance(&mut pins, &[next.clone()]);
        states.push(next);
        let (now, earlier) = states.split_last().unwrap();
        assert_eq!(verdicts(&pins, std::slice::from_ref(now)), [Verdict::Ok]);
        for old in earlier {
            let before = pins.clone();
            let mut found = look(&pins, std::slice::from_ref(old));
            assert_eq!(found.sites()[0].verdict(), Verdict::RolledBack);
            let age = Rollback::Updated {
                pinned: 1000 + step,
                now: old["updated"].as_u64(),
            };
            assert!(found.sites()[0].findings().contains(&Finding::RolledBack(age)));
            assert!(found.advance(&mut pins).is_empty());
            assert_eq!(pins, before, "nothing moves by itself");
            // A server that writes a new time of change over it gets no further.
            let mut redated = old.clone();
            redated["updated"] = 5000.into();
            assert_eq!(verdicts(&pins, &[redated]), [Verdict::RolledBack]);
        }
    }
}

#[test]
fn z16_first_use_is_told_and_z42_lost_pins_are_never_first_use() {
    let vault = sites(&[vendor_site(1), bound_site(2)]);
    let mut fresh = assess(Account::FirstUse, &vault, &keys());
    let mut lost = assess(Account::Unanchored, &vault, &keys());
    assert!(!fresh.is_unanchored() && lost.is_unanchored());
    for (found, first_seen, uses) in [
        (&fresh, FirstSeen::FirstUse, Permission::Warned),
        (&lost, FirstSeen::Unanchored, Permission::Refused),
    ] {
        for site in found.sites() {
            assert_eq!(site.findings(), [Finding::New(first_seen)]);
            assert_eq!(
                (site.permission(Use::Fill), site.permission(Use::Read)),
                (uses, Permission::Warned)
            );
        }
    }
    let mut pins = PinSet::new();
    assert!(lost.advance(&mut pins).is_empty() && pins.is_empty());
    assert_eq!(fresh.advance(&mut pins), [1, 2]);
}

#[test]
fn z42_one_pin_deleted_makes_its_site_new_and_refused() {
    let vault = [vendor_site(1), vendor_site(2)];
    let pins: PinSet = pinned(&vault)
        .iter()
        .filter(|pin| pin.site_id() != 1)
        .cloned()
        .collect();
    let found = look(&pins, &vault);
    assert_eq!(found.sites()[0].findings(), [Finding::New(FirstSeen::Later)]);
    assert_eq!(found.sites()[0].permission(Use::Run), Permission::Refused);
    assert_eq!(found.sites()[1].verdict(), Verdict::Ok);
}

#[test]
fn r08_one_bad_site_takes_no_other_with_it() {
    let vault: Vec<Value> = (1..=3).map(bound_site).collect();
    let mut pins = pinned(&vault);
    let mut served = vault.clone();
    let stolen = value(&vault[1], 1).clone();
    set_value(&mut served[0], 1, stolen);
    set_value(&mut served[2], 1, bound(3, "password", "pass", "new"));
    let mut found = look(&pins, &served);
    let verdicts: Vec<Verdict> = found.sites().iter().map(SiteVerdict::verdict).collect();
    assert_eq!(verdicts, [Verdict::Tampered, Verdict::Ok, Verdict::Ok]);
    let before = pins.get(1).cloned();
    assert_eq!(found.advance(&mut pins), [3]);
    assert_eq!(pins.get(1).cloned(), before, "the pin of the good state stays");
    assert_eq!(
        look(&pins, &[vault[0].clone(), vault[1].clone(), served[2].clone()]).worst(),
        Verdict::Ok
    );
}

#[test]
fn a_site_with_too_many_inputs_is_set_aside() {
    let mut flooded = vendor_site(1);
    let input = json!({"name": "a", "type": "text", "value": ""});
    flooded["login"]["inputs"] = vec![input; crate::document::MAX_INPUTS + 1].into();
    let mut pins = pinned(&[vendor_site(1)]);
    let inputs = crate::document::MAX_INPUTS + 1;
    let found = findings(&pins, &[flooded.clone()]);
    assert_eq!(found, [Finding::Tampered(Tampering::TooManyInputs { inputs })]);
    let error = pins.accept(&site(&flooded), &keys());
    assert_eq!(error, Err(AcceptError::TooManyInputs { inputs }));
}
