//! One-time codes: what they may look like, and how they are made.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::entropy::{Entropy, NoEntropy};

/// Shortest code a template may ask for (spec 4.1).
pub const MIN_LENGTH: u8 = 4;
/// Longest code a template may ask for (spec 4.1).
pub const MAX_LENGTH: u8 = 10;

const DIGITS: u8 = 0b001;
const LOWER: u8 = 0b010;
const UPPER: u8 = 0b100;

/// Which characters a code is made of: the bit mask of spec 4.1 (1 digits, 2 lower case, 4 upper case).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Alphabet(u8);

impl Alphabet {
    /// Digits only.
    pub const DIGITS: Self = Self(DIGITS);

    /// A mask of 1 to 7.
    #[must_use]
    pub fn from_mask(mask: i64) -> Option<Self> {
        u8::try_from(mask).ok().filter(|mask| (1..=7).contains(mask)).map(Self)
    }

    /// The mask, 1 to 7.
    #[must_use]
    pub const fn mask(self) -> u8 {
        self.0
    }

    fn characters(self) -> Vec<u8> {
        let sets = [(DIGITS, b'0'..=b'9'), (LOWER, b'a'..=b'z'), (UPPER, b'A'..=b'Z')];
        sets.into_iter().filter(|(bit, _)| self.0 & bit != 0).flat_map(|(_, set)| set).collect()
    }
}

/// Whether a code may begin with `0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadingZero {
    /// The full range (every dialect but EngageLab's).
    Allowed,
    /// Never `0` first: PHP clients pass codes through an integer (spec 10, row 13).
    Forbidden,
}

/// What a template says of its codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeSpec {
    /// Characters a code is made of.
    pub alphabet: Alphabet,
    /// Number of characters, 4 to 10.
    pub length: u8,
}

/// A code in the clear. It has no `Debug`, `Display` or `Serialize`, and is wiped when dropped.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// Draws a code, every one equally likely (rejection sampling, no modulo on bytes; security A6).
    pub fn generate(spec: CodeSpec, zero: LeadingZero, entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let characters = spec.alphabet.characters();
        let mut bytes = Bytes { entropy, fetched: Zeroizing::default(), left: 0 };
        let mut code = Zeroizing::new(String::with_capacity(spec.length.into()));
        while code.len() < usize::from(spec.length) {
            let drawn = draw(&characters, &mut bytes)?;
            if code.is_empty() && drawn == b'0' && zero == LeadingZero::Forbidden {
                continue;
            }
            code.push(char::from(drawn));
        }
        Ok(Self(code))
    }

    /// A code that the caller made.
    #[must_use]
    pub fn given(code: &str) -> Self {
        Self(Zeroizing::new(code.to_owned()))
    }

    /// The characters, for rendering and for the tag; nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Random bytes, fetched as many as a code needs at a time: each fetch asks the operating system.
struct Bytes<'a> {
    entropy: &'a dyn Entropy,
    fetched: Zeroizing<[u8; 16]>,
    left: usize,
}

impl Bytes<'_> {
    fn next(&mut self) -> Result<u8, NoEntropy> {
        if self.left == 0 {
            self.entropy.fill(&mut *self.fetched)?;
            self.left = self.fetched.len();
        }
        self.left -= 1;
        Ok(self.fetched[self.left])
    }
}

/// One of `characters`, drawn without bias.
fn draw(characters: &[u8], bytes: &mut Bytes<'_>) -> Result<u8, NoEntropy> {
    let size = characters.len();
    let fair = 256 - 256 % size; // bytes from here up would favour the first characters
    loop {
        let byte = usize::from(bytes.next()?);
        if byte < fair {
            return Ok(characters[byte % size]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::entropy::{OsEntropy, SeededEntropy};
    use std::collections::HashSet;

    fn spec(mask: i64, length: u8) -> CodeSpec {
        CodeSpec { alphabet: Alphabet::from_mask(mask).unwrap(), length }
    }

    #[test]
    fn every_mask_and_length_gives_codes_of_that_shape() {
        for mask in 1..=7 {
            for length in MIN_LENGTH..=MAX_LENGTH {
                let spec = spec(mask, length);
                let allowed: HashSet<u8> = spec.alphabet.characters().into_iter().collect();
                for _ in 0..200 {
                    let code = Code::generate(spec, LeadingZero::Forbidden, &OsEntropy).unwrap();
                    assert_eq!(code.expose().len(), usize::from(length));
                    assert!(code.expose().bytes().all(|byte| allowed.contains(&byte)));
                    assert!(!code.expose().starts_with('0'));
                }
            }
        }
    }

    #[test]
    fn masks_outside_one_to_seven_are_refused() {
        for mask in [-1, 0, 8, 255, 256, 257, i64::MAX] {
            assert!(Alphabet::from_mask(mask).is_none(), "{mask}");
        }
    }

    /// Chi-square over positions, with a fixed seed: 9 degrees of freedom, p > 1e-4 is below 33.7.
    #[test]
    fn digits_are_evenly_spread_in_every_position() {
        let entropy = SeededEntropy::new(7);
        let mut counts = [[0u32; 10]; 6];
        let rounds = 60_000u32;
        for _ in 0..rounds {
            let code = Code::generate(spec(1, 6), LeadingZero::Allowed, &entropy).unwrap();
            for (position, digit) in code.expose().bytes().enumerate() {
                counts[position][usize::from(digit - b'0')] += 1;
            }
        }
        let expected = f64::from(rounds) / 10.0;
        for position in counts {
            let chi: f64 = position.iter().map(|&seen| (f64::from(seen) - expected).powi(2) / expected).sum();
            assert!(chi < 33.7, "chi-square {chi}");
        }
    }

    #[test]
    fn no_code_is_made_without_randomness() {
        struct Broken;
        impl Entropy for Broken {
            fn fill(&self, _: &mut [u8]) -> Result<(), NoEntropy> {
                Err(NoEntropy)
            }
        }
        assert!(Code::generate(spec(1, 6), LeadingZero::Allowed, &Broken).is_err());
    }
}
