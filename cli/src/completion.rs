//! What can come next on a command line that is being typed: commands, flags, values, and names from the vault.
//!
//! The scripts of `zkv completions` ask for it at every press of the Tab key. Nothing here prompts, fails aloud, changes a
//! file or uses a network; names come from the local store, and only while the agent has the keyring's key.

mod bash;
mod names;

use clap::{Arg, ArgAction, Command};

pub(crate) use self::bash::of_line;
pub(crate) use self::names::Request;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// One of these.
    Words(Vec<Candidate>),
    /// Something of the vault.
    Name(Wanted),
    Files,
    Folders,
    /// Nothing that is known here.
    Nothing,
}

/// A word that can be there, as it is before a shell quotes it, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) word: String,
    pub(crate) help: String,
}

/// A name, after what is before it in the same word, such as `--user=`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) what: What,
    pub(crate) before: String,
}

/// Of what a name is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    Site,
    User,
    Group,
    /// A field of the site that is called so.
    FieldOf(String),
    /// `zkv://SITE/FIELD`.
    Reference,
}

/// What comes next after `words`, which are those after the program's name; the last one is being typed. The command must
/// have been built.
pub(crate) fn next(root: &Command, words: &[String]) -> Next {
    let Some((current, before)) = words.split_last() else {
        return Next::Nothing;
    };
    let mut place = Place::new(root);
    before.iter().for_each(|word| place.pass(word));
    place.next(current)
}

/// The profile that a command line names.
pub(crate) fn profile_of(words: &[String]) -> Option<&str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.strip_prefix("--profile") {
            Some("") => return words.next().map(String::as_str),
            Some(value) if value.starts_with('=') => return value.strip_prefix('='),
            _ => {}
        }
    }
    None
}

/// Where on a command line we are.
struct Place<'a> {
    command: &'a Command,
    /// The values of its positional arguments so far.
    given: Vec<&'a str>,
    /// The flag whose value comes next.
    pending: Option<&'a Arg>,
    /// After `--`.
    is_rest: bool,
}

impl<'a> Place<'a> {
    fn new(command: &'a Command) -> Self {
        Self {
            command,
            given: Vec::new(),
            pending: None,
            is_rest: false,
        }
    }

    fn pass(&mut self, word: &'a str) {
        if self.pending.take().is_some() {
            return;
        }
        if self.is_rest {
            self.given.push(word);
        } else if word == "--" {
            self.is_rest = true;
        } else if is_flag(word) {
            self.pending = self.flag(word).filter(|flag| takes_next(flag) && !word.contains('='));
        } else if let Some(command) = self.command.find_subcommand(word) {
            *self = Self::new(command);
        } else {
            self.given.push(word);
        }
    }

    /// The flag that a word is, or begins with before `=`.
    fn flag(&self, word: &str) -> Option<&'a Arg> {
        let name = word.split('=').next().unwrap_or(word);
        let mut flags = self.command.get_arguments().filter(|arg| !arg.is_positional());
        match name.strip_prefix("--") {
            Some(long) => flags.find(|flag| flag.get_long() == Some(long)),
            None => flags.find(|flag| flag.get_short().is_some_and(|short| name == format!("-{short}"))),
        }
    }

    fn next(&self, current: &str) -> Next {
        if let Some(flag) = self.pending {
            return self.value(flag, current, "");
        }
        if !self.is_rest && current.starts_with('-') {
            return match current.split_once('=') {
                Some((name, value)) => {
                    let flag = self.flag(name).filter(|flag| takes_value(flag));
                    flag.map_or(Next::Nothing, |flag| self.value(flag, value, &format!("{name}=")))
                }
                None => Next::Words(self.flags()),
            };
        }
        let commands: Vec<_> = self
            .command
            .get_subcommands()
            .filter(|below| !below.is_hide_set())
            .collect();
        if !commands.is_empty() && !self.is_rest {
            return Next::Words(commands.into_iter().map(described).collect());
        }
        self.positional()
            .map_or(Next::Nothing, |arg| self.value(arg, current, ""))
    }

    /// The positional argument that comes next; the last one, if that may be repeated.
    fn positional(&self) -> Option<&'a Arg> {
        let shown = self.command.get_positionals().filter(|arg| !arg.is_hide_set());
        let (last, usual): (Vec<_>, Vec<_>) = shown.partition(|arg| arg.is_last_set());
        if self.is_rest && !last.is_empty() {
            return last.first().copied();
        }
        let repeated = usual.last().filter(|arg| matches!(arg.get_action(), ArgAction::Append));
        usual.get(self.given.len()).or(repeated).copied()
    }

    fn flags(&self) -> Vec<Candidate> {
        let flags = self.command.get_arguments().filter(|arg| !arg.is_hide_set());
        let named = flags.filter_map(|flag| {
            Some(Candidate {
                word: format!("--{}", flag.get_long()?),
                help: flag.get_help().map(ToString::to_string).unwrap_or_default(),
            })
        });
        named.collect()
    }

    /// What a value may be: what clap knows of it, or what its name says. `before` is what is before it in its word.
    fn value(&self, arg: &Arg, current: &str, before: &str) -> Next {
        let possible = arg.get_possible_values();
        if !possible.is_empty() {
            let possible = possible.iter().filter(|value| !value.is_hide_set());
            let words = possible.map(|value| Candidate {
                word: format!("{before}{}", value.get_name()),
                help: value.get_help().map(ToString::to_string).unwrap_or_default(),
            });
            return Next::Words(words.collect());
        }
        let name = arg
            .get_value_names()
            .and_then(<[_]>::first)
            .map(clap::builder::Str::as_str);
        let named = |what, before: &str| {
            Next::Name(Wanted {
                what,
                before: before.to_owned(),
            })
        };
        let is_reference = current.starts_with("zkv:");
        match name {
            Some("REFERENCE" | "SITE") if is_reference && self.takes_references() => named(What::Reference, before),
            Some("REFERENCE" | "SITE") => named(What::Site, before),
            Some("USER") => named(What::User, before),
            Some("GROUP") => named(What::Group, before),
            Some("FIELD") => match self.given.first() {
                Some(site) => named(What::FieldOf((*site).to_owned()), before),
                None => Next::Nothing,
            },
            // A variable, and what it is given.
            Some("NAME=REFERENCE") => match current.split_once('=') {
                Some((variable, _)) => named(What::Reference, &format!("{before}{variable}=")),
                None => Next::Nothing,
            },
            Some("FILE" | "PATH" | "IN" | "OUT" | "COMMAND") => Next::Files,
            Some("DIR" | "FOLDER") => Next::Folders,
            _ => Next::Nothing,
        }
    }

    fn takes_references(&self) -> bool {
        matches!(self.command.get_name(), "read" | "copy")
    }
}

/// A hyphen alone stands for standard input.
fn is_flag(word: &str) -> bool {
    word.starts_with('-') && word != "-"
}

fn takes_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
}

/// Whether the word after a flag is its value.
fn takes_next(arg: &Arg) -> bool {
    takes_value(arg) && !arg.is_require_equals_set()
}

fn described(command: &Command) -> Candidate {
    Candidate {
        word: command.get_name().to_owned(),
        help: command.get_about().map(ToString::to_string).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
