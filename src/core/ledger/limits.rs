//! How much is allowed.

use std::time::Duration;

use crate::core::refusal::Rule;

/// So many in any span of that length; 0 for any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many.
    pub most: u16,
    /// In how long.
    pub span: Duration,
}

/// How often a dialect sends to one recipient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Least time between two sends.
    pub gap: Duration,
    /// In any ten minutes; 0 for any number.
    pub per_10_minutes: u16,
    /// In any hour.
    pub per_hour: u16,
    /// In any 24 hours.
    pub per_day: u16,
}

const TEN_MINUTES: Duration = Duration::from_mins(10);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const MONTH: Duration = Duration::from_hours(30 * 24);

impl Pace {
    pub(super) fn windows(self) -> [(Rule, Window); 4] {
        let window = |most, span| Window { most, span };
        [
            (Rule::Gap, window(u16::from(!self.gap.is_zero()), self.gap)),
            (Rule::Sends, window(self.per_10_minutes, TEN_MINUTES)),
            (Rule::Sends, window(self.per_hour, HOUR)),
            (Rule::Sends, window(self.per_day, DAY)),
        ]
    }
}

/// What holds for a recipient whichever dialect sends; 0 for any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Wrong guesses in any 24 hours.
    pub guesses_per_day: u16,
    /// Wrong guesses in any 30 days.
    pub guesses_per_month: u16,
    /// Wrong guesses since the last right one; then only an operator helps.
    pub guesses_since_success: u16,
    /// Sends in any 24 hours, over all dialects (one-port 5.2) and applications (security C2).
    pub sends_per_day: u16,
}

impl Limits {
    /// None at all.
    pub const NONE: Self =
        Self { guesses_per_day: 0, guesses_per_month: 0, guesses_since_success: 0, sends_per_day: 0 };

    /// How long a ledger has to remember a code that has ended.
    pub const MEMORY: Duration = MONTH;

    /// The highest number of sends that can be limited.
    pub const MOST: u16 = 64;

    pub(super) const fn count_guesses(self) -> bool {
        self.guesses_per_day > 0 || self.guesses_per_month > 0 || self.guesses_since_success > 0
    }

    pub(super) const fn guesses(self) -> [Window; 2] {
        [Window { most: self.guesses_per_day, span: DAY }, Window { most: self.guesses_per_month, span: MONTH }]
    }

    pub(super) const fn sends(self) -> Window {
        Window { most: self.sends_per_day, span: DAY }
    }
}
