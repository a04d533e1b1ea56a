//! How often callers and recipients may ask for something. Which rules there are, and what they say, is a dialect's matter.

use std::time::Duration;

use super::{Caller, Error, Service, directory::first_eight};
use crate::{
    core::{
        clock::Timestamp,
        ledger::{self, Pace},
        rate::{Charge, Count, Window},
        recipient::Recipient,
    },
    store::Tick,
};

impl Service {
    /// Counts one more request of the caller's key in its minute, of which there may be so many, whatever becomes of it; `None`
    /// where there may be any number.
    pub async fn charge_request(
        &self,
        caller: &Caller,
        rule: &'static str,
        limit: u32,
    ) -> Result<Option<Count>, Error> {
        let subject = [caller.dev_key().as_bytes()];
        let Some(charge) = in_a_minute(rule, &subject, limit) else { return Ok(None) };
        Ok(self.charge(&[charge]).await?.pop())
    }

    /// How many that are already; counts nothing.
    pub async fn requests(&self, caller: &Caller, rule: &'static str, limit: u32) -> Result<Option<Count>, Error> {
        let subject = [caller.dev_key().as_bytes()];
        let Some(charge) = in_a_minute(rule, &subject, limit) else { return Ok(None) };
        Ok(self.counts(&[charge]).await?.pop())
    }

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

    /// How often a scope of the application sent to a recipient, for each limit of the pace that it keeps by itself: first the
    /// least time between two, then the others, the shortest first.
    pub async fn paced(
        &self,
        app: i64,
        (dialect, scope): (&str, &str),
        recipient: &Recipient,
        pace: Pace,
    ) -> Result<Vec<Count>, Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        let ledger = parts.store.ledger(self.ledger_key(recipient)).await?;
        let paced = ledger.unwrap_or_default().1.paced((app, self.pace_scope(dialect, scope)), pace, now);
        let count = |(window, used, lifts_at): (ledger::Window, u32, Option<Timestamp>)| {
            let resets_at = lifts_at.unwrap_or(now + window.span);
            Count { used, limit: window.most.into(), resets_at, resets_in: resets_at.since(now) }
        };
        Ok(paced.into_iter().map(count).collect())
    }

    /// The digest of a part of an application that keeps a pace by itself; a dialect that knows no parts has none.
    pub(super) fn pace_scope(&self, dialect: &str, scope: &str) -> Option<i64> {
        let of = [dialect.as_bytes(), scope.as_bytes()];
        (!scope.is_empty()).then(|| first_eight(&self.parts().keys.load().digest("pace", &of)))
    }

    fn ticks(&self, charges: &[Charge<'_>]) -> Vec<Tick> {
        charges.iter().map(|charge| self.tick(charge)).collect()
    }

    fn tick(&self, charge: &Charge<'_>) -> Tick {
        let subject = std::iter::once(charge.rule.as_bytes()).chain(charge.subject.iter().copied());
        let key = first_eight(&self.parts().keys.load().digest("rate", subject));
        Tick { key, times: 1, window: charge.window, limit: Some(charge.limit) }
    }
}

/// Of which 0 is any number.
fn in_a_minute<'a>(rule: &'static str, subject: &'a [&'a [u8]], limit: u32) -> Option<Charge<'a>> {
    (limit > 0).then_some(Charge { rule, subject, limit, window: Duration::from_mins(1) })
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
