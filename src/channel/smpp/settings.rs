//! What an operator says about a message centre.

use std::{net::IpAddr, time::Duration};

use crate::channel::SettingsError;

/// How a text travels that is too long for one short message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LongMessages {
    /// In several, each with a header that says which one it is.
    #[default]
    Parts,
    /// As a whole in the field `message_payload`; the centre cuts it.
    Payload,
}

/// How a message id is written; some centres answer in one form and report in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdForm {
    /// As it is.
    #[default]
    Text,
    /// A number, leading zeros or not.
    Decimal,
    /// A number with the digits 0 to 9 and a to f.
    Hex,
}

impl IdForm {
    /// The id in the form that all are compared in. One that is not of the form stays as it is.
    pub(super) fn canonical(self, id: &str) -> String {
        let number = match self {
            Self::Text => None,
            Self::Decimal => id.parse::<u128>().ok(),
            Self::Hex => u128::from_str_radix(id, 16).ok(),
        };
        number.map_or_else(|| id.to_owned(), |number| number.to_string())
    }
}

/// One message centre. Holds a password: no `Debug`.
pub struct SmppSettings {
    /// Host name or address; with TLS the certificate must be for it.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// TLS from the first byte.
    pub tls: bool,
    /// Lets messages leave this machine without TLS.
    pub dangerous_plain_smpp: bool,
    /// Certificate authorities to trust beside the system's, in PEM.
    pub extra_ca: Option<Vec<u8>>,
    /// Who binds; at most 15 characters.
    pub system_id: String,
    /// At most 8 characters.
    pub password: String,
    /// At most 12 characters, mostly none.
    pub system_type: String,
    /// The sender when the message brings none: a name, a number, or empty for the centre's own.
    pub source: String,
    /// Type of number of the sender; `None` goes by its form.
    pub source_ton: Option<u8>,
    /// Numbering plan of the sender; `None` goes by its form.
    pub source_npi: Option<u8>,
    /// What becomes of long texts.
    pub long_messages: LongMessages,
    /// Form of the ids in the centre's answers, and in the TLVs of its receipts.
    pub submit_id: IdForm,
    /// Form of the ids in the text of its receipts.
    pub receipt_id: IdForm,
    /// Messages whose answer may be outstanding; 10.
    pub window: usize,
    /// Silence after which the connection is tried; 30 s.
    pub enquire_interval: Duration,
    /// Limit for each answer, and for waiting for the connection; 5 s.
    pub response_timeout: Duration,
    /// Limit for connecting, handshake included; 10 s.
    pub connect_timeout: Duration,
    /// Longest pause before the next attempt to connect; 30 s.
    pub reconnect_max: Duration,
}

impl SmppSettings {
    /// The defaults: TLS on port 3550, a window of 10.
    #[must_use]
    pub fn new(host: &str, system_id: &str, password: &str) -> Self {
        Self {
            host: host.to_owned(),
            port: 3550,
            tls: true,
            dangerous_plain_smpp: false,
            extra_ca: None,
            system_id: system_id.to_owned(),
            password: password.to_owned(),
            system_type: String::new(),
            source: String::new(),
            source_ton: None,
            source_npi: None,
            long_messages: LongMessages::Parts,
            submit_id: IdForm::Text,
            receipt_id: IdForm::Text,
            window: 10,
            enquire_interval: Duration::from_secs(30),
            response_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(10),
            reconnect_max: Duration::from_secs(30),
        }
    }

    /// Whether it would send codes where others may read them, without having been told to (security F11).
    pub(super) fn checked_privacy(&self) -> Result<(), SettingsError> {
        let address = self.host.parse::<IpAddr>();
        let here = self.host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        if self.tls || here || self.dangerous_plain_smpp {
            return Ok(());
        }
        let problem = "would send codes in the clear; leave TLS on, or set `dangerous_plain_smpp = true`";
        Err(SettingsError::new("tls", problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_either_form_meet() {
        for (form, id, canonical) in [
            (IdForm::Text, "00Af", "00Af"),
            (IdForm::Hex, "00Af", "175"),
            (IdForm::Decimal, "0000000175", "175"),
            (IdForm::Decimal, "a-uuid", "a-uuid"),
            (IdForm::Hex, "", ""),
        ] {
            assert_eq!(form.canonical(id), canonical, "{form:?} {id}");
        }
    }
}
