//! The load driver: a closed loop on N kept-alive connections, on one thread.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::{Fallible, book::float, http::Connection};

/// What the connections ask, and what they make of the answers.
pub(crate) trait Work: Send + Sync + 'static {
    /// Replaces `request` by the next request and gives it a name; `None` when there is no more to ask.
    fn next(&self, request: &mut String) -> Option<u64>;

    /// Takes the answer to the request of that name; an error ends the run.
    fn answer(&self, name: u64, status: u16, body: &[u8]) -> Fallible<()>;
}

/// What the driver saw.
pub(crate) struct Load {
    /// Requests answered.
    pub(crate) done: u64,
    /// From the first request to the last answer.
    pub(crate) seconds: f64,
    latency: Histogram<u64>,
}

impl Load {
    /// Requests per second.
    pub(crate) fn rate(&self) -> f64 {
        float(self.done) / self.seconds
    }

    /// A quantile (0 to 1) of the latency in milliseconds.
    pub(crate) fn latency_ms(&self, quantile: f64) -> f64 {
        float(self.latency.value_at_quantile(quantile)) / 1000.0
    }
}

/// Asks on all connections until the time is over or the work is.
pub(crate) fn drive<W: Work>(to: SocketAddr, connections: usize, time: Duration, work: &Arc<W>) -> Fallible<Load> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut open = Vec::with_capacity(connections);
        for _ in 0..connections {
            open.push(Connection::open(to).await?);
        }
        let started = Instant::now();
        let mut callers = JoinSet::new();
        for connection in open {
            callers.spawn(call(connection, Arc::clone(work), started + time));
        }
        let mut latency = new_histogram()?;
        while let Some(caller) = callers.join_next().await {
            latency.add(caller??)?;
        }
        Ok(Load { done: latency.len(), seconds: started.elapsed().as_secs_f64(), latency })
    })
}

async fn call<W: Work>(mut connection: Connection, work: Arc<W>, until: Instant) -> Fallible<Histogram<u64>> {
    let mut latency = new_histogram()?;
    let mut request = String::with_capacity(1024);
    while Instant::now() < until {
        let Some(name) = work.next(&mut request) else { break };
        let asked = Instant::now();
        let (status, body) = connection.exchange(&request).await?;
        latency.saturating_record(u64::try_from(asked.elapsed().as_micros())?);
        work.answer(name, status, body)?;
    }
    Ok(latency)
}

/// Microseconds up to a minute, three digits.
fn new_histogram() -> Fallible<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000, 3)?)
}
