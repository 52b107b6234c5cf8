//! A desk and a service that may lie, and what the tests ask of them.

use serde_json::Value;
use zkvault_core::key::VaultKey;
use zkvault_simulator::{Attack, Kind, Organisation, seed};
use zkvault_test_support::{Desk, Service, json_of, stderr_of, stdout};

pub(crate) const GITHUB: u64 = seed::GITHUB;
pub(crate) const GOOGLE: u64 = seed::GOOGLE;
/// The password of the site GitHub, in the demo's organisation.
pub(crate) const SECRET: &str = "compass-rose-Vector-31";

/// A desk, and a service whose sites it has seen twice.
pub(crate) struct World {
    pub(crate) desk: Desk,
    pub(crate) service: Service,
}

impl World {
    /// With the demo's organisation.
    pub(crate) fn synced() -> Self {
        let desk = Desk::new();
        let service = Service::demo(&desk);
        Self { desk, service }.twice()
    }

    /// With sites of the ids 1, 2, … alone.
    pub(crate) fn of_sites(count: u64) -> Self {
        let desk = Desk::new();
        let key = VaultKey::generate().unwrap();
        desk.write("vault.key", key.expose_secret());
        let service = Service::of(seed::bulk(count, &key).unwrap());
        Self { desk, service }.twice()
    }

    fn twice(self) -> Self {
        self.sync(0);
        self.sync(0);
        self
    }

    pub(crate) fn zkv(&self, args: &[&str]) -> assert_cmd::Command {
        self.service.zkv(&self.desk, args)
    }

    pub(crate) fn stdout(&self, args: &[&str]) -> String {
        stdout(&mut self.zkv(args))
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        json_of(self.zkv(args).arg("--json"))
    }

    /// What a command that fails in this way says.
    #[track_caller]
    pub(crate) fn fails(&self, args: &[&str], code: i32) -> String {
        stderr_of(&mut self.zkv(args), code)
    }

    #[track_caller]
    pub(crate) fn sync(&self, code: i32) {
        self.zkv(&["sync"]).assert().code(code);
    }

    /// Syncs with a service that lies, and returns the verdict on a site.
    #[track_caller]
    pub(crate) fn verdict_under(&self, attacks: impl IntoIterator<Item = Attack>, site: u64) -> String {
        attacks.into_iter().for_each(|attack| self.service.attack(attack));
        let code = self.zkv(&["sync"]).output().unwrap().status.code();
        assert!(matches!(code, Some(0 | 10)), "{code:?}");
        let bad = |verdict: &String| ["tampered", "rolled-back"].contains(&verdict.as_str());
        let found = self.verdicts().iter().any(bad);
        assert_eq!(code == Some(10), found, "the exit code tells the same");
        self.verdict(site)
    }

    /// Lets the service tell the truth again, and sees that all is well then.
    #[track_caller]
    pub(crate) fn recovers(&self) {
        self.service.behave();
        self.sync(0);
        let verdicts = self.verdicts();
        assert!(verdicts.iter().all(|verdict| verdict == "ok"), "{verdicts:?}");
    }

    pub(crate) fn verdict(&self, site: u64) -> String {
        let list = self.json(&["list"]);
        let found = list.as_array().unwrap().iter().find(|known| known["id"] == site);
        found.map_or("", |site| site["verdict"].as_str().unwrap()).to_owned()
    }

    pub(crate) fn verdicts(&self) -> Vec<String> {
        let list = self.json(&["list"]);
        let sites = list.as_array().unwrap().iter();
        sites.map(|site| site["verdict"].as_str().unwrap().to_owned()).collect()
    }

    /// A value as it comes from the local store.
    pub(crate) fn read(&self, site: u64, field: &str) -> String {
        self.stdout(&["read", &format!("zkv://{site}/{field}")])
    }

    /// The site as the service has it in truth.
    pub(crate) fn stored(&self, site: u64) -> Value {
        let organisation: Organisation = self.service.organisation();
        Value::Object(organisation.get(Kind::Site, site).unwrap().clone())
    }

    /// Changes the truth.
    pub(crate) fn change(&self, site: u64, change: impl FnOnce(&mut Value)) {
        self.service.change(|organisation| {
            let stored = organisation.get_mut(Kind::Site, site).unwrap();
            let mut whole = Value::Object(std::mem::take(stored));
            change(&mut whole);
            *stored = whole.as_object().unwrap().clone();
        });
    }
}
