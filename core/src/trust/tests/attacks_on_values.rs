//! What a server can do to values without a key.

use super::*;

#[test]
fn z01_two_values_of_a_site_swapped() {
    for make in [vendor_site, bound_site] {
        let original = make(1);
        let pins = pinned(std::slice::from_ref(&original));
        let mut swapped = original.clone();
        set_value(&mut swapped, 0, value(&original, 1).clone());
        set_value(&mut swapped, 1, value(&original, 0).clone());
        let found = findings(&pins, &[swapped]);
        for (input, from) in [(0, 1), (1, 0)] {
            let other = Place {
                site_id: 1,
                input: Some(from),
            };
            assert!(has(&found, Tampering::SameCiphertext { input, other }), "{found:?}");
            let fails = has(&found, Tampering::BoundValueFails { input });
            let bound = pins.get(1).unwrap().inputs()[input].form() == ValueForm::Bound;
            assert_eq!(fails, bound);
        }
    }
}

/// Names and types swapped instead of values: the same attack, written differently.
#[test]
fn z01_two_names_swapped() {
    let original = vendor_site(1);
    let pins = pinned(std::slice::from_ref(&original));
    let mut swapped = original.clone();
    for (to, from) in [(0, 1), (1, 0)] {
        for key in ["name", "type", "flags"] {
            swapped["login"]["inputs"][to][key] = original["login"]["inputs"][from][key].clone();
        }
    }
    assert_eq!(verdicts(&pins, &[swapped]), [Verdict::Tampered]);
}

#[test]
fn z01_values_of_inputs_without_names_swapped() {
    let mut original = vendor_site(1);
    for input in [0, 1] {
        let input = original["login"]["inputs"][input].as_object_mut().unwrap();
        input.remove("name");
        input.remove("type");
        input.remove("flags");
    }
    let pins = pinned(std::slice::from_ref(&original));
    assert_eq!(verdicts(&pins, &[original.clone()]), [Verdict::Ok]);
    let mut swapped = original;
    swapped["login"]["inputs"].as_array_mut().unwrap().reverse();
    assert_eq!(verdicts(&pins, &[swapped]), [Verdict::Tampered]);
}

/// Every arrangement of five values but the pinned one.
#[test]
fn z01_every_permutation_is_found() {
    let mut original = vendor_site(1);
    let inputs = (0..5).map(|number| json!({"name": format!("n{number}"), "value": vendor("x")}));
    original["login"]["inputs"] = inputs.collect::<Vec<_>>().into();
    let pins = pinned(std::slice::from_ref(&original));
    let mut arrangements = 0;
    for code in 0..3125 {
        let order: Vec<usize> = (0..5).map(|place| code / 5_usize.pow(place) % 5).collect();
        if (0..5).any(|number| !order.contains(&number)) {
            continue;
        }
        let mut arranged = original.clone();
        for (to, from) in order.iter().enumerate() {
            set_value(&mut arranged, to, value(&original, *from).clone());
        }
        let expected = if order == [0, 1, 2, 3, 4] {
            Verdict::Ok
        } else {
            Verdict::Tampered
        };
        assert_eq!(verdicts(&pins, &[arranged]), [expected], "{order:?}");
        arrangements += 1;
    }
    assert_eq!(arrangements, 120);
}

/// Every value of two keys, three sites and two inputs in the place of every other.
#[test]
fn z02_values_swapped_across_sites_and_keys() {
    for bound in [false, true] {
        let vault: Vec<Value> = (1..=3).map(if bound { bound_site } else { vendor_site }).collect();
        let pins = pinned(&vault);
        for (site, input, from, from_input) in places() {
            let mut served = vault.clone();
            set_value(&mut served[site], input, value(&vault[from], from_input).clone());
            let found = look(&pins, &served);
            let other = Place {
                site_id: from as u64 + 1,
                input: Some(from_input),
            };
            let same = (site, input) == (from, from_input);
            let copied = has(
                found.sites()[site].findings(),
                Tampering::SameCiphertext { input, other },
            );
            assert_eq!(copied, !same, "{site} {input} {from} {from_input}");
            let fails = has(found.sites()[site].findings(), Tampering::BoundValueFails { input });
            assert_eq!(fails, bound && !same);
            let untouched = found
                .sites()
                .iter()
                .filter(|site| site.verdict() == Verdict::Ok)
                .count();
            assert_eq!(untouched, if same { 3 } else { 2 });
        }
        // The value of another vault's key, for the same place: nothing that is available opens it.
        let mut served = vault.clone();
        set_value(&mut served[0], 1, bound_by(2, 1, "password", "pass", "evil"));
        assert!(has(&findings(&pins, &served), Tampering::UnknownValue { input: 1 }));
    }
}

