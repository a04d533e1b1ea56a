//! Delivery receipts: by their TLVs where they have them, else by their text (SMPP 3.4, appendix B), which every centre
//! writes a little differently.

use rusmpp::{
    pdus::DeliverSm,
    tlvs::{Tlv, TlvValue},
};

use super::{refusal::State, settings::IdForm};
use crate::channel::Receipt;

/// What a receipt of a centre says; `None` when that is nothing final, or of no message.
pub(super) fn of(unit: &DeliverSm, text: &[u8], submit_id: IdForm, receipt_id: IdForm) -> Option<Receipt> {
    let text = Text(text);
    let tlvs = || unit.tlvs().iter().filter_map(Tlv::value);
    let id = tlvs().find_map(|value| match value {
        TlvValue::ReceiptedMessageId(id) if !id.is_empty() => Some(submit_id.canonical(id.as_str())),
        _ => None,
    });
    let reference = id.or_else(|| text.field("id:").map(|id| receipt_id.canonical(&id)))?;
    let number = tlvs().find_map(|value| match value {
        TlvValue::MessageState(state) => Some(u8::from(*state)),
        _ => None,
    });
    let word = text.field("stat:");
    let state = match number {
        Some(number) => State::of_number(number),
        None => State::of_word(word.as_deref().unwrap_or_default()),
    }?;
    let told = text.field("err:");
    let error = told.as_deref().and_then(|error| error.parse().ok()).filter(|error| *error != 0);
    let network =
        || tlvs().find_map(|value| if let TlvValue::NetworkErrorCode(it) = value { Some(it.error_code) } else { None });
    let error = error.or_else(network);
    let detail = (state != State::Delivered).then(|| {
        let told = told.filter(|told| told.len() <= 4 && told.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        format!(
            "{state:?}, err {}",
            told.or_else(|| error.map(|error| error.to_string())).unwrap_or_else(|| "?".to_owned())
        )
    });
    Some(Receipt { reference, report: state.report(error), detail })
}

/// `id:… sub:… dlvrd:… submit date:… done date:… stat:… err:… text:…`
struct Text<'a>(&'a [u8]);

impl Text<'_> {
    /// What follows `key` up to the next blank, before the text of the message begins.
    fn field(&self, key: &str) -> Option<String> {
        let text: String = self.0.iter().map(|byte| char::from(byte.to_ascii_lowercase())).collect();
        let end = text.find("text:").unwrap_or(text.len());
        let begins = |at: &usize| *at == 0 || self.0.get(at - 1).is_some_and(u8::is_ascii_whitespace);
        let at = text[..end].match_indices(key).map(|(at, _)| at).find(begins)?;
        let value = self.0.get(at + key.len()..)?.split(u8::is_ascii_whitespace).next()?;
        Some(String::from_utf8_lossy(value).into_owned()).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use rusmpp::{
        tlvs::MessageDeliveryRequestTlvValue,
        types::COctetString,
        values::{ErrorCodeNetworkType, MessageState, NetworkErrorCode},
    };

    use super::*;

    fn read(unit: &DeliverSm, text: &str) -> Option<(String, String, Option<String>)> {
        let receipt = of(unit, text.as_bytes(), IdForm::Hex, IdForm::Decimal)?;
        Some((receipt.reference, format!("{:?}", receipt.report), receipt.detail))
    }

    fn in_text(text: &str) -> Option<(String, String, Option<String>)> {
        read(&DeliverSm::default(), text)
    }

    #[test]
    fn texts_are_read_however_a_centre_writes_them() {
        let told = |id: &str, report: &str, detail: Option<&str>| {
            Some((id.to_owned(), report.to_owned(), detail.map(str::to_owned)))
        };
        let usual = "sub:001 dlvrd:001 submit date:2611210543 done date:2611210544";
        for (text, expected) in [
            (format!("id:0012 {usual} stat:DELIVRD err:000 text:hello"), told("12", "Delivered", None)),
            (
                format!("id:0012 {usual} stat:UNDELIV err:001 Text:..."),
                told("12", "Failed(5020)", Some("Undeliverable, err 001")),
            ),
            ("id:7 stat:EXPIRED err:0".to_owned(), told("7", "Failed(5018)", Some("Expired, err 0"))),
            ("ID:7 STAT:Undeliv ERR:027".to_owned(), told("7", "Failed(5018)", Some("Undeliverable, err 027"))),
            ("id:7 stat:UNDELIVERABLE".to_owned(), told("7", "Failed(5012)", Some("Undeliverable, err ?"))),
            ("id:7 stat:REJECTD err:2A".to_owned(), told("7", "Failed(5015)", Some("Rejected, err 2A"))),
            ("id:a-b stat:DELETED err:<script>".to_owned(), told("a-b", "Failed(5001)", Some("Deleted, err ?"))),
            // on its way, or nobody knows
            (format!("id:7 {usual} stat:ENROUTE err:000"), None),
            ("id:7 stat:ACCEPTD".to_owned(), None),
            ("id:7 stat:UNKNOWN".to_owned(), None),
            // the text of the message is no receipt
            ("id:7 text:stat:DELIVRD".to_owned(), None),
            ("stat:DELIVRD err:000".to_owned(), None),
            ("id: stat:DELIVRD".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(in_text(&text), expected, "{text}");
        }
    }

    #[test]
    fn tlvs_win_over_the_text() {
        let id = COctetString::from_string("1F".to_owned()).unwrap();
        let error = NetworkErrorCode::new(ErrorCodeNetworkType::Gsm, 6);
        let unit = DeliverSm::builder()
            .push_tlv(MessageDeliveryRequestTlvValue::ReceiptedMessageId(id))
            .push_tlv(MessageDeliveryRequestTlvValue::MessageState(MessageState::Undeliverable))
            .push_tlv(MessageDeliveryRequestTlvValue::NetworkErrorCode(error))
            .build();
        let expected = ("31".to_owned(), "Failed(5018)".to_owned(), Some("Undeliverable, err 6".to_owned()));
        assert_eq!(read(&unit, ""), Some(expected.clone()));
        assert_eq!(
            read(&unit, "id:99 stat:DELIVRD err:000"),
            Some((expected.0, expected.1, Some("Undeliverable, err 000".to_owned())))
        );
    }
}
