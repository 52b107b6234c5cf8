//! A page for the drawer: what a new machine needs besides the passphrase. Nothing on it is secret.
//!
//! The head on it is what a fresh machine compares with: without one, a storage that withholds the newest backups is
//! not noticed there (threat model, Z16). Every text in it is escaped, and the page has a policy that lets it load
//! nothing (`z53_what_is_on_the_page_is_text`).

use zkvault_core::account::AccountName;
use zkvault_core::backup::ChainTag;
use zkvault_core::snapshot::SnapshotHead;

use crate::report::html_text;

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
    /// When it was printed, for people.
    pub printed: &'a str,
}

const STYLE: &str = "body{font:12pt/1.5 sans-serif;max-width:42em;margin:3em auto;padding:0 1em}\
    dt{font-weight:bold;margin-top:.8em}dd{margin:0}code,pre{font:11pt monospace;overflow-wrap:anywhere;white-space:pre-wrap}\
    @media print{body{margin:0}}";

/// The page as HTML: it loads nothing and runs nothing.
#[must_use]
pub fn sheet(of: &Sheet<'_>) -> String {
    let Sheet {
        account,
        container,
        chain,
        head,
        fingerprint,
        printed,
    } = of;
    let rows = [
        ("Account", account.as_str().to_owned()),
        ("Container", (*container).to_owned()),
        ("Chain", chain.to_string()),
        ("Newest backup when this was printed", head.to_string()),
        ("Fingerprint of the identity", (*fingerprint).to_owned()),
        ("Printed", (*printed).to_owned()),
    ];
    let rows: String = rows
        .iter()
        .map(|(what, value)| format!("<dt>{what}</dt><dd><code>{}</code></dd>\n", html_text(value)))
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>zkvault backup sheet</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>zkvault backup sheet</h1>\n<p>Keep this page where you keep papers. It holds no secret: a restore also needs \
         the passphrase of the keyring, and a token for the container.</p>\n<dl>\n{rows}</dl>\n\
         <h2>On a new machine</h2>\n<ol>\n<li>Install zkv, and ask the administrator of the storage for a token (SAS) that lists \
         and reads the container above.</li>\n<li>Put the address with the token into a file, and type:\n\
         <pre>export ZKV_SAS_FILE=FILE\nzkv backup restore --chain {chain} --expect {head}</pre></li>\n\
         <li>Type the passphrase. zkv refuses a backup that is older than this page.</li>\n\
         <li>Compare the output of <code>zkv identity fingerprint</code> with the fingerprint above.</li>\n</ol>\n\
         </body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn z53_what_is_on_the_page_is_text() {
        let account = AccountName::parse("acme.example").unwrap();
        let page = sheet(&Sheet {
            account: &account,
            container: "https://a.example/<script>alert(1)</script>&\"",
            chain: "aaaaaaaaaaaaaaaa".parse().unwrap(),
            head: format!("7:{}", "ab".repeat(32)).parse().unwrap(),
            fingerprint: "1234 5678",
            printed: "today",
        });
        assert!(!page.contains("<script>"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;"));
        assert!(page.contains(&format!("--chain aaaaaaaaaaaaaaaa --expect 7:{}", "ab".repeat(32))));
    }
}
