//! What an operator may know of a message: everything but its code and its recipients.

use super::{Error, Service};
use crate::core::{event::EventKind, id::MessageId, recipient::Recipient};
pub use crate::store::{EventRow, MessageRow};

/// A message's life so far.
pub struct Life {
    /// What is kept of it.
    pub message: MessageRow,
    /// Its recipients, masked; none when they are forgotten.
    pub recipients: Vec<String>,
}

/// Where a message stands; the best that has happened to it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// On disk; no provider has it, and one will be asked.
    Accepted,
    /// A provider took it.
    Sent,
    /// It reached the recipient.
    Delivered,
    /// Nobody could deliver it, and nobody is left to be asked.
    Failed,
    /// Its code came back.
    Verified,
}

impl MessageState {
    /// In one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Verified => "verified",
        }
    }
}

impl Life {
    /// Where the message stands.
    #[must_use]
    pub fn state(&self) -> MessageState {
        use EventKind::{Delivered, DeliveredFailed, Sent, SentFailed, TargetInvalid};
        let message = &self.message;
        let is = |event: &EventRow, kinds: &[EventKind]| kinds.iter().any(|kind| event.kind == kind.as_str());
        if message.verified_at.is_some() {
            return MessageState::Verified;
        }
        if message.events.iter().any(|event| is(event, &[Delivered])) {
            return MessageState::Delivered;
        }
        let steps = [Sent, SentFailed, TargetInvalid, DeliveredFailed];
        match message.events.iter().rfind(|event| is(event, &steps)) {
            Some(last) if is(last, &[Sent]) => MessageState::Sent,
            Some(_) if message.waiting == 0 => MessageState::Failed,
            _ => MessageState::Accepted,
        }
    }
}

impl Service {
    /// The life of a message of whatever application; `None` when there is none, or no more.
    pub async fn life(&self, id: MessageId) -> Result<Option<Life>, Error> {
        let Some(message) = self.parts().store.message(id).await? else { return Ok(None) };
        let recipients = self.open_recipients(id, &message.recipient).unwrap_or_default();
        Ok(Some(Life { recipients: recipients.iter().map(Recipient::masked).collect(), message }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{channel::Channel, clock::Timestamp};

    fn event(kind: EventKind) -> EventRow {
        EventRow {
            id: 0,
            kind: kind.as_str().to_owned(),
            channel: None,
            provider: None,
            attempt: None,
            error_code: 0,
            detail: None,
            cost: None,
            at: Timestamp::default(),
            delivery: None,
        }
    }

    fn state(kinds: &[EventKind], waiting: u64, verified_at: Option<Timestamp>) -> MessageState {
        let message = MessageRow {
            id: MessageId(1),
            app: 1,
            template_id: "otp".to_owned(),
            recipient: vec![],
            channel: Channel::Sms,
            guesses: 0,
            max_guesses: 5,
            verified_at,
            created_at: Timestamp::default(),
            expires_at: Timestamp::default(),
            waiting,
            events: kinds.iter().copied().map(event).collect(),
        };
        Life { message, recipients: vec![] }.state()
    }

    #[test]
    fn the_best_that_happened_counts_and_else_the_last_step() {
        use EventKind::{Delivered, DeliveredFailed, Plan, Sent, SentFailed, TargetInvalid, Unknown, VerifiedFailed};
        let cases: [(&[EventKind], u64, MessageState); 9] = [
            (&[Plan], 1, MessageState::Accepted),
            (&[Plan, Sent], 0, MessageState::Sent),
            (&[Plan, SentFailed], 0, MessageState::Failed),
            (&[Plan, SentFailed], 1, MessageState::Accepted),
            (&[Plan, Unknown], 1, MessageState::Accepted),
            (&[Plan, TargetInvalid, Sent, VerifiedFailed], 0, MessageState::Sent),
            (&[Plan, Sent, DeliveredFailed], 0, MessageState::Failed),
            (&[Plan, Sent, DeliveredFailed], 1, MessageState::Accepted),
            (&[Plan, Sent, Delivered, DeliveredFailed], 0, MessageState::Delivered),
        ];
        for (kinds, waiting, expected) in cases {
            assert_eq!(state(kinds, waiting, None), expected, "{kinds:?}, {waiting} waiting");
        }
        assert_eq!(state(&[], 0, Some(Timestamp::default())), MessageState::Verified);
    }
}
