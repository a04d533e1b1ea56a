//! What is kept of a session for its dialect: sealed with its recipient, in the message that counts.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroize;

use crate::{
    core::{channel::Channel, clock::Timestamp, code::CodeSpec, id::MessageId, recipient::Recipient},
    service::{Error, Service},
};

/// No `Debug`: it may hold the code.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Details {
    pub(super) channel: Channel,
    pub(super) spec: CodeSpec,
    pub(super) template: String,
    pub(super) sender: Option<String>,
    pub(super) language: String,
    /// How long each of its codes lives, in milliseconds.
    pub(super) life: u64,
    pub(super) extra: Map<String, Value>,
    /// The code, where the same one must be sendable again.
    pub(super) code: Option<String>,
    /// The token of its link, likewise.
    pub(super) link_token: Option<String>,
}

impl Drop for Details {
    fn drop(&mut self) {
        self.code.zeroize();
        self.link_token.zeroize();
    }
}

impl Service {
    pub(super) fn seal_details(
        &self,
        (recipient, details): (&Recipient, &Details),
        message: MessageId,
        now: Timestamp,
    ) -> Result<Vec<u8>, Error> {
        self.seal_kept(&([recipient], details), message, now)
    }

    /// `None` once they are forgotten.
    pub(super) fn open_details(&self, message: MessageId, sealed: &[u8]) -> Option<(Recipient, Details)> {
        let plain = self.open_kept(message, sealed)?;
        let ([recipient], details) = serde_json::from_slice(&plain).ok()?;
        Some((recipient, details))
    }
}
