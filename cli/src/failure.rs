//! The table from errors of the library to exit codes and hints. What happened, why, and the stable code are the
//! library's own words; what a terminal must not get is escaped here, once.

use std::error::Error;

use zkvault::account::AccountError;
use zkvault::agent::AgentError;
use zkvault::audit::ranges::RangesError;
use zkvault::audit::{AuditError, HashListError};
use zkvault::backup::{BackupError, Missing};
use zkvault::config::ConfigError;
use zkvault::containers::ContainersError;
use zkvault::fs::FileError;
use zkvault::handover::HandOverError;
use zkvault::journal::JournalError;
use zkvault::keyring_file::KeyringFileError;
use zkvault::offboard::OffboardError;
use zkvault::onboard::PeopleError;
use zkvault::org::OrgError;
use zkvault::recipients::RecipientsError;
use zkvault::store::StoreError;
use zkvault::sync::SyncError;
use zkvault::time::ClockError;
use zkvault::transfer::{NotOpened, TransferError};
use zkvault::vault::{ReadError, ValueNotOpened, VaultError};
use zkvault::workers::WorkersEnded;
use zkvault_core::Coded;

use crate::error::{CliError, Exit, system_hint};
use crate::escape::escaped_lines;
use crate::service::ServiceWords as _;

/// What `zkv` adds to an error of one code.
struct Row<E> {
    code: &'static str,
    exit: Exit,
    hint: Hint<E>,
}

