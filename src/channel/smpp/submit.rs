//! A message as the units that submit it.

use std::{
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use rusmpp::{
    pdus::SubmitSm,
    tlvs::MessageSubmissionRequestTlvValue,
    types::{AnyOctetString, COctetString, EmptyOrFullCOctetString, OctetString},
    values::{EsmClass, MessagePayload, Npi, RegisteredDelivery, Ton},
};

use super::{
    settings::{LongMessages, SmppSettings},
    text::{Body, Form, bodies},
};
use crate::{
    channel::{DeliveryError, Refusal, SettingsError},
    core::{
        clock::Timestamp,
        entropy::{Entropy, bytes},
        plan::{Content, Outgoing},
        recipient::Recipient,
    },
};

/// The bit of `esm_class` that says: the text begins with a header.
pub(super) const HEADED: u8 = 0x40;
/// Longest validity that is asked for; a relative time has two digits for its days.
const LONGEST: Duration = Duration::from_hours(28 * 24);

/// Writes messages.
pub(super) struct Writer {
    source: Source,
    long: LongMessages,
    /// Of the next long text.
    reference: AtomicU8,
}

struct Source {
    address: String,
    ton: Option<u8>,
    npi: Option<u8>,
}

impl Writer {
    /// References go on from a random one, so that a restart does not repeat those of a moment ago.
    pub(super) fn new(settings: &SmppSettings, entropy: &dyn Entropy) -> Result<Self, SettingsError> {
        let source = Source { address: settings.source.clone(), ton: settings.source_ton, npi: settings.source_npi };
        source.of(&source.address).ok_or_else(|| {
            SettingsError::new("source", "is no sender: write a number, or a name of at most 11 ASCII characters")
        })?;
        let [reference] = bytes(entropy).unwrap_or([0]);
        Ok(Self { source, long: settings.long_messages, reference: AtomicU8::new(reference) })
    }

    /// One unit for each part of the text.
    pub(super) fn messages(&self, message: &Outgoing<'_>, now: Timestamp) -> Result<Vec<SubmitSm>, DeliveryError> {
        let (Content::Text { text }, Recipient::Phone(_)) = (message.content, message.recipient) else {
            return Err(DeliveryError::refused(Refusal::BadAddress, "a short message goes to a phone number"));
        };
        let source = self.source.of(message.sender.unwrap_or(&self.source.address));
        let source = source.ok_or_else(|| DeliveryError::refused(Refusal::Other, "the sender id is not usable"))?;
        let target = message.recipient.as_str().trim_start_matches('+');
        let target = COctetString::from_string(target.to_owned())
            .map_err(|_| DeliveryError::refused(Refusal::BadAddress, "the recipient's number is not usable"))?;
        let (ton, npi, address) = source;
        let common = SubmitSm::builder()
            .source_addr_ton(ton)
            .source_addr_npi(npi)
            .source_addr(address)
            .dest_addr_ton(Ton::International)
            .dest_addr_npi(Npi::Isdn)
            .destination_addr(target)
            .validity_period(validity(message.expires_at.since(now)))
            .registered_delivery(RegisteredDelivery::from(1))
            .build();
        let reference = self.reference.fetch_add(1, Ordering::Relaxed);
        bodies(text, self.long, reference)?.into_iter().map(|body| with(common.clone(), body)).collect()
    }
}

impl Source {
    /// Type, plan and address of a sender. A name of at most 11 ASCII characters (3GPP TS 23.040, 9.1.2.5), or digits.
    fn of(&self, sender: &str) -> Option<(Ton, Npi, COctetString<1, 21>)> {
        let digits = sender.strip_prefix('+').unwrap_or(sender);
        let number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let printable = sender.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if !printable || (!number && sender.len() > 11) || (digits.is_empty() && !sender.is_empty()) {
            return None;
        }
        let (ton, npi) = match (number, digits.len() < sender.len()) {
            (true, true) => (Ton::International, Npi::Isdn),
            (true, false) if sender.is_empty() => (Ton::Unknown, Npi::Unknown),
            (true, false) => (Ton::Unknown, Npi::Isdn),
            (false, _) => (Ton::Alphanumeric, Npi::Unknown),
        };
        let address = COctetString::from_string(if number { digits } else { sender }.to_owned()).ok()?;
        Some((self.ton.map_or(ton, Ton::from), self.npi.map_or(npi, Npi::from), address))
    }
}

fn with(mut message: SubmitSm, body: Body) -> Result<SubmitSm, DeliveryError> {
    message.data_coding = body.coding;
    // By its number: what the crate takes for the default says that the message acknowledges another.
    message.esm_class = EsmClass::from(if body.form == Form::Part { HEADED } else { 0 });
    if body.form == Form::Payload {
        let payload = MessagePayload::new(AnyOctetString::from_vec(body.octets));
        message.push_tlv(MessageSubmissionRequestTlvValue::MessagePayload(payload));
        return Ok(message);
    }
    let octets = OctetString::from_vec(body.octets)
        .map_err(|_| DeliveryError::refused(Refusal::Content, "the text does not fit into a short message"))?;
    message.set_short_message(octets);
    Ok(message)
}

/// A relative time, `YYMMDDhhmmss000R` (SMPP 3.4, 7.1.1.1), so that clocks need not agree. Never none at all: that would
/// mean the centre's own, which is days.
fn validity(left: Duration) -> EmptyOrFullCOctetString<17> {
    let seconds = left.clamp(Duration::from_secs(1), LONGEST).as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let text = format!("0000{days:02}{hours:02}{minutes:02}{:02}000R", seconds % 60);
    EmptyOrFullCOctetString::from_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests;
