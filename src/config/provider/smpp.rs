//! `kind = "smpp"`: a short message centre.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer, de::Error};

use crate::config::{
    error::{ConfigError, require},
    secret::Secret,
    value::{duration, optional_path},
};
use crate::core::channel::Channel;

/// What becomes of a text too long for one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LongMessages {
    /// Several messages.
    Parts,
    /// One field that the centre cuts.
    Payload,
}

/// How message ids are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdForm {
    /// As they are.
    Text,
    /// Decimal numbers.
    Decimal,
    /// Hexadecimal numbers.
    Hex,
}

/// `kind = "smpp"`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smpp {
    /// Host name or address.
    pub host: String,
    port: u16,
    /// TLS from the first byte.
    pub tls: bool,
    /// Lets messages go to another machine without TLS.
    pub dangerous_plain_smpp: bool,
    /// More trusted certificates, PEM.
    #[serde(deserialize_with = "optional_path")]
    pub ca_file: Option<PathBuf>,
    /// Who binds.
    pub system_id: String,
    /// Goes with `system_id`.
    pub password: Secret,
    /// What the centre calls our kind of system.
    pub system_type: String,
    /// The sender where a message names none.
    pub source: String,
    /// Type of number of the sender.
    #[serde(deserialize_with = "octet")]
    pub source_ton: Option<u8>,
    /// Numbering plan of the sender.
    #[serde(deserialize_with = "octet")]
    pub source_npi: Option<u8>,
    /// What becomes of long texts.
    pub long_messages: LongMessages,
    /// Form of the ids in answers.
    pub submit_id: IdForm,
    /// Form of the ids in the text of receipts.
    pub receipt_id: IdForm,
    /// Messages whose answer may be outstanding.
    pub window: usize,
    /// How often the connection is tried.
    #[serde(deserialize_with = "duration")]
    pub enquire_interval: Duration,
    /// For each answer.
    #[serde(deserialize_with = "duration")]
    pub response_timeout: Duration,
    /// For connecting.
    #[serde(deserialize_with = "duration")]
    pub connect_timeout: Duration,
    /// Longest pause before connecting again.
    #[serde(deserialize_with = "duration")]
    pub reconnect_max: Duration,
}

impl Smpp {
    /// The port given, else the usual one.
    #[must_use]
    pub const fn port(&self) -> u16 {
        match (self.port, self.tls) {
            (0, true) => 3550,
            (0, false) => 2775,
            (given, _) => given,
        }
    }

    pub(super) fn validate(&self, section: &str, channels: &[Channel]) -> Result<(), ConfigError> {
        let key = |key| format!("{section}.{key}");
        let sms_only = channels.iter().all(|channel| *channel == Channel::Sms);
        require(sms_only, &key("channels"), "must be [\"sms\"]: a short message centre carries nothing else")?;
        require(!self.host.is_empty(), &key("host"), "is missing: name the message centre")?;
        require(!self.system_id.is_empty(), &key("system_id"), "is missing: who binds to the message centre?")?;
        let times = [
            ("enquire_interval", self.enquire_interval),
            ("response_timeout", self.response_timeout),
            ("connect_timeout", self.connect_timeout),
            ("reconnect_max", self.reconnect_max),
        ];
        times.into_iter().try_for_each(|(name, time)| require(!time.is_zero(), &key(name), "must be longer than 0s"))
    }
}

/// "0" to "255"; "" is none.
fn octet<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let wrong = |_| D::Error::custom(format!("is \"{text}\", but must be a number from \"0\" to \"255\", or \"\""));
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(wrong) }
}
