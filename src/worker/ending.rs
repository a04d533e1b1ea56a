//! How one try of a hop ended, and what that means for the plan.

use std::time::Duration;

use super::Worker;
use crate::{
    channel::{Accepted, Carrier, Refusal},
    core::{channel::Channel, clock::Timestamp, entropy::bytes, event::EventKind, money::Usd, plan::Hop},
    service::Order,
    store::batch::Step,
};

/// What is to be written down.
pub(super) struct Ending {
    pub(super) step: Step,
    pub(super) kinds: Vec<EventKind>,
    pub(super) channel: Option<Channel>,
    pub(super) provider: Option<String>,
    pub(super) error_code: i16,
    pub(super) detail: Option<String>,
    /// What being taken cost.
    pub(super) cost: Option<Usd>,
    /// What its receipts will be about, if it was taken by a provider that reports.
    pub(super) reports: Option<Reports>,
}

/// Whether the provider named the message.
pub(super) enum Reports {
    /// By this.
    As(String),
    /// Not at all: its receipts cannot be told from others, but it may arrive.
    Nameless,
}

impl Ending {
    /// Nothing that anybody has to know.
    pub(super) const fn silent(step: Step) -> Self {
        Self {
            step,
            kinds: vec![],
            channel: None,
            provider: None,
            error_code: 0,
            detail: None,
            cost: None,
            reports: None,
        }
    }

    /// Whether a provider has it; `None` while that is open.
    pub(super) fn first_outcome(&self) -> Option<bool> {
        if self.kinds.contains(&EventKind::Sent) {
            return Some(true);
        }
        (self.step == Step::GiveUp).then_some(false)
    }

    /// The last that is heard of a delivery.
    pub(super) fn gave_up(channel: Option<Channel>, refusal: Refusal, detail: &str) -> Self {
        let failure = Failure { channel, provider: None, refusal, detail };
        failure.ending(Step::GiveUp)
    }
}

/// A provider's no, or what comes to the same.
pub(super) struct Failure<'a> {
    pub(super) channel: Option<Channel>,
    pub(super) provider: Option<&'a str>,
    pub(super) refusal: Refusal,
    pub(super) detail: &'a str,
}

impl Failure<'_> {
    fn ending(&self, step: Step) -> Ending {
        let kind = if self.refusal == Refusal::BadAddress { EventKind::TargetInvalid } else { EventKind::SentFailed };
        Ending {
            kinds: vec![kind],
            channel: self.channel,
            provider: self.provider.map(str::to_owned),
            error_code: self.refusal.code(),
            detail: Some(self.detail.to_owned()),
            ..Ending::silent(step)
        }
    }
}

impl Worker {
    /// The provider has it. The next hop waits for a receipt; without one to wait for, the plan ends here.
    pub(super) fn taken(&self, order: &Order, hop: &Hop, carrier: &Carrier, by: Accepted) -> Ending {
        let (provider, channel) = (carrier.provider(), hop.channel);
        let step = match next_hop(order) {
            Some(next) if provider.reports() => {
                Step::Retry { hop: next, attempt: 0, due_at: self.now() + self.settings.late.of(channel) }
            }
            _ => Step::Done,
        };
        let first = order.past.heard.is_none().then_some(EventKind::TargetValid);
        let named = || by.reference.clone().map_or(Reports::Nameless, Reports::As);
        Ending {
            kinds: first.into_iter().chain([EventKind::Sent]).collect(),
            channel: Some(channel),
            provider: Some(carrier.name().to_owned()),
            reports: provider.refers().then(named),
            detail: by.reference,
            cost: self.service.cost(&order.plan.recipient, hop),
            ..Ending::silent(step)
        }
    }

    /// What is the provider's own fault says nothing about the channel: a provider of it that was not asked comes first.
    pub(super) fn refused(&self, order: &Order, channel: Channel, failure: &Failure<'_>) -> Ending {
        let attempt = order.attempt + 1;
        let asked = usize::try_from(attempt).unwrap_or(usize::MAX);
        let others = asked < self.service.parts().registry.of(channel).count() && attempt < self.settings.max_tries;
        if failure.refusal == Refusal::Provider && others {
            return Ending::silent(Step::Retry { hop: order.hop, attempt, due_at: self.now() });
        }
        self.fall_back(order, failure)
    }

    /// This channel is out: the next one at once, if there is one and time for it.
    pub(super) fn fall_back(&self, order: &Order, failure: &Failure<'_>) -> Ending {
        let now = self.now();
        let in_time = order.expires_at.since(now) >= self.settings.min_life_left;
        failure.ending(match next_hop(order) {
            Some(hop) if in_time => Step::Retry { hop, attempt: 0, due_at: now },
            _ => Step::GiveUp,
        })
    }

    /// Nobody knows whether the provider has it. The next hop waits as for a message that is late, because this one may
    /// arrive; without one the same is tried again.
    pub(super) fn unknown(&self, order: &Order, failure: &Failure<'_>, wait: Option<Duration>) -> Ending {
        let late = failure.channel.map_or(Duration::ZERO, |channel| self.settings.late.of(channel));
        let step = match next_hop(order) {
            Some(hop) => Step::Retry { hop, attempt: 0, due_at: self.now() + late },
            None => match self.again(order, wait) {
                Some(step) => step,
                None => return failure.ending(Step::GiveUp),
            },
        };
        Ending { kinds: vec![EventKind::Unknown], error_code: 0, ..failure.ending(step) }
    }

    /// The same hop later, by whichever provider is next; if there are no tries or no time left, as if it were refused.
    pub(super) fn try_again(&self, order: &Order, failure: &Failure<'_>, wait: Option<Duration>) -> Ending {
        self.again(order, wait).map_or_else(|| self.fall_back(order, failure), Ending::silent)
    }

    /// Everybody who could take it is left alone until `reopens`. Other channels first; else it waits, without this being
    /// a try.
    pub(super) fn all_failing(&self, order: &Order, channel: Channel, reopens: Timestamp) -> Ending {
        let (refusal, detail) = (Refusal::Provider, "every provider of this channel keeps failing");
        let failure = Failure { channel: Some(channel), provider: None, refusal, detail };
        let due_at = reopens + self.jitter(self.settings.first_retry);
        if next_hop(order).is_some() || order.expires_at.since(due_at) < self.settings.min_life_left {
            return self.fall_back(order, &failure);
        }
        Ending::silent(Step::Retry { hop: order.hop, attempt: order.attempt, due_at })
    }

    fn again(&self, order: &Order, wait: Option<Duration>) -> Option<Step> {
        let attempt = order.attempt + 1;
        let longest = self.settings.first_retry * 2u32.saturating_pow(u32::try_from(order.attempt).unwrap_or(0));
        let due_at = self.now() + wait.unwrap_or_default().max(self.jitter(longest));
        let left = order.expires_at.since(due_at) >= self.settings.min_life_left;
        (attempt < self.settings.max_tries && left).then_some(Step::Retry { hop: order.hop, attempt, due_at })
    }

    /// Full jitter: anything up to `longest`, so that those who failed together do not come back together. Never nothing.
    fn jitter(&self, longest: Duration) -> Duration {
        let longest = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX).max(1);
        let random = bytes(&*self.service.parts().entropy).map_or(longest, u64::from_be_bytes);
        Duration::from_millis(random % longest + 1)
    }
}

/// The hop after this one, if the plan has one.
fn next_hop(order: &Order) -> Option<i16> {
    let next = order.hop + 1;
    usize::try_from(next).is_ok_and(|next| next < order.plan.hops.len()).then_some(next)
}