fn places() -> impl Iterator<Item = (usize, usize, usize, usize)> {
    (0..36).map(|code| (code / 12, code / 6 % 2, code / 2 % 3, code % 2))
}

#[test]
fn z02_two_new_sites_that_share_a_ciphertext_are_found_at_first_use() {
    let first = vendor_site(1);
    let mut second = vendor_site(2);
    set_value(&mut second, 0, value(&first, 1).clone());
    let mut found = assess(Account::FirstUse, sites(&[first, second]), &keys());
    let other = |site_id, input| Place {
        site_id,
        input: Some(input),
    };
    assert!(has(
        found.sites()[0].findings(),
        Tampering::SameCiphertext {
            input: 1,
            other: other(2, 0)
        }
    ));
    assert!(has(
        found.sites()[1].findings(),
        Tampering::SameCiphertext {
            input: 0,
            other: other(1, 1)
        }
    ));
    assert!(found.advance(&mut PinSet::new()).is_empty());
}

#[test]
fn z02_a_value_that_another_site_had_earlier_is_found() {
    let mut vault = vec![vendor_site(1), vendor_site(2)];
    let mut pins = pinned(&vault);
    let old = value(&vault[0], 1).clone();
    set_value(&mut vault[0], 1, vendor("new"));
    advance(&mut pins, &vault);
    set_value(&mut vault[1], 1, old);
    let found = look(&pins, &vault);
    let other = Place {
        site_id: 1,
        input: None,
    };
    assert!(has(
        found.sites()[1].findings(),
        Tampering::SameCiphertext { input: 1, other }
    ));
}

#[test]
fn z08_a_value_less_protected_than_the_pinned_one() {
    use ValueForm::{Absent, Bound, Malformed, Vendor};
    let forms = [
        (Absent, Value::from("")),
        (Malformed, Value::from("hunter2")),
        (Vendor, Value::from(vendor("a"))),
        (Bound, Value::from(bound(1, "password", "pass", "a"))),
    ];
    for (pinned_form, before) in &forms {
        for (now, after) in &forms {
            let mut original = vendor_site(1);
            set_value(&mut original, 1, before.clone());
            let pins = pinned(std::slice::from_ref(&original));
            assert_eq!(pins.get(1).unwrap().inputs()[1].form(), *pinned_form);
            set_value(&mut original, 1, after.clone());
            let found = findings(&pins, &[original]);
            let downgraded = Tampering::Downgraded {
                input: 1,
                pinned: *pinned_form,
                now: *now,
            };
            assert_eq!(has(&found, downgraded), now < pinned_form, "{pinned_form:?} {now:?}");
            let replaced = found.contains(&Finding::ValueReplaced { input: 1 });
            assert_eq!(
                replaced,
                *now == Vendor && *pinned_form != Vendor,
                "nothing binds it to its place"
            );
            assert_eq!(found.len(), usize::from(now < pinned_form) + usize::from(replaced));
        }
    }
}

#[test]
fn z08_the_downgrade_is_found_without_any_key() {
    let pins = pinned(&[bound_site(1)]);
    let found = assess(Account::Pinned(&pins), sites(&[vendor_site(1)]), &KeySet::new());
    let (pinned, now) = (ValueForm::Bound, ValueForm::Vendor);
    assert!(has(
        found.sites()[0].findings(),
        Tampering::Downgraded { input: 0, pinned, now }
    ));
}

#[test]
fn z09_a_bound_value_with_one_bit_flipped_fails() {
    let mut original = bound_site(1);
    let pins = pinned(std::slice::from_ref(&original));
    let text = value(&original, 1).as_str().unwrap().to_owned();
    let flipped = text.replacen(&text[60..61], if &text[60..61] == "A" { "B" } else { "A" }, 1);
    set_value(&mut original, 1, flipped);
    let found = findings(&pins, &[original]);
    assert!(
        found.iter().any(|finding| finding.verdict() == Verdict::Tampered),
        "{found:?}"
    );
}

#[test]
fn a_value_that_no_key_opens_does_not_take_the_place_of_one_that_opened() {
    let original = vendor_site(1);
    let pins = pinned(std::slice::from_ref(&original));
    let mut garbage = original.clone();
    set_value(&mut garbage, 1, seal_vendor(&key(9), key(1).id(), "x").unwrap());
    let mut found = look(&pins, &[garbage]);
    assert_eq!(
        found.sites()[0].findings(),
        [Finding::Tampered(Tampering::UnknownValue { input: 1 })]
    );
    assert!(found.advance(&mut pins.clone()).is_empty());
}

