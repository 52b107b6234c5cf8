//! The letter to somebody who joins. The activation is in it, and the code that opens it never.

use zkvault_core::identity::PublicIdentity;
use zkvault_core::time::rfc3339;

use super::Newcomer;
use crate::report::{Fact, Report, Step};

/// What a letter says.
#[derive(Debug)]
pub(super) struct Letter<'a> {
    pub(super) account: &'a str,
    pub(super) newcomer: &'a Newcomer,
    /// Sealed.
    pub(super) activation: &'a str,
    /// Who sealed it; nobody under a one-time code.
    pub(super) sender: Option<PublicIdentity>,
    /// Until when it may be used, in seconds since 1970.
    pub(super) expires: u64,
}

impl Letter<'_> {
    pub(super) fn report(&self, now: u64) -> Report {
        let Self {
            account,
            newcomer,
            activation,
            sender,
            expires,
        } = self;
        let mut letter = Report::letter(&format!("Welcome, {}", newcomer.name), account, now);
        letter.paragraph("Your account is active. With the steps below you receive the keys for it.");
        let mut facts = vec![
            Fact::new("Account", account),
            Fact::new("User", &newcomer.user.to_string()),
            Fact::new("Use it before", &rfc3339(*expires)),
        ];
        if !newcomer.groups.is_empty() {
            let groups: Vec<&str> = newcomer.groups.iter().map(|(_, name)| name.as_str()).collect();
            facts.push(Fact::new("Groups", &groups.join(", ")));
        }
        if let Some(sender) = sender {
            facts.push(Fact::new(
                "Fingerprint of the sender",
                &sender.fingerprint().to_string(),
            ));
        }
        letter.facts(facts);
        letter.steps(self.steps());
        letter.heading("Activation");
        letter.paragraph(match sender {
            Some(_) => "Only your own identity opens this text.",
            None => "Only the one-time code opens this text. Nobody writes the code and this letter in one message.",
        });
        letter.code(activation);
        letter
    }

    fn steps(&self) -> Vec<Step> {
        let step = |text: &str, command: Option<String>| Step {
            text: text.to_owned(),
            command,
        };
        let (account, user) = (self.account, self.newcomer.user);
        let from = self
            .sender
            .map(|sender| format!(" --from {sender}"))
            .unwrap_or_default();
        let receive = format!("zkv activate activation.txt --host {account} --user-id {user}{from}");
        let mut steps = vec![step("Save the activation below as activation.txt.", None)];
        match self.sender {
            Some(_) => steps.push(step(
                "Ask the sender for their fingerprint through another channel, and compare it.",
                None,
            )),
            None => {
                steps.push(step(
                    "Make a keyring, unless you have one.",
                    Some("zkv init".to_owned()),
                ));
                steps.push(step(
                    "Wait for the one-time code, which comes through another channel.",
                    None,
                ));
            }
        }
        steps.push(step("Receive the keys.", Some(receive)));
        steps
    }
}
