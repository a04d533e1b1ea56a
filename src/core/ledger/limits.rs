//! How much is allowed, and what is said when it is too much.

use std::time::Duration;

use crate::core::clock::Timestamp;

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
    fn windows(self) -> [(Rule, Window); 4] {
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
    /// Sends in any 24 hours, over all dialects (one-port 5.2).
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

    pub(super) fn sends(self, pace: Pace) -> impl Iterator<Item = (Rule, Window)> {
        pace.windows().into_iter().chain([(Rule::Sends, Window { most: self.sends_per_day, span: DAY })])
    }
}

/// Which rule refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Too soon after the last send.
    Gap,
    /// Too many sends.
    Sends,
    /// Too many wrong guesses in a time.
    Guesses,
    /// Too many wrong guesses since the last right one.
    Locked,
}

impl Rule {
    /// The word in metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Sends => "sends",
            Self::Guesses => "guesses",
            Self::Locked => "locked",
        }
    }
}

/// The record of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// By which rule.
    pub rule: Rule,
    /// How much was used.
    pub used: u16,
    /// Of how much.
    pub limit: u16,
    /// When it lifts by itself; `None` when it does not.
    pub lifts_at: Option<Timestamp>,
}