#[test]
fn values_that_never_opened_may_change() {
    let original = vendor_site(1);
    let mut pins = PinSet::new();
    assess(
        Account::FirstUse,
        sites(std::slice::from_ref(&original)),
        &KeySet::new(),
    )
    .advance(&mut pins);
    let mut changed = original;
    set_value(&mut changed, 1, vendor("new"));
    assert_eq!(
        assess(Account::Pinned(&pins), sites(&[changed]), &KeySet::new()).worst(),
        Verdict::Ok
    );
}

/// A value pinned while its key was not available is tried when it is.
#[test]
fn a_key_that_comes_later_still_finds_a_bound_value_that_fails() {
    let mut forged = vendor_site(1);
    set_value(&mut forged, 1, bound(2, "password", "pass", "moved"));
    let mut pins = PinSet::new();
    assess(Account::FirstUse, sites(&[forged.clone()]), &KeySet::new()).advance(&mut pins);
    assert_eq!(pins.len(), 1);
    assert!(has(
        &findings(&pins, &[forged]),
        Tampering::BoundValueFails { input: 1 }
    ));
}

#[test]
fn an_honest_change_of_a_value_is_ok_and_moves_the_pin() {
    for make in [vendor_site, bound_site] {
        let mut changed = make(1);
        let mut pins = pinned(std::slice::from_ref(&changed));
        let before = pins.clone();
        set_value(&mut changed, 1, bound(1, "password", "pass", "correct horse"));
        changed["updated"] = 1001.into();
        let mut found = look(&pins, &[changed.clone()]);
        assert_eq!(found.worst(), Verdict::Ok);
        assert_eq!(pins, before, "an assessment changes nothing");
        assert_eq!(found.advance(&mut pins), [1]);
        assert_eq!(pins.get(1).unwrap().updated(), Some(1001));
        assert!(
            look(&pins, &[changed]).advance(&mut pins).is_empty(),
            "and the next one has nothing to move"
        );
    }
}

#[test]
fn equal_texts_that_are_no_ciphertexts_are_not_found() {
    let mut vault = [vendor_site(1), vendor_site(2)];
    for site in &mut vault {
        set_value(site, 0, "on");
    }
    let mut pins = pinned(&vault);
    set_value(&mut vault[0], 0, "off");
    advance(&mut pins, &vault);
    set_value(&mut vault[0], 0, "on");
    advance(&mut pins, &vault);
}

#[test]
fn the_history_is_bounded_and_loses_the_oldest() {
    let mut changing = vendor_site(1);
    let first = value(&changing, 1).clone();
    let mut pins = pinned(std::slice::from_ref(&changing));
    let limit = 2 * MAX_EARLIER_PER_INPUT;
    let mut second = Value::Null;
    for step in 0..=limit {
        set_value(&mut changing, 1, vendor("x"));
        if step == 0 {
            second = value(&changing, 1).clone();
        }
        advance(&mut pins, &[changing.clone()]);
    }
    assert_eq!(pins.get(1).unwrap().0.earlier.len(), limit);
    set_value(&mut changing, 1, second);
    assert_eq!(verdicts(&pins, &[changing.clone()]), [Verdict::RolledBack]);
    set_value(&mut changing, 1, first);
    assert_eq!(
        verdicts(&pins, &[changing]),
        [Verdict::ValueReplaced],
        "as if it were new"
    );
}

/// Ten times the sites cost about ten times the work, even when a server puts one ciphertext everywhere.
#[test]
fn one_ciphertext_everywhere_costs_no_square() {
    let many: Vec<Site> = (0..100_000)
        .map(|id| {
            let json = format!(r#"{{"id":{id},"login":{{"inputs":[{{"name":"a","value":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}]}}}}"#);
            serde_json::from_str(&json).unwrap()
        })
        .collect();
    let mut pins = PinSet::new();
    for site in &many {
        pins.accept(site, &KeySet::new()).unwrap();
    }
    assert_eq!(
        assess(Account::Pinned(&pins), &many, &KeySet::new()).worst(),
        Verdict::Ok
    );
    let found = assess(Account::FirstUse, &many, &KeySet::new());
    assert!(found.sites().iter().all(|site| site.findings().len() == 2));
}
