//! Messages to write.

use std::sync::{Arc, Mutex};

use tokio_util::task::TaskTracker;
use verifyd::{
    core::{
        channel::Channel,
        clock::{Clock, FixedClock, Timestamp},
        event::EventKind,
        id::{MessageId, first_at},
    },
    store::{
        Due, Store,
        batch::{Attempt, BatchSettings, NewDelivery, NewEvent, NewMessage, SendOutcome, Settlement, Step},
    },
};

use crate::place::{Place, Sql};

/// When the stories begin.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
pub(crate) const APP: i64 = 7;
/// Life of a sample's code.
pub(crate) const LIFE: std::time::Duration = std::time::Duration::from_mins(5);
pub(crate) const RIGHT: [u8; 32] = [1; 32];
pub(crate) const WRONG: [u8; 32] = [2; 32];

/// A store by itself, with a clock to move and a connection to look with.
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) sql: Sql,
    /// Sizes of the flushes so far.
    pub(crate) flushes: Arc<Mutex<Vec<usize>>>,
}

impl Bench {
    pub(crate) async fn at(place: &Place) -> Self {
        Self::with_queue(place, 1024).await
    }

    pub(crate) async fn with_queue(place: &Place, queue: usize) -> Self {
        let connection = place.connection().await;
        let clock = Arc::new(FixedClock::at(START));
        let flushes: Arc<Mutex<Vec<usize>>> = Arc::default();
        let counted = flushes.clone();
        let settings = BatchSettings { max: 256, queue, lanes: 1 };
        let shared: Arc<dyn Clock> = clock.clone();
        let on_flush: verifyd::store::batch::OnFlush = Arc::new(move |jobs| counted.lock().unwrap().push(jobs));
        let store = Store::start(&connection, settings, &shared, &on_flush, &TaskTracker::new());
        Self { store, clock, sql: place.sql().await, flushes }
    }

    pub(crate) async fn send(&self, message: NewMessage) -> SendOutcome {
        self.store.writer().send(message, Box::new(|| ())).await.unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// The `number`th id of the start.
pub(crate) fn id(number: i64) -> i64 {
    first_at(START) + number
}

/// A message with one delivery, due at once, and the right code [`RIGHT`].
pub(crate) fn message(number: i64, slot: Option<i64>) -> NewMessage {
    made_at(START, id(number), slot)
}

pub(crate) fn made_at(now: Timestamp, id: i64, slot: Option<i64>) -> NewMessage {
    NewMessage {
        id: MessageId(id),
        app: APP,
        template_id: "otp".into(),
        target: id,
        recipient: vec![3; 40],
        slot,
        channel: Channel::Sms,
        tag: Some(RIGHT),
        max_attempts: 5,
        created_at: now,
        expires_at: now + LIFE,
        custom_args: None,
        deliveries: vec![NewDelivery { id, body: b"a sealed body".to_vec(), claim: 0, due_at: now }],
        country: None,
        caps: vec![],
        budget: None,
        session: None,
        replaces: None,
        address: None,
    }
}

pub(crate) fn guess(event: i64, message: i64, tag: [u8; 32]) -> Attempt {
    Attempt { id: event, message: MessageId(message), app: APP, leads: false, tags: [tag, tag], address: None }
}

/// How the delivery `due` went.
pub(crate) fn settlement(due: &Due, event: i64, step: Step) -> Settlement {
    let kind = match step {
        Step::Done => Some(EventKind::Sent),
        Step::GiveUp => Some(EventKind::SentFailed),
        Step::Retry { .. } => None,
    };
    let channel = Some(Channel::Sms);
    let event = |kind| NewEvent {
        id: event,
        kind,
        channel,
        provider: None,
        attempt: 1,
        error_code: 0,
        detail: None,
        cost: None,
    };
    let events = kind.map(event).into_iter().collect();
    Settlement { delivery: due.id, claim: due.claim, message: due.message, app: due.app, step, events, hand_over: None }
}
