//! Phone numbers (security C3).

use phonenumber::Type;
use serde::{Deserialize, Serialize};

use super::{
    RecipientError,
    plans::{Kind, PLANS, as_written, country},
};

/// Satellite and global services: dear, and nobody's own phone (security C1).
const REFUSED_CODES: [u16; 7] = [870, 878, 881, 882, 883, 888, 979];
/// Digits of an E.164 number, without `+`.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A valid number in E.164 form: `+` and 7 to 15 digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Phone(String);

impl Phone {
    /// Reads a number in international form. Nothing is guessed: no blanks, no `00`, no letters; but a trunk zero after
    /// the country code is folded away, so that all spellings of a number become one.
    pub fn parse(text: &str) -> Result<Self, RecipientError> {
        let canonical = canonical(text)?;
        // A number that goes on changing has no one spelling: its counters could be dodged.
        if canonical != text && self::canonical(&canonical)? != canonical {
            return Err(RecipientError::BadNumber);
        }
        Ok(Self(canonical))
    }

    /// `+6598765432`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// ISO 3166 code of its country, where it has one.
    #[must_use]
    pub fn country(&self) -> Option<&'static str> {
        country(&self.0[1..])
    }

    /// The first two and the last three digits: `+65•••••432`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (head, rest) = self.0.split_at(3);
        let (hidden, tail) = rest.split_at(rest.len() - 3);
        format!("{head}{}{tail}", "•".repeat(hidden.len()))
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

impl TryFrom<String> for Phone {
    type Error = RecipientError;

    fn try_from(text: String) -> Result<Self, RecipientError> {
        if is_e164(&text) { Ok(Self(text)) } else { Err(RecipientError::BadNumber) }
    }
}

/// `^\+[1-9][0-9]{6,14}$`. The library alone would take line ends, letters and other scripts' digits.
fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    DIGITS.contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn canonical(text: &str) -> Result<String, RecipientError> {
    if !is_e164(text) {
        return Err(RecipientError::BadNumber);
    }
    match as_written(&text[1..]) {
        Some((code, Kind::Common)) if !REFUSED_CODES.contains(&code) => Ok(text.to_owned()),
        Some(_) => Err(RecipientError::BadNumber),
        None => folded(text),
    }
}

