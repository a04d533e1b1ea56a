//! The numbering plans of the world, compiled for the one question that every send asks.
//!
//! `phonenumber` knows the plans and reads every spelling, but it asks each pattern of a country by itself, under one lock.
//! Nearly all numbers come as they are to be stored: for those, one pass over all patterns of the country gives the same
//! answer in a tenth of the time. `as_written_is_what_the_library_says` holds it to that.

use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock, PoisonError},
};

use phonenumber::{
    Metadata, Type,
    metadata::{DATABASE, Database},
};
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use regex_cache::RegexCache;

/// Patterns that the library keeps compiled: those of all countries, at most about 120 MB, and only of countries whose
/// numbers came with something to fold away.
const PATTERNS: usize = 4096;

/// What a number can be, in the order the library looks: the first that fits is it.
pub(super) const TYPES: [Type; 10] = [
    Type::PremiumRate,
    Type::TollFree,
    Type::SharedCost,
    Type::Voip,
    Type::PersonalNumber,
    Type::Pager,
    Type::Uan,
    Type::Voicemail,
    Type::FixedLine,
    Type::Mobile,
];

/// The numbering plans. The library keeps 100 patterns, which is fewer than ten countries have: beyond that every number
/// compiles patterns again, which takes milliseconds and one lock (measured: 3,300 µs instead of 5 over 24 countries).
pub(super) static PLANS: LazyLock<&Database> = LazyLock::new(|| {
    *DATABASE.cache().lock().unwrap_or_else(PoisonError::into_inner) = RegexCache::new(PATTERNS);
    &DATABASE
});

/// A region as the library knows it, and compiled by us when its first number comes.
type Entry = (&'static Metadata, OnceLock<Option<Region>>);

/// The regions of every country code, the main one first. By code, because the library lists but one of those without a country.
static REGIONS: LazyLock<HashMap<u16, Vec<Entry>>> = LazyLock::new(|| {
    let entries = |regions: Vec<_>| regions.into_iter().map(|region| (region, OnceLock::new())).collect();
    (1..=999).filter_map(|code| Some((code, entries(PLANS.by_code(&code)?)))).collect()
});

/// Loads the numbering plans, tens of milliseconds that the first number would else wait for.
pub fn load_numbering_plans() {
    LazyLock::force(&PLANS);
    LazyLock::force(&REGIONS);
}

/// What a number in international form is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nobody's: no plan has it.
    Unknown,
    /// Its callers pay for more than the call (premium rate and shared cost).
    Dear,
    /// Any other.
    Common,
}

/// Country code and kind of a number whose digits (without `+`) are its canonical spelling already; `None` where there may
/// be something to fold away or no region has it, which is for the library to say.
pub(super) fn as_written(digits: &str) -> Option<(u16, Kind)> {
    let (code, regions, national) = split(digits)?;
    if national.starts_with('0') {
        return None;
    }
    let region = home(regions, national)?;
    (!region.may_fold(national)).then(|| (code, region.kind(national)))
}

/// Kind of a number whose digits (without `+`) are its canonical spelling.
pub(super) fn kind(digits: &str) -> Kind {
    let region = split(digits).and_then(|(_, regions, national)| Some((home(regions, national)?, national)));
    region.map_or(Kind::Unknown, |(region, national)| region.kind(national))
}

/// ISO 3166 code of the country of a number whose digits (without `+`) are its canonical spelling.
pub(super) fn country(digits: &str) -> Option<&'static str> {
    let (_, regions, national) = split(digits)?;
    home(regions, national).map(|region| region.id).filter(|id| is_iso(id))
}

/// Whether there is a country of that ISO 3166 code that has phone numbers.
#[must_use]
pub fn is_country(code: &str) -> bool {
    is_iso(code) && PLANS.iter().any(|region| region.id() == code)
}

