//! Decimal fractions without floating point: whole units of their last place.

use serde_json::Value;

/// Reads up to nine digits and, after a point, up to `places` more; as units of the last place. Neither signs nor leading
/// zeros nor exponents.
#[must_use]
pub fn parse(text: &str, places: usize) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 9) || !digits(fraction, places) || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    format!("{whole}{fraction:0<places$}").parse().ok()
}

/// As people write it, without needless zeros: `-0.005` for -5000 with six places.
#[must_use]
pub fn text(units: i64, places: usize) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The same as a JSON number. Up to 15 digits none is lost, and JSON repeats them as they are (below 0.00001 with an
/// exponent).
#[must_use]
pub fn json(units: i64, places: usize) -> Value {
    serde_json::from_str(&text(units, places)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_read_exactly() {
        let table = [
            ("0", 0),
            ("0.032", 32_000),
            ("0.000001", 1),
            ("12", 12_000_000),
            ("12.50", 12_500_000),
            ("999999999.999999", 999_999_999_999_999),
        ];
        for (text, units) in table {
            assert_eq!(parse(text, 6), Some(units), "{text}");
        }
        for text in
            ["", ".", "1.", ".5", "-1", "+1", "1e3", "01", "00", "0.0000001", "1000000000", "1,5", " 1", "١", "1.2.3"]
        {
            assert_eq!(parse(text, 6), None, "{text}");
        }
    }

    #[test]
    fn numbers_have_no_noise() {
        let table =
            [(32_000, "0.032"), (-5_000, "-0.005"), (2_000_000, "2"), (0, "0"), (300_000, "0.3"), (10, "0.00001")];
        for (units, expected) in table {
            assert_eq!(text(units, 6), expected);
            assert_eq!(json(units, 6).to_string(), expected);
        }
        assert_eq!((text(3333, 2), text(5000, 2)), ("33.33".to_owned(), "50".to_owned()));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(units in 0..1_000_000_000_000_000_i64) {
            prop_assert_eq!(parse(&text(units, 6), 6), Some(units));
        }

        #[test]
        fn json_says_what_text_says(units in 10..1_000_000_000_000_000_i64, negative: bool) {
            let units = if negative { -units } else { units };
            prop_assert_eq!(json(units, 6).to_string(), text(units, 6));
        }
    }
}
