//! Documents: the shipped example, exact copies, and memory that stays flat.

use zkvault_test_support::{Desk, repository, stderr_of, stdout};

fn example_key() -> String {
    repository("examples/example.key")
}

#[test]
fn the_example_opens_with_its_key() {
    let desk = Desk::new();
    let opened = stdout(&mut desk.zkv(&[
        "decrypt",
        &repository("examples/sites.json"),
        "--key-file",
        &example_key(),
    ]));
    for plaintext in [
        "\"maria@example.com\"",
        "\"correct horse battery staple\"",
        "\"4711-0815\"",
        "\"demo-PIN-271828\"",
        "\"robot\"",
        "\"demo-token-not-a-real-one\"",
        r#""Two lines:\nthis is the second.""#,
    ] {
        assert!(opened.contains(plaintext), "{plaintext}");
    }
    let kinds = stdout(&mut desk.zkv(&["inspect", &repository("examples/sites.json")]));
    assert_eq!(kinds.matches("\t1\t0ddba11e\t").count(), 2, "{kinds}");
    assert_eq!(kinds.matches("\t2\t6b007f3f\t").count(), 5, "{kinds}");
}

#[test]
fn what_was_encrypted_decrypts_to_the_same_bytes() {
    let desk = Desk::new();
    let documents = [
        r#"[]"#,
        r#"{"sites":[]}"#,
        " {\r\n\t\"id\" : 1 , \"login\":{\"inputs\":[{\"value\":\"\\u00e9\\ud83e\\udd80\",\"x\":1.50e+3}]},\"n\":-0}\n",
        r#"[{"id":1,"login":{"inputs":[{"name":"a","type":"b","value":""}]}},{"id":2,"login":null},{"id":3}]"#,
        r#"{"total":2,"sites":[{"id":18446744073709551615,"login":{"inputs":[{"value":null},{"value":"x"}]}}],"z":"ü"}"#,
    ];
    for document in documents {
        desk.write("clear.json", document);
        let sealed = stdout(&mut desk.zkv(&["encrypt", "clear.json", "--key-file", &example_key()]));
        let opened = stdout(
            desk.zkv(&["decrypt", "-", "--key-file", &example_key()])
                .write_stdin(sealed),
        );
        // The plaintext is written in one way, the rest as it was.
        assert_eq!(opened, document.replace("\\u00e9\\ud83e\\udd80", "é🦀"));
    }
}

