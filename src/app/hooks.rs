//! Tells those whom a send named what became of it.

use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::service::Service;

/// Between two looks for what is to be told.
const ROUND: Duration = Duration::from_millis(500);

/// Until it is dropped.
pub(super) async fn watch(service: Service) {
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(err) = service.tell_hooks().await {
            tracing::warn!(%err, "receivers of webhooks could not be told; trying again");
        }
    }
}
