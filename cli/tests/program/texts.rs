//! Files as other machines write them: marks, UTF-16, line ends, and white space that was copied along.

use zkvault_test_support::{Desk, PASSPHRASE, Service, repository, stderr_of, stdout};

use crate::activation::with_code;

const CHEAP: [&str; 6] = ["--kdf-memory", "19MiB", "--kdf-passes", "2", "--kdf-lanes", "1"];

/// A text as Windows writes it: Notepad's UTF-8, PowerShell's UTF-16, and the other byte order.
fn encodings(text: &str) -> [Vec<u8>; 3] {
    let units = |to_bytes: fn(u16) -> [u8; 2]| std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(to_bytes);
    [
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        units(u16::to_le_bytes).collect(),
        units(u16::to_be_bytes).collect(),
    ]
}

#[test]
fn a_passphrase_file_of_any_editor_holds_the_passphrase_that_can_be_typed() {
    for file in encodings(&format!("{PASSPHRASE}\r\n")) {
        let desk = Desk::new();
        desk.write("passphrase.txt", file);
        let from_file = |args: &[&str]| {
            let mut zkv = desk.zkv(args);
            zkv.env_remove("ZKV_PASSPHRASE")
                .env("ZKV_PASSPHRASE_FILE", "passphrase.txt");
            zkv
        };
        from_file(&["init"]).args(CHEAP).assert().success();
        desk.zkv(&["key", "list"]).assert().success();
        from_file(&["key", "list"]).assert().success();
    }
}

#[test]
fn white_space_inside_a_passphrase_counts() {
    let desk = Desk::new();
    desk.write("passphrase.txt", " two  words of mine \n");
    desk.zkv(&["init"])
        .args(CHEAP)
        .env_remove("ZKV_PASSPHRASE")
        .env("ZKV_PASSPHRASE_FILE", "passphrase.txt")
        .assert()
        .success();
    let code = |passphrase: &str| {
        let assert = desk.zkv(&["key", "list"]).env("ZKV_PASSPHRASE", passphrase).assert();
        assert.get_output().status.code()
    };
    assert_eq!(code(" two  words of mine "), Some(0));
    assert_eq!(code(" two  words of mine \r\n"), Some(0));
    assert_eq!(code("two words of mine"), Some(10));
}

#[test]
fn a_new_passphrase_with_a_character_that_nobody_sees_is_refused() {
    let desk = Desk::new();
    let refused = |zkv: &mut assert_cmd::Command, character: &str| {
        let said = stderr_of(zkv, 1);
        assert!(said.contains(character), "{said}");
    };
    for (passphrase, character) in [
        (format!("{PASSPHRASE}\u{200b}\n"), "U+200B"),
        (format!("{PASSPHRASE}\0"), "U+0000"),
        ("four\u{a0}words of mine".to_owned(), "U+00A0"),
    ] {
        desk.write("passphrase.txt", &passphrase);
        let mut init = desk.zkv(&["init", "--allow-weak"]);
        init.args(CHEAP)
            .env_remove("ZKV_PASSPHRASE")
            .env("ZKV_PASSPHRASE_FILE", "passphrase.txt");
        refused(&mut init, character);
        assert!(!desk.keyring().exists());
    }
    let desk = Desk::with_keyring();
    desk.write("new.txt", format!("{PASSPHRASE}\u{200b}\n"));
    let mut change = desk.zkv(&["passphrase", "change"]);
    refused(change.env("ZKV_NEW_PASSPHRASE_FILE", "new.txt"), "U+200B");
    desk.zkv(&["key", "list"]).assert().success();
}

#[test]
fn a_key_file_and_a_document_are_read_in_every_encoding() {
    let desk = Desk::new();
    let (key, clear) = (
        "07".repeat(32),
        std::fs::read_to_string(repository("cli/tests/fixtures/plain.json")).unwrap(),
    );
    desk.write("plain.json", &clear);
    desk.write("key", &key);
    let sealed = stdout(&mut desk.zkv(&["encrypt", "plain.json", "--key-file", "key"]));
    let wrapped = format!("{}\r\n{}\r\n", &key[..40], &key[40..]);
    for (file, document) in encodings(&wrapped).into_iter().zip(encodings(&sealed)) {
        desk.write("other.key", file);
        desk.write("sealed.json", document);
        let opened = stdout(&mut desk.zkv(&["decrypt", "sealed.json", "--key-file", "other.key", "--json"]));
        assert_eq!(opened, clear);
    }
    let unmarked: Vec<u8> = sealed.encode_utf16().flat_map(u16::to_le_bytes).collect();
    desk.write("sealed.json", unmarked);
    let refused = desk
        .zkv(&["decrypt", "sealed.json", "--key-file", "key"])
        .assert()
        .code(1);
    let stderr = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(stderr.contains("UTF-16 without a byte order mark"), "{stderr}");
}

