//! What happened to a message, in the words of spec 5.5(a).

/// One step of a message's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// Accepted and queued.
    Plan,
    /// The recipient can be reached.
    TargetValid,
    /// The recipient cannot be reached.
    TargetInvalid,
    /// Handed to a provider.
    Sent,
    /// No provider took it.
    SentFailed,
    /// On the recipient's device.
    Delivered,
    /// Taken by a provider, not delivered.
    DeliveredFailed,
    /// The right code came back.
    Verified,
    /// A wrong code came back.
    VerifiedFailed,
    /// Nobody sent the right code in time.
    VerifiedTimeout,
    /// A provider was asked and its answer was lost: it may have taken the message. Ours alone, no caller hears of it.
    Unknown,
}

impl EventKind {
    /// Every kind that spec 5.5(a) knows, in the order of a life.
    pub const ALL: [Self; 10] = [
        Self::Plan,
        Self::TargetValid,
        Self::TargetInvalid,
        Self::Sent,
        Self::SentFailed,
        Self::Delivered,
        Self::DeliveredFailed,
        Self::Verified,
        Self::VerifiedFailed,
        Self::VerifiedTimeout,
    ];

    /// The word of spec 5.5(a), where there is one; also what the database keeps.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::TargetValid => "target_valid",
            Self::TargetInvalid => "target_invalid",
            Self::Sent => "sent",
            Self::SentFailed => "sent_failed",
            Self::Delivered => "delivered",
            Self::DeliveredFailed => "delivered_failed",
            Self::Verified => "verified",
            Self::VerifiedFailed => "verified_failed",
            Self::VerifiedTimeout => "verified_timeout",
            Self::Unknown => "unknown",
        }
    }
}
