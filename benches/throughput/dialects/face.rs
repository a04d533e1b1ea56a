//! The four APIs as their clients write them.

use serde_json::{Value, json};

use super::mails;
use crate::{
    Fallible,
    http::Request,
    product::Installation,
    recipients::{address, number},
    server::Server,
    work::TEMPLATE,
};

/// The templates whose codes go by email, and their mails.
pub(super) const MAILS: [(&str, &str); 2] = [("bench-letter", mails::LETTER), ("bench-card", mails::CARD)];
/// The application that an AirTexts client names.
const APPID: &str = "bench";

/// One way to send a code and to verify it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// EngageLab, by SMS.
    Sms,
    /// EngageLab, by email, with a mail of `MailPass`'s kind.
    Letter,
    /// EngageLab, by email, with a mail of Optora's kind.
    Card,
    /// `MailPass`, by email.
    Mailpass,
    /// `AirTexts`, by SMS.
    Airtexts,
    /// Optora, by email.
    Optora,
}

/// The requests of one way, complete but for their bodies.
pub(super) struct Client {
    /// Whose.
    pub(super) face: Face,
    /// Sends.
    pub(super) send: Request,
    /// Verifies.
    pub(super) verify: Request,
}

impl Client {
    /// Of a running server.
    pub(super) fn new(face: Face, headers: &str, server: &Server) -> Self {
        let [send, verify] = face.paths().map(|path| Request::post_with(server.address, path, headers));
        Self { face, send, verify }
    }
}

impl Face {
    /// Everything that is measured, each beside what it is compared with.
    pub(super) const ALL: [Self; 6] =
        [Self::Letter, Self::Mailpass, Self::Sms, Self::Airtexts, Self::Card, Self::Optora];

    /// How the table calls it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Sms => "EngageLab, SMS",
            Self::Letter => "EngageLab, email",
            Self::Card => "EngageLab, card",
            Self::Mailpass => "MailPass",
            Self::Airtexts => "AirTexts",
            Self::Optora => "Optora",
        }
    }

    /// EngageLab by the same channel, with the same kind of message.
    pub(super) fn compared_with(self) -> Self {
        match self {
            Self::Sms | Self::Airtexts => Self::Sms,
            Self::Letter | Self::Mailpass => Self::Letter,
            Self::Card | Self::Optora => Self::Card,
        }
    }

    /// What its requests carry to be let in, by a key of the installation where it has keys. A running server would not
    /// know a new key at once.
    pub(super) fn headers(self, installation: &Installation) -> Fallible<String> {
        match self {
            Self::Sms | Self::Letter | Self::Card => Ok(installation.authorization()),
            Self::Mailpass => {
                let key = installation.create_key(&["--dialect", "mailpass"])?;
                Ok(format!("authorization: Bearer {}\r\n", text(&key, "api_key")?))
            }
            Self::Airtexts => {
                let key = installation.create_key(&["--dialect", "airtexts", "--appid", APPID])?;
                let (name, secret) = (text(&key, "api_key")?, text(&key, "api_secret")?);
                Ok(format!("x-api-key: {name}\r\nx-api-secret: {secret}\r\n"))
            }
            Self::Optora => Ok(String::new()),
        }
    }

    /// Where it sends, and where it verifies.
    fn paths(self) -> [&'static str; 2] {
        match self {
            Self::Sms | Self::Letter | Self::Card => ["/v1/messages", "/v1/verifications"],
            Self::Mailpass => ["/api/v1/otp/send", "/api/v1/otp/verify"],
            Self::Airtexts => ["/otp/send", "/otp/verify"],
            Self::Optora => ["/api/otp/generate", "/api/otp/verify"],
        }
    }

    /// The `nth` recipient, as the provider sees it.
    pub(super) fn recipient(self, nth: u32) -> String {
        match self {
            Self::Sms | Self::Airtexts => number(nth),
            Self::Letter | Self::Card | Self::Mailpass | Self::Optora => address(nth),
        }
    }

    pub(super) fn send_body(self, nth: u32) -> Value {
        let to = self.recipient(nth);
        match self {
            Self::Sms => json!({"to": to, "template": {"id": TEMPLATE, "language": "en"}}),
            Self::Letter => json!({"to": to, "template": {"id": MAILS[0].0, "language": "en"}}),
            Self::Card => json!({"to": to, "template": {"id": MAILS[1].0, "language": "en"}}),
            Self::Mailpass | Self::Optora => json!({"email": to}),
            Self::Airtexts => json!({"appid": APPID, "recipient": to}),
        }
    }

    /// What a verification names, out of the answer to a send.
    pub(super) fn id(self, answer: &Value) -> Option<&str> {
        let id = match self {
            Self::Sms | Self::Letter | Self::Card => &answer["message_id"],
            Self::Mailpass => &answer["data"]["session_id"],
            Self::Airtexts => &answer["verification_id"],
            Self::Optora => &answer["requestId"],
        };
        id.as_str()
    }

    pub(super) fn verify_body(self, nth: u32, id: &str, code: &str) -> Value {
        match self {
            Self::Sms | Self::Letter | Self::Card => json!({"message_id": id, "verify_code": code}),
            Self::Mailpass => json!({"session_id": id, "code": code}),
            Self::Airtexts => json!({"appid": APPID, "verification_id": id, "otp_code": code}),
            Self::Optora => json!({"email": self.recipient(nth), "otp": code}),
        }
    }

    /// Whether the answer, whose status is 200, says that the code was right.
    pub(super) fn verified(self, answer: &Value) -> bool {
        match self {
            Self::Mailpass => answer["data"]["verified"] == true,
            Self::Sms | Self::Letter | Self::Card | Self::Airtexts | Self::Optora => answer["verified"] == true,
        }
    }
}

fn text<'a>(key: &'a Value, name: &str) -> Fallible<&'a str> {
    key[name].as_str().ok_or_else(|| format!("a key without {name}").into())
}
