//! A simulated service for the program, in this process.

use std::sync::mpsc;

use assert_cmd::Command;
use serde_json::Value;
use zkvault_core::key::VaultKey;
use zkvault_simulator::{LogMeOnce, Organisation, Router, Server, Settings, seed};

use crate::support::{Desk, stdout};

/// A service that runs until the tests end, and the key of its values.
pub(crate) struct Service {
    /// The service: to break it, to change what it has, and to look at what it was asked.
    pub(crate) simulator: LogMeOnce,
    url: String,
}

impl Service {
    /// With the simulator's organisation, whose values `vault.key` of the desk opens.
    pub(crate) fn demo(desk: &Desk) -> Self {
        let key = VaultKey::generate().unwrap();
        desk.write("vault.key", key.expose_secret());
        Self::of(seed::demo(&key).unwrap())
    }

    pub(crate) fn of(organisation: Organisation) -> Self {
        let simulator = LogMeOnce::new(Settings::default(), organisation);
        let url = serve(simulator.router());
        Self { simulator, url }
    }

    /// The settings by which the program finds the service.
    pub(crate) fn environment(&self) -> [(&'static str, String); 3] {
        let settings = self.simulator.settings();
        let api_key = settings.api_keys.first().unwrap();
        [
            ("ZKV_LOGMEONCE_URL", self.url.clone()),
            ("ZKV_LOGMEONCE_KEY", api_key.key.clone()),
            ("ZKV_LOGMEONCE_SECRET", api_key.secret.clone()),
        ]
    }

    /// The program at a desk, with this service and the desk's `vault.key`, and no keyring.
    pub(crate) fn zkv(&self, desk: &Desk, args: &[&str]) -> Command {
        let mut zkv = desk.zkv(args);
        zkv.envs(self.environment()).env("ZKV_KEY_FILE", "vault.key");
        zkv
    }
}

/// Serves until the tests end. Gives the address.
pub(crate) fn serve(router: Router) -> String {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            let server = Server::start(0, router).await.unwrap();
            tell.send(server.url()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    told.recv().unwrap()
}

/// What the service was asked last: method and path, and the parameters.
pub(crate) fn asked(service: &Service) -> (String, Value) {
    let entry = service.simulator.audit_log().pop().unwrap();
    (
        format!("{} {}", entry.method, entry.path),
        Value::Object(entry.parameters),
    )
}

/// The JSON document that the program printed on success.
pub(crate) fn json_of(command: &mut Command) -> Value {
    serde_json::from_str(&stdout(command)).unwrap()
}
