//! The short way from an accepted message to the worker: through memory, without asking the database again.
//!
//! A place in the queue is taken before the message is written, because a message with a place is written as claimed.
//! Applications take turns, and none may take more than half of the places. What comes the long way, claimed from the database,
//! waits in the same queue.

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
    left: Notify,
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

    fn add(&mut self, order: Order) {
        let app = order.ticket.app;
        let queue = self.apps.entry(app).or_default();
        queue.orders.push_back(order);
        if queue.orders.len() == 1 {
            self.turns.push_back(app);
        }
    }
}

impl Handoff {
    /// A queue of `size` places.
    #[must_use]
    pub fn new(size: usize) -> (Self, Orders) {
        let shared = Arc::new(Shared { size, queues: Mutex::default(), arrived: Notify::new(), left: Notify::new() });
        (Self(shared.clone()), Orders(shared))
    }

    /// A place for a delivery of `app`, if there is one; without, the message is written as unclaimed and found later.
    pub(super) fn place(&self, app: i64) -> Option<Place> {
        let mut queues = self.0.lock();
        if queues.closed || queues.taken >= self.0.size {
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
        self.shared.lock().add(order);
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
        if queues.taken <= self.0.size / 2 {
            self.0.left.notify_one();
        }
        order
    }

    /// Waits until half of the places are free, and says how many orders may come the long way: half of those.
    pub async fn room(&self) -> usize {
        while self.0.lock().taken > self.0.size / 2 {
            self.0.left.notified().await;
        }
        self.0.size.div_ceil(4)
    }

    /// Adds an order that came the long way. Its application may have more than its share of places then, and gets none for
    /// new messages until it is through.
    pub fn add(&self, order: Order) {
        let mut queues = self.0.lock();
        queues.taken += 1;
        queues.apps.entry(order.ticket.app).or_default().taken += 1;
        queues.add(order);
        drop(queues);
        self.0.arrived.notify_one();
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::core::recipient::Recipient;

    const ONE: i64 = 1;
    const OTHER: i64 = 2;

    fn order(app: i64, delivery: i64) -> Order {
        let recipient = Recipient::parse("+6598765432").unwrap();
        let plan = Plan { recipient, hops: vec![], code: None, sender: None, language: "en".to_owned() };
        let ticket = Ticket { delivery, claim: delivery, message: MessageId(delivery), app };
        let never = Timestamp::from_millis(i64::MAX);
        Order { ticket, plan, hop: 0, attempt: 0, expires_at: never, claimed_until: never, past: Past::default() }
    }

    fn next(orders: &Orders) -> Option<(i64, i64)> {
        orders.try_recv().map(|order| (order.ticket.app, order.ticket.delivery))
    }

    #[test]
    fn applications_take_turns_whichever_way_their_orders_come() {
        let (handoff, orders) = Handoff::new(8);
        for delivery in 1..=3 {
            handoff.place(ONE).unwrap().send(order(ONE, delivery));
        }
        orders.add(order(OTHER, 4));
        let order_of_turns: Vec<_> = std::iter::from_fn(|| next(&orders)).collect();
        assert_eq!(order_of_turns, [(ONE, 1), (OTHER, 4), (ONE, 2), (ONE, 3)]);
    }

    #[test]
    fn no_application_takes_more_than_half_of_the_places_and_a_dropped_place_is_free_again() {
        let (handoff, _orders) = Handoff::new(4);
        let held = [handoff.place(ONE), handoff.place(ONE)];
        assert!(held.iter().all(Option::is_some) && handoff.place(ONE).is_none());
        assert!(handoff.place(OTHER).is_some());
        drop(held);
        assert!(handoff.place(ONE).is_some());
    }

    #[test]
    fn the_long_way_waits_for_half_of_the_places_and_takes_them_from_new_messages() {
        let (handoff, orders) = Handoff::new(4);
        assert_eq!(orders.room().now_or_never(), Some(1));
        for delivery in 1..=4 {
            orders.add(order(ONE, delivery));
        }
        assert!(handoff.place(OTHER).is_none(), "all places are taken");
        assert_eq!(orders.room().now_or_never(), None);
        next(&orders).unwrap();
        assert_eq!(orders.room().now_or_never(), None);
        next(&orders).unwrap();
        assert_eq!(orders.room().now_or_never(), Some(1));
        assert!(handoff.place(ONE).is_none() && handoff.place(OTHER).is_some(), "it has its share already");
    }
}