/// What the library makes of it.
fn folded(text: &str) -> Result<String, RecipientError> {
    let number = phonenumber::parse_with(&PLANS, None, text).map_err(|_| RecipientError::BadNumber)?;
    let kind = number.number_type(&PLANS);
    // The library types a number without its leading zeros, so it takes a second look at those that have them (Italy).
    let valid = if number.national().zeros() == 0 { kind != Type::Unknown } else { number.is_valid_with(&PLANS) };
    let dear = matches!(kind, Type::PremiumRate | Type::SharedCost);
    if !valid || dear || REFUSED_CODES.contains(&number.country().code()) {
        return Err(RecipientError::BadNumber);
    }
    let canonical = format!("+{}{}", number.country().code(), number.national());
    if is_e164(&canonical) { Ok(canonical) } else { Err(RecipientError::BadNumber) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::recipient::plans::TYPES;

    fn read(text: &str) -> Option<String> {
        Phone::parse(text).ok().map(String::from)
    }

    #[test]
    fn numbers_of_many_countries_are_kept_as_they_are() {
        for text in [
            "+6598765432",
            "+8613812345678",
            "+85261234567",
            "+819012345678",
            "+66812345678",
            "+34612345678",
            "+14155552671",
            "+447911123456",
            "+4915112345678",
            "+33612345678",
            "+393123456789",
            "+390612345678",
            "+919876543210",
            "+5511987654321",
            "+61412345678",
            "+6281234567890",
            "+60123456789",
            "+886912345678",
            "+79161234567",
            "+971501234567",
            "+27821234567",
            "+2348031234567",
            "+821012345678",
            "+41781234567",
        ] {
            assert_eq!(read(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn spellings_of_one_number_become_one() {
        let numbers = [
            ("44", "7911123456"),
            ("49", "15112345678"),
            ("33", "612345678"),
            ("61", "412345678"),
            ("66", "812345678"),
            ("81", "9012345678"),
            ("27", "821234567"),
            ("41", "781234567"),
            ("62", "81234567890"),
            ("60", "123456789"),
            ("886", "912345678"),
            ("91", "9876543210"),
            ("82", "1012345678"),
            ("971", "501234567"),
            ("234", "8031234567"),
            ("31", "612345678"),
            ("32", "470123456"),
            ("43", "6641234567"),
            ("46", "701234567"),
            ("90", "5301234567"),
            ("20", "1001234567"),
            ("63", "9171234567"),
            ("84", "912345678"),
            ("64", "21123456"),
            ("353", "851234567"),
            ("40", "712345678"),
            ("358", "401234567"),
            ("385", "912345678"),
            ("380", "501234567"),
            ("254", "712345678"),
            ("212", "612345678"),
            ("92", "3001234567"),
            ("880", "1712345678"),
            ("972", "502345678"),
            ("49", "17612345678"),
            ("44", "7400123456"),
        ];
        for (country, national) in numbers {
            let number = format!("+{country}{national}");
            assert_eq!(read(&number).as_ref(), Some(&number));
            assert_eq!(read(&format!("+{country}0{national}")).as_ref(), Some(&number), "{number} with a trunk zero");
        }
    }

    #[test]
    fn other_peoples_numbers_stay_apart() {
        let pairs = [
            ("+6598765432", "+6598765423"),
            ("+14155552671", "+14155552672"),
            ("+447911123456", "+447911123465"),
            ("+8613812345678", "+8613812345687"),
            ("+819012345678", "+818012345678"),
            ("+66812345678", "+66912345678"),
            ("+34612345678", "+34712345678"),
            ("+393123456789", "+393123456788"),
            ("+33612345678", "+33761234567"),
            ("+85261234567", "+85366123456"),
        ];
        for (one, other) in pairs {
            assert!(read(one).is_some() && read(other).is_some(), "{one} {other}");
            assert_ne!(read(one), read(other));
        }
    }

    #[test]
    fn anything_but_plus_and_digits_is_refused() {
        for text in [
            "",
            "+",
            "6598765432",
            "006598765432",
            "0016598765432",
            "+06598765432",
            "+65 98765432",
            "+65-9876-5432",
            "+65(9)8765432",
            "+65.98765432",
            " +6598765432",
            "+6598765432 ",
            "+14155552671\r\n",
            "+14155552671\n",
            "+14155552671\0",
            "+1415555ABCD",
            "+1-800-FLOWERS",
            "tel:+14155552671",
            "+14155552671;ext=5",
            "+14155552671x5",
            "++14155552671",
            "+14155552671+",
            "\u{ff0b}14155552671",
            "+1415555267\u{661}",
            "+\u{ff11}4155552671",
            "+14155552671\u{200b}",
            "\u{202d}+14155552671",
            "+1415555",
            "+141555526711234567",
            "+123456",
            "+1234567890123456",
            "+65987654321234",
            "+10000000000",
            "+99912345678",
            "+6500000000",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn satellite_global_and_premium_numbers_are_refused() {
        for text in [
            "+870773123456",
            "+878101234567890",
            "+8816123456",
            "+881612345678",
            "+882101234567",
            "+883510012345",
            "+88812345678",
            "+979123456789",
            "+19002345678",
            "+499001234567",
            "+611900123456",
            "+81990123456",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    /// Examples of every kind of number of every country, and their neighbours: other first digits and lengths.
    #[test]
    fn as_written_is_what_the_library_says() {
        let (mut asked, mut answered) = (0, 0);
        for text in PLANS.iter().flat_map(examples).flat_map(|text| neighbours(&text)).filter(|text| is_e164(text)) {
            asked += 1;
            answered += usize::from(as_written(&text[1..]).is_some());
            assert_eq!(canonical(&text), folded(&text), "{text}");
        }
        assert!(answered * 2 > asked, "{answered} of {asked}");
    }

    fn examples(region: &'static phonenumber::Metadata) -> impl Iterator<Item = String> {
        let descriptors = region.descriptors();
        let typed = TYPES.into_iter().filter_map(|kind| descriptors.get(kind));
        let examples = std::iter::once(descriptors.general()).chain(typed).filter_map(|of| of.example());
        examples.map(|example| format!("+{}{example}", region.country_code()))
    }

    fn neighbours(text: &str) -> Vec<String> {
        let changed =
            |place: usize| (0..10).map(move |digit| format!("{}{digit}{}", &text[..place], &text[place + 1..]));
        (1..text.len().min(7))
            .flat_map(changed)
            .chain([text[..text.len() - 1].to_owned(), format!("{text}5")])
            .collect()
    }
}
