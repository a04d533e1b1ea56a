//! What a short text from outside may hold.

/// Whether `text` has neither controls (CR, LF, NUL …) nor invisible or direction-changing characters, which make a text
/// look like another one (security C5, C6).
#[must_use]
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) || !text.chars().any(is_hidden)
}

fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_any_script_are_plain() {
        for text in ["", "Jane O'Neil <3", "【验证码】", "ก็", "código ñ", "👍🏽"] {
            assert!(is_plain(text), "{text:?}");
        }
    }

    #[test]
    fn controls_and_hidden_characters_are_not() {
        for text in [
            "\r",
            "\n",
            "a\tb",
            "\0",
            "\u{1b}[2J",
            "\u{7f}",
            "\u{85}",
            "a\u{200b}b",
            "\u{202e}abc",
            "\u{2066}x",
            "\u{feff}",
            "\u{2028}",
            "\u{e0041}",
            "x\u{ad}y",
            "\u{61c}",
        ] {
            assert!(!is_plain(text), "{text:?}");
        }
    }
}
