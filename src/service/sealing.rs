//! What is kept sealed, each bound to its row.

use serde::{Serialize, de::IgnoredAny};
use zeroize::Zeroizing;

use super::{Cause, Error, Service};
use crate::core::{clock::Timestamp, id::MessageId, keyring::SealError, plan::Plan, recipient::Recipient};

impl Service {
    pub(super) fn seal_recipients(
        &self,
        recipients: &[Recipient],
        id: MessageId,
        now: Timestamp,
    ) -> Result<Vec<u8>, Error> {
        self.seal_kept(&recipients, id, now)
    }

    /// Opens the recipients of a message; `None` when they are forgotten. What a session keeps follows them.
    pub(super) fn open_recipients(&self, id: MessageId, sealed: &[u8]) -> Option<Vec<Recipient>> {
        let plain = self.open_kept(id, sealed)?;
        let of_session = || serde_json::from_slice::<(_, IgnoredAny)>(&plain).map(|kept| kept.0);
        serde_json::from_slice(&plain).or_else(|_| of_session()).ok()
    }

    /// Seals whom a message is for, with what else is to be forgotten when that is.
    pub(super) fn seal_kept(&self, kept: &impl Serialize, id: MessageId, now: Timestamp) -> Result<Vec<u8>, Error> {
        let parts = self.parts();
        let plain = Zeroizing::new(serde_json::to_vec(kept).map_err(Cause::from)?);
        Ok(parts.keys.load().seal(&place("recipient", id.0), &plain, now, &*parts.entropy)?)
    }

    pub(super) fn open_kept(&self, id: MessageId, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.parts().keys.load().open(&place("recipient", id.0), sealed).ok()
    }

    pub(super) fn seal_plan(&self, plan: &Plan, id: i64, now: Timestamp) -> Result<Vec<u8>, Error> {
        let parts = self.parts();
        let opened = Zeroizing::new(serde_json::to_vec(plan).map_err(Cause::from)?);
        Ok(parts.keys.load().seal(&place("outbox", id), &opened, now, &*parts.entropy)?)
    }

    /// Opens the plan of a claimed delivery.
    #[must_use]
    pub fn open_plan(&self, delivery: i64, sealed: &[u8]) -> Option<Plan> {
        let plain = self.parts().keys.load().open(&place("outbox", delivery), sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// Seals what may outlive every generation of the key ring.
    pub(super) fn seal_lasting(&self, table: &str, id: i64, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let parts = self.parts();
        Ok(parts.keys.load().seal_lasting(&place(table, id), plain, &*parts.entropy)?)
    }

    pub(super) fn open_lasting(&self, table: &str, id: i64, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.parts().keys.load().open_lasting(&place(table, id), sealed)
    }
}

fn place(table: &str, id: i64) -> Vec<u8> {
    [table.as_bytes(), &id.to_be_bytes()].concat()
}