#[test]
fn a_file_that_is_no_value_is_called_what_it_is() {
    let desk = Desk::new();
    for (file, cause) in [
        (&b"\x1f\x8b\x08\0\0\0\0\0\0\xff"[..], "gzip"),
        (b"PK\x03\x04\x14\0", "ZIP"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>\n", "HTML"),
    ] {
        desk.write("downloaded", file);
        for command in ["decrypt", "inspect"] {
            let said = stderr_of(&mut desk.zkv(&[command, "downloaded"]), 1);
            assert!(
                said.contains("downloaded was refused") && said.contains(cause),
                "{said}"
            );
        }
    }
}

/// An id that is there, but no id: saying that it is missing would send people looking for it.
#[test]
fn a_site_whose_id_is_no_whole_number_is_called_that() {
    let desk = Desk::new();
    let site = |id: &str, value: &str| {
        format!(r#"{{{id}"login":{{"inputs":[{{"name":"n","type":"t","value":"{value}"}}]}}}}"#)
    };
    desk.write("clear.json", site(r#""id":1,"#, "secret"));
    let sealed = stdout(&mut desk.zkv(&["encrypt", "clear.json", "--key-file", &example_key()]));
    for id in [r#""id":-1,"#, r#""id":1.0,"#, r#""id":"1","#, r#""id":null,"#, ""] {
        desk.write("other.json", sealed.replace(r#""id":1,"#, id));
        let failed = desk
            .zkv(&["decrypt", "other.json", "--key-file", &example_key()])
            .assert()
            .code(10);
        let said = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        assert!(
            said.contains("a site whose id is missing or no whole number, "),
            "{id}: {said}"
        );
    }
}

#[test]
fn nothing_comes_out_of_a_document_that_cannot_be_sealed() {
    let desk = Desk::new();
    let many = r#"{"id":1,"login":{"inputs":[{"value":"x"}]}},"#.repeat(20_000);
    let sealed_last = format!("[{many}{}]", r#"{"id":2,"login":{"inputs":[{"value":7}]}}"#);
    for args in [
        vec!["encrypt", "--key-file"],
        vec!["encrypt", "-o", "out.json", "--key-file"],
    ] {
        let mut zkv = desk.zkv(&args);
        zkv.arg(example_key())
            .write_stdin(sealed_last.clone())
            .assert()
            .code(1)
            .stdout("");
        assert!(desk.names().is_empty(), "{:?}", desk.names());
    }
}

#[test]
fn an_input_that_cannot_be_sealed_is_called_by_its_name() {
    let desk = Desk::new();
    for (input, called) in [
        (
            r#"{"name":"[\"pin\",\"code\"]","type":"password","value":7}"#,
            "site 2, input \"pin\": ",
        ),
        (
            r#"{"name":"a\u001bb","type":"password","value":7}"#,
            "site 2, input \"a\\u{1b}b\": ",
        ),
        (r#"{"type":"password","value":7}"#, "site 2, input 2: "),
    ] {
        let site = format!(r#"{{"id":2,"login":{{"inputs":[{{"name":"user","value":"x"}},{input}]}}}}"#);
        let mut encrypt = desk.zkv(&["encrypt", "--key-file", &example_key()]);
        let said = stderr_of(encrypt.write_stdin(site), 1);
        assert!(said.contains(called), "{called}: {said}");
    }
}

#[test]
fn a_bare_value_round_trips_byte_for_byte() {
    let desk = Desk::new();
    let place = [
        "--site-id",
        "7",
        "--type",
        "password",
        "--name",
        "a b",
        "--key-file",
        &example_key(),
    ];
    for (given, opened) in [
        ("hunter2\n", "hunter2"),
        ("a\nb\n", "a\nb\n"),
        ("{\"id\":1}", "{\"id\":1}"),
        (" ü ", " ü "),
        ("", ""),
    ] {
        let sealed = stdout(desk.zkv(&["encrypt"]).args(place).write_stdin(given));
        assert_eq!(stdout(desk.zkv(&["decrypt"]).args(place).write_stdin(sealed)), opened);
        // As JSON it is a string, which is read as well.
        let sealed = stdout(desk.zkv(&["encrypt", "--json"]).args(place).write_stdin(given));
        assert!(sealed.starts_with('"') && sealed.ends_with("\"\n"), "{sealed}");
        assert_eq!(stdout(desk.zkv(&["decrypt"]).args(place).write_stdin(sealed)), opened);
    }
    desk.zkv(&["encrypt"])
        .args(place)
        .write_stdin([0xff, 0xff])
        .assert()
        .code(1);
    desk.zkv(&["encrypt"])
        .args(place)
        .write_stdin("x".repeat((1 << 20) + 1))
        .assert()
        .code(1);
    // Where a value is read, nothing is no value.
    let nothing = desk.zkv(&["decrypt"]).args(place).write_stdin("").assert().code(1);
    assert_eq!(nothing.get_output().stderr, b"error: standard input is empty\n");
}

/// 64 MB go in while the end is held back, and after the first 16 the program takes no more.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_document() {
    use std::io::Write as _;
    use std::process::Stdio;

    let desk = Desk::new();
    let megabyte = format!(r#"{{"id":1,"name":"{}"}},"#, "n".repeat(1000)).repeat(1000);
    let mut zkv = desk.zkv_std(&["decrypt", "--key-file", &example_key()]);
    let mut zkv = zkv.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut stdin = zkv.stdin.take().unwrap();
    stdin.write_all(b"[").unwrap();
    let mut peak_after = |megabytes: usize| {
        for _ in 0..megabytes {
            stdin.write_all(megabyte.as_bytes()).unwrap();
        }
        peak_kilobytes(zkv.id())
    };
    let early = peak_after(16);
    let late = peak_after(48);
    stdin.write_all(br#"{"id":2}]"#).unwrap();
    drop(stdin);
    assert!(zkv.wait().unwrap().success());
    assert!(late < early + 8 * 1024, "{early} kB, then {late} kB");
}

/// The most memory that a running process has had, in KiB, as Linux counts it.
#[cfg(target_os = "linux")]
fn peak_kilobytes(process: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}
