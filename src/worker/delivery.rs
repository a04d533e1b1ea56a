//! One delivery: find a provider, hand over, write down what happened.

use std::time::Duration;

use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout_at},
};
use tracing::{Instrument, Span, field::Empty};

use super::{
    Worker,
    ending::{Ending, Failure, Reports},
    pick::Pick,
    places::Place,
};
use crate::{
    channel::{Accepted, Carrier, DeliveryError, Provider, Refusal},
    core::{
        event::EventKind,
        plan::{Hop, Outgoing},
    },
    service::{Error, Order, Ticket},
    store::batch::{HandOver, NewEvent, Settlement, Step},
};

/// How long a delivery stays away from providers that are stuck.
const COME_BACK: Duration = Duration::from_secs(1);

impl Worker {
    /// Tries one hop of the plan and writes down the result with the change it causes. `in_line` is the order's place
    /// among those that have no place at a provider; it is kept until that is written down, or a provider that is stuck would
    /// send them back faster than they can be written.
    pub(super) async fn deliver(&self, order: Order, mut in_line: Option<OwnedSemaphorePermit>) {
        if self.claim_ends_soon(&order) {
            return;
        }
        let hop = usize::try_from(order.hop).ok().and_then(|hop| order.plan.hops.get(hop));
        // The place is kept until the outcome is on disk: no more than these can come twice if the process dies.
        let (ending, _place) = match hop {
            Some(hop) => self.hand_over(&order, hop, &mut in_line).await,
            None => (Ending::gave_up(None, Refusal::Other, "no channel is left"), None),
        };
        #[cfg(feature = "controls")]
        self.leave_the_line_early(&mut in_line);
        self.settle(order.ticket, &(&order).into(), ending).await;
    }

    async fn hand_over(
        &self,
        order: &Order,
        hop: &Hop,
        in_line: &mut Option<OwnedSemaphorePermit>,
    ) -> (Ending, Option<Place>) {
        if order.attempt == 0
            && let Some(heard) = order.past.heard
        {
            self.service.parts().metrics.fell_back(self.now().since(heard));
        }
        if let Some(ending) = self.too_late(order, hop) {
            return (ending, None);
        }
        let ending = match self.pick(order, hop.channel).await {
            Pick::One(carrier, place) => {
                drop(in_line.take());
                return (self.ask_in_time(order, hop, carrier).await, Some(place));
            }
            Pick::AllFailing(reopens) => self.all_failing(order, hop.channel, reopens),
            Pick::NoPlace => self.come_back(order, COME_BACK),
            Pick::Nobody => {
                let (refusal, detail) = (Refusal::Other, "no provider carries this channel");
                self.fall_back(order, &Failure { channel: Some(hop.channel), provider: None, refusal, detail })
            }
        };
        (ending, None)
    }

    /// How it ends if there is not enough life left to begin.
    fn too_late(&self, order: &Order, hop: &Hop) -> Option<Ending> {
        if order.expires_at.since(self.now()) >= self.settings.min_life_left {
            return None;
        }
        // What an earlier channel took may still arrive; then this one was only late.
        if order.past.underway {
            return Some(Ending::silent(Step::Done));
        }
        Some(Ending::gave_up(Some(hop.channel), Refusal::Other, "too little life left"))
    }

    /// Asks, unless too much time went by while it waited for its place.
    async fn ask_in_time(&self, order: &Order, hop: &Hop, carrier: &Carrier) -> Ending {
        if self.claim_ends_soon(order) {
            return self.come_back(order, Duration::ZERO);
        }
        match self.too_late(order, hop) {
            Some(ending) => ending,
            None => self.ask(order, hop, carrier).await,
        }
    }

    async fn ask(&self, order: &Order, hop: &Hop, carrier: &Carrier) -> Ending {
        // This clock first: a process that stands still between the two finds its time shorter, not longer.
        let (parts, started) = (self.service.parts(), Instant::now());
        let until = started + self.time_left(order);
        let span = span_of(order, hop, carrier.name());
        let said = provider_says(carrier.provider(), order, hop, until).instrument(span.clone());
        let result = timeout_at(until, said).await;
        let result = result.unwrap_or_else(|_| Err(late()));
        let outcome = match &result {
            Ok(_) => "accepted",
            Err(DeliveryError::Refused { .. }) => "refused",
            Err(DeliveryError::Unavailable { maybe_taken: true, .. }) => "unknown",
            Err(DeliveryError::Unavailable { .. }) => "unavailable",
        };
        span.record("outcome", outcome);
        parts.metrics.delivered(carrier.name(), hop.channel, outcome, started.elapsed());
        let answered = !matches!(result, Err(DeliveryError::Unavailable { .. }));
        parts.metrics.circuit(carrier.name(), carrier.note(answered, self.now()));
        let (channel, provider) = (Some(hop.channel), Some(carrier.name()));
        match result {
            Ok(by) => self.taken(order, hop, carrier, by),
            Err(DeliveryError::Refused { refusal, detail }) => {
                self.refused(order, hop.channel, &Failure { channel, provider, refusal, detail: &detail })
            }
            Err(DeliveryError::Unavailable { retry_after, maybe_taken, detail }) => {
                let failure = Failure { channel, provider, refusal: Refusal::Provider, detail: &detail };
                if maybe_taken {
                    self.unknown(order, &failure, retry_after)
                } else {
                    self.try_again(order, &failure, retry_after)
                }
            }
        }
    }

