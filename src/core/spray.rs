//! One guess at everybody's code: what the budgets of single recipients do not see (security A3).

/// Wrong guesses at an application's codes in 24 hours, whoever they were sent to; 0 for any number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spray {
    /// So many are told to the operator.
    pub alarm: u32,
    /// After so many no more codes are made; a busy application has room for more, see [`Spray::allowed`].
    pub stop: u32,
}

/// People mistype: where codes are sent in masses, one wrong guess in so many sends is no attack.
const SENDS_PER_GUESS: u64 = 5;

impl Spray {
    /// How many an application may have that made so many codes in that time.
    #[must_use]
    pub fn allowed(self, codes: u64) -> u32 {
        self.stop.max(u32::try_from(codes / SENDS_PER_GUESS).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_the_codes_may_be_mistyped_and_a_few_in_any_case() {
        let spray = Spray { alarm: 1000, stop: 10_000 };
        assert_eq!([0, 50_000, 50_005, 1_000_000].map(|codes| spray.allowed(codes)), [10_000, 10_000, 10_001, 200_000]);
        assert_eq!(spray.allowed(u64::MAX), u32::MAX);
    }
}
