//! The default alphabet of short messages and its extension (3GPP TS 23.038, 6.2.1), one byte a septet.

/// Announces a character of the extension; it stands for none itself.
const ESCAPE: char = '\u{1b}';

/// The place of a character is its septet.
#[rustfmt::skip]
const BASIC: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å',
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', ESCAPE, 'Æ', 'æ', 'ß', 'É',
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§',
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// What follows the escape, and what both stand for.
const EXTENSION: [(u8, char); 10] = [
    (0x0a, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2f, '\\'),
    (0x3c, '['),
    (0x3d, '~'),
    (0x3e, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// Septets of a character: 1 in the default alphabet, 2 in its extension, none outside.
pub(super) fn septets(character: char) -> Option<usize> {
    if basic(character).is_some() { Some(1) } else { extension(character).map(|_| 2) }
}

/// The septets of `text`, unpacked; `None` where a character has none.
#[must_use]
pub fn encode(text: &str) -> Option<Vec<u8>> {
    let mut septets = Vec::with_capacity(text.len());
    for character in text.chars() {
        if let Some(septet) = basic(character) {
            septets.push(septet);
        } else {
            septets.extend([ESCAPE as u8, extension(character)?]);
        }
    }
    Some(septets)
}

/// What unpacked septets say. An unknown extension is read without its escape, as the standard asks; bytes above 127,
/// which are none, become U+FFFD.
#[must_use]
pub fn decode(septets: &[u8]) -> String {
    let mut text = String::with_capacity(septets.len());
    let mut septets = septets.iter();
    while let Some(&septet) = septets.next() {
        let escaped = septet == ESCAPE as u8;
        let Some(&septet) = (if escaped { septets.next() } else { Some(&septet) }) else { break };
        let extended = EXTENSION.iter().find(|(known, _)| escaped && *known == septet).map(|(_, character)| *character);
        let basic = || BASIC.get(usize::from(septet)).copied().filter(|character| *character != ESCAPE);
        text.push(extended.or_else(basic).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text
}

fn basic(character: char) -> Option<u8> {
    // most characters stand where ASCII has them
    let at_home = u8::try_from(character).ok().filter(|byte| BASIC.get(usize::from(*byte)) == Some(&character));
    let place = || BASIC.iter().position(|known| *known == character).and_then(|place| u8::try_from(place).ok());
    if character == ESCAPE { None } else { at_home.or_else(place) }
}

fn extension(character: char) -> Option<u8> {
    EXTENSION.iter().find(|(_, known)| *known == character).map(|(septet, _)| *septet)
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
    fn every_character_comes_back() {
        for character in (0..=0xffff).filter_map(char::from_u32).filter(|&it| septets(it).is_some()) {
            let text = String::from(character);
            assert_eq!(decode(&encode(&text).unwrap()), text);
        }
    }

    #[test]
    fn what_is_no_septet_is_read_with_care() {
        for (septets, text) in
            [(&[0x1b, b'a'][..], "a"), (&[0x1b], ""), (&[0x1b, 0x1b], "\u{fffd}"), (&[0x80], "\u{fffd}")]
        {
            assert_eq!(decode(septets), text, "{septets:?}");
        }
    }
}
