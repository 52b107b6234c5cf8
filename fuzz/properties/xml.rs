//! Text as XML has it.

/// What XML can hold of a text, each line apart.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let fits = |character: &char| !character.is_control() && !matches!(character, '\u{fffe}' | '\u{ffff}');
    text.lines().map(|line| line.chars().filter(fits).collect()).collect()
}

/// A text in one of the three ways to write it: with XML's own references, with numbers, or as CDATA.
pub(crate) fn written(text: &str, way: usize) -> String {
    match way {
        0 => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        1 => text
            .chars()
            .map(|character| format!("&#x{:x};", u32::from(character)))
            .collect(),
        _ => format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>")),
    }
}
