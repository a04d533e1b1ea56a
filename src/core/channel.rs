//! The ways a message can travel.

use serde::{Deserialize, Serialize};

/// A way to reach a recipient; the spelling is `send_channel` on the wire (spec section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// `WhatsApp` message.
    Whatsapp,
    /// Short message.
    Sms,
    /// Email.
    Email,
    /// Voice call.
    Voice,
}

impl Channel {
    /// Every channel, in a fixed order.
    pub const ALL: [Self; 4] = [Self::Whatsapp, Self::Sms, Self::Email, Self::Voice];

    /// The word used on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Whatsapp => "whatsapp",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Voice => "voice",
        }
    }

    /// Reads the word; anything but the four exact words is `None`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == word)
    }
}
