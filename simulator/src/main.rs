//! `zkvault-simulator`: the simulated service alone, for people who write other clients.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use clap::Parser;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde::Deserialize;
use zkvault_core::key::VaultKey;
use zkvault_core::model::Site;
use zkvault_simulator::{
    BlobStorage, LogMeOnce, Loome, LoomeSettings, Organisation, Quirk, Router, Server, Settings, Storage, Tenant,
    for_pages, seed,
};

/// A simulated LogMeOnce service on 127.0.0.1, until it is interrupted.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The port; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// What the service knows at the start: `demo`, `empty`, `bulk:100000` for as many sites, `file:sites.json` for
    /// those of a document, or `scale` for a large organisation, and `scale:10` for a tenth of it.
    #[arg(long, default_value = "demo")]
    seed: Seed,
    /// How many seconds access tokens live.
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    token_ttl: u64,
    /// Also a blob storage with a container, and a Loome Assist of a made-up tenant.
    #[arg(long)]
    files: bool,
    /// Play a quirk of real services and storages; may be given several times.
    #[arg(long = "quirk", value_name = "NAME", value_parser = quirks())]
    quirks: Vec<Quirk>,
    /// Let pages of every origin ask (CORS).
    #[arg(long)]
    cors: bool,
}

impl Arguments {
    fn open(&self, router: Router) -> Router {
        match self.cors {
            true => for_pages(router),
            false => router,
        }
    }
}

/// The names of quirks, with what they play for `--help`.
fn quirks() -> impl TypedValueParser<Value = Quirk> {
    let names = Quirk::all().map(|quirk| PossibleValue::new(quirk.name()).help(quirk.description()));
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Quirk>())
}

/// Seconds for which the container's token holds.
const SAS_TTL: u64 = 86_400;
const CONTAINER: &str = "files";

#[derive(Debug, Clone)]
enum Seed {
    /// A made-up organisation, with values sealed under a new key that is printed.
    Demo,
    /// Nobody and nothing.
    Empty,
    /// Sites and nobody, with values sealed under a new key that is printed.
    Bulk(u64),
    /// The sites of a document `{"sites": [...]}`, as they are.
    File(PathBuf),
    /// A part of 5,000 users, 500 nested groups, 20,000 sites and 200,000 ties, without values.
    Scale(u64),
}

impl FromStr for Seed {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':').unwrap_or((text, "")) {
            ("demo", "") => Ok(Self::Demo),
            ("empty", "") => Ok(Self::Empty),
            ("bulk", count) => count.parse().map(Self::Bulk).map_err(|_| "bulk: takes a number"),
            ("scale", "") => Ok(Self::Scale(1)),
            ("scale", part) => part.parse().map(Self::Scale).map_err(|_| "scale: takes a number"),
            ("file", path) => Ok(Self::File(PathBuf::from(path))),
            _ => Err("a seed is demo, empty, bulk:NUMBER, scale, scale:NUMBER or file:PATH"),
        }
    }
}

impl Seed {
    /// The organisation, and the key of its values.
    fn grow(self) -> Result<(Organisation, Option<VaultKey>), Box<dyn Error>> {
        let key = VaultKey::generate()?;
        Ok(match self {
            Self::Empty => (Organisation::new(), None),
            Self::Demo => (seed::demo(&key)?, Some(key)),
            Self::Bulk(count) => (seed::bulk(count, &key)?, Some(key)),
            Self::Scale(part) => (seed::scale(part), None),
            Self::File(path) => (read_sites(&path)?, None),
        })
    }
}

/// A document of sites.
#[derive(Deserialize)]
struct Sites {
    sites: Vec<Site>,
}

fn read_sites(path: &Path) -> Result<Organisation, Box<dyn Error>> {
    let document: Sites = serde_json::from_slice(&std::fs::read(path)?)?;
    let mut organisation = Organisation::new();
    for site in &document.sites {
        organisation.add_site(site);
    }
    Ok(organisation)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nowhere else to complain.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let (organisation, key) = arguments.seed.clone().grow()?;
    let settings = Settings {
        token_ttl: Duration::from_secs(arguments.token_ttl),
        ..Settings::default()
    };
    let service = LogMeOnce::new(settings.clone(), organisation);
    service.conditions().set_quirks(&arguments.quirks);
    let server = Server::start(arguments.port, arguments.open(service.router())).await?;
    let files = match arguments.files {
        true => Some(start_files(arguments).await?),
        false => None,
    };
    announce(&server, &settings, key.as_ref())?;
    tokio::signal::ctrl_c().await?;
    for server in files.into_iter().flatten() {
        server.stop().await;
    }
    server.stop().await;
    Ok(())
}

/// The storage and Loome Assist, which are announced before the rest.
async fn start_files(arguments: &Arguments) -> Result<[Server; 2], Box<dyn Error>> {
    let storage = BlobStorage::new(Storage::Memory)?;
    let blobs = Server::start(0, arguments.open(storage.router())).await?;
    storage.create_container(CONTAINER);
    arguments.quirks.iter().for_each(|quirk| storage.quirk(*quirk));
    let expiry = SystemTime::now() + Duration::from_secs(SAS_TTL);
    let settings = LoomeSettings::default();
    let loome = Loome::new(settings.clone(), Tenant::demo(), &storage, &blobs.url());
    let loome_server = Server::start(0, arguments.open(loome.router())).await?;
    let mut stdout = io::stdout().lock();
    writeln!(
        stdout,
        "ZKV_SAS={}",
        storage.sas_url(&blobs, CONTAINER, "racwdl", expiry)
    )?;
    writeln!(stdout, "ZKV_LOOME_URL={}", loome_server.url())?;
    if let Some(api_key) = settings.api_keys.first() {
        writeln!(stdout, "ZKV_LOOME_KEY={}", api_key.key)?;
        writeln!(stdout, "ZKV_LOOME_SECRET={}", api_key.secret)?;
    }
    Ok([blobs, loome_server])
}

/// The settings as a shell reads them. The key is made up like all it protects.
fn announce(server: &Server, settings: &Settings, key: Option<&VaultKey>) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "ZKV_LOGMEONCE_URL={}", server.url())?;
    if let Some(api_key) = settings.api_keys.first() {
        writeln!(stdout, "ZKV_LOGMEONCE_KEY={}", api_key.key)?;
        writeln!(stdout, "ZKV_LOGMEONCE_SECRET={}", api_key.secret)?;
    }
    if let Some(key) = key {
        writeln!(
            stdout,
            "# the vault key, as a key file holds it; values of version 1 name it {}",
            seed::VENDOR_KEY_ID
        )?;
        writeln!(stdout, "# {}", hex::encode(key.expose_secret()))?;
    }
    writeln!(
        stdout,
        "# access tokens live {} seconds; Ctrl-C stops",
        settings.token_ttl.as_secs()
    )?;
    stdout.flush()
}
