//! The shapes of spec 2.2, and their translation. No rule lives here.

/// Puts `data` into the envelope of an answer.
macro_rules! envelope {
    ($(#[$doc:meta])* $name:ident, $data:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Object)]
        #[oai(example)]
        pub(in super::super) struct $name {
            /// Always true.
            success: bool,
            /// What was asked for.
            data: $data,
        }

        impl From<$data> for $name {
            fn from(data: $data) -> Self {
                Self { success: true, data }
            }
        }

        impl Example for $name {
            fn example() -> Self {
                $data::example().into()
            }
        }
    };
}

pub(super) mod aliases;
pub(super) mod attempts;
pub(super) mod listed;
pub(super) mod logs;
pub(super) mod number;
pub(super) mod otp;
pub(super) mod query;
pub(super) mod rates;
pub(super) mod report;
pub(super) mod requests;
pub(super) mod verified;

use crate::core::clock::Timestamp;

/// In whole seconds: `2026-01-10T12:10:00Z`.
pub(super) fn time(at: Timestamp) -> String {
    Timestamp::from_millis(at.seconds() * 1000).rfc3339()
}

/// A count as JSON has it.
fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
