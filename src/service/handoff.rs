//! The short way from an accepted message to the worker: through memory, without asking the database again.
//!
//! A place in the queue is taken before the message is written, because a message with a place is written as claimed.
//! Applications take turns, and none may take more than half of the places.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::{
    core::{clock::Timestamp, id::MessageId, plan::Plan},
    store::Past,
};

/// A claimed delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The delivery.
    pub delivery: i64,
    /// The token it is claimed with.
    pub claim: i64,
    /// Its message.
    pub message: MessageId,
    /// Owner.
    pub app: i64,
}

/// One delivery to make.
pub struct Order {
    /// Which.
    pub ticket: Ticket,
    /// What goes where.
    pub plan: Plan,
    /// Which hop is next.
    pub hop: i16,
    /// Tries of this hop so far.
    pub attempt: i16,
    /// Nothing is handed over later.
    pub expires_at: Timestamp,
    /// From then on somebody else may claim it.
    pub claimed_until: Timestamp,
    /// What happened to it before.
    pub past: Past,
}

/// Where accepted messages go.
#[derive(Clone)]
pub struct Handoff(Arc<Shared>);

/// The worker's end.
pub struct Orders(Arc<Shared>);

struct Shared {
    size: usize,
    queues: Mutex<Queues>,
    arrived: Notify,
}

#[derive(Default)]
struct Queues {
    closed: bool,
    /// Places that are taken, whether their order has come or not.
    taken: usize,
    apps: HashMap<i64, Queue>,
    /// The applications that have orders, the next one first.
    turns: VecDeque<i64>,
}

#[derive(Default)]
struct Queue {
    taken: usize,
    orders: VecDeque<Order>,
}

impl Shared {
    /// No code runs under the lock that could leave it half changed.
    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    fn give_back(&mut self, app: i64) {
        self.taken -= 1;
        if let Some(queue) = self.apps.get_mut(&app) {
            queue.taken -= 1;
            if queue.taken == 0 {
                self.apps.remove(&app);
            }
        }
    }
}

impl Handoff {
    /// A queue of `size` places.
    #[must_use]
    pub fn new(size: usize) -> (Self, Orders) {
        let shared = Arc::new(Shared { size, queues: Mutex::default(), arrived: Notify::new() });
        (Self(shared.clone()), Orders(shared))
    }

    /// A place for a delivery of `app`, if there is one; without, the message is written as unclaimed and found later.
    pub(super) fn place(&self, app: i64) -> Option<Place> {
        let mut queues = self.0.lock();
        if queues.closed || queues.taken == self.0.size {
            return None;
        }
        let queue = queues.apps.entry(app).or_default();
        if queue.taken >= self.0.size.div_ceil(2) {
            return None;
        }
        queue.taken += 1;
        queues.taken += 1;
        Some(Place { shared: self.0.clone(), app, used: false })
    }
}

/// A place in the queue; given back when it is dropped without an order, or when its order is taken.
pub(super) struct Place {
    shared: Arc<Shared>,
    app: i64,
    used: bool,
}

impl Place {
    pub(super) fn send(mut self, order: Order) {
        let mut queues = self.shared.lock();
        let Some(queue) = queues.apps.get_mut(&self.app) else { return };
        queue.orders.push_back(order);
        if queue.orders.len() == 1 {
            queues.turns.push_back(self.app);
        }
        drop(queues);
        self.used = true;
        self.shared.arrived.notify_one();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.used {
            self.shared.lock().give_back(self.app);
        }
    }
}

impl Orders {
    /// The next order, if there is one.
    #[must_use]
    pub fn try_recv(&self) -> Option<Order> {
        let mut queues = self.0.lock();
        let app = queues.turns.pop_front()?;
        let queue = queues.apps.get_mut(&app)?;
        let order = queue.orders.pop_front();
        if !queue.orders.is_empty() {
            queues.turns.push_back(app);
        }
        queues.give_back(app);
        order
    }

    /// The next order. One receiver at a time.
    pub async fn recv(&self) -> Order {
        loop {
            if let Some(order) = self.try_recv() {
                return order;
            }
            self.0.arrived.notified().await;
        }
    }

    /// Gives out no more places.
    pub fn close(&self) {
        self.0.lock().closed = true;
    }
}

impl Drop for Orders {
    fn drop(&mut self) {
        self.close();
    }
}
