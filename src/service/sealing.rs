//! What may outlive every generation of the key ring, sealed and bound to its row.

use zeroize::Zeroizing;

use super::{Error, Service};
use crate::core::keyring::SealError;

impl Service {
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
