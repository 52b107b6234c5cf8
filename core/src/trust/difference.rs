//! Two texts side by side, where one of them may be long because somebody wants the other to go unnoticed.
//!
//! A person who accepts a change must see it. A service chooses both texts, and could put the difference behind a
//! kilobyte of what is equal: so both are cut around the place where they differ (threat model, Z50).

use super::finding::Field;
use crate::model::Site;

/// Of what two texts share in front of their difference, so much is shown.
const SHARED: usize = 24;

/// Both texts, each cut to about `width` characters: from a little before the place where they begin to differ, and where
/// the difference is longer than that, with its end. What was cut is counted.
///
/// ```
/// use zkvault_core::trust::around_difference;
///
/// let path = "a/".repeat(200);
/// let (before, after) = (format!("https://bank.example/{path}login"), format!("https://bank.evil/{path}login"));
/// let (before, after) = around_difference(&before, &after, 60);
/// assert!(before.starts_with("https://bank.example/a/") && after.starts_with("https://bank.evil/a/"));
/// // Where they differ late, the front is cut, and something equal in front of it stays.
/// let (one, other) = around_difference(&format!("{path}x1"), &format!("{path}x2"), 60);
/// assert!(one.starts_with('…') && one.ends_with("a/x1") && other.ends_with("a/x2"));
/// ```
#[must_use]
pub fn around_difference(before: &str, after: &str, width: usize) -> (String, String) {
    let (before, after): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
    let equal = before
        .iter()
        .zip(&after)
        .take_while(|(one, other)| one == other)
        .count();
    let room = before.len().min(after.len()) - equal;
    let ends = before.iter().rev().zip(after.iter().rev());
    let same_end = ends.take_while(|(one, other)| one == other).take(room).count();
    let cut = |text: &[char]| cut(text, equal, text.len() - same_end, width);
    (cut(&before), cut(&after))
}

/// The text without what lies far in front of `from` and behind `to`, and without the middle of what lies between.
fn cut(text: &[char], from: usize, to: usize, width: usize) -> String {
    if text.len() <= width {
        return text.iter().collect();
    }
    let start = from.saturating_sub(SHARED);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().iter().collect::<String>();
    let front = if start > 0 { "…" } else { "" };
    let tail = width / 3;
    if to.saturating_sub(start) <= width {
        let end = (start + width).min(text.len());
        let back = if end < text.len() { "…" } else { "" };
        return format!("{front}{}{back}", part(start, end));
    }
    let (head_end, tail_start) = (start + width - tail, to - tail);
    let back = if to < text.len() { "…" } else { "" };
    let left_out = tail_start - head_end;
    format!(
        "{front}{} … {left_out} characters … {}{back}",
        part(start, head_end),
        part(tail_start, to)
    )
}

impl Field {
    /// The whole text of the field in a site, where it is one.
    ///
    /// Pins keep long texts as digests: for showing a difference, the site itself has the text.
    #[must_use]
    pub fn text_in(self, site: &Site) -> Option<&str> {
        let login = site.login.as_ref();
        let matches = || login?.matches.as_ref();
        let text = match self {
            Self::SiteName => site.name.as_deref(),
            Self::Image => site.image.as_deref(),
            Self::Icon => site.icon.as_deref(),
            Self::LoginUrl => login?.url.as_deref(),
            Self::Regex => login?.regex.as_deref(),
            Self::MatchUsername => matches()?.username.as_deref(),
            Self::MatchTrim => matches()?.trim.as_deref(),
            Self::ActionSubmit => login?.action.as_ref()?.submit.as_deref(),
            _ => None,
        };
        text.filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_shown_whole() {
        let both = around_difference("https://a.example/x", "https://a.example/y", 40);
        assert_eq!(
            both,
            ("https://a.example/x".to_owned(), "https://a.example/y".to_owned())
        );
        assert_eq!(around_difference("", "x", 40), (String::new(), "x".to_owned()));
    }

    /// Wherever the difference is, and however much of the same is around it.
    #[test]
    fn the_difference_is_shown_wherever_it_is() {
        for at in [0, 1, 50, 500, 999, 1000] {
            let text = |word: &str| format!("{}{word}{}", "a".repeat(at), "b".repeat(1000 - at));
            let (before, after) = around_difference(&text("HONEST"), &text("EVIL"), 100);
            assert!(
                before.contains("HONEST") && after.contains("EVIL"),
                "{at}: {before} {after}"
            );
            assert!(
                before.chars().count() <= 102 && after.chars().count() <= 102,
                "{at}: {after}"
            );
        }
    }

    /// Of a long difference both ends are shown, so that neither hides behind the other.
    #[test]
    fn both_ends_of_a_long_difference_are_shown() {
        let after = format!("https://a.example/START{}END", "x".repeat(1000));
        let (before, after) = around_difference("https://a.example/old", &after, 90);
        assert_eq!(before, "https://a.example/old");
        assert!(
            after.contains("START") && after.ends_with("END") && after.contains(" characters … "),
            "{after}"
        );
        assert!(after.chars().count() < 130, "{after}");
    }

    proptest::proptest! {
        #[test]
        fn different_texts_look_different(before in "[ab]{0,60}", after in "[ab]{0,60}") {
            let (left, right) = around_difference(&before, &after, 30);
            proptest::prop_assert!(before == after || left != right || before.len().max(after.len()) > 30);
            let most = 30 + 30;
            proptest::prop_assert!(left.chars().count() <= most && right.chars().count() <= most);
        }
    }
}
