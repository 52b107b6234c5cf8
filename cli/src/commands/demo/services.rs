//! The simulated services of the demo, on a thread of their own.

use std::sync::mpsc;

use zkvault_core::key::VaultKey;
use zkvault_core::vendor::catalog;
use zkvault_simulator::{
    BlobStorage, LogMeOnce, Loome, LoomeSettings, Router, Server, Settings, Storage, Tenant, login_page, seed,
};

use crate::error::{CliError, Exit, Result};

/// The layout of the vendor's half of the values: one that is only found by a search.
const LAYOUT: &str = "vendor-cbc-hmac-128";

/// Running services. They end with the process.
#[derive(Debug)]
pub(super) struct Services {
    pub(super) logmeonce: LogMeOnce,
    pub(super) logmeonce_url: String,
    pub(super) loome_url: String,
}

impl Services {
    /// Starts LogMeOnce at `port`, for the made-up organisation, whose values are sealed under `key`; and Loome Assist
    /// with its storage, at any free ports.
    pub(super) fn start(key: &VaultKey, port: u16) -> Result<Self> {
        let layout = catalog::find(LAYOUT).ok_or_else(failed)?;
        let mut organisation = seed::demo_in(layout, key).map_err(|error| failed().cause(error))?;
        seed::add_one_time_codes(&mut organisation, key).map_err(|error| failed().cause(error))?;
        let logmeonce = LogMeOnce::new(Settings::default(), organisation);
        let logmeonce_url = serve(port, logmeonce.router())?;
        let storage = BlobStorage::new(Storage::Memory).map_err(|error| failed().cause(error))?;
        let storage_url = serve(0, storage.router())?;
        let loome = Loome::new(LoomeSettings::default(), Tenant::demo(), &storage, &storage_url);
        Ok(Self {
            logmeonce,
            logmeonce_url,
            loome_url: serve(0, loome.router())?,
        })
    }
}

impl Services {
    /// Serves a login page, and adds its site to the organisation. Gives its address.
    pub(super) fn serve_login_page(&self, key: &VaultKey) -> Result<String> {
        let url = format!("{}/", serve(0, login_page())?);
        let site = seed::practice(key, &url).map_err(|error| failed().cause(error))?;
        self.logmeonce.change(|organisation| organisation.add_site(&site));
        Ok(url)
    }
}

/// Serves until the process ends. Gives the address.
fn serve(port: u16, router: Router) -> Result<String> {
    let (started, url) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Nobody listens any more when the demo is over.
        let _ = match runtime {
            Ok(runtime) => runtime.block_on(async {
                let server = Server::start(port, router).await;
                let _ = started.send(server.as_ref().map(Server::url).map_err(ToString::to_string));
                if server.is_ok() {
                    std::future::pending::<()>().await;
                }
                Ok(())
            }),
            Err(error) => started.send(Err(error.to_string())),
        };
    });
    let url = url.recv().map_err(|error| failed().cause(error))?;
    url.map_err(|cause| failed().cause(cause).hint("choose another --port"))
}

fn failed() -> CliError {
    CliError::new(Exit::Other, "demo", "the simulated service did not start")
}
