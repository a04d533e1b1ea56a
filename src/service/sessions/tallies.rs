//! What happened to sessions, added up.

use super::list::{Seek, scopes};
use crate::service::{Caller, Error, Service};
pub use crate::store::{Tally, TallyRow};

impl Service {
    /// What happened in a time by day, channel and part of the application, in no order.
    pub async fn tallies(&self, caller: &Caller, seek: &Seek<'_>) -> Result<Vec<TallyRow>, Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        let scopes = scopes(caller, seek);
        let filter = self.filter(caller, seek, scopes.as_deref());
        Ok(parts.store.tallies(&filter, self.whole(seek.period), now).await?)
    }
}
