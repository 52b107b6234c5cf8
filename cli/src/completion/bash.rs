//! A command line as bash has it, with quotes and backslashes, and words as it reads them.
//!
//! Bash inserts what it is given as it is. A name comes from a service, so it must be one word there whatever is in it: what
//! cannot be quoted in the place where it would be is not offered.

use zkvault_core::text;

/// What of a line is of interest: the words, of which the last is being typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Without their quotes.
    pub(crate) words: Vec<String>,
    /// In which the last word ends.
    pub(crate) quotes: Quotes,
    /// The beginning of the last word that bash leaves in place, because it breaks words also at `:`, `=` and `@`, and at
    /// quotes. What it inserts comes after it.
    kept: String,
}

/// Which quotes are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    None,
    Single,
    Double,
    /// `$'`, or a quote whose end bash and we might not agree on.
    Other,
}

/// Characters that mean nothing to bash wherever they are in a word.
const PLAIN: &str = "_-./,+:=@%";

/// Takes a line up to the cursor apart. `fragment` is what bash takes for the word at the cursor, and replaces. `None` if
/// it is not the end of the line.
pub(crate) fn of_line(line: &str, fragment: &str) -> Option<Line> {
    let Split { words, raw, quotes } = split(line);
    // Inside quotes, bash takes the text after them.
    let before = raw.strip_suffix(fragment)?;
    let kept = split(before).words.pop().unwrap_or_default();
    Some(Line { words, quotes, kept })
}

impl Line {
    /// What bash is to insert for a word. `None` if that cannot be done so that the word comes out.
    pub(crate) fn inserted(&self, word: &str) -> Option<String> {
        let kept = self.kept.chars().count();
        let at = word.char_indices().nth(kept).map_or(word.len(), |(at, _)| at);
        let (start, rest) = word.split_at_checked(at)?;
        match text::folded(start) == text::folded(&self.kept) && !rest.is_empty() {
            true => quoted(rest, self.quotes),
            false => None,
        }
    }
}

/// A word as it is written after an open quote, or without one. It must have no line ends and no control characters.
fn quoted(word: &str, quotes: Quotes) -> Option<String> {
    let is_special: fn(char) -> bool = match quotes {
        Quotes::None => {
            |character| character.is_ascii() && !character.is_ascii_alphanumeric() && !PLAIN.contains(character)
        }
        Quotes::Double => |character| matches!(character, '"' | '\\' | '$' | '`'),
        Quotes::Single => |_| false,
        Quotes::Other => return None,
    };
    let is_impossible = match quotes {
        // Between double quotes bash replaces it by a line of its history, backslash or not.
        Quotes::Double => word.contains('!'),
        Quotes::Single => word.contains('\''),
        Quotes::None | Quotes::Other => false,
    };
    if is_impossible {
        return None;
    }
    let mut text = String::with_capacity(word.len() + 8);
    for character in word.chars() {
        if is_special(character) {
            text.push('\\');
        }
        text.push(character);
    }
    Some(text)
}

struct Split<'a> {
    words: Vec<String>,
    /// The last word as it was typed.
    raw: &'a str,
    quotes: Quotes,
}

