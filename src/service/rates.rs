//! How often callers and recipients may ask for something. Which rules there are, and what they say, is a dialect's matter.

use super::{Error, Service, directory::first_eight};
use crate::{
    core::{
        clock::Timestamp,
        rate::{Charge, Count, Window},
    },
    store::Tick,
};

impl Service {
    /// Counts one more of each, whatever becomes of the call, and says how often that makes. All nodes count together.
    pub async fn charge(&self, charges: &[Charge<'_>]) -> Result<Vec<Count>, Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        let windows = parts.store.charge(&self.ticks(charges), now).await?;
        Ok(counts(charges, &windows, now))
    }

    /// How often each has happened; counts nothing.
    pub async fn counts(&self, charges: &[Charge<'_>]) -> Result<Vec<Count>, Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        let windows = parts.store.charged(&self.ticks(charges), now).await?;
        Ok(counts(charges, &windows, now))
    }

    fn ticks(&self, charges: &[Charge<'_>]) -> Vec<Tick> {
        let keys = self.parts().keys.load();
        let tick = |charge: &Charge<'_>| {
            let mut subject = vec![charge.rule.as_bytes()];
            subject.extend(charge.subject);
            Tick { key: first_eight(&keys.digest("rate", &subject)), times: 1, window: charge.window }
        };
        charges.iter().map(tick).collect()
    }
}

fn counts(charges: &[Charge<'_>], windows: &[Window], now: Timestamp) -> Vec<Count> {
    let count = |(charge, window): (&Charge<'_>, &Window)| Count {
        used: window.used,
        limit: charge.limit,
        resets_at: window.until,
        resets_in: window.until.since(now),
    };
    charges.iter().zip(windows).map(count).collect()
}
