//! Names of the vault, for a shell that completes them.
//!
//! A service chooses the names. What is offered is text that a person sees as it is, that no shell takes for anything but a
//! word, and that zkv understands as what it names; the id stands for everything else.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;

use zkvault::core::model::Site;
use zkvault::core::reference::Reference;
use zkvault::core::resolve::Named;
use zkvault::core::site::{self, Field, Found, fields, find_field};
use zkvault::core::text::{folded, trimmed};
use zkvault::directory::{Kind, Listed};
use zkvault::keyring_file::KeyringFile;
use zkvault::vault::{Contents, Vault};

use super::{Candidate, What};
use crate::agent;
use crate::output::escaped;
use crate::profile::Profile;

/// The most names that are offered at once. More than that are worth another letter, not a list.
const MAX_OFFERED: usize = 1000;
/// A longer name is offered as its id, in bytes.
const MAX_NAME_LEN: usize = 200;
/// Characters of a name that are shown beside an id.
const MAX_HELP_CHARS: usize = 60;
/// A person waits for a key to do something. Longer than that, and nothing is offered.
const PATIENCE: Duration = Duration::from_secs(3);

const SCHEME: &str = "zkv://";

/// What is asked of the vault.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) what: What,
    /// What is typed of it.
    pub(crate) typed: String,
    pub(crate) profile: Option<String>,
}

impl Request {
    /// All that begin with what is typed. None while the keyring is locked, when there are too many, when it takes too long,
    /// and when anything is wrong: a person who presses Tab is told nothing about it.
    pub(crate) fn names(self) -> Vec<Candidate> {
        let (send, receive) = mpsc::channel();
        // Nobody waits for it: it ends with the program.
        std::thread::spawn(move || send.send(self.look_up()));
        receive.recv_timeout(PATIENCE).ok().flatten().unwrap_or_default()
    }

    fn look_up(&self) -> Option<Vec<Candidate>> {
        let contents = unlocked(self.profile.as_deref())?;
        let all = match &self.what {
            What::Site => listed(&contents, Kind::Site)?,
            What::User => listed(&contents, Kind::User)?,
            What::Group => listed(&contents, Kind::Group)?,
            What::FieldOf(site) => fields_of(&site_of(&contents, site)?),
            What::Reference => references(&contents, &self.typed)?,
        };
        beginning_with(all, &self.typed)
    }
}

/// What the store holds, if the agent has the key of the keyring. It asks nobody else.
fn unlocked(profile: Option<&str>) -> Option<Contents> {
    let profile = Profile::select(profile).ok()?;
    let file = KeyringFile::open(&profile.keyring_path()).ok()?;
    let key = agent::find()?.key(file.unlock_key_id()).ok()??;
    let keyring = file.unlock_with(key).ok()?;
    Vault::open(profile.files().ok()?, keyring.keyring())
        .ok()?
        .contents()
        .ok()
}

fn listed(contents: &Contents, kind: Kind) -> Option<Vec<Candidate>> {
    let all = contents.directory(kind).ok()??;
    Some(all.iter().map(candidate).collect())
}

/// By its first name: of users, that is the e-mail address.
fn candidate(listed: &Listed) -> Candidate {
    let name = listed.names().next().unwrap_or_default();
    match is_word(&name) {
        true => Candidate {
            word: name.into_owned(),
            help: String::new(),
        },
        false => Candidate {
            word: listed.id().to_string(),
            help: escaped(&name).chars().take(MAX_HELP_CHARS).collect(),
        },
    }
}

/// Whether a name can be typed, shows all of itself, and means the thing of that name: neither an id, a flag, a folder nor
/// a reference.
fn is_word(name: &str) -> bool {
    let is_plain = |character: char| character == ' ' || !character.is_whitespace();
    (1..=MAX_NAME_LEN).contains(&name.len())
        && trimmed(name) == name
        && !name.starts_with(['-', '~'])
        && !name.starts_with("zkv:")
        && name.parse::<u64>().is_err()
        && name.chars().all(is_plain)
        && escaped(name) == name
}

fn site_of(contents: &Contents, site: &str) -> Option<Site> {
    let index = contents.index();
    let entry = contents.find(&index, site).ok()?;
    contents.site(&entry).ok()
}

/// The fields of a site as `zkv show` names them, `username` where that means one of them, and `url` for its address.
fn fields_of(site: &Site) -> Vec<Candidate> {
    let words = fields(site).filter_map(|field| field_word(site, &field));
    let username = find_field(site, "username").ok().map(|_| "username".to_owned());
    let word = |word| Candidate {
        word,
        help: String::new(),
    };
    let address = matches!(site::find(site, "url"), Ok(Found::Address(_))).then(|| "url".to_owned());
    words.chain(username).chain(address).map(word).collect()
}

