//! How many short messages a text takes (3GPP TS 23.038 and 23.040).

/// How the characters of a text travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Seven bits a character: 160 in one message, 153 in each of several.
    Gsm7,
    /// Sixteen bits a UTF-16 unit: 70 in one message, 67 in each of several.
    Ucs2,
}

impl Encoding {
    /// Seven bits where every character has them, else sixteen.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.chars().all(|character| septets(character).is_some()) { Self::Gsm7 } else { Self::Ucs2 }
    }

    const fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    const fn joined(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    fn units(self, character: char) -> usize {
        match self {
            Self::Gsm7 => septets(character).unwrap_or(1),
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

/// Number of short messages for `text`, at least 1. No character is split over two.
#[must_use]
pub fn parts(text: &str) -> u32 {
    let encoding = Encoding::of(text);
    let total: usize = text.chars().map(|character| encoding.units(character)).sum();
    if total <= encoding.single() {
        return 1;
    }
    let mut parts = 1;
    let mut filled = 0;
    for units in text.chars().map(|character| encoding.units(character)) {
        if filled + units > encoding.joined() {
            parts += 1;
            filled = 0;
        }
        filled += units;
    }
    parts
}

/// Septets of a character: 1 in the default alphabet, 2 in its extension, none outside.
const fn septets(character: char) -> Option<usize> {
    match character {
        'A'..='Z'
        | 'a'..='z'
        | '0'..='9'
        | '\n'
        | '\r'
        | ' '..='#'
        | '%'..='?'
        | '$'
        | '@'
        | '_'
        | '£'
        | '¥'
        | 'è'
        | 'é'
        | 'ù'
        | 'ì'
        | 'ò'
        | 'Ç'
        | 'Ø'
        | 'ø'
        | 'Å'
        | 'å'
        | 'Δ'
        | 'Φ'
        | 'Γ'
        | 'Λ'
        | 'Ω'
        | 'Π'
        | 'Ψ'
        | 'Σ'
        | 'Θ'
        | 'Ξ'
        | 'Æ'
        | 'æ'
        | 'ß'
        | 'É'
        | '¤'
        | '¡'
        | 'Ä'
        | 'Ö'
        | 'Ñ'
        | 'Ü'
        | '§'
        | '¿'
        | 'ä'
        | 'ö'
        | 'ñ'
        | 'ü'
        | 'à' => Some(1),
        '\u{c}' | '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_127_characters_and_the_extension_ten() {
        let count = |septet| (0..=0xffff).filter_map(char::from_u32).filter(|&it| septets(it) == Some(septet)).count();
        assert_eq!((count(1), count(2)), (127, 10)); // 128 places, one of which is the escape
    }

    #[test]
    fn encodings_follow_the_characters() {
        for text in ["", "123456 is your code.", "[Brand] {x} €5", "¿Qué? ñ", "ΔΦΓ"] {
            assert_eq!(Encoding::of(text), Encoding::Gsm7, "{text}");
        }
        for text in ["código", "验证码", "`", "\t", "รหัส", "👍", "ç"] {
            assert_eq!(Encoding::of(text), Encoding::Ucs2, "{text}");
        }
    }

    #[test]
    fn parts_change_at_the_published_lengths() {
        for (unit, length, expected) in [
            ("a", 0, 1),
            ("a", 160, 1),
            ("a", 161, 2),
            ("a", 306, 2),
            ("a", 307, 3),
            ("a", 459, 3),
            ("a", 460, 4),
            ("[", 80, 1),
            ("[", 81, 2),
            ("[", 152, 2),
            ("[", 153, 3),
            ("字", 70, 1),
            ("字", 71, 2),
            ("字", 134, 2),
            ("字", 135, 3),
            ("👍", 35, 1),
            ("👍", 36, 2),
            ("👍", 66, 2),
            ("👍", 67, 3),
        ] {
            assert_eq!(parts(&unit.repeat(length)), expected, "{length} x {unit}");
        }
    }

    #[test]
    fn an_escape_pair_is_not_split() {
        let text = format!("{}[{}", "a".repeat(152), "a".repeat(152));
        assert_eq!(text.len(), 305);
        assert_eq!(parts(&text), 3);
    }
}
