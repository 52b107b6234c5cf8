//! Files that say what an organisation is, or shall be (docs/spec/org.md).
//!
//! They are YAML, for people, or JSON, which is read as the YAML that it is. Everything is in the order of names, and one
//! relation is one line, so that two exports differ where the organisations do. A file without secrets is a file that can
//! be reviewed: what is in a name and steers a terminal or an editor is written as an escape.

mod text;
mod write;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_saphyr::{Error, budget, options};
use zkvault_core::{SecretBuffer, text as core_text};

pub use self::text::{Pairs, Permissions, Text};
pub use self::write::{FileFormat, write};
use super::error::OrgError;
use super::model::Field;

/// The version that is read and written.
pub const VERSION: u32 = 1;
/// Bytes of a file at most: 64 MiB, some 500,000 relations.
pub const MAX_FILE_LEN: usize = 64 << 20;
/// Nodes of a file at most: a name or permission is one.
const MAX_NODES: usize = 8_000_000;
/// Lists and maps in each other: a file has five.
const MAX_DEPTH: usize = 12;

/// A file. What is missing is not mentioned, and stays as it is.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrgFile {
    /// Says what the file is, and its version.
    #[serde(rename = "zkvault-org")]
    pub version: u32,
    /// The account that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Text>,
    /// What an export could not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<Vec<Text>>,
    /// The users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<UserEntry>>,
    /// The groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupEntry>>,
    /// The sites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sites: Option<Vec<SiteEntry>>,
}

/// A user in a file.
#[derive(Debug)]
pub struct UserEntry {
    /// An e-mail address, or a different name.
    pub user: Text,
    /// The id, which counts more than the name.
    pub id: Option<u64>,
    /// Whether the account is active.
    pub active: Option<bool>,
    /// Fields of the profile. An empty text empties one.
    pub fields: Vec<(Field, Text)>,
}

/// A group in a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupEntry {
    /// The name: a new one, where the id says which group it is.
    pub group: Text,
    /// The id, which counts more than the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// The groups in it, which the API shows and does not change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<Text>>,
    /// The members, with their permissions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Pairs>,
}

/// A site in a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteEntry {
    /// The name.
    pub site: Text,
    /// The id, which counts more than the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// The host of its login page, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Text>,
    /// The users that it is assigned to, with their permissions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Pairs>,
    /// The groups that it is assigned to, with their permissions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Pairs>,
}

impl OrgFile {
    /// Reads a file of YAML or JSON, in UTF-8 or in UTF-16 with a byte order mark.
    ///
    /// # Errors
    /// [`OrgError::Format`], [`OrgError::Syntax`].
    pub fn read(bytes: &[u8]) -> Result<Self, OrgError> {
        let mut buffer = SecretBuffer::new();
        let bytes = decoded(bytes, &mut buffer);
        if bytes.len() > MAX_FILE_LEN {
            return Err(OrgError::Format("the file is longer than 64 MiB"));
        }
        let limits = budget! {
            max_events: 2 * MAX_NODES,
            max_nodes: MAX_NODES,
            max_depth: MAX_DEPTH,
            // Names that stand for other parts of a file make it hard to review, and small files large.
            max_aliases: 0,
            max_anchors: 0,
            max_documents: 1,
            max_total_scalar_bytes: MAX_FILE_LEN,
        };
        let options = options! { budget: limits, with_snippet: false, strict_booleans: true };
        let file: Self = serde_saphyr::from_slice_with_options(bytes, options).map_err(|error| syntax(&error))?;
        match file.version {
            VERSION => Ok(file),
            _ => Err(OrgError::Format("the file is of a version that this zkv does not know")),
        }
    }
}

/// A text as UTF-8: PowerShell writes UTF-16. What is no text is for its parser to refuse.
pub(super) fn decoded<'a>(bytes: &'a [u8], buffer: &'a mut SecretBuffer) -> &'a [u8] {
    core_text::decode(bytes, buffer).map_or(bytes, str::as_bytes)
}

