//! `zkv run` at a terminal: the program has it to itself, also where what it prints elsewhere is masked.

use std::process::Command;

use zkvault_test_support::{Desk, Service};

use crate::daily::office;
use crate::pty::{Pty, variables};

const PASSWORD: &str = "compass-rose-Vector-31";
const RUN: &str = "zkv run --env V=zkv://GitHub/password";
/// Keys that a terminal makes signals of.
const CTRL_C: &str = "\x03";
const CTRL_BACKSLASH: &str = "\x1c";

/// A script for `sh`, run by zkv on a terminal of 30 rows and 100 columns. The shell around it survives Ctrl-C, and reports
/// the exit code.
fn at_terminal(desk: &Desk, service: &Service, script: &str, after: &str) -> Pty {
    desk.write("script.sh", script);
    let environment = service.environment();
    let variables = variables(&environment, &[]);
    let command = format!("trap : INT QUIT; {RUN} -- sh script.sh {after}; echo code=$?");
    Pty::run_with(desk, (30, 100), &variables, &command)
}

#[test]
fn a_program_at_a_terminal_has_it_to_itself() {
    let (desk, service) = office();
    let script = "test -t 0 && test -t 1 && test -t 2 && echo all three
        stty size
        trap 'echo interrupted' INT
        trap 'stty size' WINCH
        echo \"with $V\"
        until read -r line; do :; done
        echo \"read $line\"
        exit 7";
    let mut pty = at_terminal(&desk, &service, script, "");
    pty.wait_for("all three");
    pty.wait_for("30 100");
    // What a person sees at the terminal is not masked.
    pty.wait_for(&format!("with {PASSWORD}"));
    pty.keys(CTRL_C);
    pty.wait_for("interrupted");
    pty.resize(40, 120);
    pty.wait_for("40 120");
    pty.keys("a line\r");
    pty.wait_for("read a line");
    pty.wait_for("code=7");
    assert_eq!(pty.end().0, 0);
}

/// Each of the streams that go elsewhere is masked.
#[test]
fn a_program_whose_output_is_masked_keeps_the_terminal() {
    let (desk, service) = office();
    for (elsewhere, terminal) in [(1, 2), (2, 1)] {
        let script = format!(
            "test -t 0 && test -t {terminal} && test ! -t {elsewhere} && echo the others >&{terminal}
            stty size >&{terminal}
            trap 'echo interrupted >&{terminal}' INT
            trap 'echo quit >&{terminal}' QUIT
            trap 'stty size >&{terminal}' WINCH
            echo \"with $V\" >&{elsewhere}
            printf 'your name: ' >&{terminal}
            until read -r line; do :; done
            echo \"read $line\" >&{terminal}
            exit 7"
        );
        let mut pty = at_terminal(&desk, &service, &script, &format!("{elsewhere}> out.txt"));
        pty.wait_for("the others");
        pty.wait_for("30 100");
        pty.wait_for("your name: ");
        pty.keys(CTRL_C);
        pty.wait_for("interrupted");
        pty.keys(CTRL_BACKSLASH);
        pty.wait_for("quit");
        pty.resize(40, 120);
        pty.wait_for("40 120");
        pty.keys("Ingrid\r");
        pty.wait_for("read Ingrid");
        pty.wait_for("code=7");
        pty.end();
        assert_eq!(desk.read("out.txt"), b"with ********\n", "stream {elsewhere}");
    }
}

/// A program that is ended at the terminal ends zkv as it would end a shell's command.
#[test]
fn ctrl_c_ends_a_program_that_does_not_mind() {
    let (desk, service) = office();
    for after in ["", "> out.txt"] {
        let mut pty = at_terminal(&desk, &service, "echo ready >&2; sleep 100", after);
        pty.wait_for("ready");
        pty.keys(CTRL_C);
        pty.wait_for("code=130");
        pty.end();
    }
}

/// What people really start: a pager, an editor, an interpreter.
#[test]
fn pagers_editors_and_interpreters_work() {
    let (desk, service) = office();
    desk.write(
        "long.txt",
        (1..=200).map(|number| format!("line {number}\n")).collect::<String>(),
    );
    for (program, there, keys, then, quit) in [
        ("less long.txt", "line 29", "G", "line 200", "q"),
        ("vim -u NONE -n long.txt", "line 29", ":!echo $V\r", PASSWORD, "\r:q!\r"),
        (
            "python3 -i",
            ">>> ",
            "import os; print(len(os.environ['V']))\r",
            "22",
            "\x04",
        ),
    ] {
        let name = program.split(' ').next().unwrap();
        if Command::new(name).arg("--version").output().is_err() {
            println!("left out: there is no {name}");
            continue;
        }
        let mut pty = at_terminal(&desk, &service, &format!("exec {program}"), "");
        pty.wait_for(there);
        pty.keys(keys);
        pty.wait_for(then);
        pty.keys(quit);
        pty.wait_for("code=0");
        pty.end();
    }
}
