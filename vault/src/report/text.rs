//! Foreign text in documents: none of it is markup, and none of it deceives.

use std::borrow::Cow;

use zkvault_core::text::is_deceptive;

/// Text as HTML shows it, in elements and in quoted attributes. What could deceive is written as an escape.
pub(crate) fn html(text: &str) -> Cow<'_, str> {
    replaced(text, |character, html| match character {
        '&' => html.push_str("&amp;"),
        '<' => html.push_str("&lt;"),
        '>' => html.push_str("&gt;"),
        '"' => html.push_str("&quot;"),
        '\'' => html.push_str("&#39;"),
        other if is_deceptive(other) => html.extend(other.escape_default()),
        other => html.push(other),
    })
}

/// The same of several lines, whose ends stay.
pub(super) fn html_lines(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.lines().map(html).collect();
    lines.join("\n")
}

/// Text as Markdown shows it: no emphasis, link, image, markup, heading, list, or border of a table, and no address that
/// some readers make a link of.
pub(super) fn markdown(text: &str) -> String {
    // Four spaces at the beginning would make it code.
    let text = text.trim_start_matches(' ');
    let start = list_mark(text);
    let mut markdown = String::with_capacity(text.len() + 8);
    for (at, character) in text.char_indices() {
        let rest = text.get(at + character.len_utf8()..).unwrap_or_default();
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!' | '$' => {
                markdown.extend(['\\', character]);
            }
            ':' if rest.starts_with('/') => markdown.push_str("\\:"),
            '.' if ends_with_www(text.get(..at).unwrap_or_default()) => markdown.push_str("\\."),
            _ if start == Some(at) => markdown.extend(['\\', character]),
            other if is_deceptive(other) => {
                let escape: String = other.escape_default().collect();
                markdown.push_str(&escape.replace('\\', "\\\\"));
            }
            other => markdown.push(other),
        }
    }
    markdown
}

/// Where the mark is that would make a list or a heading of a line: `-`, `+`, `=` at its beginning, or what follows a
/// number there.
fn list_mark(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mark = text.get(digits..).and_then(|rest| rest.chars().next())?;
    let is_mark = match digits {
        0 => matches!(mark, '-' | '+' | '='),
        _ => matches!(mark, '.' | ')'),
    };
    is_mark.then_some(digits)
}

fn ends_with_www(text: &str) -> bool {
    let start = text.len().checked_sub(3);
    let end = start.and_then(|start| text.get(start..));
    end.is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

/// Lines between fences that none of them can close, with what could deceive as escapes.
pub(super) fn fenced(text: &str) -> String {
    let longest = text
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: Vec<Cow<'_, str>> = text.lines().map(plain).collect();
    format!("{fence}\n{}\n{fence}\n", lines.join("\n"))
}

fn plain(text: &str) -> Cow<'_, str> {
    replaced(text, |character, plain| match is_deceptive(character) {
        true => plain.extend(character.escape_default()),
        false => plain.push(character),
    })
}

/// Most text has nothing to replace, and is not copied.
fn replaced(text: &str, replace: impl Fn(char, &mut String)) -> Cow<'_, str> {
    let is_harmless =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'.' | b'-' | b'_' | b'@' | b'/');
    if text.bytes().all(is_harmless) {
        return Cow::Borrowed(text);
    }
    let mut result = String::with_capacity(text.len() + 16);
    text.chars().for_each(|character| replace(character, &mut result));
    Cow::Owned(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_has_no_markup_and_nothing_that_deceives() {
        assert_eq!(
            html("</script><img src=x onerror=\"a('b')\">&amp;"),
            "&lt;/script&gt;&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;amp;"
        );
        assert_eq!(html("gpj.\u{202e}exe\u{0}\r\n"), "gpj.\\u{202e}exe\\u{0}\\r\\n");
        assert_eq!(html("Größe 大きさ 🦀"), "Größe 大きさ 🦀");
        assert_eq!(html_lines("a\n<b>\u{1b}"), "a\n&lt;b&gt;\\u{1b}");
    }

    #[test]
    fn markdown_has_no_markup_and_no_links() {
        for (text, written) in [
            ("*a* _b_ `c`", "\\*a\\* \\_b\\_ \\`c\\`"),
            ("[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))"),
            ("<img src=x>", "\\<img src=x\\>"),
            ("a | b", "a \\| b"),
            (
                "https://evil.example WWW.evil.example",
                "https\\://evil.example WWW\\.evil.example",
            ),
            ("# heading", "\\# heading"),
            ("- list", "\\- list"),
            ("1917. list", "1917\\. list"),
            ("    code", "code"),
            ("a\nb\u{202e}", "a\\\\nb\\\\u{202e}"),
            ("mateus@haldenfrey.example", "mateus@haldenfrey.example"),
            ("&lt; ~~x~~", "\\&lt; \\~\\~x\\~\\~"),
            ("well-known 1.5", "well-known 1.5"),
        ] {
            assert_eq!(markdown(text), written, "{text}");
        }
    }

    #[test]
    fn a_fence_is_longer_than_any_in_the_text() {
        assert_eq!(fenced("zkv list"), "```\nzkv list\n```\n");
        assert_eq!(fenced("a\n````\n\u{1b}b"), "`````\na\n````\n\\u{1b}b\n`````\n");
    }
}
