//! Messages that people send in several parts.
//!
//! A part is answered as it comes, since a centre may wait for that before it sends the next; only the last one waits
//! until the whole is kept. A message that stays incomplete is dropped when newer ones need its place.

use std::collections::VecDeque;

use rusmpp::tlvs::{Tlv, TlvValue};

/// Incomplete messages that are held; each has at most 255 parts of at most [`PART`] octets.
const HELD: usize = 64;
/// Longest octets of a part: what one short message holds, unpacked.
pub(super) const PART: usize = 255;

/// Which part of which message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    reference: u16,
    total: u8,
    /// From 1.
    number: u8,
}

impl Place {
    /// Of a part, and its octets without the header; by the header if the unit has one, else by the TLVs.
    pub(super) fn of<'a>(octets: &'a [u8], headed: bool, tlvs: &[Tlv]) -> (Option<Self>, &'a [u8]) {
        if !headed {
            return (Self::of_tlvs(tlvs), octets);
        }
        let Some((&length, rest)) = octets.split_first() else { return (None, octets) };
        let Some((elements, body)) = rest.split_at_checked(length.into()) else { return (None, octets) };
        (Self::of_elements(elements), body)
    }

    /// 3GPP TS 23.040, 9.2.3.24: each an id, a length, data; 0 and 8 are about concatenation.
    fn of_elements(mut elements: &[u8]) -> Option<Self> {
        while let [id, length, rest @ ..] = elements {
            let (data, later) = rest.split_at_checked((*length).into())?;
            match (id, data) {
                (0, &[reference, total, number]) => return Self::checked(reference.into(), total, number),
                (8, &[high, low, total, number]) => {
                    return Self::checked(u16::from_be_bytes([high, low]), total, number);
                }
                _ => elements = later,
            }
        }
        None
    }

    fn of_tlvs(tlvs: &[Tlv]) -> Option<Self> {
        let (mut reference, mut total, mut number) = (None, None, None);
        for value in tlvs.iter().filter_map(Tlv::value) {
            match value {
                TlvValue::SarMsgRefNum(value) => reference = Some(*value),
                TlvValue::SarTotalSegments(value) => total = Some(*value),
                TlvValue::SarSegmentSeqnum(value) => number = Some(*value),
                _ => {}
            }
        }
        Self::checked(reference?, total?, number?)
    }

    fn checked(reference: u16, total: u8, number: u8) -> Option<Self> {
        (total > 1 && (1..=total).contains(&number)).then_some(Self { reference, total, number })
    }
}

/// The parts of one message that are there.
struct Pending {
    from: String,
    to: String,
    place: Place,
    parts: Vec<Option<Vec<u8>>>,
}

/// The incomplete messages, oldest first. They hold what people wrote: no `Debug`.
#[derive(Default)]
pub(super) struct Joiner(VecDeque<Pending>);

impl Joiner {
    /// Puts a part in its place; the whole message once all are there. It is held until [`Self::forget`], as it may not be
    /// kept at the first attempt.
    pub(super) fn add(&mut self, from: &str, to: &str, place: Place, octets: &[u8]) -> Option<Vec<u8>> {
        let index = self.find(from, to, place).unwrap_or_else(|| {
            let parts = vec![None; place.total.into()];
            self.0.push_back(Pending { from: from.to_owned(), to: to.to_owned(), place, parts });
            if self.0.len() > HELD {
                self.0.pop_front();
                tracing::warn!("an incomplete inbound message was dropped: too many are incomplete");
            }
            self.0.len() - 1
        });
        let pending = self.0.get_mut(index)?;
        *pending.parts.get_mut(usize::from(place.number) - 1)? = Some(octets.to_vec());
        pending.parts.iter().cloned().collect::<Option<Vec<_>>>().map(|parts| parts.concat())
    }

    /// The message that the part belongs to is kept.
    pub(super) fn forget(&mut self, from: &str, to: &str, place: Place) {
        if let Some(index) = self.find(from, to, place) {
            self.0.remove(index);
        }
    }

    fn find(&self, from: &str, to: &str, place: Place) -> Option<usize> {
        let same = |pending: &Pending| {
            let (here, there) = (pending.place, place);
            (pending.from == from && pending.to == to) && (here.reference, here.total) == (there.reference, there.total)
        };
        self.0.iter().position(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: [u8; 6] = [5, 0, 3, 7, 2, 1];

    fn place(reference: u16, total: u8, number: u8) -> Place {
        Place { reference, total, number }
    }

    #[test]
    fn places_are_read_from_headers_among_other_elements() {
        for (octets, expected, body) in [
            (&[&HEAD[..], b"hi"].concat()[..], Some(place(7, 2, 1)), &b"hi"[..]),
            (&[6, 8, 4, 1, 2, 3, 3, b'x'], Some(place(0x102, 3, 3)), b"x"),
            (&[11, 5, 4, 0, 1, 0, 2, 0, 3, 9, 2, 2, b'x'], Some(place(9, 2, 2)), b"x"), // ports before it
            (&[5, 0, 3, 7, 2, 3, b'x'], None, b"x"),                                    // third of two
            (&[5, 0, 3, 7, 1, 1, b'x'], None, b"x"),                                    // alone
            (&[200, 0], None, &[200, 0]),
            (&[], None, &[]),
        ] {
            assert_eq!(Place::of(octets, true, &[]), (expected, body), "{octets:?}");
        }
        assert_eq!(Place::of(&HEAD, false, &[]), (None, &HEAD[..]));
    }

    #[test]
    fn parts_join_in_any_order_and_as_often_as_they_come() {
        let mut joiner = Joiner::default();
        assert_eq!(joiner.add("a", "b", place(1, 3, 3), b"!"), None);
        assert_eq!(joiner.add("a", "b", place(1, 3, 1), b"he"), None);
        assert_eq!(joiner.add("a", "b", place(1, 3, 1), b"he"), None);
        assert_eq!(joiner.add("x", "b", place(1, 3, 2), b"other person"), None);
        assert_eq!(joiner.add("a", "b", place(2, 3, 2), b"other message"), None);
        assert_eq!(joiner.add("a", "b", place(1, 3, 2), b"llo").unwrap(), b"hello!");
        assert_eq!(joiner.add("a", "b", place(1, 3, 2), b"llo").unwrap(), b"hello!"); // it was not kept at first
        joiner.forget("a", "b", place(1, 3, 2));
        assert_eq!(joiner.add("a", "b", place(1, 3, 2), b"llo"), None);
    }

    #[test]
    fn the_oldest_incomplete_message_gives_way() {
        let mut joiner = Joiner::default();
        for reference in 0..=u16::try_from(HELD).unwrap() {
            assert_eq!(joiner.add("a", "b", place(reference, 2, 1), b"1"), None);
        }
        assert_eq!(joiner.0.len(), HELD);
        assert_eq!(joiner.add("a", "b", place(1, 2, 2), b"2").unwrap(), b"12");
        assert_eq!(joiner.add("a", "b", place(0, 2, 2), b"2"), None);
    }
}
