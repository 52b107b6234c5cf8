//! `zkv completions`: the scripts, and what they ask for.

use std::ffi::OsString;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use crate::args::{Arguments, Completions};
use crate::completion::{Candidate, Next, Request, next, of_line, profile_of};
use crate::error::{CliError, Exit, Result};
use crate::output::{Output, escaped};

pub(crate) fn run(args: &Completions, output: Output) -> Result<Exit> {
    let text = match args.words.as_slice() {
        [] => script(args.shell),
        words => asked(args.shell, words)?,
    };
    output.bytes(&text)?;
    Ok(Exit::Success)
}

fn script(shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    match shell {
        Shell::Bash => text.extend(include_bytes!("../completion/zkv.bash")),
        Shell::Zsh => text.extend(include_bytes!("../completion/zkv.zsh")),
        Shell::Fish => text.extend(include_bytes!("../completion/zkv.fish")),
        other => clap_complete::generate(other, &mut Arguments::command(), "zkv", &mut text),
    }
    text
}

/// What a script is told: a line that says of what kind the rest is, and a word a line, with a tab and what it means.
///
/// From bash come its line up to the cursor and the part of it that is replaced; from the others words without quotes, of
/// which the last is being typed.
fn asked(shell: Shell, given: &[OsString]) -> Result<Vec<u8>> {
    let given: Vec<String> = given.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    match (shell, given.as_slice()) {
        (Shell::Bash, [line, fragment]) => Ok(for_bash(line, fragment).into_bytes()),
        (Shell::Zsh | Shell::Fish, words) => {
            let (kind, candidates) = candidates(words);
            let lines = candidates.iter().map(with_help);
            Ok(lines
                .fold(format!("{kind}\n"), |text, line| text + &line + "\n")
                .into_bytes())
        }
        _ => Err(CliError::usage("these are no words of this shell")),
    }
}

fn for_bash(line: &str, fragment: &str) -> String {
    let Some(line) = of_line(line, fragment) else {
        return "words\n".to_owned();
    };
    let (kind, candidates) = candidates(line.words.get(1..).unwrap_or_default());
    let words = candidates.iter().filter_map(|candidate| line.inserted(&candidate.word));
    words.fold(format!("{kind}\n"), |text, word| text + &word + "\n")
}

fn with_help(candidate: &Candidate) -> String {
    let Candidate { word, help } = candidate;
    match help.lines().next() {
        None | Some("") => word.clone(),
        Some(help) => format!("{word}\t{}", escaped(help)),
    }
}

/// Of what kind the candidates are, and those that begin with what is typed.
fn candidates(words: &[String]) -> (&'static str, Vec<Candidate>) {
    let typed = words.last().map(String::as_str).unwrap_or_default();
    match next(&built(), words) {
        Next::Files => ("files", Vec::new()),
        Next::Folders => ("folders", Vec::new()),
        Next::Nothing => ("words", Vec::new()),
        Next::Words(mut all) => {
            all.retain(|candidate| candidate.word.starts_with(typed));
            ("words", all)
        }
        Next::Name(wanted) => {
            let request = Request {
                what: wanted.what,
                typed: typed.strip_prefix(&wanted.before).unwrap_or_default().to_owned(),
                profile: profile_of(words).map(str::to_owned),
            };
            let mut names = request.names();
            for name in &mut names {
                name.word.insert_str(0, &wanted.before);
            }
            // What ends so is not all of a word yet.
            let is_begun = names.first().is_some_and(|name| name.word.ends_with('/'));
            (if is_begun { "beginnings" } else { "words" }, names)
        }
    }
}

fn built() -> Command {
    let mut command = Arguments::command();
    command.build();
    command
}
