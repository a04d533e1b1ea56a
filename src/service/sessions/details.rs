//! What is kept of a session for its dialect, encrypted.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    core::{channel::Channel, code::CodeSpec},
    service::{Cause, Error, Service},
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
    pub(super) fn seal_details(&self, session: i64, details: &Details) -> Result<Vec<u8>, Error> {
        let plain = Zeroizing::new(serde_json::to_vec(details).map_err(Cause::from)?);
        self.seal_lasting("session", session, &plain)
    }

    /// `None` once they are forgotten.
    pub(super) fn open_details(&self, session: i64, sealed: &[u8]) -> Option<Details> {
        let plain = self.open_lasting("session", session, sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}
