//! One delivery: find a provider, hand over, write down what happened.

use std::time::Duration;

use tokio::time::timeout;
use tracing::{Instrument, Span, field::Empty};

use super::Worker;
use crate::{
    channel::{Accepted, DeliveryError, Provider, Refusal},
    core::{
        channel::Channel,
        clock::Timestamp,
        event::EventKind,
        plan::{Hop, Outgoing, Plan},
    },
    service::{Error, Order, Ticket},
    store::{
        Due,
        batch::{NewEvent, Settlement, Step},
    },
};

/// How one try ended.
struct Ending {
    step: Step,
    kind: Option<EventKind>,
    provider: Option<String>,
    error_code: i16,
    detail: Option<String>,
}

impl Worker {
    /// Claims what is due. A body that cannot be opened is given up at once: no later try will open it.
    pub(super) async fn claim(&self, limit: usize) -> Result<Vec<Order>, Error> {
        if limit == 0 {
            return Ok(vec![]);
        }
        let parts = self.service.parts();
        let now = parts.clock.now();
        let claim = parts.ids.next(now)?;
        let mut orders = vec![];
        for due in parts.store.claim_due(claim, self.settings.lease, limit, now).await? {
            match self.service.open_plan(due.id, &due.body) {
                Some(plan) => orders.push(order(&due, plan, now + self.settings.lease)),
                None => self.give_up_unreadable(&due).await,
            }
        }
        Ok(orders)
    }

    /// Tries one hop of the plan and writes down the result with the change it causes.
    pub(super) async fn deliver(&self, order: Order) {
        // It waited so long that its claim may end before the provider answers: whoever claims it next begins afresh.
        if order.claimed_until.since(self.service.parts().clock.now()) < self.settings.lease / 2 {
            return;
        }
        let Some(hop) = usize::try_from(order.hop).ok().and_then(|hop| order.plan.hops.get(hop)) else {
            let ending = Ending::gave_up(None, Refusal::Other, "no channel is left");
            return self.settle(order.ticket, None, ending).await;
        };
        let ending = self.hand_over(&order, hop).await;
        self.settle(order.ticket, Some(hop.channel), ending).await;
    }

    async fn hand_over(&self, order: &Order, hop: &Hop) -> Ending {
        let parts = self.service.parts();
        if order.expires_at.since(parts.clock.now()) < self.settings.min_life_left {
            return Ending::gave_up(None, Refusal::Other, "too little life left");
        }
        let Some((name, provider)) = parts.registry.of(hop.channel).next() else {
            return Ending::gave_up(None, Refusal::Other, "no provider carries this channel");
        };
        let started = tokio::time::Instant::now();
        let span = span_of(order, hop, name);
        let said = provider_says(provider, order, hop).instrument(span.clone());
        let result = timeout(self.time_left(order), said).await;
        let result = result.unwrap_or_else(|_| Err(late()));
        let outcome = match &result {
            Ok(_) => "accepted",
            Err(DeliveryError::Refused { .. }) => "refused",
            Err(DeliveryError::Unavailable { .. }) => "unavailable",
        };
        span.record("outcome", outcome);
        parts.metrics.delivered(name, hop.channel, outcome, started.elapsed());
        match result {
            Ok(accepted) => Ending::sent(name, accepted),
            Err(DeliveryError::Refused { refusal, detail }) => Ending::gave_up(Some(name), refusal, &detail),
            Err(DeliveryError::Unavailable { retry_after, detail, .. }) => {
                self.try_again(order, name, retry_after, &detail)
            }
        }
    }

    /// What is left of the claim, less a tenth of the lease to write down the outcome: whoever claims the delivery next
    /// never meets a hand-over that still runs, whatever the provider's own limits are.
    fn time_left(&self, order: &Order) -> Duration {
        let left = order.claimed_until.since(self.service.parts().clock.now());
        left.saturating_sub(self.settings.lease / 10)
    }

    /// Waits doubling from the first, unless the provider named a time; gives up when the code would be dead by then.
    fn try_again(&self, order: &Order, provider: &str, retry_after: Option<Duration>, detail: &str) -> Ending {
        let attempt = order.attempt + 1;
        let doubled = self.settings.first_retry * 2u32.saturating_pow(u32::try_from(order.attempt).unwrap_or(0));
        let due_at = self.service.parts().clock.now() + retry_after.unwrap_or(doubled).max(doubled);
        if attempt >= self.settings.max_tries || order.expires_at.since(due_at) < self.settings.min_life_left {
            return Ending::gave_up(Some(provider), Refusal::Provider, detail);
        }
        let step = Step::Retry { hop: order.hop, attempt, due_at };
        Ending { step, kind: None, provider: Some(provider.to_owned()), error_code: 0, detail: None }
    }

    /// Leaves a delivery to whoever looks next.
    pub(super) async fn postpone(&self, order: Order) {
        let due_at = self.service.parts().clock.now();
        let step = Step::Retry { hop: order.hop, attempt: order.attempt, due_at };
        self.settle(order.ticket, None, Ending { step, kind: None, provider: None, error_code: 0, detail: None }).await;
    }

    async fn settle(&self, ticket: Ticket, channel: Option<Channel>, ending: Ending) {
        let parts = self.service.parts();
        let id = match parts.ids.next(parts.clock.now()) {
            Ok(id) => id,
            Err(err) => return tracing::error!(%err, "a delivery stays claimed until its lease ends"),
        };
        let Ending { step, kind, provider, error_code, detail } = ending;
        let event = NewEvent { id, kind, channel, provider, error_code, detail };
        let Ticket { delivery, claim, message, app } = ticket;
        let settlement = Settlement { delivery, claim, message, app, step, event };
        if let Err(err) = parts.store.writer().settle(settlement).await {
            tracing::error!(%err, message = %message, "a delivery's outcome was not written; it is tried again after its lease");
        }
    }

    async fn give_up_unreadable(&self, due: &Due) {
        tracing::error!(message = %due.message, "a delivery cannot be decrypted; is its key still in the key ring?");
        let ending = Ending::gave_up(None, Refusal::Other, "the body cannot be decrypted");
        self.settle(ticket(due), None, ending).await;
    }
}

async fn provider_says(provider: &dyn Provider, order: &Order, hop: &Hop) -> Result<Accepted, DeliveryError> {
    let message = Outgoing {
        message_id: order.ticket.message,
        recipient: &order.plan.recipient,
        channel: hop.channel,
        content: &hop.content,
        code: order.plan.code.as_ref().map(|code| code.as_str()),
        sender: order.plan.sender.as_deref(),
        language: &order.plan.language,
        expires_at: order.expires_at,
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

fn order(due: &Due, plan: Plan, claimed_until: Timestamp) -> Order {
    let (hop, attempt, expires_at) = (due.hop, due.attempt, due.expires_at);
    Order { ticket: ticket(due), plan, hop, attempt, expires_at, claimed_until }
}

const fn ticket(due: &Due) -> Ticket {
    Ticket { delivery: due.id, claim: due.claim, message: due.message, app: due.app }
}

impl Ending {
    fn sent(provider: &str, accepted: Accepted) -> Self {
        let provider = Some(provider.to_owned());
        Self { step: Step::Done, kind: Some(EventKind::Sent), provider, error_code: 0, detail: accepted.reference }
    }

    fn gave_up(provider: Option<&str>, refusal: Refusal, detail: &str) -> Self {
        Self {
            step: Step::GiveUp,
            kind: Some(EventKind::SentFailed),
            provider: provider.map(str::to_owned),
            error_code: refusal.code(),
            detail: Some(detail.to_owned()),
        }
    }
}