    /// It waited so long that its claim may end before the provider answers: whoever claims it next begins afresh.
    fn claim_ends_soon(&self, order: &Order) -> bool {
        order.claimed_until.since(self.now()) < self.settings.lease / 2
    }

    /// What is left of the claim, less a tenth of the lease to write down the outcome: whoever claims the delivery next
    /// never meets a hand-over that still runs, whatever the provider's own limits are.
    fn time_left(&self, order: &Order) -> Duration {
        let left = order.claimed_until.since(self.now());
        left.saturating_sub(self.settings.lease / 10)
    }

    /// Leaves a delivery to whoever looks next.
    pub(super) async fn postpone(&self, order: Order) {
        let ending = self.come_back(&order, Duration::ZERO);
        self.settle(order.ticket, &(&order).into(), ending).await;
    }

    /// Leaves it as it is for a while, which is no try.
    fn come_back(&self, order: &Order, pause: Duration) -> Ending {
        Ending::silent(Step::Retry { hop: order.hop, attempt: order.attempt, due_at: self.now() + pause })
    }

    pub(super) async fn settle(&self, ticket: Ticket, at: &Try, ending: Ending) {
        if let Some(taken) = ending.first_outcome() {
            self.service.parts().first_outcomes.tell(ticket.delivery, taken);
        }
        let settlement = match self.settlement(ticket, at, ending) {
            Ok(settlement) => settlement,
            Err(err) => return tracing::error!(%err, "a delivery stays claimed until its lease ends"),
        };
        if let Err(err) = self.service.parts().store.writer().settle(settlement).await {
            let message = ticket.message;
            tracing::error!(%err, %message, "a delivery's outcome was not written; it is tried again after its lease");
        }
    }

    fn settlement(&self, ticket: Ticket, at: &Try, ending: Ending) -> Result<Settlement, Error> {
        let parts = self.service.parts();
        let Ending { step, kinds, channel, provider, error_code, detail, cost, reports } = ending;
        let Ticket { delivery, claim, message, app } = ticket;
        let hand_over = match (reports, channel, &provider) {
            (Some(reports), Some(channel), Some(provider)) => {
                let key = match reports {
                    Reports::As(reference) => self.service.hand_over_key(provider, &reference),
                    // A key that no receipt has: the hand-over counts as one that may yet arrive.
                    Reports::Nameless => self.service.hand_over_key("", &format!("{delivery} {}", at.hop)),
                };
                Some(HandOver { key, hop: at.hop, channel, provider: provider.clone() })
            }
            _ => None,
        };
        let mut events = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let (provider, detail) = match kind {
                EventKind::TargetValid => (None, None),
                _ => (provider.clone(), detail.clone()),
            };
            let (id, attempt) = (parts.ids.next(parts.clock.now())?, at.attempt + 1);
            let cost = cost.filter(|_| kind == EventKind::Sent);
            events.push(NewEvent { id, kind, channel, provider, attempt, error_code, detail, cost });
        }
        Ok(Settlement { delivery, claim, message, app, step, events, hand_over })
    }
}

/// Which try of which hop.
pub(super) struct Try {
    pub(super) hop: i16,
    pub(super) attempt: i16,
}

impl From<&Order> for Try {
    fn from(order: &Order) -> Self {
        Self { hop: order.hop, attempt: order.attempt }
    }
}

async fn provider_says(
    provider: &dyn Provider,
    order: &Order,
    hop: &Hop,
    until: Instant,
) -> Result<Accepted, DeliveryError> {
    let message = Outgoing {
        message_id: order.ticket.message,
        recipient: &order.plan.recipient,
        channel: hop.channel,
        content: &hop.content,
        code: order.plan.code.as_ref().map(|code| code.as_str()),
        sender: order.plan.sender.as_deref(),
        language: &order.plan.language,
        expires_at: order.expires_at,
        until: until.into_std(),
    };
    provider.deliver(&message).await
}

/// For whoever collects traces; its level keeps it out of the log.
fn span_of(order: &Order, hop: &Hop, provider: &str) -> Span {
    tracing::debug_span!(
        "hand_over",
        message_id = %order.ticket.message,
        channel = hop.channel.as_str(),
        provider,
        hop = order.hop + 1,
        attempt = order.attempt + 1,
        outcome = Empty,
        otel.kind = "client",
    )
}

fn late() -> DeliveryError {
    let detail = "the provider did not say in time whether it took the message".to_owned();
    DeliveryError::Unavailable { retry_after: None, maybe_taken: true, detail }
}
