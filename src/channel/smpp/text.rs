//! Texts as the octets of short messages, and back.

use rusmpp::values::DataCoding;

use super::settings::LongMessages;
use crate::{
    channel::{DeliveryError, Refusal},
    core::sms::{self, Encoding, alphabet},
};

/// The octets of one short message. They hold a text: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) coding: DataCoding,
    pub(super) form: Form,
    pub(super) octets: Vec<u8>,
}

/// Where the octets stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In `short_message`, alone.
    Short,
    /// In `short_message`, after the header of concatenation, which is among them.
    Part,
    /// In `message_payload`.
    Payload,
}

/// The short messages that carry `text`. `reference` tells its parts from those of other texts to the same person.
pub(super) fn bodies(text: &str, long: LongMessages, reference: u8) -> Result<Vec<Body>, DeliveryError> {
    let coding = match Encoding::of(text) {
        Encoding::Gsm7 => DataCoding::McSpecific,
        Encoding::Ucs2 => DataCoding::Ucs2,
    };
    let pieces = sms::pieces(text);
    let whole = |form| Ok(vec![Body { coding, form, octets: octets(text, coding) }]);
    match (pieces.len(), long) {
        (1, _) => return whole(Form::Short),
        (_, LongMessages::Payload) => return whole(Form::Payload),
        (_, LongMessages::Parts) => {}
    }
    let too_long = |_| DeliveryError::refused(Refusal::Content, "the text needs more than 255 short messages");
    let total = u8::try_from(pieces.len()).map_err(too_long)?;
    let body = |(number, piece)| {
        let mut octets_of_part = vec![5, 0, 3, reference, total, number]; // 3GPP TS 23.040, 9.2.3.24.1
        octets_of_part.extend(octets(piece, coding));
        Body { coding, form: Form::Part, octets: octets_of_part }
    };
    Ok((1..=total).zip(pieces).map(body).collect())
}

fn octets(text: &str, coding: DataCoding) -> Vec<u8> {
    let seven = if coding == DataCoding::McSpecific { alphabet::encode(text) } else { None };
    seven.unwrap_or_else(|| text.encode_utf16().flat_map(u16::to_be_bytes).collect())
}

/// What octets of a coding say (SMPP 3.4, 5.2.19, and 3GPP TS 23.038, 4); `None` for data that is no text.
pub(super) fn read(octets: &[u8], coding: u8) -> Option<String> {
    match coding {
        0 | 0x10..=0x13 | 0xf0..=0xf3 => Some(alphabet::decode(octets)),
        1 | 3 => Some(octets.iter().copied().map(char::from).collect()),
        8 | 0x18..=0x1b => {
            let units = octets.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            Some(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::channel::smpp::join::{Joiner, Place};

    /// Sends a text to ourselves, its parts in the order that `rank` gives them.
    fn through(text: &str, rank: impl Fn(usize) -> usize) -> Option<String> {
        let mut bodies: Vec<_> = bodies(text, LongMessages::Parts, 77).unwrap().into_iter().enumerate().collect();
        bodies.sort_by_key(|(index, _)| rank(*index));
        let mut joiner = Joiner::default();
        let mut whole = None;
        for (_, body) in &bodies {
            let (place, octets) = Place::of(&body.octets, body.form == Form::Part, &[]);
            whole = match place {
                None => Some(octets.to_vec()),
                Some(place) => joiner.add("us", "us", place, octets),
            };
        }
        read(&whole?, u8::from(bodies[0].1.coding))
    }

    proptest! {
        #[test]
        fn what_is_cut_joins_again(text in "[ a-z0-9€\\[字👍é]{0,700}", turn in 0..9usize) {
            prop_assert_eq!(through(&text, |index| (index + turn) % 9), Some(text));
        }

        #[test]
        fn so_do_texts_of_seven_bits(text in "[ A-Za-z0-9@£€\\[\\]~^\n]{0,1000}", turn in 0..9usize) {
            prop_assert_eq!(through(&text, |index| (index + turn) % 9), Some(text));
        }

        #[test]
        fn no_part_is_longer_than_a_short_message_and_none_splits_the_code(
            before in "[ a-z.€字]{0,300}", code in "[0-9]{4,10}", after in "[ a-z.€字]{0,300}",
        ) {
            let text = format!("{before} {code} {after}");
            let bodies = bodies(&text, LongMessages::Parts, 0).unwrap();
            let longest = if Encoding::of(&text) == Encoding::Gsm7 { 160 } else { 140 };
            prop_assert!(bodies.iter().all(|body| body.octets.len() <= longest));
            let octets = octets(&code, bodies[0].coding);
            prop_assert!(bodies.iter().any(|body| body.octets.windows(octets.len()).any(|window| window == octets)));
        }
    }

    #[test]
    fn a_text_of_more_than_255_parts_is_refused() {
        let refused = |length| bodies(&"a".repeat(length), LongMessages::Parts, 0).is_err();
        assert_eq!((refused(255 * 153), refused(255 * 153 + 1)), (false, true));
    }

    #[test]
    fn codings_are_read_by_their_number() {
        for (octets, coding, text) in [
            (&b"\x00\x11"[..], 0, Some("@_")),
            (b"caf\xe9", 3, Some("café")),
            (&[0x9a, 0x8c, 0x8b, 0xc1], 8, Some("验证")),
            (&[0xd8, 0x3d, 0xdc], 8, Some("\u{fffd}")), // cut off
            (b"hi", 0xf0, Some("hi")),
            (b"hi", 4, None),
            (b"hi", 0xf5, None),
        ] {
            assert_eq!(read(octets, coding).as_deref(), text, "{coding}");
        }
    }
}