/// Regions of no country have digits for their ids.
fn is_iso(id: &str) -> bool {
    id.len() == 2 && id.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Country code, its regions, and the national number.
fn split(digits: &str) -> Option<(u16, &'static [Entry], &str)> {
    (1..=3).find_map(|length| {
        let (code, national) = digits.split_at_checked(length)?;
        let code = code.parse().ok()?;
        Some((code, REGIONS.get(&code)?.as_slice(), national))
    })
}

/// The region that a number belongs to. Where several share a code, some have leading digits; in the others it has a kind.
fn home(regions: &'static [Entry], national: &str) -> Option<&'static Region> {
    let mut compiled = regions.iter().map(|(data, region)| region.get_or_init(|| Region::compile(data)).as_ref());
    if regions.len() == 1 {
        return compiled.next()?;
    }
    for region in compiled {
        let region = region?; // one that cannot be asked might be the one
        let at_home = match &region.leading_digits {
            Some(leading) => leading.is_match(national),
            None => region.kind(national) != Kind::Unknown,
        };
        if at_home {
            return Some(region);
        }
    }
    None
}

/// The patterns of one region.
struct Region {
    /// ISO 3166 code, or `001`.
    id: &'static str,
    leading_digits: Option<Regex>,
    trunk_prefix: Option<&'static str>,
    foldable: Option<Regex>,
    /// What every number of the region is, then those of `TYPES` that it has.
    types: RegexSet,
    /// What each of `types` stands for (`None` the first), and the lengths it may have; none for any.
    meanings: Vec<(Option<Type>, &'static [u16])>,
}

impl Region {
    fn compile(data: &'static Metadata) -> Option<Self> {
        let all = data.descriptors();
        let types = TYPES.into_iter().filter_map(|kind| Some((Some(kind), all.get(kind)?)));
        let (meanings, patterns): (Vec<_>, Vec<_>) = std::iter::once((None, all.general()))
            .chain(types)
            .map(|(kind, of)| ((kind, of.possible_length()), anchored(kind, of.national_number().as_str())))
            .unzip();
        Some(Self {
            id: data.id(),
            leading_digits: data.leading_digits().map(|pattern| regex(pattern.as_str())).transpose().ok()?,
            trunk_prefix: data.national_prefix(),
            foldable: data.national_prefix_for_parsing().map(|pattern| regex(pattern.as_str())).transpose().ok()?,
            types: RegexSetBuilder::new(patterns).ignore_whitespace(true).unicode(false).build().ok()?,
            meanings,
        })
    }

    /// Whether the library might take something off the front.
    fn may_fold(&self, national: &str) -> bool {
        self.trunk_prefix.is_some_and(|prefix| national.starts_with(prefix))
            || self.foldable.as_ref().is_some_and(|pattern| pattern.is_match(national))
    }

    fn kind(&self, national: &str) -> Kind {
        let found = self.types.matches(national);
        let long_enough =
            |lengths: &[u16]| lengths.is_empty() || lengths.iter().any(|it| usize::from(*it) == national.len());
        let mut held = self.meanings.iter().enumerate().filter(|(nth, of)| found.matched(*nth) && long_enough(of.1));
        match (held.next(), held.next()) {
            (Some((0, _)), Some((_, (kind, _)))) if is_dear(*kind) => Kind::Dear,
            (Some((0, _)), Some(_)) => Kind::Common,
            _ => Kind::Unknown,
        }
    }
}

/// A number is what all of its digits say, but dear with whatever digits behind: they may be of no account where it is called.
fn anchored(kind: Option<Type>, pattern: &str) -> String {
    if is_dear(kind) { begins(pattern) } else { format!("{}$", begins(pattern)) }
}

fn begins(pattern: &str) -> String {
    format!("^(?:{pattern})")
}

const fn is_dear(kind: Option<Type>) -> bool {
    matches!(kind, Some(Type::PremiumRate | Type::SharedCost))
}

/// Digits are all it will see, so it needs to know no other script's.
fn regex(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&begins(pattern)).ignore_whitespace(true).unicode(false).build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::recipient::Phone;

    /// One number of every region.
    fn examples() -> impl Iterator<Item = String> {
        let example = |region: &Metadata| {
            let all = region.descriptors();
            let national = all.mobile().or(all.fixed_line())?.example()?;
            Some(format!("+{}{national}", region.country_code()))
        };
        PLANS.iter().filter_map(example)
    }

    #[test]
    fn countries_are_those_of_the_library() {
        let mut asked = 0;
        for text in examples() {
            let number = phonenumber::parse_with(&PLANS, None, &text).unwrap();
            let canonical = Phone::parse(&text).is_ok_and(|phone| phone.as_str() == text);
            if !canonical || number.national().zeros() > 0 {
                continue; // the library looks for the country without leading zeros, and finds none
            }
            asked += 1;
            let theirs = number.country().id().map(|id| format!("{id:?}"));
            assert_eq!(country(&text[1..]), theirs.as_deref(), "{text}");
        }
        assert!(asked > 200, "{asked}");
    }

    #[test]
    fn neighbours_with_one_country_code_are_told_apart() {
        let numbers = [
            ("+6598765432", "SG"),
            ("+12015550123", "US"),
            ("+14165550123", "CA"),
            ("+18765550123", "JM"),
            ("+79161234567", "RU"),
            ("+77012345678", "KZ"),
            ("+390612345678", "IT"),
            ("+393123456789", "IT"),
            ("+447400123456", "GB"),
            ("+447911123456", "GG"),
        ];
        for (number, expected) in numbers {
            assert_eq!(Phone::parse(number).unwrap().country(), Some(expected), "{number}");
            assert!(is_country(expected));
        }
        assert!(!is_country("UK") && !is_country("001") && !is_country("sg") && !is_country(""));
    }
}
