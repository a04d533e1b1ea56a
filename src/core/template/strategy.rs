//! `send_channel_strategy`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::TemplateFault;
use crate::core::channel::Channel;

/// Channels in the order they are tried: one to three, each once, email only alone (spec 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Strategy(Vec<Channel>);

impl Strategy {
    /// Reads words joined by `|`.
    pub fn parse(text: &str) -> Result<Self, TemplateFault> {
        const INVALID: TemplateFault = TemplateFault::Invalid("send_channel_strategy");
        let mut channels = Vec::new();
        for word in text.split('|') {
            let channel = Channel::parse(word).ok_or(INVALID)?;
            if channels.contains(&channel) {
                return Err(INVALID);
            }
            channels.push(channel);
        }
        if channels.contains(&Channel::Email) && channels.len() > 1 {
            return Err(TemplateFault::EmailNotAlone);
        }
        Ok(Self(channels))
    }

    /// The channels, first one first.
    #[must_use]
    pub fn channels(&self) -> &[Channel] {
        &self.0
    }

    /// Whether `channel` is one of them.
    #[must_use]
    pub fn contains(&self, channel: Channel) -> bool {
        self.0.contains(&channel)
    }
}

/// As on the wire: `whatsapp|sms`.
impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, channel) in self.0.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { "|" })?;
            f.write_str(channel.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_good_strategy_is_read_and_written_back() {
        for text in ["whatsapp", "sms", "email", "voice", "whatsapp|sms", "voice|sms|whatsapp", "sms|voice"] {
            assert_eq!(Strategy::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn unknown_repeated_and_mixed_words_are_refused() {
        let invalid = Err(TemplateFault::Invalid("send_channel_strategy"));
        for text in
            ["", "|", "SMS", "sms|", "|sms", "sms||voice", "sms|sms", "sms, voice", "sms | voice", "push", "pwa"]
        {
            assert_eq!(Strategy::parse(text), invalid, "{text:?}");
        }
        for text in ["email|sms", "whatsapp|sms|email", "whatsapp|sms|voice|email"] {
            assert_eq!(Strategy::parse(text), Err(TemplateFault::EmailNotAlone), "{text:?}");
        }
    }
}
