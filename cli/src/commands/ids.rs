//! The ids that a command was given.

use std::collections::HashSet;
use std::io::Read as _;
use std::path::Path;

use zkvault_core::{SecretBuffer, text};

use crate::args::{IdArg, Which};
use crate::error::{CliError, Result};
use crate::input::Input;

/// Bytes of the longest list of ids on stdin.
const MAX_LIST_LEN: u64 = 16 * 1024 * 1024;

/// The ids in the order in which they were given, each once. On stdin an id stands at the beginning of a line,
/// and what follows a tab is left alone: so the lines that a list command prints can be piped in.
pub(super) fn resolve(args: &[IdArg], mut id_of: impl FnMut(&Which) -> Result<u64>) -> Result<Vec<u64>> {
    let (mut ids, mut seen) = (Vec::new(), HashSet::new());
    let mut add = |id: u64| {
        if seen.insert(id) {
            ids.push(id);
        }
    };
    let mut stdin_read = false;
    for arg in args {
        match arg {
            IdArg::One(which) => add(id_of(which)?),
            IdArg::Stdin if stdin_read => return Err(CliError::usage("- can stand for the ids on stdin only once")),
            IdArg::Stdin => {
                stdin_read = true;
                read_stdin()?.into_iter().for_each(&mut add);
            }
        }
    }
    match ids.is_empty() {
        true => Err(CliError::usage("no ids were given: standard input is empty")),
        false => Ok(ids),
    }
}

fn read_stdin() -> Result<Vec<u64>> {
    let input = Input::open(Some(Path::new("-")))?;
    let mut list = Vec::new();
    let read = input.take(MAX_LIST_LEN + 1).read_to_end(&mut list);
    match read.map_err(|error| CliError::io("cannot read standard input", &error))? as u64 > MAX_LIST_LEN {
        true => Err(refused(format!("it is longer than {MAX_LIST_LEN} bytes"))),
        false => read_list(&list),
    }
}

fn read_list(list: &[u8]) -> Result<Vec<u64>> {
    let mut buffer = SecretBuffer::new();
    let list = text::decode(list, &mut buffer).map_err(|error| refused(error.to_string()))?;
    let mut ids = Vec::new();
    for (line, number) in list.lines().zip(1_u64..) {
        ids.extend(read_line(line).map_err(|()| refused(format!("line {number} does not begin with an id")))?);
    }
    Ok(ids)
}

/// The id at the beginning of a line; `None` when the line is empty.
fn read_line(line: &str) -> std::result::Result<Option<u64>, ()> {
    match text::trimmed(line.split('\t').next().unwrap_or_default()) {
        "" => Ok(None),
        digits => digits.parse().map(Some).map_err(|_| ()),
    }
}

fn refused(cause: String) -> CliError {
    CliError::usage("standard input holds no list of ids")
        .cause(cause)
        .hint("give one id on each line; what follows a tab is left alone")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_counts_once_in_the_order_given() {
        let args = [3, 1, 3, 2, 1].map(|id| IdArg::One(Which::Id(id)));
        let id_of = |which: &Which| match which {
            Which::Id(id) => Ok(*id),
            Which::Name(name) => Err(CliError::usage(name.clone())),
        };
        assert_eq!(resolve(&args, id_of).unwrap(), [3, 1, 2]);
    }

    #[test]
    fn a_list_is_read_in_every_encoding() {
        let list = "\u{feff}1\tGoogle\r\n\r\n2\r\n";
        let utf16: Vec<u8> = list.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [list.as_bytes(), &utf16] {
            assert_eq!(read_list(bytes).unwrap(), [1, 2]);
        }
        assert!(read_list(b"1\n\xff").is_err());
    }

    #[test]
    fn a_line_of_a_list_begins_with_its_id() {
        assert_eq!(read_line("1749398\tGoogle\thttps://a\n"), Ok(Some(1_749_398)));
        assert_eq!(read_line(" 7 \r\n"), Ok(Some(7)));
        assert_eq!(read_line("\u{a0}7\u{200b}"), Ok(Some(7)));
        assert_eq!(read_line("\n"), Ok(None));
        for wrong in ["x", "-7", "7 8", "7.0", "18446744073709551616", "\u{0}7"] {
            assert_eq!(read_line(wrong), Err(()), "{wrong:?}");
        }
    }
}
