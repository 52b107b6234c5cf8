//! What the daily commands show on a terminal, row by row, through a real pseudo-terminal: at 80×24 and at 140×40.
//!
//! `UPDATE_SCREENS=1 cargo test -p zkv --test program screens` writes what is shown now into `tests/screens`.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use zkvault_simulator::{Attack, Kind, seed};
use zkvault_test_support::{Desk, Service};

use crate::pty::{Pty, variables};

/// Rows and columns: the smallest terminal that people still have, and a usual one.
const SIZES: [(u16, u16); 2] = [(24, 80), (40, 140)];
/// Sites were last changed so many seconds ago, one after the other: ages that stay the same while the tests run.
const AGES: [u64; 6] = [
    26 * 3600,
    2 * 3600 + 60,
    5 * 86_400 + 60,
    21 * 86_400 + 60,
    100 * 86_400,
    4 * 31_556_952,
];

/// An account whose second sync finds nothing, with names and hosts of every width.
fn office() -> (Desk, Service) {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    service.change(|organisation| {
        let ids: Vec<u64> = organisation.ids(Kind::Site).collect();
        for (id, age) in ids.iter().zip(AGES.iter().cycle()) {
            organisation.get_mut(Kind::Site, *id).unwrap()["updated"] = json!(now - age);
        }
        let mut rename = |id: u64, name: &str| organisation.get_mut(Kind::Site, id).unwrap()["name"] = json!(name);
        rename(seed::GITHUB, "GitHub of the whole department of engineering");
        rename(1_749_400, "キャンバ・デザイン部門の共有アカウント");
    });
    for _ in 0..2 {
        service.zkv(&desk, &["sync"]).assert().success();
    }
    (desk, service)
}

/// What a terminal of this size shows after a command, without the spaces at the ends of its rows.
fn screen(desk: &Desk, service: &Service, args: &[&str], size: (u16, u16)) -> String {
    let environment = service.environment();
    let variables = variables(&environment, &[("LANG", "C.UTF-8"), ("NO_COLOR", "")]);
    let mut pty = Pty::run_with(desk, size, &variables, &format!("zkv {}", args.join(" ")));
    pty.finish();
    let port = service.address().port().to_string();
    pty.screen().join("\n").trim_end().replace(&port, "PORT") + "\n"
}

/// Compares a command's screens with those that are kept.
fn is_as_kept(name: &str, desk: &Desk, service: &Service, args: &[&str]) {
    for (rows, cols) in SIZES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/screens/{name}-{cols}x{rows}.txt"));
        let shown = screen(desk, service, args, (rows, cols));
        let command = format!("$ zkv {}\n{shown}", args.join(" "));
        if std::env::var_os("UPDATE_SCREENS").is_some() {
            std::fs::write(&path, &command).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let rows = command.lines().zip(kept.lines()).enumerate();
        for (row, (shown, kept)) in rows {
            assert_eq!(shown, kept, "row {row} of {}:\n{command}", path.display());
        }
        assert_eq!(
            command.lines().count(),
            kept.lines().count(),
            "{}:\n{command}",
            path.display()
        );
    }
}

#[test]
fn list_and_show_fit() {
    let (desk, service) = office();
    is_as_kept("list", &desk, &service, &["list"]);
    is_as_kept("show", &desk, &service, &["show", "github"]);
    is_as_kept("search", &desk, &service, &["search", "example"]);
}

#[test]
fn sync_leads_with_the_worst_and_trust_lists_it() {
    let (desk, service) = office();
    service.attack(Attack::url(seed::GITHUB, "https://github.com.login.example/session"));
    service.attack(Attack::Drop { site: seed::GOOGLE });
    is_as_kept("sync", &desk, &service, &["sync"]);
    is_as_kept("trust", &desk, &service, &["trust"]);
}