/// What to do about an error.
enum Hint<E> {
    None,
    Text(&'static str),
    /// Depends on more than the code.
    Of(fn(&E) -> Option<String>),
}

/// Makes `CliError`s of errors, and a list of the rows for the tests. One line a code: its exit code and its hint.
/// `through` names the variants that hold another error of the table, whose row counts then.
macro_rules! table {
    ($($error:ident $(through $($inner:ident)+)? { $($code:literal => $exit:ident, $hint:expr;)* })+) => {
        $(impl From<$error> for CliError {
            fn from(error: $error) -> Self {
                const ROWS: &[Row<$error>] = &[$(Row { code: $code, exit: Exit::$exit, hint: $hint }),*];
                match error {
                    $($($error::$inner(inner) => inner.into(),)+)?
                    error => failure(error.code(), &error, ROWS),
                }
            }
        })+

        /// Every error type: its name, its codes, and the codes that have a row.
        #[cfg(test)]
        const TABLE: &[(&str, &[&str], &[&str])] = &[$((stringify!($error), $error::CODES, &[$($code),*])),+];
    };
}

use Hint::{None as Nothing, Of, Text};

const AGAIN: &str = "try again when it has ended";

table! {
    FileError {
        "not-found" => NotFound, Nothing;
        "broken-pipe" => BrokenPipe, Nothing;
        "exists" => Other, Text("give --force to replace it");
        "foreign-file" => Other, Text("name a file in a folder in which nobody else can put links and pipes");
        "io" => Other, Of(system_hint_of);
    }
    ClockError {
        "clock" => Other, Nothing;
    }
    WorkersEnded {
        "internal" => Other, Nothing;
    }
    KeyringFileError through File {
        "no-keyring" => NotFound, Text("zkv setup leads through the first steps, and zkv init makes a keyring alone; commands that open and seal \
                  also take a key from --key-file");
        "exists" => Other, Nothing;
        "busy" => Other, Text(AGAIN);
        "wrong-passphrase" => Integrity, Nothing;
        "keyring-damaged" => Integrity, Nothing;
        "keyring" => Other, Nothing;
        "pre-release" => Other, Text("move the file away, then zkv init makes a new keyring");
        "seal" => Other, Nothing;
    }
    AgentError through File {
        "no-agent" => NotFound, Text("zkv unlock starts one");
        "agent-distrusted" => Integrity,
            Text("nothing was sent; find out who made it, remove it or chmod it to 700 (a socket 600), and try again");
        "agent-unavailable" => Other,
            Text("set XDG_RUNTIME_DIR to a folder of yours with mode 700 and a short path; without an agent zkv prompts");
        "agent-unresponsive" => Other, Text("end the agent's process, then zkv unlock starts another");
        "agent-version" => Other, Text("zkv lock locks it; zkv unlock of the newer zkv replaces it");
        "agent-full" => Other, Text("zkv lock forgets them all");
        "agent-running" => Other, Text("zkv agent status shows it; zkv lock ends one that zkv unlock started");
    }
    RecipientsError through File {
        "recipients" => Integrity,
            Text("nothing is sealed while it is not known to whom keys were sealed before; restore the file");
        "busy" => Other, Text(AGAIN);
        "json" => Other, Nothing;
    }
    HandOverError through Recipients {
        "seal" => Other, Nothing;
    }
    ConfigError through File {
        "config" => Other, Text("correct the file, or delete it; zkv config set --help lists the settings");
        "unknown-setting" => Other, Of(config_hint);
        "setting" => Usage, Of(config_hint);
        "busy" => Other, Text(AGAIN);
    }
    ContainersError through File {
        "containers" => Integrity,
            Text("restore the file: without it zkv cannot tell whether a repository still is the same container");
        "busy" => Other, Text(AGAIN);
        "json" => Other, Nothing;
    }
    AccountError {
        "not-authenticated" => NotAuthenticated, Of(account_hint);
        "usage" => Usage, Nothing;
        "keyring" => Other, Nothing;
    }
    StoreError through File {
        "busy" => Other, Text(AGAIN);
        "store-damaged" => Integrity,
            Text("put back a copy that you trust; or delete it and zkv sync, after which every site is to be accepted anew");
        "site-damaged" => Integrity,
            Text("zkv sync fetches it again; it is then a new site that needs review");
        "newer-store" => Other, Text("install the newer zkv");
        "pre-release" => Other,
            Text("delete it, then zkv sync makes a new one; zkv trust accepts its sites");
        "no-key" => Integrity,
            Text("a store of a keyring opens with that keyring alone, one of key files with --key-file; a restore that \
                  was cut off is given again");
        "io" => Other, Text("nothing in it was changed; make room or see to its folder's rights, and try again");
        "seal" => Other, Nothing;
        "json" => Other, Nothing;
        "known-stores" => Integrity,
            Text("it says which stores were synced: put it back, or remove it and accept every site anew");
        "store-stale" => Integrity,
            Text("put the newest copy back; or delete it and zkv sync, after which every site is to be accepted anew");
        "keyring" => Other, Nothing;
        "not-synced" => NotFound, Of(|error| Some(not_synced(error).to_owned()));
    }
    TransferError through File Storage Clock Workers {
        "not-a-file" => Other, Text("write it to a file first: an upload may have to read it twice");
        "source-changed" => Other, Text("start again when nobody writes to it");
        "too-large" => Other, Nothing;
        "seal" => Other, Nothing;
        "conflict" => Other, Of(transfer_hint);
        "blocks-lost" => Other, Nothing;
        "incomplete" => Integrity, Text("upload it again with --overwrite");
        "empty-blob" => Integrity, Nothing;
        "decrypt" => Integrity, Of(transfer_hint);
        "hostile-name" => Other, Nothing;
        "usage" => Usage, Of(transfer_hint);
    }
    BackupError through File Store Storage Transfer {
        "backup-not-opened" => Integrity, Of(backup_hint);
        "wrong-passphrase" => Integrity, Nothing;
        "seal" => Other, Nothing;
        "store-damaged" => Integrity,
            Text("zkv sync fetches the sites again, and zkv trust accepts them; then make the backup");
        "not-saved" => Other, Nothing;
        "not-found" => NotFound, Of(backup_hint);
        "too-many" => Other, Text("--chain TAG goes straight to your chain; ask the administrator of the storage what fills it");
        "pre-release" => Integrity, Text("make the backup anew with zkv backup push; nothing reads older ones");
        "ambiguous" => Ambiguous, Text("give --chain TAG to choose one");
        "former-key" => Integrity,
            Text("anyone who knew the old passphrase could have made it; --accept takes it all the same");
        "keyring-behind" => Other, Text("zkv keyring pull takes in the newer copy; then make the backup");
        "personal-key" => NotFound,
            Text("anyone who has a key file could forge a backup under it: zkv init makes a keyring with a personal key");
        "keyring-full" => Other, Nothing;
        "input-needed" => InputNeeded, Text("--chain TAG goes straight to your chain; the printed sheet has it");
        "other-keyring" => Integrity, Text("the backup is of another person, or was changed");
        "keyring" => Other, Nothing;
        "conflict" => Other,
            Text("start again, with a token that may list and read: this one then follows that one");
        "backup-older" => Integrity,
            Text("zkv backup list shows what is there; push, verify and restore continue from it with --accept");
        "backup-forked" => Integrity,
            Text("zkv backup list shows what is there; push, verify and restore continue from it with --accept");
        "known-backups" => Integrity,
            Text("it says which backups were the newest: put it back, or remove it and look at zkv backup list");
        "json" => Other, Nothing;
    }
    JournalError through Clock File {
        "busy" => Other, Text(AGAIN);
        "seal" => Other, Nothing;
        "json" => Other, Nothing;
    }
    PeopleError {
        "people-file" => Usage, Text("zkv onboard --help describes the file");
        "too-large" => Usage, Text("split it into several files");
    }
    OffboardError through Org Recipients Store File {
        "busy" => Other, Text(AGAIN);
        "leaving" => Integrity,
            Text("it says what somebody who left knew: put it back, or remove it and begin anew");
        "seal" => Other, Nothing;
        "json" => Other, Nothing;
    }
    OrgError through Service {
        "too-large" => Other, Text("this is no organisation: check the account's address with zkv auth status");
        "org-file" => Usage, Text("docs/spec/org.md describes the file, and zkv org export writes one");
        "internal" => Other, Nothing;
        "other-account" => Usage, Text("zkv auth status shows the account; --profile NAME uses a different one");
        "too-many-removals" => Other, Text("check the plan with zkv org plan; --max-removals NUMBER allows it");
        "plan-stale" => Other, Text("zkv org plan makes a new one");
    }
    AuditError through Store {
        "random" => Other, Nothing;
    }
    HashListError {
        "io" => Other, Nothing;
        "hash-list" => Other, Text("take the list of SHA-1 hashes that is ordered by hash, unpacked");
    }
    RangesError {
        "network" => Network, Text("nothing else was sent; --hibp FILE looks passwords up without a network");
        "service" => Network, Text("nothing else was sent; --hibp FILE looks passwords up without a network");
        "malformed" => Other, Text("check the address of the mirror");
    }
    VaultError through Store Sync Clock {}
    ReadError through Store Site Field NotOpened {
        "refused" => Integrity, Of(|error| match error {
            ReadError::Refused { site_id, .. } => Some(format!("zkv trust {site_id} shows what was found, and accepts it")),
            _ => None,
        });
        "unauthenticated" => Integrity, Of(|error| match error {
            ReadError::Unauthenticated { layout, .. } => Some(format!("zkv vendor allow {layout} allows it for the account")),
            _ => None,
        });
        "no-totp" => NotFound, Of(|error| match error {
            ReadError::Chosen { .. } => Some("zkv totp SITE FIELD --remember names a different field; --forget looks for it again".to_owned()),
            _ => Some("name the field: zkv totp SITE FIELD, with --remember for the next time; zkv show SITE lists them".to_owned()),
        });
        "totp" => Other, Text("the seed is what the service shows for \"enter it by hand\": base32, or otpauth://totp/…");
        "no-value" => NotFound, Nothing;
        "malformed" => Integrity, Nothing;
    }
    SyncError through Service Store {
        "other-account" => Other, Text("zkv --profile NAME sync keeps another account beside it");
        "not-found" => NotFound, Text("zkv ls lists the sites with their ids");
        "not-accepted" => Other, Nothing;
        "internal" => Other, Nothing;
        "backup-malformed" => Integrity, Nothing;
    }
}

/// Its code is that of the reason.
impl From<ValueNotOpened> for CliError {
    fn from(error: ValueNotOpened) -> Self {
        let hint =
            Text("zkv key import, key derive or activate adds the key that it was sealed under; --key-file tries one");
        let (code, exit) = (error.code(), Exit::Integrity);
        failure(code, &error, &[Row { code, exit, hint }])
    }
}

/// The exit codes of the words of core and client. What to do depends on where an error is met, and so is said there.
const WORDS: &[(Exit, &str)] = &[
    (
        Exit::Usage,
        "argument fingerprint host identity key-id label length name no-class no-context not-a-sas \
         reference request separator url",
    ),
    (
        Exit::NotFound,
        "no-container no-such-field no-such-key no-such-layout not-found",
    ),
    (
        Exit::NotAuthenticated,
        "no-token not-authenticated sas-expired sas-not-yet-valid sas-refused",
    ),
    (Exit::Ambiguous, "ambiguous-field ambiguous-key"),
    (Exit::Forbidden, "account-refused forbidden overwrite-forbidden"),
    (Exit::Network, "network server timeout"),
    (Exit::RateLimited, "rate-limited"),
    (
        Exit::Integrity,
        "backup-forked backup-malformed backup-not-opened backup-older decrypt local-record no-key other-sender \
         pins wrong-passphrase",
    ),
    (
        Exit::Other,
        "activation-code already-sealed api-version archived blob-type blocks-lost conflict \
         control-characters default-key endless-listing expired file foreign-blocks immutable kdf-limits \
         kdf-too-weak key-present key-retired keyring keyring-full label-taken layout layouts leased \
         less-trusted malformed malformed-answer memory needs-code needs-identity not-a-key not-assessed \
         not-text passphrase pre-release random read-only redirected rejected replaces-itself retired serial \
         site-key snapshots source-changed storage too-large too-long too-many-inputs totp unsupported-version \
         weak-passphrase",
    ),
];

impl CliError {
    /// An error of core or client: with its word, and the exit code of that.
    pub(crate) fn of(error: &impl Coded, message: impl Into<String>) -> Self {
        Self::new(exit_of(error.code()), error.code(), message)
    }
}

fn exit_of(word: &str) -> Exit {
    let row = WORDS
        .iter()
        .find(|(_, words)| words.split(' ').any(|known| known == word));
    row.map_or(Exit::Other, |(exit, _)| *exit)
}

fn account_hint(error: &AccountError) -> Option<String> {
    match error {
        AccountError::Unknown(service) | AccountError::LoginLost(service) => Some(service.login_hint()),
        _ => None,
    }
}

fn config_hint(error: &ConfigError) -> Option<String> {
    match error {
        ConfigError::Unknown { name, .. } => Some(format!(
            "zkv config unset {name:?} removes it; zkv config set --help lists the settings"
        )),
        ConfigError::Refused { setting, .. } => {
            Some(format!("zkv config unset {} removes it from the file", setting.name()))
        }
        _ => None,
    }
}

fn not_synced(error: &StoreError) -> &'static str {
    match error {
        StoreError::Gone => "put it back; or zkv sync, after which every site is to be accepted anew",
        _ => "zkv sync fetches what the account has",
    }
}

