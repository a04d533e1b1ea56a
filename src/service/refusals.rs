//! Sends that are refused: each is counted once, however often it was tried, and each limit's decision is written down.

use super::{Error, Service};
use crate::{
    core::{channel::Channel, clock::Timestamp, recipient::Recipient, refusal::Refusal},
    store::batch::SendOutcome,
};

impl Service {
    /// Writes down what a limit refused, and says so.
    pub(super) fn over_limit(
        &self,
        app: i64,
        (recipient, channel): (Option<&Recipient>, Channel),
        refusal: &Refusal,
    ) -> Error {
        self.note(app, (recipient, channel), refusal);
        let now = self.parts().clock.now();
        Error::OverLimit { retry_after: refusal.lifts_at.map(|lifts_at| lifts_at.since(now)) }
    }

    /// Says that an older code of the recipient lives.
    pub(super) fn too_soon(&self, channel: Channel) -> Error {
        self.parts().metrics.sent(channel, SendOutcome::WindowHeld);
        Error::TooSoon { retry_after: None }
    }

    /// The record of the decision; the recipient is masked.
    pub(super) fn note(&self, app: i64, (recipient, channel): (Option<&Recipient>, Channel), refusal: &Refusal) {
        self.parts().metrics.sent(channel, SendOutcome::OverLimit(*refusal));
        let Refusal { rule, used, limit, lifts_at } = *refusal;
        let lifts_at = lifts_at.map(Timestamp::rfc3339);
        tracing::info!(app, ?recipient, rule = rule.as_str(), used, limit, lifts_at, "a limit refused a send");
    }
}
