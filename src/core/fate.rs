//! What became of a message that a provider took.

/// It only moves forward, whatever order receipts come in: a delivery that was reported as failed may turn out to have
/// arrived, never the other way round (security C9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// Nothing was heard yet.
    Taken,
    /// It will not arrive.
    Failed,
    /// It arrived.
    Delivered,
}

impl Fate {
    /// What the database keeps.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Taken => 0,
            Self::Failed => 1,
            Self::Delivered => 2,
        }
    }

    /// From the database; what is not known says nothing.
    #[must_use]
    pub const fn from_number(number: i16) -> Self {
        match number {
            1 => Self::Failed,
            2 => Self::Delivered,
            _ => Self::Taken,
        }
    }
}
