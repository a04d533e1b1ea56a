//! What the server counts about itself, as Prometheus reads it. No recipient, code, key or message id is a label.

mod callbacks;

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

use self::callbacks::Callbacks;
use crate::{
    core::{callback::Ending, channel::Channel, verification::Guess},
    store::batch::SendOutcome,
};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    operation: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Sent {
    channel: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Alarm {
    what: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Judged {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Delivery {
    provider: String,
    channel: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Told {
    provider: String,
    what: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfProvider {
    provider: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfHop {
    provider: String,
    channel: &'static str,
}

type Seconds = Gauge<f64, AtomicU64>;

/// All counters of one process.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    request_time: Histogram,
    sends: Family<Sent, Counter>,
    verifies: Family<Judged, Counter>,
    alarms: Family<Alarm, Counter>,
    deliveries: Family<Delivery, Counter>,
    hand_over: Family<OfHop, Histogram>,
    circuit_open: Family<OfProvider, Gauge>,
    told: Family<Told, Counter>,
    fallback: Histogram,
    set_aside: Counter,
    callbacks: Callbacks,
    flush_jobs: Histogram,
    outbox_depth: Gauge,
    outbox_age: Seconds,
    pool_wait: Histogram,
    /// The depth that sends are checked against.
    depth: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("verifyd"),
            requests: Family::default(),
            request_time: Histogram::new(exponential_buckets(0.000_25, 2.0, 16)),
            sends: Family::default(),
            verifies: Family::default(),
            alarms: Family::default(),
            deliveries: Family::default(),
            hand_over: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.001, 2.0, 16))),
            circuit_open: Family::default(),
            told: Family::default(),
            fallback: Histogram::new(exponential_buckets(0.001, 2.0, 16)),
            set_aside: Counter::default(),
            callbacks: Callbacks::default(),
            flush_jobs: Histogram::new(exponential_buckets(1.0, 2.0, 10)),
            outbox_depth: Gauge::default(),
            outbox_age: Seconds::default(),
            pool_wait: Histogram::new(exponential_buckets(0.000_1, 2.0, 16)),
            depth: AtomicU64::new(0),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("requests", "Requests by operation and HTTP status", self.requests.clone());
        registry.register_with_unit("request", "Time to answer", Unit::Seconds, self.request_time.clone());
        registry.register("sends", "Sends by first channel and outcome", self.sends.clone());
        registry.register("verifies", "Verifications by outcome", self.verifies.clone());
        registry.register("alarms", "What an operator should look at", self.alarms.clone());
        self.register_delivery();
        let registry = &mut self.registry;
        self.callbacks.register(registry);
        registry.register("flush_jobs", "Jobs that shared one group commit", self.flush_jobs.clone());
        registry.register("outbox_depth", "Deliveries that wait", self.outbox_depth.clone());
        registry.register_with_unit(
            "outbox_age",
            "How long the oldest is overdue",
            Unit::Seconds,
            self.outbox_age.clone(),
        );
        registry.register_with_unit(
            "pool_wait",
            "Time to get an answering connection",
            Unit::Seconds,
            self.pool_wait.clone(),
        );
    }

    fn register_delivery(&mut self) {
        let registry = &mut self.registry;
        registry.register("deliveries", "Hand-overs by provider, channel and outcome", self.deliveries.clone());
        registry.register_with_unit(
            "hand_over",
            "Time a provider took to answer",
            Unit::Seconds,
            self.hand_over.clone(),
        );
        registry.register(
            "provider_circuit_open",
            "1 while a provider is left alone because it keeps failing",
            self.circuit_open.clone(),
        );
        registry.register("told", "Receipts and messages that came from providers", self.told.clone());
        registry.register_with_unit(
            "fallback",
            "Time from what was last heard of an earlier channel to the next one",
            Unit::Seconds,
            self.fallback.clone(),
        );
        registry.register("set_aside", "Deliveries given up because no try of them ever ended", self.set_aside.clone());
    }

    /// One request was answered.
    pub fn answered(&self, operation: &str, status: u16, time: Duration) {
        self.requests.get_or_create(&Request { operation: operation.to_owned(), status }).inc();
        self.request_time.observe(time.as_secs_f64());
    }

    /// One send was decided.
    pub fn sent(&self, channel: Channel, outcome: SendOutcome) {
        let outcome = match outcome {
            SendOutcome::Accepted => "accepted",
            SendOutcome::WindowHeld => "too_soon",
            SendOutcome::OverLimit(refusal) => refusal.rule.as_str(),
        };
        self.sends.get_or_create(&Sent { channel: channel.as_str(), outcome }).inc();
    }

    /// One guess was judged.
    pub fn verified(&self, outcome: Option<Guess>) {
        let outcome = match outcome {
            None => "unknown",
            Some(Guess::Accepted) => "verified",
            Some(Guess::Wrong { .. }) => "wrong",
            Some(Guess::AlreadyVerified) => "used",
            Some(Guess::Exhausted) => "exhausted",
            Some(Guess::Expired) => "expired",
        };
        self.verifies.get_or_create(&Judged { outcome }).inc();
    }

    /// Something happened that an operator should look at.
    pub fn alarm(&self, what: &'static str) {
        self.alarms.get_or_create(&Alarm { what }).inc();
    }

    /// A provider answered, or did not.
    pub fn delivered(&self, provider: &str, channel: Channel, outcome: &'static str, time: Duration) {
        let labels = Delivery { provider: provider.to_owned(), channel: channel.as_str(), outcome };
        self.deliveries.get_or_create(&labels).inc();
        let labels = OfHop { provider: labels.provider, channel: labels.channel };
        self.hand_over.get_or_create(&labels).observe(time.as_secs_f64());
    }

    /// Whether a provider is left alone from now on.
    pub fn circuit(&self, provider: &str, open: bool) {
        self.circuit_open.get_or_create(&OfProvider { provider: provider.to_owned() }).set(open.into());
    }

    /// A provider told us something by itself: what its receipt did, or `uplink`.
    pub fn told(&self, provider: &str, what: &'static str) {
        self.told.get_or_create(&Told { provider: provider.to_owned(), what }).inc();
    }

    /// A later channel was tried, so long after an earlier one was taken or reported.
    pub fn fell_back(&self, after: Duration) {
        self.fallback.observe(after.as_secs_f64());
    }

    /// A delivery was given up because no try of it ever ended.
    pub fn set_aside(&self) {
        self.set_aside.inc();
    }

    /// A request to a callback ended, after so long.
    pub fn called_back(&self, ending: Ending, time: Duration) {
        self.callbacks.tried(ending, time);
    }

    /// Requests to callbacks that wait now, and how long the oldest piece of news is overdue.
    pub fn callbacks_waiting(&self, depth: u64, overdue: Duration) {
        self.callbacks.waiting(depth, overdue);
    }

    /// One group commit of so many jobs.
    #[expect(clippy::cast_precision_loss, reason = "a batch is small")]
    pub fn flushed(&self, jobs: usize) {
        self.flush_jobs.observe(jobs as f64);
    }

    /// What waits now.
    pub fn outbox(&self, depth: u64, overdue: Duration) {
        self.depth.store(depth, Ordering::Relaxed);
        self.outbox_depth.set(i64::try_from(depth).unwrap_or(i64::MAX));
        self.outbox_age.set(overdue.as_secs_f64());
    }

    /// Deliveries that waited at the last look.
    pub fn outbox_depth(&self) -> u64 {
        self.depth.load(Ordering::Relaxed)
    }

    /// The pool gave an answering connection after this time.
    pub fn pool_waited(&self, time: Duration) {
        self.pool_wait.observe(time.as_secs_f64());
    }

    /// The page that Prometheus reads.
    pub fn render(&self) -> Result<String, fmt::Error> {
        let mut page = String::new();
        encode(&mut page, &self.registry).map(|()| page)
    }
}
