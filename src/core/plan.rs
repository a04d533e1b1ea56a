//! What is to be sent, over which channels, in which order.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{channel::Channel, clock::Timestamp, id::MessageId, recipient::Recipient};

/// A rendered message for one channel. It holds the code in the clear: no `Debug`, wiped when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Words for SMS, `WhatsApp` or a voice call.
    Text {
        /// The rendered words.
        text: String,
    },
    /// An email.
    Mail {
        /// Display name of the sender, if any.
        from_name: Option<String>,
        /// Sender address; `None` uses the provider's own.
        from_mail: Option<String>,
        /// Subject line.
        subject: String,
        /// HTML body.
        html: String,
    },
}

/// One try over one channel.
#[derive(Clone, Serialize, Deserialize)]
pub struct Hop {
    /// The channel.
    pub channel: Channel,
    /// What goes over it.
    pub content: Content,
}

/// Everything delivery needs to know of a message; kept encrypted until it is handed over.
///
/// All hops are rendered when the message is accepted: a fallback carries the same code, whatever becomes of the template.
#[derive(Clone, Serialize, Deserialize)]
pub struct Plan {
    /// Who gets it.
    pub recipient: Recipient,
    /// Channels in the order of the template's strategy, at most three.
    pub hops: Vec<Hop>,
    /// The bare code, for providers whose own templates it is put into, or who speak it; `None` for a message without.
    #[serde(default)]
    pub code: Option<Zeroizing<String>>,
    /// Sender id the caller asked for (`params.from_id`).
    pub sender: Option<String>,
    /// Language tag of the text, as the template API spells it (`en`, `zh_CN` …).
    pub language: String,
}

/// How long the next hop waits for a receipt, by the channel of the hop before.
#[derive(Clone, Copy, Debug)]
pub struct LateAfter {
    /// After a `WhatsApp` message.
    pub whatsapp: Duration,
    /// After a short message.
    pub sms: Duration,
    /// After an email.
    pub email: Duration,
    /// After a voice call.
    pub voice: Duration,
}

impl LateAfter {
    /// The time of one channel.
    #[must_use]
    pub const fn of(&self, channel: Channel) -> Duration {
        match channel {
            Channel::Whatsapp => self.whatsapp,
            Channel::Sms => self.sms,
            Channel::Email => self.email,
            Channel::Voice => self.voice,
        }
    }
}

/// One message on its way to a provider.
pub struct Outgoing<'a> {
    /// The message's id; providers that take a reference get this one.
    pub message_id: MessageId,
    /// Who gets it.
    pub recipient: &'a Recipient,
    /// The channel of this try.
    pub channel: Channel,
    /// What goes over it.
    pub content: &'a Content,
    /// The bare code, where the message carries one.
    pub code: Option<&'a str>,
    /// Sender id the caller asked for.
    pub sender: Option<&'a str>,
    /// Language tag of the text.
    pub language: &'a str,
    /// When the code dies; nothing is handed over later.
    pub expires_at: Timestamp,
    /// From then on somebody else may have it in hand, and nothing of it is written. By the machine's own clock, which goes on
    /// while the process stands still.
    pub until: Instant,
}
