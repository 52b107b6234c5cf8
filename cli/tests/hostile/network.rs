//! Where requests go: to the service and the storage that were named, and nowhere else.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use zkvault_simulator::{Answer, Attack, BlobAttack, Received};
use zkvault_test_support::{Ran, Repository};

use crate::world::{GITHUB, GOOGLE, World};

/// An address where nobody should ever come.
pub(crate) struct Trap {
    pub(crate) url: String,
    visitors: Arc<AtomicUsize>,
}

impl Trap {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let visitors = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&visitors);
        std::thread::spawn(move || {
            for visitor in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                let _ = visitor
                    .unwrap()
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            }
        });
        Self { url, visitors }
    }

    /// Nobody came; and somebody who does come is seen.
    #[track_caller]
    pub(crate) fn nobody_came(&self) {
        assert_eq!(self.visitors.load(Ordering::SeqCst), 0);
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
        assert_eq!(self.visitors.load(Ordering::SeqCst), 1, "the trap works");
        self.visitors.store(0, Ordering::SeqCst);
    }
}

#[test]
fn z05_nothing_that_an_item_holds_makes_a_request() {
    let world = World::synced();
    let trap = Trap::new();
    for site in [GITHUB, GOOGLE] {
        for pointer in [
            "/image",
            "/icon",
            "/login/Url",
            "/login/regex",
            "/login/action/submit",
            "/name",
            "/logo",
        ] {
            let lure = format!("{}/?{pointer}", trap.url);
            world.service.attack(Attack::change(site, pointer, lure));
        }
    }
    world.sync(0);
    let known = world.service.conditions().requests().len();
    let commands: [&[&str]; 9] = [
        &["list"],
        &["search", "git"],
        &["show", "1749412", "--reveal"],
        &["read", "zkv://1749412/password"],
        &["trust"],
        &["trust", "--yes", "1749412", "1749398"],
        &["show", "1749412", "--reveal"],
        &["read", "zkv://1749412/password"],
        &["status", "--verify"],
    ];
    for command in commands {
        world.zkv(command).assert().success();
    }
    assert_eq!(
        world.service.conditions().requests().len(),
        known,
        "what is local asks nobody"
    );
    for command in [
        &["site", "list"][..],
        &["site", "get", "1749412"],
        &["doctor"],
        &["sync"],
    ] {
        world.zkv(command).assert().success();
    }
    let requests = world.service.conditions().requests();
    let paths = requests.iter().map(|request| request.path.as_str());
    assert!(
        paths
            .clone()
            .all(|path| path == "/" || path.starts_with("/rest/") || path.starts_with("/oauth2/")),
        "{:?}",
        paths.collect::<Vec<_>>()
    );
    trap.nobody_came();
}

/// A service that sends us elsewhere, in every way that HTTP and JSON know.
fn lure(trap: &Trap, status: u16, at: &'static str) -> impl Fn(&Received, &mut Answer) + Send + Sync + 'static {
    let url = trap.url.clone();
    move |received, answer| {
        if !received.path.starts_with(at) {
            return;
        }
        answer.status = status;
        for (name, value) in [
            ("location", format!("{url}{}", received.path)),
            ("refresh", format!("0; url={url}")),
            ("link", format!("<{url}>; rel=next")),
            ("alt-svc", format!("http/1.1=\"{}\"", url.trim_start_matches("http://"))),
        ] {
            answer.headers.push((name.to_owned(), value));
        }
        if let Some(members) = answer.document.as_object_mut() {
            members.insert("next".to_owned(), json!(url));
            members.insert("postKeyTo".to_owned(), json!(url));
            members.insert("keyConnectorUrl".to_owned(), json!(url));
        }
    }
}

#[test]
fn z39_no_redirect_is_followed_and_the_token_goes_to_one_host() {
    let world = World::synced();
    let trap = Trap::new();
    for status in [301, 302, 303, 307, 308] {
        for at in ["/rest", "/oauth2"] {
            let rewriter = lure(&trap, status, at);
            world.service.conditions().set_rewriter(Some(Arc::new(rewriter)));
            for command in [
                &["sync"][..],
                &["user", "list"],
                &["group", "create", "New"],
                &["user", "deactivate", "1918"],
                &["api", "logmeonce", "GET", "/groups"],
            ] {
                let said = world.fails(command, 1);
                assert!(!said.contains("Bearer"), "{said}");
            }
        }
    }
    world.service.conditions().set_rewriter(None);
    trap.nobody_came();
    assert!(world.verdicts().iter().all(|verdict| verdict == "ok"));
}

#[test]
fn z39_only_https_leaves_this_machine() {
    let world = World::synced();
    let before = world.service.conditions().requests().len();
    let addresses = [
        "http://example.com",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://127.0.0.1@example.com/",
        "http://user:pass@127.0.0.1/",
        "https://user@example.com/",
        "http://0177.0.0.1.nip.io/",
        "http://[::ffff:93.184.216.34]/",
        "http://0.0.0.0/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
    ];
    for address in addresses {
        let mut zkv = world.zkv(&["site", "list"]);
        let refused = zkv.env("ZKV_LOGMEONCE_URL", address).assert().failure();
        let output = refused.get_output();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // Refused as an address, and not tried in vain.
        assert_eq!(output.status.code(), Some(2), "{address}: {said}");
    }
    assert_eq!(world.service.conditions().requests().len(), before);
}

/// A hostile service names other places for its storage, or the storage sends us there.
#[test]
fn z28_links_to_other_places_and_redirects_of_a_storage_get_nothing() {
    let repository = Repository::simulated();
    repository.desk.write("file", "x");
    repository.run(&["upload", "file"]).done();
    let good = repository.sas("racwdl", Ok(std::time::Duration::from_secs(60)));
    let (address, token) = good.split_once('?').unwrap();
    let signature = token.split("sig=").nth(1).unwrap().to_owned();
    let path = address.rsplit_once("/zkvsimulator").map_or("", |(_, path)| path);
    let refused = [
        format!("http://example.com/zkvsimulator{path}?{token}"),
        format!("http://127.0.0.1@example.com/a{path}?{token}"),
        format!("https://account.blob.core.windows.net@example.com/things?{token}"),
        format!("http://localhost.example.com/a/things?{token}"),
        format!("http://127.0.0.1.example.com/a/things?{token}"),
        format!("ftp://127.0.0.1/a/things?{token}"),
        format!("file:///things?{token}"),
        format!("{address}?{}", token.split("&sig").next().unwrap()),
        format!("{address}#?{token}"),
    ];
    let without_token = |ran: &Ran, what: &str| {
        assert!(
            !ran.stderr.contains(&signature) && !ran.stdout.contains(&signature),
            "{what}: {ran:?}"
        );
    };
    let before = repository.conditions().requests().len();
    for link in refused {
        let ran = repository.with_sas(&link, &["ls", "--json"]);
        assert_eq!(ran.code, 2, "{link}: {ran:?}");
        without_token(&ran, &link);
    }
    assert_eq!(repository.conditions().requests().len(), before);

    let trap = Trap::new();
    for status in [301, 302, 303, 307, 308] {
        repository.storage().attack(BlobAttack::Redirect {
            status,
            to: trap.url.clone(),
        });
        for command in [
            &["ls"][..],
            &["upload", "file", "--name", "other"],
            &["download", "file", "--to", "out"],
        ] {
            let ran = repository.run(command);
            assert_ne!(ran.code, 0, "{status}: {ran:?}");
            without_token(&ran, "a redirect");
        }
    }
    trap.nobody_came();
    repository.storage().behave();
    repository.run(&["download", "file", "--to", "out"]).done();
}
