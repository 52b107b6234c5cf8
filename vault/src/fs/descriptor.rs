//! What a security descriptor of Windows says, as text: whether anybody but the owner, the system and the
//! administrators gets at a file.
//!
//! The text is SDDL (MS-DTYP 2.5.1), which Windows writes: `O:` an owner, `G:` a group, `D:` flags and entries in
//! parentheses, each with six fields or more. It is judged as text so that the rule is tested on every system.

/// The system, the administrators, and two names for the owner itself. Administrators are what root is elsewhere: they can
/// make themselves the owner of anything.
const TRUSTED: [&str; 8] = ["SY", "S-1-5-18", "BA", "S-1-5-32-544", "CO", "S-1-3-0", "OW", "S-1-3-4"];

/// The text of a list that lets one user in and nobody else, and takes nothing over from the folder above. What is made in
/// a folder gets the same list.
pub(super) fn owner_only(user: &str, is_folder: bool) -> String {
    let inherited = if is_folder { "OICI" } else { "" };
    format!("D:P(A;{inherited};FA;;;{user})")
}

/// Whether a descriptor keeps everybody out but `users`, which are the names of one user, and [`TRUSTED`]. One without a list
/// lets everybody in.
pub(super) fn keeps_others_out(descriptor: &str, users: &[String]) -> bool {
    let is_trusted = |name: &str| TRUSTED.contains(&name) || users.iter().any(|user| user == name);
    let (head, list) = match descriptor.split_once("D:") {
        Some(parts) => parts,
        None => return false,
    };
    let entries: Option<Vec<_>> = list.split('(').skip(1).map(entry).collect();
    let is_owner_trusted = owner(head).is_none_or(is_trusted);
    let is_list = !list.contains("NO_ACCESS_CONTROL");
    let allows = |entries: &[Entry<'_>]| entries.iter().all(|entry| !entry.allows || is_trusted(entry.who));
    is_list && is_owner_trusted && entries.is_some_and(|entries| allows(&entries))
}

/// Who owns something.
pub(super) fn owner(descriptor: &str) -> Option<&str> {
    let (_, owner) = descriptor.split_once("O:")?;
    let ends = owner.find("G:").or_else(|| owner.find("D:")).unwrap_or(owner.len());
    owner.get(..ends)
}

struct Entry<'a> {
    allows: bool,
    who: &'a str,
}

/// An entry; `None` for what is none.
fn entry(text: &str) -> Option<Entry<'_>> {
    let mut fields = text.split_once(')')?.0.split(';');
    let kind = fields.next()?;
    Some(Entry {
        // To deny, and to record, lets nobody in. What is unknown might.
        allows: !matches!(kind, "D" | "OD" | "XD" | "AU" | "AL" | "OU" | "OL"),
        who: fields.nth(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: &str = "S-1-5-21-1-2-3-1001";

    fn is_private(descriptor: &str) -> bool {
        keeps_others_out(descriptor, &[ME.to_owned(), "LA".to_owned()])
    }

    #[test]
    fn what_is_made_private_is_private() {
        assert!(is_private(&owner_only(ME, false)));
        assert!(is_private(&owner_only(ME, true)));
        assert_eq!(owner_only(ME, true), format!("D:P(A;OICI;FA;;;{ME})"));
    }

    #[test]
    fn the_system_the_administrators_and_the_owner_are_nobody_else() {
        // As %APPDATA% hands it down.
        assert!(is_private(&format!(
            "O:{ME}G:{ME}D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;{ME})"
        )));
        assert!(is_private("O:LAG:LAD:(A;;FA;;;LA)(A;OICIIO;GA;;;CO)"));
        assert!(is_private("O:BAG:BAD:P(D;;FA;;;WD)(A;;FA;;;S-1-5-18)S:(AU;SA;FA;;;WD)"));
        assert!(is_private("O:SYD:P"), "nobody at all");
    }

    #[test]
    fn anybody_else_is() {
        for list in [
            "(A;;FR;;;WD)",
            "(A;;0x1200a9;;;BU)",
            "(A;ID;FA;;;S-1-5-21-1-2-3-1002)",
            "(A;;FR;;;AU)",
            "(A;;FR;;;AC)",
            "(XA;;FX;;;WD;(Title==\"VP\"))",
            "(ZZ;;FR;;;WD)",
            "NO_ACCESS_CONTROL",
            "(A;;FA",
            "(A;;FA;;)",
        ] {
            let descriptor = format!("O:{ME}G:{ME}D:PAI(A;;FA;;;{ME}){list}");
            assert!(!is_private(&descriptor), "{descriptor}");
        }
        assert!(!is_private(&format!("O:{ME}G:{ME}")), "no list");
        assert!(
            !is_private(&format!("O:S-1-5-21-9-9-9-500G:BAD:P(A;;FA;;;{ME})")),
            "a different owner"
        );
        assert!(!is_private(""));
    }

    #[test]
    fn the_owner_is_read() {
        assert_eq!(owner("O:SYG:BAD:P"), Some("SY"));
        assert_eq!(owner(&format!("O:{ME}D:P")), Some(ME));
        assert_eq!(owner("O:BA"), Some("BA"));
        assert_eq!(owner("G:BAD:P"), None);
    }
}
