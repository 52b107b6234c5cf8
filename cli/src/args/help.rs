//! The help of `zkv` itself: its commands in groups, in the order in which people meet them.

use std::fmt::Write as _;

use clap::Command;

/// Where a command is listed that has no group here.
const LAST: &str = "More";

const GROUPS: &[(&str, &[&str])] = &[
    (
        "Daily",
        &[
            "unlock",
            "lock",
            "list",
            "search",
            "show",
            "read",
            "copy",
            "totp",
            "run",
            "inject",
            "credential",
            "generate",
            "trust",
        ],
    ),
    ("Account", &["setup", "auth", "sync", "status", "doctor"]),
    ("Files and backups", &["file", "repo", "backup"]),
    (
        "Keys",
        &[
            "init",
            "key",
            "keyring",
            "passphrase",
            "identity",
            "activate",
            "vendor",
            "agent",
        ],
    ),
    (
        "Administration",
        &[
            "site",
            "user",
            "group",
            "org",
            "onboard",
            "offboard",
            "journal",
            "access",
            "audit",
            "project",
            "workstation",
            "api",
        ],
    ),
    (
        LAST,
        &["demo", "decrypt", "encrypt", "inspect", "config", "completions", "man"],
    ),
];

/// All lines fit a terminal of this many columns.
pub(super) const WIDTH: usize = 80;

/// Gives the program's own help the groups. The helps of its commands stay as they are.
pub(super) fn grouped(command: Command) -> Command {
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{}{}\n{{options}}{{after-help}}",
        commands(&command),
        heading(&command, "Options")
    );
    command.help_template(template)
}

fn commands(command: &Command) -> String {
    let longest = command.get_subcommands().map(|below| below.get_name().len()).max();
    let indent = longest.unwrap_or_default() + 4;
    let mut text = String::new();
    for (group, _) in GROUPS {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", heading(command, group));
        for below in members(command, group) {
            let _ = writeln!(text, "{}", line(command, below, indent));
        }
        text.push('\n');
    }
    text
}

/// The commands of a group. The last one also has those that are in none.
fn members<'a>(command: &'a Command, group: &str) -> Vec<&'a Command> {
    let listed = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
    let own = GROUPS.iter().find(|(name, _)| *name == group);
    let own = own.map(|(_, names)| *names).unwrap_or_default();
    let named = own.iter().filter_map(|name| command.find_subcommand(name));
    let others = command.get_subcommands().filter(|below| !listed(below.get_name()));
    named.chain(others.filter(|_| group == LAST)).collect()
}

fn heading(command: &Command, text: &str) -> String {
    let style = command.get_styles().get_header();
    format!("{style}{text}:{style:#}")
}

/// A command and what it does, broken between words where it is too long.
fn line(command: &Command, below: &Command, indent: usize) -> String {
    let style = command.get_styles().get_literal();
    let name = below.get_name();
    let about = below.get_about().map(ToString::to_string).unwrap_or_default();
    let mut text = format!("  {style}{name}{style:#}{:width$}", "", width = indent - 2 - name.len());
    let mut column = indent;
    for (index, word) in about.split(' ').enumerate() {
        let len = word.chars().count();
        match index {
            0 => column += len,
            _ if column + 1 + len > WIDTH => {
                let _ = write!(text, "\n{:indent$}", "");
                column = indent + len;
            }
            _ => {
                text.push(' ');
                column += 1 + len;
            }
        }
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::args::Arguments;

    fn help(mut command: Command) -> String {
        command.render_help().to_string()
    }

    #[test]
    fn every_command_is_listed_once_in_a_group_that_it_has() {
        let command = Arguments::command();
        let text = help(grouped(command.clone()));
        for below in command.get_subcommands() {
            let start = format!("\n  {} ", below.get_name());
            assert_eq!(text.matches(&start).count(), 1, "{start:?} in {text}");
        }
        for (group, names) in GROUPS {
            assert!(text.contains(&format!("\n{group}:\n")), "{text}");
            for name in *names {
                let known = command.find_subcommand(name).is_some();
                assert!(known || *name == "demo", "{name} is no command");
            }
        }
    }

    #[test]
    fn every_help_fits_80_columns() {
        let mut command = grouped(Arguments::command());
        command.build();
        check(&command);
    }

    fn check(command: &Command) {
        for line in help(command.clone()).lines() {
            assert!(line.chars().count() <= WIDTH, "{}: {line}", command.get_name());
        }
        command.get_subcommands().for_each(check);
    }

    #[test]
    fn a_long_description_continues_under_its_beginning() {
        let command = Command::new("zkv").subcommand(Command::new("x").about("word ".repeat(20).trim().to_owned()));
        let text = help(grouped(command));
        assert!(text.contains("\n  x  word word"), "{text}");
        assert!(text.contains("word\n     word"), "{text}");
    }
}
