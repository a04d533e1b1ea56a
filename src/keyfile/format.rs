//! The key ring as JSON.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::KEPT_AFTER_END;
use crate::core::{clock::Timestamp, keyring::KeySecret};

/// The content of the file.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Keys {
    pub(super) index: [u8; 32],
    /// Oldest first.
    pub(super) generations: Vec<KeySecret>,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u8,
    index: String,
    generations: Vec<WrittenGeneration>,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct WrittenGeneration {
    id: u16,
    #[zeroize(skip)]
    since: Timestamp,
    secret: String,
}

const VERSION: u8 = 1;

impl Keys {
    /// Nothing if it is not exactly what [`Keys::to_json`] writes.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        let written: Written = serde_json::from_slice(json).ok()?;
        let generation =
            |key: &WrittenGeneration| Some(KeySecret { id: key.id, since: key.since, secret: decode(&key.secret)? });
        let mut generations: Vec<_> = written.generations.iter().map(generation).collect::<Option<_>>()?;
        generations.sort_by_key(|key| key.since);
        let good = written.version == VERSION && !generations.is_empty();
        good.then_some(Self { index: decode(&written.index)?, generations })
    }

    pub(super) fn to_json(&self) -> serde_json::Result<Zeroizing<Vec<u8>>> {
        let generation = |key: &KeySecret| WrittenGeneration {
            id: key.id,
            since: key.since,
            secret: BASE64_STANDARD.encode(key.secret),
        };
        let generations = self.generations.iter().map(generation).collect();
        let written = Written { version: VERSION, index: BASE64_STANDARD.encode(self.index), generations };
        let mut json = Zeroizing::new(Vec::with_capacity(64 * 1024));
        serde_json::to_writer_pretty(&mut *json, &written)?;
        json.push(b'\n');
        Ok(json)
    }

    /// Drops the generations whose successor has been in use for long enough.
    pub(super) fn drop_ended(&mut self, now: Timestamp) {
        let ended = |successor: &KeySecret| successor.since + KEPT_AFTER_END <= now;
        let gone = self.generations.iter().skip(1).take_while(|successor| ended(successor)).count();
        self.generations.drain(..gone);
    }
}

fn decode(text: &str) -> Option<[u8; 32]> {
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(text).ok()?);
    bytes.as_slice().try_into().ok()
}
