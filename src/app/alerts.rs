//! What a serving node looks at beside the requests, so that applications are told and held back: balances, and how many codes
//! come back.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior};

use crate::service::Service;

/// Between two looks at what was spent: an application may overdraw its balance by what it sends in the meantime.
const BALANCES: Duration = Duration::from_secs(1);
/// Between two looks at the codes that came back.
const RATES: Duration = Duration::from_mins(1);

/// Until it is dropped. Neither look waits for the other.
pub(super) async fn watch(service: Service) {
    tokio::join!(balances(&service), rates(&service));
}

async fn balances(service: &Service) {
    let mut rounds = interval(BALANCES);
    loop {
        rounds.tick().await;
        if let Err(err) = service.look_at_balances().await {
            tracing::warn!(%err, "balances could not be read; the last ones are used");
        }
    }
}

async fn rates(service: &Service) {
    let mut rounds = interval(RATES);
    loop {
        rounds.tick().await;
        if let Err(err) = service.look_at_rates().await {
            tracing::warn!(%err, "the share of codes that came back could not be read; trying again in a minute");
        }
        if let Err(err) = service.look_at_conversion().await {
            tracing::warn!(%err, "the share of codes that came back by country could not be read; the last one is used");
        }
    }
}

fn interval(time: Duration) -> Interval {
    let mut interval = tokio::time::interval(time);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