fn syntax(error: &Error) -> OrgError {
    let line = error.location().map_or(1, |location| location.line());
    let reason = error.without_snippet().to_string();
    // The place is said first.
    let reason = match reason.rsplit_once(" at line ") {
        Some((reason, _)) => reason.to_owned(),
        None => reason,
    };
    OrgError::Syntax { line, reason }
}

/// `user`, `id`, `active`, and the fields of the profile by their names.
impl<'de> Deserialize<'de> for UserEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UserVisitor)
    }
}

/// A member of a user. It is a type so that one that is unknown is an error in its own place.
enum Member {
    User,
    Id,
    Active,
    Field(Field),
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match (name.as_str(), Field::from_name(&name)) {
            ("user", _) => Ok(Self::User),
            ("id", _) => Ok(Self::Id),
            ("active", _) => Ok(Self::Active),
            (_, Some(field)) => Ok(Self::Field(field)),
            (_, None) => Err(D::Error::custom(format!("unknown field `{name}` of a user"))),
        }
    }
}

struct UserVisitor;

impl<'de> Visitor<'de> for UserVisitor {
    type Value = UserEntry;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a user")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UserEntry, A::Error> {
        let (mut user, mut id, mut active, mut fields) = (None, None, None, Vec::new());
        while let Some(member) = map.next_key()? {
            match member {
                Member::User => user = Some(map.next_value()?),
                Member::Id => id = map.next_value()?,
                Member::Active => active = map.next_value()?,
                Member::Field(field) => fields.push((field, map.next_value()?)),
            }
        }
        let user = user.ok_or_else(|| A::Error::missing_field("user"))?;
        Ok(UserEntry {
            user,
            id,
            active,
            fields,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of(text: &str) -> (u64, String) {
        match OrgFile::read(text.as_bytes()) {
            Err(OrgError::Syntax { line, reason }) => (line, reason),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, line, word) in [
            ("zkvault-org: 1\nuser: []\n", 2, "user"),
            ("zkvault-org: 1\nusers:\n- user: a\n  shoe-size: 7\n", 4, "shoe-size"),
            ("zkvault-org: 1\nusers:\n- id: 7\n", 3, "user"),
            (
                "zkvault-org: 1\nsites:\n- site: a\n  users:\n    b: [read, reed]\n",
                5,
                "reed",
            ),
            (
                "zkvault-org: 1\nsites:\n- site: a\n  users:\n    b: []\n    b: []\n",
                6,
                "duplicate",
            ),
            ("zkvault-org: 1\nusers:\n- user: a\n  active: perhaps\n", 4, "bool"),
            (
                "{\"zkvault-org\": 1,\n \"groups\": [{\"group\": \"x\", \"sites\": {}}]}",
                2,
                "sites",
            ),
            ("zkvault-org: 1\nusers: [&a {user: x}, *a]\n", 2, "anchor"),
            ("zkvault-org: 1\n---\nzkvault-org: 1\n", 2, "document"),
            ("", 1, ""),
        ] {
            let (found, reason) = line_of(text);
            assert!(found == line && reason.contains(word), "{text:?}: {found} {reason}");
        }
    }

    #[test]
    fn a_file_is_read_up_to_its_limit_and_no_longer() {
        let longest = vec![0; MAX_FILE_LEN];
        assert!(matches!(OrgFile::read(&longest), Err(OrgError::Syntax { .. })));
        let longer = vec![0; MAX_FILE_LEN + 1];
        assert!(matches!(OrgFile::read(&longer), Err(OrgError::Format(_))));
    }

    #[test]
    fn other_versions_and_depths_are_refused() {
        let later = OrgFile::read(b"zkvault-org: 2\n");
        assert!(matches!(later, Err(OrgError::Format(_))), "{later:?}");
        let deep = format!("zkvault-org: 1\nusers: {}", "[".repeat(100_000));
        assert!(OrgFile::read(deep.as_bytes()).is_err());
    }
}
