//! The text of the tour: headings, what is said in between, and the commands that a person would type.

use anstyle::{AnsiColor, Style};

use super::{Output, styled_stdout, write_raw};
use crate::error::Result;

const HEADING: Style = AnsiColor::Cyan.on_default().bold();
const COMMAND: Style = Style::new().bold();
const ASIDE: Style = Style::new().dimmed();

/// A story told on stdout, in colours where a terminal shows them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Story;

impl Output {
    /// Begins a story.
    pub(crate) fn story(self) -> Story {
        Story
    }
}

impl Story {
    /// A heading, set apart from what came before.
    pub(crate) fn heading(self, text: &str) -> Result<()> {
        self.line(&format!("\n{HEADING}{text}{HEADING:#}"))
    }

    /// Clears the screen, for the next chapter.
    pub(crate) fn turn_page(self) -> Result<()> {
        write_raw(b"\x1b[2J\x1b[H")
    }

    /// A remark.
    pub(crate) fn remark(self, text: &str) -> Result<()> {
        self.line(&format!("{ASIDE}{text}{ASIDE:#}"))
    }

    /// A command, as it is typed.
    pub(crate) fn command(self, prompt: &str, command: &str) -> Result<()> {
        self.line(&format!("{prompt}$ {COMMAND}{command}{COMMAND:#}"))
    }

    /// A line of its own.
    pub(crate) fn line(self, text: &str) -> Result<()> {
        styled_stdout(&format_args!(
            "{text}
"
        ))
    }
}
