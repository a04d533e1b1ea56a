//! What is counted of requests to callbacks. No address and no application is a label.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

use super::Seconds;
use crate::core::callback::Ending;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Attempt {
    outcome: &'static str,
}

/// See the module.
pub(super) struct Callbacks {
    attempts: Family<Attempt, Counter>,
    answer_time: Histogram,
    depth: Gauge,
    lag: Seconds,
}

impl Default for Callbacks {
    fn default() -> Self {
        Self {
            attempts: Family::default(),
            answer_time: Histogram::new(exponential_buckets(0.001, 2.0, 14)),
            depth: Gauge::default(),
            lag: Seconds::default(),
        }
    }
}

impl Callbacks {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("callbacks", "Requests to callbacks by outcome", self.attempts.clone());
        registry.register_with_unit(
            "callback",
            "Time a receiver took to answer",
            Unit::Seconds,
            self.answer_time.clone(),
        );
        registry.register("callback_depth", "Requests to callbacks that wait, up to 100000", self.depth.clone());
        registry.register_with_unit(
            "callback_lag",
            "How long the oldest that callbacks are to be told is overdue",
            Unit::Seconds,
            self.lag.clone(),
        );
    }

    pub(super) fn tried(&self, ending: Ending, time: Duration) {
        let outcome = match ending.status {
            Some(_) if ending.is_success() => "taken",
            Some(_) => "refused",
            None => "unreachable",
        };
        self.attempts.get_or_create(&Attempt { outcome }).inc();
        if ending.status.is_some() {
            self.answer_time.observe(time.as_secs_f64());
        }
    }

    pub(super) fn waiting(&self, depth: u64, overdue: Duration) {
        self.depth.set(i64::try_from(depth).unwrap_or(i64::MAX));
        self.lag.set(overdue.as_secs_f64());
    }
}
