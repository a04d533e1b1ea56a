//! The caps of applications: all sends of a flush are counted in their windows by one statement, before they are written; what
//! does not fit, or is not written for another reason, is given back. So a cap lets through what it says on any number of nodes.

use std::collections::{BTreeMap, HashMap};

use super::NewMessage;
use crate::{
    core::{caps::Tally, clock::Timestamp, rate::Window, refusal::Refusal},
    store::{
        StoreError,
        rate_windows::{RateWindows, Tick},
    },
};

/// Counts the sends, and decides about them in their order; the refusals by place. Where there is no room for another window,
/// a send goes uncounted: that nobody is sent to any more would be worse.
pub(super) async fn admit(
    rates: &RateWindows,
    sends: &[NewMessage],
    now: Timestamp,
) -> Result<HashMap<usize, Refusal>, StoreError> {
    let ticks = ticks(sends);
    if ticks.is_empty() {
        return Ok(HashMap::new());
    }
    let windows = rates.charge(&ticks, now).await?;
    let found = ticks.iter().zip(windows).filter_map(|(tick, window)| {
        let window = window?;
        Some((tick.key, Window { used: window.used.saturating_sub(tick.times), ..window }))
    });
    let mut tally = Tally::new(found);
    let decide = |(place, send): (usize, &NewMessage)| Some((place, tally.admit(&send.caps).err()?));
    let refusals: HashMap<_, _> = sends.iter().enumerate().filter_map(decide).collect();
    let refused = self::ticks(refusals.keys().map(|place| &sends[*place]));
    give_back(rates, &refused, now).await;
    Ok(refusals)
}

/// What these sends count, each window once and in the order in which all take them.
pub(super) fn ticks<'a>(sends: impl IntoIterator<Item = &'a NewMessage>) -> Vec<Tick> {
    let mut ticks: BTreeMap<i64, Tick> = BTreeMap::new();
    for counted in sends.into_iter().flat_map(|send| &send.caps) {
        let none = Tick { key: counted.key, times: 0, window: counted.span, limit: None };
        ticks.entry(counted.key).or_insert(none).times += counted.times;
    }
    ticks.into_values().collect()
}

/// Takes back what was counted for sends that were not written. Where that fails they count on: a cap is then too strict until
/// its window ends.
pub(super) async fn give_back(rates: &RateWindows, ticks: &[Tick], now: Timestamp) {
    if ticks.is_empty() {
        return;
    }
    if let Err(err) = rates.give_back(ticks, now).await {
        tracing::warn!(%err, "sends that were refused still count");
    }
}
