//! Phone numbers as clients of this API write them (spec 2.2).

use std::ops::RangeInclusive;

use crate::core::recipient::{Recipient, RecipientError};

/// Digits of a number.
const DIGITS: RangeInclusive<usize> = 8..=15;

/// Blanks, dashes and brackets are dropped, `+` may be left out; then 8 to 15 digits, of which the first is not 0. What is left
/// must be a number that can be called.
pub(in super::super) fn recipient(text: &str) -> Result<Recipient, RecipientError> {
    let dropped = |character: char| character.is_whitespace() || "-()[]".contains(character);
    let kept: String = text.chars().filter(|character| !dropped(*character)).collect();
    let digits = kept.strip_prefix('+').unwrap_or(&kept);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    if !is_number || !DIGITS.contains(&digits.len()) {
        return Err(RecipientError::BadNumber);
    }
    Recipient::parse(&format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_are_one_recipient() {
        for text in ["+258845888195", "258845888195", "+258 84 588 8195", "(258) 84-588-8195", "[258]845888195"] {
            assert_eq!(recipient(text).unwrap().as_str(), "+258845888195", "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "+",
            "1234567",
            "0258845888195",
            "+0258845888195",
            "++258845888195",
            "2588458881950000",
            "jane@example.com",
            "25884588819x",
            "258.845888195",
            "٢٥٨٨٤٥٨٨٨١٩٥",
        ] {
            assert!(recipient(text).is_err(), "{text}");
        }
    }
}