fn failure<E: Error + 'static>(code: &'static str, error: &E, rows: &[Row<E>]) -> CliError {
    let row = rows.iter().find(|row| row.code == code);
    let exit = row.map_or(Exit::Other, |row| row.exit);
    let mut failure = CliError::new(exit, code, escaped_lines(&error.to_string()));
    failure.cause = error
        .source()
        .map(|cause| escaped_lines(&cause.to_string()).into_owned());
    failure.hint = row.and_then(|row| match row.hint {
        Nothing => None,
        Text(text) => Some(text.to_owned()),
        Of(hint) => hint(error),
    });
    failure
}

/// What to do, from the operating system's error.
fn system_hint_of(error: &FileError) -> Option<String> {
    match error {
        FileError::System { source, .. } => system_hint(source.kind()).map(str::to_owned),
        _ => None,
    }
}

/// What to do about a backup that is missing or did not open.
fn backup_hint(error: &BackupError) -> Option<String> {
    let hint = match error {
        BackupError::NoSuch { .. } => "zkv backup list shows those that are there",
        BackupError::NotOpened { missing, .. } => match missing {
            Missing::Keyring => {
                "restore a copy of the keyring first, or zkv init and zkv key import --personal; then --store-only"
            }
            Missing::Profile => "give the profile whose keyring made it, or of one of its recipients",
            Missing::EarlierPassphrase => {
                "its keyring may be under an earlier passphrase: another revision may have this one"
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(hint.to_owned())
}

/// What to do about a transfer that failed, where its code does not say which way.
fn transfer_hint(error: &TransferError) -> Option<String> {
    let hint = match error {
        TransferError::Exists { .. } => "give --overwrite to replace it, or --name to give another name",
        TransferError::ExistsInLine { .. } => {
            "give --overwrite to replace it under the new key, or --name to give another"
        }
        TransferError::NotReplaceable { .. } => {
            "this SAS token cannot replace it: give --name to give another name, or ask for one with permission w"
        }
        TransferError::ReplacedMeanwhile { .. } => "start again",
        TransferError::Name { .. } | TransferError::NotUtf8 { .. } => "choose a different one with --name",
        TransferError::NotOpened { source, .. } => match source {
            NotOpened::NoEntry => "the blob was copied without its metadata, or replaced",
            NotOpened::NoKey(_) => "give the key that it was uploaded with",
            _ => return None,
        },
        _ => return None,
    };
    Some(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io;
    use std::path::Path;

    use zkvault::fs::FileAction;

    use super::*;

    #[test]
    fn every_code_has_one_row_and_every_row_a_code() {
        for (error, codes, rows) in TABLE {
            let sorted = |list: &[&'static str]| {
                let mut list = list.to_vec();
                list.sort_unstable();
                list
            };
            let (mut codes, rows) = (sorted(codes), sorted(rows));
            // Two variants may have one code.
            codes.dedup();
            assert_eq!(codes, rows, "{error}");
        }
    }

    #[test]
    fn every_word_of_core_and_client_has_one_row_and_every_row_a_word() {
        let words = zkvault_core::CODES.iter().chain(zkvault_client::CODES);
        let words: BTreeSet<&str> = words.flat_map(|words| *words).copied().collect();
        let mut rows: Vec<&str> = WORDS.iter().flat_map(|(_, words)| words.split(' ')).collect();
        rows.sort_unstable();
        assert_eq!(words.into_iter().collect::<Vec<_>>(), rows);
    }

    #[test]
    fn an_error_keeps_its_words_and_gets_a_way_out() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let error = CliError::from(FileError::system(FileAction::Write, Path::new("a\u{1b}b"), full));
        assert_eq!((error.exit, error.code), (Exit::Other, "io"));
        assert_eq!(error.message, "cannot write a\\u{1b}b", "no path steers the terminal");
        assert!(error.cause.is_some_and(|cause| cause.contains("storage")));
        assert_eq!(error.hint.as_deref(), Some("make room on the disk"));
    }
}
