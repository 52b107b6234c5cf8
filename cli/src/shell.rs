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
        false => format!("'{}'", argument.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_change_is_quoted() {
        let shown = command(&["key", "import", "my key.txt", "--label=it's", ""]);
        assert_eq!(shown, r"zkv key import 'my key.txt' '--label=it'\''s' ''");
    }
}
