//! Answers that are too much.

use crate::world::World;

/// More than a third of it would not fit into the memory that the program gets here.
#[cfg(target_os = "linux")]
#[test]
fn z07_answers_without_measure_are_refused_in_little_memory() {
    use zkvault_simulator::Fault;

    let world = World::synced();
    let before = world.json(&["list"]);
    // A site that is set aside, and users and groups that cannot be fetched, keep no other site from being stored: then the
    // end is partly failed.
    for path in ["/rest/sites", "/rest/users", "/rest/groups"] {
        let fault = Fault::HugeField { bytes: 400 << 20 };
        world.service.conditions().inject(fault, usize::MAX, path);
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "ulimit -v 400000; exec \"$0\" sync", env!("CARGO_BIN_EXE_zkv")]);
        shell.current_dir(world.desk.path("")).envs(world.service.environment());
        shell
            .env("ZKV_CONFIG_DIR", world.desk.path("config"))
            .env("ZKV_DATA_DIR", world.desk.path("data"));
        let output = shell.env("ZKV_KEY_FILE", "vault.key").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(11), "{path}: {said}");
        assert!(said.contains("error: ") && said.len() < 2000, "{path}: {said}");
        world.service.conditions().clear_faults();
        assert_eq!(world.json(&["list"]), before);
    }
    world.recovers();
}

#[test]
fn z12_what_does_not_open_is_asked_for_once_and_reported_to_nobody() {
    let world = World::synced();
    let asked = |world: &World| {
        let before = world.service.conditions().requests().len();
        let _ = world.zkv(&["sync"]).output().unwrap();
        let requests = world.service.conditions().requests().split_off(before);
        requests
            .iter()
            .map(|request| format!("{} {}", request.method, request.path))
            .collect::<Vec<_>>()
    };
    let honest = asked(&world);
    let other_key = zkvault_core::key::VaultKey::generate().unwrap();
    let lies = [
        zkvault_simulator::Attack::SwapValues {
            one: (crate::world::GITHUB, 0),
            other: (crate::world::GITHUB, 1),
        },
        zkvault_simulator::Attack::change(crate::world::GITHUB, "/login/inputs/1/value", "no base64"),
        zkvault_simulator::Attack::input_type(crate::world::GITHUB, 1, "text"),
    ];
    for lie in lies {
        world.service.attack(lie);
        assert_eq!(asked(&world), honest);
        world.recovers();
    }
    world.desk.write("vault.key", other_key.expose_secret());
    assert!(asked(&world).len() <= honest.len());
}
