//! How a verification that can be asked about stands.

use super::clock::Timestamp;

/// Whether its code can be sent back; expiry is computed, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// It can.
    Pending,
    /// It was, in time.
    Verified {
        /// When.
        at: Timestamp,
    },
    /// It was not.
    Expired,
    /// Too many wrong ones came.
    Exhausted,
}

/// How its last message fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Nobody has it yet.
    Pending,
    /// A provider has it.
    Sent,
    /// It arrived.
    Delivered,
    /// It will not.
    Failed,
}

impl DeliveryState {
    /// From the last event that tells, as the database spells it.
    #[must_use]
    pub fn of(kind: Option<&str>) -> Self {
        match kind {
            Some("sent") => Self::Sent,
            Some("delivered") => Self::Delivered,
            Some("sent_failed" | "delivered_failed" | "target_invalid") => Self::Failed,
            _ => Self::Pending,
        }
    }
}
