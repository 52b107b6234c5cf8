//! Commands as a person types them into a shell.

/// A command of this program with its arguments.
pub(crate) fn command(arguments: &[impl AsRef<str>]) -> String {
    let quoted = arguments.iter().map(|argument| quoted(argument.as_ref()));
    std::iter::once("zkv".to_owned())
        .chain(quoted)
        .collect::<Vec<_>>()
        .join(" ")
}

/// An argument as a shell needs it.
fn quoted(argument: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@,".contains(&byte);
    match !argument.is_empty() && argument.bytes().all(plain) {
        true => argument.to_owned(),
        false => quote(argument),
    }
}

#[cfg(unix)]
fn quote(argument: &str) -> String {
    format!("'{}'", argument.replace('\'', r"'\''"))
}

/// For `cmd` and PowerShell alike, but for what one of the two changes between double quotes: that is for PowerShell.
#[cfg(windows)]
fn quote(argument: &str) -> String {
    match argument.contains(['"', '$', '`', '%']) {
        true => quote_for_powershell(argument),
        false => format!("\"{argument}\""),
    }
}

#[cfg(windows)]
fn quote_for_powershell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The line that sets a variable for the commands that follow it.
#[cfg(feature = "demo")]
pub(crate) fn export(name: &str, value: &str) -> String {
    #[cfg(unix)]
    return format!("export {name}={}", quote(value));
    #[cfg(windows)]
    return format!("$env:{name} = {}", quote_for_powershell(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_change_is_quoted() {
        let shown = command(&["key", "import", "my key.txt", "--label=it's", ""]);
        match cfg!(windows) {
            true => assert_eq!(shown, r#"zkv key import "my key.txt" "--label=it's" """#),
            false => assert_eq!(shown, r"zkv key import 'my key.txt' '--label=it'\''s' ''"),
        }
        if cfg!(windows) {
            assert_eq!(command(&["read", "it's 5$"]), "zkv read 'it''s 5$'");
        }
    }

    #[cfg(feature = "demo")]
    #[test]
    fn a_variable_is_set_as_the_shell_of_the_system_does() {
        let expected = match cfg!(windows) {
            true => "$env:A = 'it''s'",
            false => r"export A='it'\''s'",
        };
        assert_eq!(export("A", "it's"), expected);
    }
}
