//! Bounces (RFC 3464): what becomes known of a mail only after the first server has taken it.
//!
//! They are mails themselves, so the operator's mail server pipes them to the provider's webhook. Anybody can write one:
//! it counts only when it knows the `Message-ID` of one of our mails, which is a keyed digest that nobody can guess.

use hmac::{Hmac, KeyInit, Mac};
use lettre::Address;
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use sha2::Sha256;

use super::{mail::address_of, refusal};
use crate::{
    channel::{
        SettingsError,
        inbound::{News, NotBelieved, Receipt, Report, Webhook, WebhookRequest},
    },
    core::{hex::hex, id::MessageId},
};

/// Where bounces go. Holds a secret: no `Debug`.
pub struct BounceSettings {
    /// The envelope sender of every mail, such as `bounces@example.com`.
    pub to: String,
    /// The secret of the webhook to which that mailbox is piped.
    pub secret: String,
}

/// Begins what stands before the `@` of our `Message-ID`s.
const MARK: &str = "otp.";
/// Letters of the digest after it: 128 bits.
const DIGEST: usize = 32;

/// Marks mails so that their bounces are known, and reads these.
pub(super) struct Bounces {
    /// The envelope sender.
    pub(super) to: Address,
    key: Hmac<Sha256>,
}

impl Bounces {
    pub(super) fn new(settings: &BounceSettings) -> Result<Self, SettingsError> {
        let bad = || SettingsError::new("bounces_to", "is no address: write it like \"bounces@example.com\"");
        let to = address_of(&settings.to).map_err(|_| bad())?;
        let lone = || SettingsError::new("bounces_to", "is set but `webhook_secret` is not: bounces have no way in");
        let secret = Some(settings.secret.as_bytes()).filter(|secret| !secret.is_empty()).ok_or_else(lone)?;
        let key = Hmac::new_from_slice(secret).map_err(|_| lone())?;
        Ok(Self { to, key })
    }

    /// The same for every try of one message; it says nothing to those who have no key.
    pub(super) fn reference(&self, message: MessageId) -> String {
        let mut mac = self.key.clone();
        mac.update(b"verifyd/mail/v1");
        mac.update(&message.0.to_be_bytes());
        format!("{MARK}{}", &hex(&mac.finalize().into_bytes())[..DIGEST])
    }
}

impl Webhook for Bounces {
    /// Other mail finds its way to such an address, too, and says nothing.
    fn read(&self, request: &WebhookRequest<'_>) -> Result<News, NotBelieved> {
        let receipts = MessageParser::default().parse(request.body).and_then(|mail| receipt(&mail));
        Ok(News { receipts: receipts.into_iter().collect(), ..News::default() })
    }
}

/// The receipt that a bounce is. Reports of delays are none, nor those of success, for which we do not ask.
fn receipt(mail: &Message<'_>) -> Option<Receipt> {
    let report = mail.parts.iter().find(|part| part.is_content_type("message", "delivery-status"))?;
    let report = String::from_utf8_lossy(report.contents()).replace("\r\n", "\n");
    let status = report.split("\n\n").find_map(failure)?;
    let reference = mail.parts.iter().find_map(|part| match &part.body {
        PartType::Message(ours) => reference_of(ours),
        _ if part.is_content_type("text", "rfc822-headers") => {
            reference_of(&MessageParser::default().parse_headers(part.contents())?)
        }
        _ => None,
    })?;
    let (refusal, detail) = refusal::of_bounce(&status);
    Some(Receipt { reference, report: Report::Failed(refusal.code()), detail })
}

/// The status of a recipient's fields that say `failed`, as it is written.
fn failure(fields: &str) -> Option<String> {
    let fields = MessageParser::default().parse_headers(fields)?;
    let field = |name: &'static str| fields.header_raw(name).map(str::trim);
    let failed = field("Action")?.eq_ignore_ascii_case("failed");
    failed.then(|| field("Status").unwrap_or_default().to_owned())
}

fn reference_of(ours: &Message<'_>) -> Option<String> {
    let (local, _) = ours.message_id()?.split_once('@')?;
    let digest = local.strip_prefix(MARK)?;
    let lower_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (digest.len() == DIGEST && digest.bytes().all(lower_hex)).then(|| local.to_owned())
}
