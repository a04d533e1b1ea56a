//! How many short messages a text takes, and how it is cut into them (3GPP TS 23.038 and 23.040).

pub mod alphabet;

use alphabet::septets;

/// Longest run of letters and digits that stays together, in characters. Codes have at most ten.
const WORD: usize = 32;

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

    /// Where the first of several messages ends, in bytes: where it is full, or before the word that would be split there.
    fn cut(self, text: &str) -> usize {
        let mut filled = 0;
        let full = text.char_indices().find(|(_, character)| {
            filled += self.units(*character);
            filled > self.joined()
        });
        let Some((full, _)) = full else { return text.len() };
        let (before, after) = text.split_at(full);
        let of_word = |character: char| character.is_ascii_alphanumeric();
        let begins = before.trim_end_matches(of_word).len();
        let ends = text.len() - after.trim_start_matches(of_word).len();
        let word = begins > 0 && ends > full && ends - begins <= WORD;
        if word { begins } else { full }
    }
}

/// Number of short messages for `text`, at least 1.
#[must_use]
pub fn parts(text: &str) -> u32 {
    u32::try_from(pieces(text).len()).unwrap_or(u32::MAX)
}

/// What goes into each short message: all of `text`, or pieces of it that leave room for the header which joins them.
/// No character is split over two, and no word that may be a code (security C7).
#[must_use]
pub fn pieces(text: &str) -> Vec<&str> {
    let encoding = Encoding::of(text);
    let total: usize = text.chars().map(|character| encoding.units(character)).sum();
    if total <= encoding.single() {
        return vec![text];
    }
    let mut pieces = vec![];
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(encoding.cut(rest));
        pieces.push(piece);
        rest = later;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_code_at_the_seam_moves_into_the_next_part_as_a_whole() {
        for (filler, joined) in [("a ", 153), ("字", 67)] {
            for before in joined - 12..joined + 2 {
                let text: String = filler.chars().cycle().take(before).chain(" 735912 ".chars()).collect();
                let text = text + &filler.repeat(200);
                let pieces = pieces(&text);
                assert_eq!(pieces.concat(), text);
                assert_eq!(pieces.iter().filter(|piece| piece.contains("735912")).count(), 1, "{before} {pieces:?}");
            }
        }
    }

    #[test]
    fn a_word_too_long_for_a_code_is_split_where_the_part_is_full() {
        let text = format!("{} {}", "a".repeat(140), "b".repeat(33));
        assert_eq!(pieces(&text), [format!("{} {}", "a".repeat(140), "b".repeat(12)), "b".repeat(21)]);
    }
}