/// Its label, else its number, whichever means this field and no other.
fn field_word(site: &Site, field: &Field<'_>) -> Option<String> {
    let number = format!("input {}", field.index + 1);
    let means_it =
        |word: &String| is_word(word) && find_field(site, word).is_ok_and(|found| found.index == field.index);
    [field.label(), number].into_iter().find(means_it)
}

/// References that continue what is typed: sites, and after one of them its fields.
fn references(contents: &Contents, typed: &str) -> Option<Vec<Candidate>> {
    let rest = typed.strip_prefix(SCHEME).unwrap_or_default();
    let Some((site, _)) = rest.split_once('/') else {
        let sites = listed(contents, Kind::Site)?.into_iter();
        let begun = |site: Candidate| Candidate {
            word: reference(&site.word, ""),
            help: site.help,
        };
        return Some(sites.map(begun).collect());
    };
    let named: Reference = format!("{SCHEME}{site}/-").parse().ok()?;
    let fields = fields_of(&site_of(contents, &named.site)?).into_iter();
    let whole = |field: Candidate| {
        let encoded = reference("-", &field.word);
        let field = encoded.rsplit('/').next().unwrap_or_default();
        Candidate {
            word: format!("{SCHEME}{site}/{field}"),
            help: String::new(),
        }
    };
    Some(fields.map(whole).collect())
}

/// A reference as it is written, to a site or to one of its fields.
fn reference(site: &str, field: &str) -> String {
    let (site, field) = (site.to_owned(), field.to_owned());
    Reference { site, field }.to_string()
}

/// Those that begin with what is typed, in upper or lower case: each once, sorted. `None` if that is too many.
fn beginning_with(all: Vec<Candidate>, typed: &str) -> Option<Vec<Candidate>> {
    let start = folded(typed);
    let mut found = BTreeMap::new();
    for Candidate { word, help } in all {
        if folded(&word).starts_with(start.as_ref()) {
            found.entry(word).or_insert(help);
        }
        if found.len() > MAX_OFFERED {
            return None;
        }
    }
    let found = found.into_iter().map(|(word, help)| Candidate { word, help });
    Some(found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(words: &[&str]) -> Vec<Candidate> {
        let candidate = |word: &&str| Candidate {
            word: (*word).to_owned(),
            help: String::new(),
        };
        words.iter().map(candidate).collect()
    }

    fn offered(words: &[&str], typed: &str) -> Vec<String> {
        let offered = beginning_with(candidates(words), typed).unwrap();
        offered.into_iter().map(|candidate| candidate.word).collect()
    }

    #[test]
    fn names_are_found_by_their_beginning_in_any_case() {
        let words = ["GitHub", "gitea", "Google", "GitHub"];
        assert_eq!(offered(&words, "git"), ["GitHub", "gitea"]);
        assert_eq!(offered(&words, "GO"), ["Google"]);
        assert_eq!(offered(&words, "").len(), 3);
        assert!(offered(&words, "hub").is_empty());
    }

    #[test]
    fn too_many_are_none() {
        let words: Vec<String> = (0..=MAX_OFFERED).map(|number| format!("site {number}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(beginning_with(candidates(&words), "site"), None);
        assert_eq!(offered(&words, "site 99").len(), 11, "site 99, and site 990 to 999");
    }

    #[test]
    fn what_cannot_be_a_word_is_an_id() {
        for name in [
            "GitHub",
            "Bank of Halden",
            "$(x) `y` \"z\" 'a'",
            "a:b",
            "Größe 大きさ",
            "*",
        ] {
            assert!(is_word(name), "{name:?}");
        }
        let long = "x".repeat(MAX_NAME_LEN + 1);
        for name in [
            "",
            " a",
            "a ",
            "-rf",
            "--reveal",
            "~root",
            "two\nlines",
            "a\tb",
            "\u{1b}[2J",
            "a\u{202e}b",
            "a\u{a0}b",
            "1749412",
            "+7",
            "zkv://GitHub/password",
            &long,
        ] {
            assert!(!is_word(name), "{name:?}");
        }
    }

    #[test]
    fn a_field_is_called_by_what_means_no_other() {
        let site: Site = serde_json::from_str(
            r#"{"id":7,"login":{"Url":"https://a.example/","inputs":[
                {"name":"[\"login\"]","type":"text"},
                {"name":"[\"pin\"]","type":"password"},
                {"name":"[\"pin\"]","type":"password"},
                {"name":"[\"a\\nb\"]","type":"hidden"}
            ]}}"#,
        )
        .unwrap();
        let words: Vec<_> = fields_of(&site).into_iter().map(|field| field.word).collect();
        assert_eq!(words, ["login", "input 2", "input 3", "input 4", "username", "url"]);
    }
}
