//! How likely it is that somebody guesses a code, as the limits leave it (security 4).

use super::Limits;

/// Codes of six digits, as most templates make them.
const CODES: u32 = 1_000_000;

/// For operators: one sentence for each limit.
#[must_use]
pub fn odds(limits: Limits) -> Vec<String> {
    let rules = [
        (limits.guesses_per_day, "in any 24 hours"),
        (limits.guesses_per_month, "in any 30 days"),
        (limits.guesses_since_success, "until an operator unlocks the recipient"),
    ];
    rules.into_iter().map(|(most, when)| sentence(most, when)).collect()
}

/// However they are spread over codes, so many guesses never have a better chance than this (the union bound).
fn sentence(most: u16, when: &str) -> String {
    match CODES.checked_div(most.into()) {
        None => format!("a recipient's codes can be guessed at without limit {when}"),
        Some(one_in) => {
            format!(
                "a code of 6 digits is guessed with a chance of 1 in {one_in} or less per recipient {when}: {most} tries"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_odds_are_those_of_the_guide() {
        let limits = Limits { guesses_per_day: 10, guesses_per_month: 25, guesses_since_success: 0, sends_per_day: 0 };
        assert_eq!(
            odds(limits),
            [
                "a code of 6 digits is guessed with a chance of 1 in 100000 or less per recipient in any 24 hours: 10 tries",
                "a code of 6 digits is guessed with a chance of 1 in 40000 or less per recipient in any 30 days: 25 tries",
                "a recipient's codes can be guessed at without limit until an operator unlocks the recipient",
            ]
        );
    }
}
