//! Countries from which an application's codes do not come back: nothing more is sent there for an hour. It follows from what is
//! in the database, so that all nodes come to it by themselves, and lifts when the codes that tell of it are an hour old.

use std::{collections::HashMap, sync::Arc, time::Duration};

use super::{Error, Service, billing::before};
use crate::{
    core::{
        clock::Timestamp,
        conversion::Verdict,
        recipient::Recipient,
        refusal::{Refusal, Rule},
    },
    store::CountryRow,
};

/// The codes of that time tell.
const WINDOW: Duration = Duration::from_hours(1);
/// Who wants a code has sent it back by then; younger ones tell nothing.
const PATIENCE: Duration = Duration::from_mins(5);

/// The countries of applications that are left alone, and why.
pub type LeftAlone = HashMap<(i64, String), Refusal>;

impl Service {
    /// Learns which countries send too little back. Asks nobody where nobody wants to know.
    pub async fn look_at_conversion(&self) -> Result<(), Error> {
        let parts = self.parts();
        let rules = parts.settings.conversion;
        if rules.codes == 0 {
            return Ok(());
        }
        let until = before(parts.clock.now(), PATIENCE);
        let rows = parts.store.codes_by_country((before(until, WINDOW), until), rules.codes).await?;
        let known = parts.left_alone.load_full();
        let mut left_alone = LeftAlone::new();
        for row in rows {
            let CountryRow { app, codes, verified, .. } = row;
            let verdict = rules.judge(codes, verified);
            if verdict == Verdict::Alarm {
                parts.metrics.alarm("conversion");
                tracing::warn!(app, country = row.country, codes, verified, "few codes come back from a country");
            }
            if verdict != Verdict::Stop {
                continue;
            }
            let refusal = refusal(&row, rules.stop);
            let key = (app, row.country);
            if !known.contains_key(&key) {
                parts.metrics.alarm("conversion_stop");
                tracing::error!(
                    app,
                    country = key.1,
                    codes,
                    verified,
                    "no codes come back from a country: no more are sent"
                );
            }
            left_alone.insert(key, refusal);
        }
        parts.left_alone.store(Arc::new(left_alone));
        Ok(())
    }

    /// Why nothing is sent for an application to the country of this recipient.
    pub(super) fn left_alone(&self, app: i64, recipient: &Recipient, now: Timestamp) -> Option<Refusal> {
        let left_alone = self.parts().left_alone.load();
        if left_alone.is_empty() {
            return None;
        }
        let refusal = left_alone.get(&(app, recipient.country()?.to_owned()))?;
        refusal.lifts_at.is_some_and(|lifts_at| now < lifts_at).then_some(*refusal)
    }

    /// The country for which a code's coming back is counted, where anybody wants to know.
    pub(super) fn counted_country(&self, recipient: Option<&Recipient>) -> Option<&'static str> {
        if self.parts().settings.conversion.codes == 0 { None } else { recipient?.country() }
    }
}

/// As many as had come back, of as many as should have.
fn refusal(row: &CountryRow, percent: u8) -> Refusal {
    let number = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    let wanted = row.codes.saturating_mul(percent.into()) / 100;
    let lifts_at = Some(row.newest + PATIENCE + WINDOW);
    Refusal { rule: Rule::Conversion, used: number(row.verified), limit: number(wanted), lifts_at }
}
