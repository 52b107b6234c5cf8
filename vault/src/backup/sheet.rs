//! A page for the drawer: what a new machine needs besides the passphrase. Nothing on it is secret.
//!
//! The head on it is what a fresh machine compares with: without one, a storage that withholds the newest backups is
//! not noticed there (threat model, Z16).

use zkvault_core::account::AccountName;
use zkvault_core::backup::ChainTag;
use zkvault_core::snapshot::SnapshotHead;

use crate::report::{Fact, Report, Step};

/// What is on the page.
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    /// The account.
    pub account: &'a AccountName,
    /// The container's address, without its token.
    pub container: &'a str,
    /// The chain.
    pub chain: ChainTag,
    /// The newest backup.
    pub head: SnapshotHead,
    /// The fingerprint of the person's identity.
    pub fingerprint: &'a str,
    /// When it is printed, in seconds since 1970.
    pub printed: u64,
}

/// The page as a letter to oneself: it loads nothing and runs nothing.
#[must_use]
pub fn sheet(of: &Sheet<'_>) -> Report {
    let (chain, head) = (of.chain.to_string(), of.head.to_string());
    let mut page = Report::letter("zkvault backup sheet", of.account.as_str(), of.printed);
    page.paragraph(
        "Keep this page where you keep papers. It holds no secret: a restore also needs the passphrase of the keyring, \
         and a token for the container.",
    );
    page.facts([
        Fact::new("Account", of.account.as_str()),
        Fact::new("Container", of.container),
        Fact::new("Chain", &chain),
        Fact::new("Newest backup when this was printed", &head),
        Fact::new("Fingerprint of the identity", of.fingerprint),
    ]);
    page.heading("On a new machine");
    page.steps(steps(&chain, &head));
    page
}

fn steps(chain: &str, head: &str) -> Vec<Step> {
    let step = |text: &str, command: Option<String>| Step {
        text: text.to_owned(),
        command,
    };
    vec![
        step(
            "Install zkv, and ask the administrator of the storage for a token (SAS) that lists and reads the container.",
            None,
        ),
        step(
            "Put the address with the token into a file, and name it.",
            Some("export ZKV_SAS_FILE=FILE".to_owned()),
        ),
        step(
            "Restore, and type the passphrase. zkv refuses a backup that is older than this page.",
            Some(format!("zkv backup restore --chain {chain} --expect {head}")),
        ),
        step(
            "Compare what this prints with the fingerprint above.",
            Some("zkv identity fingerprint".to_owned()),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn z69_what_is_on_the_page_is_text() {
        let account = AccountName::parse("acme.example").unwrap();
        let page = sheet(&Sheet {
            account: &account,
            container: "https://a.example/<script>alert(1)</script>&\"",
            chain: "aaaaaaaaaaaaaaaa".parse().unwrap(),
            head: format!("7:{}", "ab".repeat(32)).parse().unwrap(),
            fingerprint: "1234 5678",
            printed: 1_700_000_000,
        });
        let html = page.html();
        assert!(!html.contains("<script") && !html.contains("unsafe-inline"), "{html}");
        assert!(
            html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;"),
            "{html}"
        );
        for page in [html, page.markdown()] {
            let restore = format!("--chain aaaaaaaaaaaaaaaa --expect 7:{}", "ab".repeat(32));
            assert!(page.contains(&restore), "{page}");
        }
    }
}