#[test]
fn an_activation_survives_the_mail() {
    let (activation, code) = with_code(&["shared"], 0);
    let lines: Vec<_> = activation
        .as_bytes()
        .chunks(72)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    let crlf = lines.join("\r\n");
    let mut files = vec![
        lines.join("\n").into_bytes(),
        crlf.clone().into_bytes(),
        format!("\"{activation}\"").into_bytes(),
    ];
    files.extend(encodings(&crlf));
    for file in files {
        let desk = Desk::with_keyring();
        desk.write("a.txt", file);
        desk.write("code.txt", &encodings(&format!("{code}\r\n"))[1]);
        let mut zkv = desk.zkv(&[
            "activate",
            "a.txt",
            "--host",
            "company.logmeonce.com",
            "--user-id",
            "42",
        ]);
        assert!(stdout(zkv.args(["--code-file", "code.txt"])).contains("shared"));
    }
}

#[test]
fn white_space_around_an_api_key_and_its_secret_is_not_sent() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let [(_, url), (_, key), (_, secret)] = service.environment();
    for around in [" ", "\t", "\r", "\r\n", "\u{a0}", "\u{feff}", "\u{200b}"] {
        let padded = |text: &str| format!("{around}{text}{around}");
        let mut zkv = desk.zkv(&["user", "list"]);
        zkv.env("ZKV_LOGMEONCE_URL", padded(&url))
            .env("ZKV_LOGMEONCE_KEY", padded(&key))
            .env("ZKV_LOGMEONCE_SECRET", padded(&secret));
        zkv.assert().success();
    }
}

#[test]
fn an_api_key_or_secret_that_cannot_be_one_is_named_and_not_sent() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let [(_, url), (_, key), (_, secret)] = service.environment();
    let login = |key: &str, secret: String| {
        let mut zkv = desk.zkv(&["auth", "login", "--url", &url, "--api-key", key, "--secret-file", "-"]);
        zkv.write_stdin(secret);
        zkv
    };
    let before = service.conditions().requests().len();
    for (sent, cause) in [
        (String::new(), "standard input holds no secret\ncause: it is empty"),
        ("\r\n".to_owned(), "standard input holds no secret\ncause: it is empty"),
        (" \n".to_owned(), "the API secret cannot be used\ncause: it is empty"),
        ("\"\"\n".to_owned(), "the API secret cannot be used\ncause: it is empty"),
        (format!("{secret}\n{secret}"), "it has several lines"),
        (format!("{secret}\0"), "U+0000"),
        (format!("CLIENT_SECRET={secret}"), "NAME=value"),
    ] {
        let said = stderr_of(&mut login(&key, sent), 1);
        assert!(said.contains(cause) && !said.contains(&secret), "{said}");
    }
    let named = stderr_of(&mut login(&format!("API_KEY={key}"), secret.clone()), 1);
    assert!(named.contains("the API key cannot be used"), "{named}");
    let mut empty = service.zkv(&desk, &["user", "list"]);
    let empty = stderr_of(empty.env("ZKV_LOGMEONCE_SECRET", "\n"), 2);
    assert!(empty.contains("ZKV_LOGMEONCE_SECRET cannot be used"), "{empty}");
    assert_eq!(service.conditions().requests().len(), before, "nothing is sent");
    login(&format!("'{key}'"), format!("\"{secret}\"\r\n"))
        .assert()
        .success();
}

#[test]
fn layouts_and_lists_of_ids_are_read_in_every_encoding() {
    let desk = Desk::new();
    let layouts = std::fs::read_to_string(repository("cli/tests/fixtures/maced-layouts.json")).unwrap();
    let expected = stdout(&mut desk.zkv(&[
        "vendor",
        "show",
        "--layouts",
        &desk.write("plain.json", &layouts).display().to_string(),
    ]));
    for file in encodings(&layouts.replace('\n', "\r\n")) {
        desk.write("layouts.json", file);
        assert_eq!(
            stdout(&mut desk.zkv(&["vendor", "show", "--layouts", "layouts.json"])),
            expected
        );
    }
    let service = Service::demo(&desk);
    for list in encodings("1919\tada\r\n1920\r\n") {
        let mut zkv = service.zkv(&desk, &["user", "delete", "-", "--dry-run"]);
        let shown = stdout(zkv.write_stdin(list));
        assert!(
            shown.contains("DELETE /users/1919") && shown.contains("DELETE /users/1920"),
            "{shown}"
        );
    }
    for body in encodings("{\"name\": \"Finance\"}") {
        desk.write("body.json", body);
        service
            .zkv(
                &desk,
                &["api", "logmeonce", "post", "/groups", "--data", "body.json", "--yes"],
            )
            .assert()
            .success();
        assert_eq!(
            service.asked(),
            ("POST /rest/groups".to_owned(), serde_json::json!({"name": "Finance"}))
        );
    }
}
