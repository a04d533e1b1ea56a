//! Bytes as lower-case hexadecimal digits.

/// Two digits for each byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// The bytes that [`hex`] writes like this; `None` for any other text, also one with capitals.
#[must_use]
pub fn unhex<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let read = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    let bytes: Vec<u8> = read.collect::<Option<_>>()?;
    rest.is_empty().then(|| bytes.try_into().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_they_were_written() {
        let all: [u8; 256] = std::array::from_fn(|number| u8::try_from(number).unwrap());
        assert_eq!(unhex(&hex(&all)), Some(all));
        assert_eq!(unhex("00ff"), Some([0, 255]));
    }

    #[test]
    fn other_texts_are_no_bytes() {
        for text in ["", "0", "00f", "00ff0", "00ff00", "00FF", "00fg", "+0ff", " 0ff", "0\u{e9}f"] {
            assert_eq!(unhex::<2>(text), None, "{text:?}");
        }
    }
}