fn split(line: &str) -> Split<'_> {
    let mut words = vec![String::new()];
    let (mut quotes, mut start, mut in_word) = (Quotes::None, 0, false);
    let mut characters = line.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if quotes == Quotes::None && character.is_ascii_whitespace() {
            if std::mem::take(&mut in_word) {
                words.push(String::new());
            }
            start = at + character.len_utf8();
            continue;
        }
        in_word = true;
        let Some(word) = words.last_mut() else { break };
        match (quotes, character) {
            (Quotes::None, '\'') if word.ends_with('$') => quotes = Quotes::Other,
            (Quotes::None, '\'') => quotes = Quotes::Single,
            (Quotes::None, '"') => quotes = Quotes::Double,
            (Quotes::Single, '\'') | (Quotes::Double, '"') => quotes = Quotes::None,
            (Quotes::None, '\\') => word.extend(characters.next().map(|(_, next)| next)),
            (Quotes::Double, '\\') => match characters.peek() {
                Some((_, '"' | '\\' | '$' | '`')) => word.extend(characters.next().map(|(_, next)| next)),
                _ => word.push('\\'),
            },
            _ => word.push(character),
        }
    }
    let raw = line.get(start..).unwrap_or_default();
    Split { words, raw, quotes }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        split(line).words
    }

    fn inserted(line: &str, fragment: &str, word: &str) -> Option<String> {
        of_line(line, fragment)?.inserted(word)
    }

    #[test]
    fn a_line_is_taken_apart_as_bash_does() {
        assert_eq!(words("zkv read "), ["zkv", "read", ""]);
        assert_eq!(words("zkv  read\tgit"), ["zkv", "read", "git"]);
        assert_eq!(words(r"zkv read My\ Si"), ["zkv", "read", "My Si"]);
        assert_eq!(words(r#"zkv read "My Si"#), ["zkv", "read", "My Si"]);
        assert_eq!(words("zkv read 'it'\\''s' "), ["zkv", "read", "it's", ""]);
        assert_eq!(words(r#"zkv show "a\"b\c" ''"#), ["zkv", "show", "a\"b\\c", ""]);
        assert_eq!(words(""), [""]);
        assert_eq!(split("zkv 'a").quotes, Quotes::Single);
        assert_eq!(split("zkv \"a'").quotes, Quotes::Double);
        assert_eq!(split("zkv $'a'").quotes, Quotes::Other);
    }

    #[test]
    fn what_bash_breaks_off_stays() {
        for (line, fragment, word, expected) in [
            ("zkv user get maria@ex", "ex", "maria@example.com", Some("example.com")),
            ("zkv read zkv://git", "//git", "zkv://GitHub/", Some("//GitHub/")),
            ("zkv key export --format=he", "he", "--format=hex", Some("hex")),
            ("zkv read git", "git", "GitHub", Some("GitHub")),
            ("zkv read ", "", "My Site", Some(r"My\ Site")),
            (r"zkv read a\ b:c", "c", "A b:cd e", Some(r"cd\ e")),
            // What is in front is of another word.
            ("zkv read a:b", "b", "other", None),
            ("zkv read a:b", "b", "a:", None),
            ("zkv read a", "b", "abc", None),
        ] {
            assert_eq!(inserted(line, fragment, word).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn a_word_is_quoted_for_where_it_is() {
        let name = r#"a b$(x)`y`"z"\;"#;
        assert_eq!(quoted(name, Quotes::None).unwrap(), r#"a\ b\$\(x\)\`y\`\"z\"\\\;"#);
        assert_eq!(quoted(name, Quotes::Double).unwrap(), r#"a b\$(x)\`y\`\"z\"\\;"#);
        assert_eq!(quoted(name, Quotes::Single).as_deref(), Some(name));
        assert_eq!(quoted("it's", Quotes::None).as_deref(), Some(r"it\'s"));
        assert_eq!(quoted("it's", Quotes::Single), None);
        assert_eq!(quoted("go!", Quotes::None).as_deref(), Some(r"go\!"));
        assert_eq!(quoted("go!", Quotes::Double), None);
        assert_eq!(quoted("a", Quotes::Other), None);
        assert_eq!(quoted("~#Größe", Quotes::None).as_deref(), Some(r"\~\#Größe"));
    }
    /// As bash itself reads it.
    #[cfg(unix)]
    #[test]
    fn every_character_comes_out_of_bash_as_it_went_in() {
        let (mut names, mut script) = (Vec::new(), String::from("printf '%s\\0'"));
        let characters = (' '..='~').chain(['é', '大', '\u{ff5e}']);
        for character in characters {
            for name in ["Xa", "aX", "a X b", "XX", "$X", "\\X"].map(|form| form.replace('X', &character.to_string())) {
                for (quotes, mark) in [(Quotes::None, ""), (Quotes::Double, "\""), (Quotes::Single, "'")] {
                    if let Some(word) = quoted(&name, quotes) {
                        script += &format!(" {mark}{word}{mark}");
                        names.push(name.clone());
                    }
                }
            }
        }
        let Ok(output) = std::process::Command::new("bash")
            .args(["--norc", "-c", &script])
            .output()
        else {
            println!("left out: there is no bash");
            return;
        };
        let read = String::from_utf8(output.stdout).unwrap();
        assert_eq!(read.split_terminator('\0').collect::<Vec<_>>(), names);
    }
}
