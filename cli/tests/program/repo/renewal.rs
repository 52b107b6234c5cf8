//! Tokens that end while files are on their way, and the ones that take their place.

use std::process::{Child, Stdio};
use std::time::{Duration, SystemTime};

use zkvault_simulator::{Fault, LoomeSettings};
use zkvault_test_support::{Desk, LoomeService, Ran, Repository};

const REPO: &str = "12/340";
const CONTAINER: &str = "hullruns";
/// Files, 16 of them at a time: six rounds of [`SLOW`], which is several lives of a token.
const FILES: usize = 96;
const SLOW: Duration = Duration::from_millis(700);
/// In whole seconds that have begun: 1 to 2 seconds.
const SHORT: Duration = Duration::from_secs(2);

struct World {
    desk: Desk,
    service: LoomeService,
}

impl World {
    /// A desk with many small files, and a service whose tokens live for so long.
    fn with_tokens_for(life: Duration) -> Self {
        let service = LoomeService::with(LoomeSettings {
            max_sas_ttl: Some(life),
            ..LoomeSettings::default()
        });
        let desk = Desk::new();
        desk.write("vault.key", [7; 32]);
        std::fs::create_dir(desk.path("many")).unwrap();
        for number in 0..FILES {
            desk.write(&format!("many/{number}"), number.to_string());
        }
        service.storage.conditions().set_latency(SLOW);
        Self { desk, service }
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = self.desk.zkv_std(&[&["repo"], args].concat());
        command
            .env("ZKV_KEY_FILE", "vault.key")
            .envs(self.service.environment());
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&self.command(args).output().unwrap())
    }

    /// Starts an upload, and waits until the first files are there.
    fn begin(&self) -> Child {
        let mut command = self.command(&["upload", "many", "--repo", REPO, "--json"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while self.service.storage.names(CONTAINER).is_empty() {
            std::thread::sleep(Duration::from_millis(20));
        }
        child
    }

    fn tokens(&self) -> usize {
        let requests = self.service.conditions().requests();
        let is_sas = |path: &str| path.ends_with("/SharedAccessSignature");
        requests.iter().filter(|request| is_sas(&request.path)).count()
    }

    fn all_came_back(&self, folder: &str) {
        for number in 0..FILES {
            let content = self.desk.read(&format!("{folder}/many/{number}"));
            assert_eq!(content, number.to_string().into_bytes());
        }
    }

    fn sas(&self, life: Duration) -> String {
        let token = self.service.storage.sas(CONTAINER, "racwdl", SystemTime::now() + life);
        let account = self.service.storage.account().name().to_owned();
        format!("{}/{account}/{CONTAINER}?{token}\n", self.service.storage_url())
    }
}

#[test]
fn tokens_that_live_for_seconds_do_not_stop_a_transfer() {
    let world = World::with_tokens_for(SHORT);
    world.run(&["upload", "many", "--repo", REPO]).done();
    let uploads = world.tokens();
    assert!((3..=8).contains(&uploads), "once for each life: {uploads}");
    assert_eq!(world.service.storage.names(CONTAINER).len(), FILES);
    world.run(&["download", "many", "--to", "out", "--repo", REPO]).done();
    assert!(world.tokens() - uploads >= 3);
    world.all_came_back("out");
    // What is asked for in the environment serves as well, and reading asks for no more than reading.
    let mut listing = world.command(&["ls"]);
    let listed = Ran::of(&listing.env("ZKV_REPO", REPO).output().unwrap()).done();
    assert_eq!(listed.stdout.lines().count(), FILES);
    let last = world.service.conditions().requests().pop().unwrap();
    assert!(last.query.unwrap().contains("isreadonly=true"));
}

/// A clock of this machine that is an hour off must neither ask for a token at every request nor never.
#[test]
fn the_services_clock_decides_when_a_token_is_renewed() {
    for skew in [-3600, 3600] {
        let world = World::with_tokens_for(SHORT);
        world.service.storage.conditions().set_clock_skew(skew);
        world.service.conditions().set_clock_skew(skew);
        world.run(&["upload", "many", "--repo", REPO]).done();
        let tokens = world.tokens();
        assert!((3..=8).contains(&tokens), "{skew}: {tokens}");
    }
}

#[test]
fn without_a_new_token_the_end_is_told_and_the_next_run_goes_on() {
    let world = World::with_tokens_for(SHORT);
    let child = world.begin();
    world.service.conditions().inject(Fault::status(500), usize::MAX, "/");
    let ended = Ran::of(&child.wait_with_output().unwrap());
    ended.refused(4, "sas-expired");
    for part in ["expired at 20", "it was not renewed"] {
        assert!(ended.stderr.contains(part), "{part}: {ended:?}");
    }
    world.service.conditions().clear_faults();
    world.run(&["upload", "many", "--repo", REPO]).done();
    world.service.storage.conditions().set_latency(Duration::ZERO);
    world.run(&["download", "many", "--to", "out", "--repo", REPO]).done();
    world.all_came_back("out");
}

#[test]
fn a_new_token_for_another_container_is_not_used() {
    let world = World::with_tokens_for(SHORT);
    let child = world.begin();
    world.service.storage.create_container("elsewhere");
    world.service.change(|tenant| {
        let repositories = &mut tenant.projects[0].repositories;
        "elsewhere".clone_into(&mut repositories[0].name);
    });
    let ended = Ran::of(&child.wait_with_output().unwrap());
    ended.refused(4, "sas-expired");
    assert!(ended.stderr.contains("for another container"), "{ended:?}");
    assert!(world.service.storage.names("elsewhere").is_empty());
}

#[test]
fn tokens_that_are_dead_on_arrival_are_not_asked_for_endlessly() {
    let world = World::with_tokens_for(Duration::ZERO);
    let ended = world.run(&["upload", "many", "--repo", REPO, "--json"]);
    ended.refused(4, "sas-expired");
    assert!(ended.stderr.contains("ended already"), "{ended:?}");
    assert!(world.tokens() <= 40, "{}", world.tokens());
}

#[test]
fn a_new_token_may_be_put_into_the_file() {
    let world = World::with_tokens_for(SHORT);
    let file = world.desk.path("link.sas");
    let upload = |command: &mut std::process::Command| {
        let command = command.env("ZKV_SAS_FILE", &file).stdout(Stdio::piped());
        command.stderr(Stdio::piped()).spawn().unwrap()
    };
    std::fs::write(&file, world.sas(SHORT)).unwrap();
    let ended = upload(&mut world.command(&["upload", "many", "--json"])).wait_with_output();
    let ended = Ran::of(&ended.unwrap());
    ended.refused(4, "sas-expired");
    assert!(ended.stderr.contains("ZKV_SAS_FILE holds no other one"), "{ended:?}");

    std::fs::write(&file, world.sas(SHORT)).unwrap();
    let child = upload(&mut world.command(&["upload", "many"]));
    std::thread::sleep(SLOW);
    std::fs::write(&file, world.sas(Duration::from_secs(600))).unwrap();
    Ran::of(&child.wait_with_output().unwrap()).done();
    assert_eq!(world.service.storage.names(CONTAINER).len(), FILES);
}

#[test]
fn what_names_no_repository_is_said() {
    let repository = Repository::simulated();
    let mut command = repository.desk.zkv_std(&["repo", "ls", "--json"]);
    let without = Ran::of(&command.env("ZKV_KEY_FILE", "vault.key").output().unwrap());
    without.refused(5, "input-needed");
    assert!(without.stderr.contains("ZKV_REPO"), "{without:?}");
    let wrong = Ran::of(&command.env("ZKV_REPO", "340").output().unwrap());
    wrong.refused(2, "usage");
    assert!(wrong.stderr.contains("PROJECT/REPOSITORY"), "{wrong:?}");
}

#[test]
fn an_empty_file_is_called_empty() {
    let repository = Repository::simulated();
    for (text, code, kind, words) in [
        ("\r\n", 1, "secret-file", "it is empty"),
        (" \r\n", 2, "usage", "the address of the repository is empty"),
    ] {
        repository.desk.write("sas.txt", text);
        let mut command = repository.command("", &["ls", "--json"]);
        let command = command.env_remove("ZKV_SAS").env("ZKV_SAS_FILE", "sas.txt");
        let ran = Ran::of(&command.output().unwrap());
        ran.refused(code, kind);
        assert!(ran.stderr.contains(words), "{ran:?}");
    }
}
