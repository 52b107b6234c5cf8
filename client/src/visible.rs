//! Texts of others as they can be shown.

/// The longest text that is kept, in characters.
pub(crate) const MAX_CHARS: usize = 300;

/// A text that can be shown in one line: control and format characters replaced, at most 300 characters.
pub(crate) fn visible(text: &str) -> String {
    // Format characters turn the direction of the text around them, or are not seen at all.
    let hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
            || matches!(letter, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    let letters = text.chars().take(MAX_CHARS);
    letters
        .map(|letter| if hidden(letter) { '\u{fffd}' } else { letter })
        .collect()
}
