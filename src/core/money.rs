//! Amounts of money, exact. There is one currency (spec 5.5a: always "USD").

use std::{fmt, ops::Sub};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::decimal;

/// Decimal places that an amount may have.
const PLACES: usize = 6;

/// US dollars, in whole millionths: what the database keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Usd(i64);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From millionths of a dollar.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Millionths of a dollar.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads dollars such as `100` or `0.032`: not negative, below a billion, at most six decimal places.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        decimal::parse(text, PLACES).map(Self)
    }

    /// So many times as much.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self(self.0.saturating_mul(count.into()))
    }

    /// Dollars as a JSON number.
    #[must_use]
    pub fn json(self) -> Value {
        decimal::json(self.0, PLACES)
    }
}

impl Sub for Usd {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// Dollars, as [`Usd::parse`] reads them; with a `-` where more is gone than was there.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::text(self.0, PLACES))
    }
}
