//! The ids that a command was given.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use crate::args::IdArg;
use crate::error::{CliError, Result};
use crate::input::Input;

/// Bytes of the longest list of ids on stdin.
const MAX_LIST_LEN: u64 = 16 * 1024 * 1024;

/// The ids in the order in which they were given, each once. On stdin an id stands at the beginning of a line,
/// and what follows a tab is left alone: so the lines that a list command prints can be piped in.
pub(super) fn resolve(args: &[IdArg]) -> Result<Vec<u64>> {
    let (mut ids, mut seen) = (Vec::new(), HashSet::new());
    let mut add = |id: u64| {
        if seen.insert(id) {
            ids.push(id);
        }
    };
    let mut stdin_read = false;
    for arg in args {
        match arg {
            IdArg::Id(id) => add(*id),
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
    let mut text = String::new();
    let mut reader = BufReader::new(input.take(MAX_LIST_LEN + 1));
    let mut ids = Vec::new();
    let (mut number, mut length) = (0_u64, 0);
    loop {
        text.clear();
        let read = reader.read_line(&mut text);
        match read.map_err(|error| CliError::io("cannot read standard input", &error))? {
            0 => return Ok(ids),
            read => length += read as u64,
        }
        if length > MAX_LIST_LEN {
            return Err(refused(format!("it is longer than {MAX_LIST_LEN} bytes")));
        }
        number += 1;
        ids.extend(read_line(&text).map_err(|()| refused(format!("line {number} does not begin with an id")))?);
    }
}

/// The id at the beginning of a line; `None` when the line is empty.
fn read_line(line: &str) -> std::result::Result<Option<u64>, ()> {
    let first = line.split('\t').next().unwrap_or_default().trim();
    match first {
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
        let args = [3, 1, 3, 2, 1].map(IdArg::Id);
        assert_eq!(resolve(&args).unwrap(), [3, 1, 2]);
    }

    #[test]
    fn a_line_of_a_list_begins_with_its_id() {
        assert_eq!(read_line("1749398\tGoogle\thttps://a\n"), Ok(Some(1_749_398)));
        assert_eq!(read_line(" 7 \r\n"), Ok(Some(7)));
        assert_eq!(read_line("\n"), Ok(None));
        for wrong in ["x", "-7", "7 8", "7.0", "18446744073709551616", "\u{0}7"] {
            assert_eq!(read_line(wrong), Err(()), "{wrong:?}");
        }
    }
}
