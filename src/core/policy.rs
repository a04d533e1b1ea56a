//! How a dialect's codes behave, as values (the architecture names the fields; a dialect only fills them in).

use std::time::Duration;

use super::{code::LeadingZero, ledger::Pace};

/// What sending again to the same recipient does while a code is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRepeat {
    /// Refused until the code ends (`EngageLab`, spec 10 row 10).
    Refuse,
    /// Both codes live (`MailPass`).
    KeepBoth,
    /// The older code ends (`AirTexts`).
    ExpireOlder,
    /// The same code, id and clock again (Optora).
    ReuseLive,
}

/// What an explicit resend does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resend {
    /// The dialect has none.
    None,
    /// A new code for the same verification.
    NewCode {
        /// Whether wrong guesses so far are forgiven.
        reset_guesses: bool,
        /// Whether the code's life starts anew.
        restart_clock: bool,
        /// How many resends there may be.
        max: u8,
        /// Least time between two.
        gap: Duration,
    },
    /// Sending again is the resend, and only so often.
    ByRepeat {
        /// How many resends there may be.
        max: u8,
    },
}

/// How the code is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretForm {
    /// A keyed digest only.
    Digest,
    /// Encrypted until expiry, because the same code must be sendable again.
    Sealed,
}

/// When the caller gets its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstDelivery {
    /// As soon as the message is on disk.
    Queue,
    /// When a provider has taken or refused it.
    Await,
}

/// Everything that differs between dialects in what codes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long a code lives.
    pub ttl: Duration,
    /// Wrong guesses that end a code, 1 to 5.
    pub max_guesses: u8,
    /// How often one recipient is sent to.
    pub pace: Pace,
    /// Sending again while a code is alive.
    pub on_repeat: OnRepeat,
    /// Explicit resend.
    pub resend: Resend,
    /// How the code is kept.
    pub secret: SecretForm,
    /// When the caller gets its answer.
    pub first_delivery: FirstDelivery,
    /// Whether codes may begin with `0`.
    pub leading_zero: LeadingZero,
    /// How long a finished verification is remembered.
    pub keep_after_end: Duration,
}
