//! What the centre tells by itself: receipts, and what people write. It is answered only once it is kept.

use std::sync::Arc;

use rusmpp::{
    CommandId, CommandStatus, Pdu,
    pdus::{DeliverSm, DeliverSmResp},
    tlvs::TlvValue,
};
use tokio::sync::mpsc;

use super::{
    join::{Joiner, PART, Place},
    parts::Parts,
    receipt,
    settings::IdForm,
    submit::HEADED,
    text,
    wire::{Packet, Unit, unit},
};
use crate::{
    channel::{Receipt, Sink, Uplink},
    core::{
        entropy::{Entropy, bytes},
        hex::hex,
    },
};

/// Units that wait to be kept; more are sent back.
pub(super) const WAITING: usize = 256;
/// Receipts that are kept together.
const TOGETHER: usize = 100;
const TYPE: u8 = 0b0011_1100;
const RECEIPT: u8 = 0b0000_0100;

/// Keeps news of one message centre.
pub(super) struct Desk {
    pub(super) provider: String,
    /// Our account there.
    pub(super) account: String,
    pub(super) submit_id: IdForm,
    pub(super) receipt_id: IdForm,
    pub(super) parts: Arc<Parts>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) sink: Arc<dyn Sink>,
    pub(super) joiner: Joiner,
}

/// What one unit is.
enum News {
    Receipt(Receipt),
    /// Somebody's message, or a part of one.
    Message(DeliverSm),
    /// Nothing that anybody waits for.
    Nothing,
    /// What its sender need not repeat: it would be no better.
    Unreadable,
}

impl Desk {
    /// Keeps what comes and answers it, until nobody is left who would hear the answer.
    pub(super) async fn work(&mut self, mut coming: mpsc::Receiver<Unit>, answers: mpsc::Sender<Packet>) {
        let mut units = vec![];
        while coming.recv_many(&mut units, TOGETHER).await > 0 {
            let (mut receipts, mut receipted) = (vec![], vec![]);
            for unit in units.drain(..) {
                let status = match self.read(&unit) {
                    News::Receipt(receipt) => {
                        receipts.push(receipt);
                        receipted.push(unit.sequence());
                        continue;
                    }
                    News::Message(message) => self.keep(&message).await,
                    News::Nothing => CommandStatus::EsmeRok,
                    News::Unreadable => CommandStatus::EsmeRxPAppn,
                };
                if answers.send(answer(status, unit.sequence())).await.is_err() {
                    return;
                }
            }
            let status = self.keep_receipts(receipts).await;
            for sequence in receipted {
                if answers.send(answer(status, sequence)).await.is_err() {
                    return;
                }
            }
        }
    }

    fn read(&self, unit: &Unit) -> News {
        let Some(Pdu::DeliverSm(message)) = unit.pdu() else { return News::Unreadable };
        match u8::from(message.esm_class) & TYPE {
            0 => News::Message(message),
            RECEIPT => {
                let receipt = receipt::of(&message, octets(&message), self.submit_id, self.receipt_id);
                receipt.and_then(|receipt| self.parts.of_text(receipt)).map_or(News::Nothing, News::Receipt)
            }
            _ => News::Nothing, // acknowledgements of handsets, notifications on the way
        }
    }

    async fn keep_receipts(&self, receipts: Vec<Receipt>) -> CommandStatus {
        if receipts.is_empty() {
            return CommandStatus::EsmeRok;
        }
        let kept = self.sink.receipts(&self.provider, receipts).await;
        kept.map_or(CommandStatus::EsmeRxTAppn, |()| CommandStatus::EsmeRok)
    }

    /// Keeps a message of a person, if it is complete.
    async fn keep(&mut self, message: &DeliverSm) -> CommandStatus {
        let (from, to) = (message.source_addr.as_str(), message.destination_addr.as_str());
        let headed = u8::from(message.esm_class) & HEADED != 0;
        let (place, octets) = Place::of(octets(message), headed, message.tlvs());
        let whole = match place {
            Some(_) if octets.len() > PART => return CommandStatus::EsmeRxPAppn,
            None => octets.to_vec(),
            Some(place) => match self.joiner.add(from, to, place, octets) {
                Some(whole) => whole,
                None => return CommandStatus::EsmeRok,
            },
        };
        let Some(body) = text::read(&whole, u8::from(message.data_coding)) else {
            tracing::warn!(provider = self.provider, "an inbound message holds data and no text; it was sent back");
            return CommandStatus::EsmeRxPAppn;
        };
        let Some(reference) = self.reference(message) else { return CommandStatus::EsmeRxTAppn };
        let account = self.account.clone();
        let uplink = Uplink { reference, account, from: from.to_owned(), to: to.to_owned(), body };
        if self.sink.uplink(&self.provider, uplink).await.is_err() {
            return CommandStatus::EsmeRxTAppn;
        }
        if let Some(place) = place {
            self.joiner.forget(from, to, place);
        }
        CommandStatus::EsmeRok
    }

    /// The centre's id of a message, where it gives one, else one of ours: a centre repeats only what we did not keep.
    fn reference(&self, message: &DeliverSm) -> Option<String> {
        let told = message.tlvs().iter().find_map(|tlv| match tlv.value() {
            Some(TlvValue::ReceiptedMessageId(id)) if !id.is_empty() => Some(id.as_str().to_owned()),
            _ => None,
        });
        told.or_else(|| bytes::<16>(&*self.entropy).ok().map(|bytes| hex(&bytes)))
    }
}

/// What the unit carries, wherever it stands.
fn octets(message: &DeliverSm) -> &[u8] {
    let payload = message.tlvs().iter().find_map(|tlv| match tlv.value() {
        Some(TlvValue::MessagePayload(payload)) => Some(payload.value.as_ref()),
        _ => None,
    });
    payload.unwrap_or_else(|| message.short_message().as_ref())
}

fn answer(status: CommandStatus, sequence: u32) -> Packet {
    unit(status, sequence, Pdu::DeliverSmResp(DeliverSmResp::default())).into()
}

/// Sends back what there is no room for.
pub(super) fn no_room(sequence: u32) -> Packet {
    answer(CommandStatus::EsmeRxTAppn, sequence)
}

/// Whether a unit is news.
pub(super) fn is_news(id: CommandId) -> bool {
    id == CommandId::DeliverSm
}
