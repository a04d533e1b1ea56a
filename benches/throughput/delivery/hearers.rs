//! Receivers of callbacks: one that answers, and a crowd that takes requests and never does.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Collected, Empty};
use hyper::{Request, Response, body::Incoming};
use serde::Deserialize;

use crate::{
    Fallible,
    sink::{Answer, listen},
};

/// The path of the one that answers.
const GOOD: &str = "/good";

/// What a receiver is told; of each row only what the benchmark looks at.
#[derive(Deserialize)]
struct Told {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    message_id: String,
}

/// All receivers: they share a listener, and differ in their paths.
pub(crate) struct Hearers {
    address: SocketAddr,
    heard: Arc<Heard>,
}

#[derive(Default)]
struct Heard {
    /// When the good one was first told of a message.
    messages: Mutex<HashMap<u64, Instant>>,
    /// While set, all others hang.
    silent: AtomicBool,
}

impl Hearers {
    /// All of them answer at first.
    pub(crate) fn start() -> Fallible<Self> {
        let heard = Arc::<Heard>::default();
        let hearing = Arc::clone(&heard);
        let address = listen(move |request| answer(request, Arc::clone(&hearing)))?;
        Ok(Self { address, heard })
    }

    /// The address of the good one.
    pub(crate) fn good(&self) -> String {
        format!("http://{}{GOOD}", self.address)
    }

    /// The address of one of the others.
    pub(crate) fn other(&self, number: usize) -> String {
        format!("http://{}/{number}", self.address)
    }

    /// Lets the others hang from now on.
    pub(crate) fn hang(&self) {
        self.heard.silent.store(true, Ordering::Relaxed);
    }

    /// When the good one was told of each of so many messages, as far as it was within that time.
    pub(crate) fn wait_for(&self, count: usize, at_most: Duration) -> HashMap<u64, Instant> {
        let started = Instant::now();
        while lock(&self.heard.messages).len() < count && started.elapsed() < at_most {
            sleep(Duration::from_millis(10));
        }
        std::mem::take(&mut lock(&self.heard.messages))
    }
}

fn lock(messages: &Mutex<HashMap<u64, Instant>>) -> MutexGuard<'_, HashMap<u64, Instant>> {
    messages.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(request: Request<Incoming>, heard: Arc<Heard>) -> Answer {
    let good = request.uri().path() == GOOD;
    let body = request.into_body().collect().await.map(Collected::to_bytes);
    if !good && heard.silent.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
    // A probe tells of nothing.
    let told = body.ok().and_then(|body| serde_json::from_slice::<Told>(&body).ok());
    if let Some(told) = told.filter(|_| good) {
        let ids = told.rows.iter().filter_map(|row| row.message_id.parse::<u64>().ok());
        let mut messages = lock(&heard.messages);
        ids.for_each(|id| _ = messages.entry(id).or_insert_with(Instant::now));
    }
    Ok(Response::new(Empty::new()))
}
