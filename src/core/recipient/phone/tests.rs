mod spellings;

use std::collections::HashSet;

use proptest::{prelude::*, sample::select};

use self::spellings::{LOOK_ALIKES, PHONES, WITH_AND_WITHOUT_NINE};
use super::*;
use crate::core::recipient::plans::TYPES;

fn read(text: &str) -> Option<String> {
    Phone::parse(text).ok().map(String::from)
}

fn key(text: &str) -> String {
    Phone::parse(text).unwrap().counter_key().into_owned()
}

fn all_spellings() -> Vec<&'static str> {
    let folded = PHONES.iter().flat_map(|(number, spellings)| [&[*number], *spellings].concat());
    let nine = WITH_AND_WITHOUT_NINE.iter().flat_map(|(with, without)| [*with, *without].concat());
    folded.chain(nine).chain(LOOK_ALIKES.iter().flat_map(|(one, other)| [*one, *other])).collect()
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
    for (number, spellings) in PHONES {
        assert_eq!(read(number).as_deref(), Some(number));
        for spelling in spellings {
            assert_eq!(read(spelling).as_deref(), Some(number), "{spelling}");
        }
    }
    let countries: HashSet<_> = PHONES.iter().filter_map(|(number, _)| country(&number[1..])).collect();
    let pairs: usize = PHONES.iter().map(|(_, spellings)| spellings.len()).sum();
    assert!(pairs >= 60 && countries.len() >= 12, "{pairs} in {} countries", countries.len());
}

#[test]
fn a_phone_that_is_found_under_two_numbers_has_one_counter() {
    for (with, without) in WITH_AND_WITHOUT_NINE {
        assert_ne!(with[0], without[0]);
        for (spelling, number) in with.iter().map(|it| (it, with[0])).chain(without.iter().map(|it| (it, without[0]))) {
            assert_eq!((read(spelling).as_deref(), key(spelling).as_str()), (Some(number), without[0]), "{spelling}");
        }
    }
}

#[test]
fn other_peoples_numbers_stay_apart() {
    for (one, other) in LOOK_ALIKES {
        assert_eq!([read(one).as_deref(), read(other).as_deref()], [Some(one), Some(other)]);
        assert_ne!(key(one), key(other));
    }
    let numbers =
        PHONES.iter().map(|(number, _)| *number).chain(LOOK_ALIKES.iter().flat_map(|(one, other)| [*one, *other]));
    let numbers: HashSet<_> = numbers.collect();
    let keys: HashSet<_> = numbers.iter().map(|number| key(number)).collect();
    assert_eq!(keys.len(), numbers.len());
}

proptest! {
    /// A digit more, less or another, so that most are good numbers, of any country and with anything to fold away.
    #[test]
    fn the_spelling_of_a_spelling_is_its_own(text in select(all_spellings()), place in 1..15_usize, digit in "[0-9]?", over in 0..2_usize) {
        let place = place.min(text.len());
        let text = format!("{}{digit}{}", &text[..place], text.get(place + over..).unwrap_or(""));
        if let Ok(phone) = Phone::parse(&text) {
            prop_assert!(Phone::parse(phone.as_str()).as_ref() == Ok(&phone), "{text}");
            let key = phone.counter_key();
            prop_assert_eq!(self::key(&key), key, "{}", text);
        }
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
        "+22709123456",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn a_good_number_with_digits_behind_it_is_refused() {
    for (number, behind) in [
        ("+60123456789", "5"),
        ("+31612345678", "55"),
        ("+381601234567", "5"),
        ("+38761123456", "5"),
        ("+3546111234", "55"),
        ("+85591234567", "5"),
        ("+35943012345", "5"),
        ("+861012345678", "5"),
        ("+390212345678", "55"),
        ("+97221234567", "555"),
    ] {
        assert_eq!(read(number).as_deref(), Some(number));
        assert_eq!(read(&format!("{number}{behind}")), None, "{number} and {behind}");
    }
}

/// Examples of every kind of number of every country, and their neighbours: other first digits and lengths.
#[test]
fn as_written_is_what_the_library_says() {
    let (mut asked, mut answered) = (0, 0);
    for text in PLANS.iter().flat_map(examples).flat_map(|text| neighbours(&text)).filter(|text| is_e164(text)) {
        asked += 1;
        answered += usize::from(as_written(&text[1..]).is_some());
        match (canonical(&text), by_library(&text)) {
            (Err(_), Ok(taken)) => assert!(is_dear_behind_zeros(&taken) || goes_on_after_its_end(&taken), "{text}"),
            (ours, theirs) => assert_eq!(ours, theirs, "{text}"),
        }
    }
    assert!(answered * 2 > asked, "{answered} of {asked}");
}

/// The library looks for what is dear without the zeros in front.
fn is_dear_behind_zeros(number: &str) -> bool {
    kind(&number[1..]) == Kind::Dear && phonenumber::parse(None, number).unwrap().national().zeros() > 0
}

/// Whether a number is left when digits are taken off its end.
fn goes_on_after_its_end(number: &str) -> bool {
    (2..number.len()).any(|end| kind(&number[1..end]) == Kind::Common)
}

fn examples(region: &'static phonenumber::Metadata) -> impl Iterator<Item = String> {
    let descriptors = region.descriptors();
    let typed = TYPES.into_iter().filter_map(|kind| descriptors.get(kind));
    let examples = std::iter::once(descriptors.general()).chain(typed).filter_map(|of| of.example());
    examples.map(|example| format!("+{}{example}", region.country_code()))
}

fn neighbours(text: &str) -> Vec<String> {
    let changed = |place: usize| (0..10).map(move |digit| format!("{}{digit}{}", &text[..place], &text[place + 1..]));
    (1..text.len().min(7)).flat_map(changed).chain([text[..text.len() - 1].to_owned(), format!("{text}5")]).collect()
}
