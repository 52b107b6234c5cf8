//! Tests of pins, verdicts and origins.

mod attacks;
mod attacks_on_values;
mod documents;
mod followed;
mod keys;
mod origins;
mod rules;
mod sequences;
mod settled;
mod site_keys;

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::key::{KeySet, VaultKey};
use crate::model::Site;
use crate::value::{ValueContext, seal_bound, seal_vendor};

fn key(byte: u8) -> Arc<VaultKey> {
    Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap())
}

fn keys() -> KeySet {
    let mut keys = KeySet::new();
    keys.add(key(1), None);
    keys
}

fn bound_by(byte: u8, site_id: u64, input_type: &str, input_name: &str, text: &str) -> String {
    let context = ValueContext {
        site_id,
        input_type,
        input_name,
    };
    seal_bound(&key(byte), &context, text).unwrap()
}

fn bound(site_id: u64, input_type: &str, input_name: &str, text: &str) -> String {
    bound_by(1, site_id, input_type, input_name, text)
}

fn vendor(text: &str) -> String {
    seal_vendor(&key(1), key(1).id(), text).unwrap()
}

/// A site with a user name and a password in the vendor's layout.
fn vendor_site(id: u64) -> Value {
    json!({
        "id": id, "name": format!("Site {id}"), "updated": 1000, "flags": 293, "used": 3,
        "image": "https://images.example/a.png", "icon": "https://images.example/b.png",
        "login": {
            "Url": "https://accounts.example.com/login?x=1", "regex": "^https://accounts\\.example\\.com/",
            "inputs": [
                {"flags": 3, "name": "user", "type": "text", "value": vendor("alice")},
                {"flags": 5, "name": "pass", "type": "password", "value": vendor("hunter2")},
            ],
            "match": {"username": "#name", "trim": "@example.com"},
            "action": {"submit": "#go"},
        },
    })
}

/// The same with a key of its own, under which its values are: every member of the schema.
fn keyed_site(id: u64) -> Value {
    let mut site = vendor_site(id);
    let layout = crate::vendor::catalog::find("vendor-gcm").unwrap();
    site["key"] = layout.seal_key(&key(1), [1; 4], &key(50)).unwrap().into();
    for (input, text) in [(0, "alice"), (1, "hunter2")] {
        let value = seal_vendor(&key(50), key(50).id(), text).unwrap();
        site["login"]["inputs"][input]["value"] = value.into();
    }
    site
}

/// The same with bound values.
fn bound_site(id: u64) -> Value {
    let mut site = vendor_site(id);
    site["login"]["inputs"][0]["value"] = bound(id, "text", "user", "alice").into();
    site["login"]["inputs"][1]["value"] = bound(id, "password", "pass", "hunter2").into();
    site
}

fn site(json: &Value) -> Site {
    serde_json::from_value(json.clone()).unwrap()
}

fn sites(json: &[Value]) -> Vec<Site> {
    json.iter().map(site).collect()
}

/// The pins of an account after its first sync.
fn pinned(json: &[Value]) -> PinSet {
    let mut pins = PinSet::new();
    let advanced = assess(Account::FirstUse, sites(json), &keys()).advance(&mut pins);
    assert_eq!(advanced.len(), json.len(), "every site is pinned at first use");
    pins
}

fn look(pins: &PinSet, json: &[Value]) -> Assessment {
    assess(Account::Pinned(pins), sites(json), &keys())
}

fn verdicts(pins: &PinSet, json: &[Value]) -> Vec<Verdict> {
    look(pins, json).sites().iter().map(SiteVerdict::verdict).collect()
}

/// The findings at the first site.
fn findings(pins: &PinSet, json: &[Value]) -> Vec<Finding> {
    look(pins, json).sites()[0].findings().to_vec()
}

/// A sync after which nothing may have been found but values that were replaced, which a person accepts.
fn advance(pins: &mut PinSet, json: &[Value]) {
    let mut assessment = look(pins, json);
    let replaced = |finding: &Finding| matches!(finding, Finding::ValueReplaced { .. });
    let mut findings = assessment.sites().iter().flat_map(SiteVerdict::findings);
    assert!(findings.all(replaced), "{assessment:?}");
    assessment.advance(pins);
    for site in sites(json) {
        pins.accept(&site, &keys()).unwrap();
    }
}

fn has(findings: &[Finding], tampering: Tampering) -> bool {
    findings.contains(&Finding::Tampered(tampering))
}

fn value(site: &Value, input: usize) -> &Value {
    &site["login"]["inputs"][input]["value"]
}

fn set_value(site: &mut Value, input: usize, value: impl Into<Value>) {
    site["login"]["inputs"][input]["value"] = value.into();
}
