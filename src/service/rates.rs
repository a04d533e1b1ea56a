//! How often callers and recipients may ask for something. Which rules there are, and what they say, is a dialect's matter.

use super::{Error, Service, directory::first_eight};
use crate::{
    core::{
        caps::Counted,
        clock::Timestamp,
        rate::{Charge, Count, Window},
        refusal::Rule,
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

    /// The same, but each node may let one call too many through in each window: the first of them waits for no count.
    pub async fn charge_behind(&self, charges: &[Charge<'_>]) -> Result<Vec<Count>, Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        let windows = parts.store.charge_behind(&self.ticks(charges), now).await?;
        Ok(counts(charges, &windows, now))
    }

    /// How often each has happened; counts nothing.
    pub async fn counts(&self, charges: &[Charge<'_>]) -> Result<Vec<Count>, Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        let windows = parts.store.charged(&self.ticks(charges), now).await?;
        Ok(counts(charges, &windows, now))
    }

    /// One more, to be counted with the message that it is about and only when that is written; refused by `rule` where the
    /// window is full. It is the same window that [`Service::counts`] shows.
    #[must_use]
    pub fn counted(&self, rule: Rule, charge: &Charge<'_>) -> Counted {
        Counted { rule, key: self.tick(charge).key, times: 1, most: charge.limit, span: charge.window }
    }

    fn ticks(&self, charges: &[Charge<'_>]) -> Vec<Tick> {
        charges.iter().map(|charge| self.tick(charge)).collect()
    }

    fn tick(&self, charge: &Charge<'_>) -> Tick {
        let mut subject = vec![charge.rule.as_bytes()];
        subject.extend(charge.subject);
        let key = first_eight(&self.parts().keys.load().digest("rate", &subject));
        Tick { key, times: 1, window: charge.window, limit: Some(charge.limit) }
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
