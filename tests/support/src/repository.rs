//! A container to test with, and the program that uses it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use zkvault_simulator::{Account, BlobStorage, Conditions, Sas};

use crate::desk::Desk;
use crate::services::StorageService;

/// All that a container's SAS can allow here.
pub const ALL: &str = "racwdl";
/// An hour.
pub const HOUR: Duration = Duration::from_secs(3600);
static CONTAINERS: AtomicUsize = AtomicUsize::new(0);

/// A desk with a key, and a container of its own.
#[derive(Debug)]
pub struct Repository {
    /// Where the program runs.
    pub desk: Desk,
    /// The container's name.
    pub container: String,
    simulator: Option<StorageService>,
    account: Account,
    url: String,
}

/// What the program did.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; -1 for a signal.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it reported.
    pub stderr: String,
}

impl Ran {
    /// Nothing that is shown may hold a token.
    pub fn of(output: &Output) -> Self {
        let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8(bytes.clone()).unwrap());
        assert!(!stdout.contains("sig=") && !stderr.contains("sig="), "{stdout}{stderr}");
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout,
            stderr,
        }
    }

    /// Checks that it succeeded.
    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Checks an error of `--json`.
    #[track_caller]
    pub fn refused(&self, exit: i32, code: &str) {
        let last = self.stderr.lines().last().unwrap_or_default();
        let error: Value = serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert_eq!((self.code, error["code"].as_str()), (exit, Some(code)), "{self:?}");
    }
}

impl Default for Repository {
    fn default() -> Self {
        Self::new()
    }
}

impl Repository {
    /// In the simulator, or in the Azurite that the environment names.
    pub fn new() -> Self {
        match std::env::var("ZKV_TEST_AZURITE") {
            Ok(url) => Self::in_azurite(url),
            Err(_) => Self::simulated(),
        }
    }

    /// In the simulator.
    pub fn simulated() -> Self {
        let service = StorageService::new("things");
        let (account, url) = (service.storage.account().clone(), service.url());
        Self::with(Some(service), account, url, "things".to_owned())
    }

    fn in_azurite(url: String) -> Self {
        let number = CONTAINERS.fetch_add(1, Ordering::Relaxed);
        let container = format!("test-{}-{number}", std::process::id());
        let repository = Self::with(None, Account::azurite(), url, container);
        repository.create_container();
        repository
    }

    fn with(simulator: Option<StorageService>, account: Account, url: String, container: String) -> Self {
        let desk = Desk::new();
        desk.write("vault.key", [7; 32]);
        Self {
            desk,
            container,
            simulator,
            account,
            url,
        }
    }

    fn create_container(&self) {
        let token = self.account.sign(&Sas::account("sco", "c", SystemTime::now() + HOUR));
        let answer = self.send_to("PUT", &format!("?restype=container&{token}"), &[], b"");
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }

    /// Sends what no client of ours sends, with all that an account can allow: a method, a blob with its query, headers
    /// and a body. The response's text.
    pub fn send(&self, method: &str, blob: &str, query: &str, headers: &[(&str, &str)], body: &[u8]) -> String {
        let token = self
            .account
            .sign(&Sas::account("sco", "rwdlacut", SystemTime::now() + HOUR));
        self.send_to(method, &format!("/{blob}?{query}&{token}"), headers, body)
    }

    fn send_to(&self, method: &str, place: &str, headers: &[(&str, &str)], body: &[u8]) -> String {
        let address = self.url.strip_prefix("http://").unwrap();
        let headers: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let head = format!(
            "{method} /{}/{}{place} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.account.name(),
            self.container,
            body.len()
        );
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The simulated storage.
    pub fn storage(&self) -> &BlobStorage {
        &self.simulator.as_ref().unwrap().storage
    }

    /// What the simulated storage does wrong.
    pub fn conditions(&self) -> &Conditions {
        self.storage().conditions()
    }

    /// The only blob there is.
    pub fn only_blob(&self) -> String {
        let names = self.storage().names(&self.container);
        assert_eq!(names.len(), 1, "{names:?}");
        names[0].clone()
    }

    /// The blocks that were sent, whatever became of them.
    pub fn block_requests(&self) -> usize {
        let requests = self.conditions().requests();
        let is_block = |query: &String| query.contains("comp=block&");
        requests
            .iter()
            .filter(|request| request.query.as_ref().is_some_and(is_block))
            .count()
    }

    /// The address with a token of these permissions, which holds for so long; or was good until so long ago.
    pub fn sas(&self, permissions: &str, holds: Result<Duration, Duration>) -> String {
        let expiry = match holds {
            Ok(holds) => SystemTime::now() + holds,
            Err(ago) => SystemTime::now() - ago,
        };
        self.signed(&Sas::container(&self.container, permissions, expiry))
    }

    /// The address with this token.
    pub fn signed(&self, sas: &Sas) -> String {
        let token = self.account.sign(sas);
        format!("{}/{}/{}?{token}", self.url, self.account.name(), self.container)
    }

    /// Runs `zkv repo` with a SAS of these permissions.
    pub fn with_permissions(&self, permissions: &str, args: &[&str]) -> Ran {
        self.with_sas(&self.sas(permissions, Ok(HOUR)), args)
    }

    /// Runs `zkv repo` with this address.
    pub fn with_sas(&self, sas: &str, args: &[&str]) -> Ran {
        Ran::of(&self.command(sas, args).output().unwrap())
    }

    /// Runs `zkv repo` with all permissions.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.with_permissions(ALL, args)
    }

    /// Starts it, for tests that look on.
    pub fn spawn(&self, permissions: &str, args: &[&str]) -> Child {
        let mut command = self.command(&self.sas(permissions, Ok(HOUR)), args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// `zkv repo` with this address, not yet run.
    pub fn command(&self, sas: &str, args: &[&str]) -> std::process::Command {
        let mut command = self.desk.zkv_std(&[&["repo"], args].concat());
        command
            .env("ZKV_SAS", sas)
            .env("ZKV_KEY_FILE", "vault.key")
            .stdin(Stdio::null());
        command
    }

    /// As [`run`](Self::run), where no file may have more than so many blocks of 512 bytes.
    #[cfg(unix)]
    pub fn with_file_limit(&self, blocks: u32, args: &[&str]) -> Ran {
        let zkv = self.command(&self.sas(ALL, Ok(HOUR)), args);
        let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut limited = std::process::Command::new("sh");
        limited
            .arg("-c")
            .arg(script)
            .arg(zkv.get_program())
            .args(zkv.get_args());
        for (name, value) in zkv.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        limited.current_dir(self.desk.path(".")).stdin(Stdio::null());
        Ran::of(&limited.output().unwrap())
    }

    /// Bytes that compress badly and differ everywhere.
    pub fn content(len: usize) -> Vec<u8> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut words = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        });
        let mut content = Vec::with_capacity(len + 8);
        while content.len() < len {
            content.extend(words.next().unwrap().to_le_bytes());
        }
        content.truncate(len);
        content
    }
}
