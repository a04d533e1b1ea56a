//! A send phase and the verify phase that uses its codes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    Fallible,
    book::{Shown, float},
    driver::{self, Load},
    proc,
    product::{Installation, create_template},
    server::Server,
    sink::Arrivals,
    work::{Checking, Sending, TEMPLATE},
};

/// How long a phase waits for what it sent to be delivered.
pub(crate) const DELIVERED_WITHIN: Duration = Duration::from_secs(30);
/// Long enough to see whether a server rests.
const MOMENT: Duration = Duration::from_millis(50);
/// What a resting server may use of a moment.
const IDLE: f64 = 0.05;
/// Messages kept out of the measured verify phase, on which many callers then try the same code at once.
const CONTESTED: usize = 32;
/// Tries of each contested code.
const CONTESTANTS: usize = 4;
/// Spent codes that are tried a second time after every verify phase.
const TRIED_AGAIN: usize = 100;

/// A running server with what belongs to it.
pub(crate) struct Running {
    /// Its installation.
    pub(crate) installation: Installation,
    /// Its process.
    pub(crate) server: Server,
    /// The head of the database's processes, where they are on this machine and of their own.
    pub(crate) database: Option<u32>,
}

impl Running {
    /// Starts an installation and gives it its template.
    pub(crate) fn start(installation: Installation, database: Option<u32>) -> Fallible<Self> {
        let server = installation.serve()?;
        create_template(&server, &installation.request(&server, "/v1/template-configs"), TEMPLATE, "sms")?;
        Ok(Self { installation, server, database })
    }

    /// Sends for a while, waits for the deliveries, then verifies for as long; the single use of codes is asserted.
    pub(crate) fn send_then_verify(&self, connections: usize, time: Duration) -> Fallible<(Shown, Shown)> {
        let (sent, codes) = self.send(connections, time)?;
        Ok((sent, self.verify(connections, time, codes)?))
    }

    fn send(&self, connections: usize, time: Duration) -> Fallible<(Shown, Vec<(u64, String)>)> {
        let work = Arc::new(Sending::new(self.installation.request(&self.server, "/v1/messages")));
        self.installation.sink.take();
        let (started, before) = (Instant::now(), self.cpu()?);
        let load = driver::drive(self.server.address, connections, time, &work)?;
        let after = self.cpu()?;
        let ids = work.take();
        if !self.installation.sink.wait_for(ids.len(), DELIVERED_WITHIN) {
            println!("  not everything was delivered within {DELIVERED_WITHIN:?}");
        }
        let delivered = started.elapsed().as_secs_f64();
        let mut shown = shown(&load, before, after);
        let codes = self.installation.sink.take();
        shown.cpu_delivered = Some(per_thousand(self.cpu()?.0 - before.0, load.done));
        shown.delivery_rate = Some(float(u64::try_from(codes.len())?) / delivered);
        Ok((shown, in_order(&ids, codes)))
    }

    fn verify(&self, connections: usize, time: Duration, mut codes: Vec<(u64, String)>) -> Fallible<Shown> {
        let contested = codes.split_off(codes.len().saturating_sub(CONTESTED));
        let spent = codes.iter().take(TRIED_AGAIN.min(connections)).cloned().collect();
        let work = self.checking(codes, 1);
        let before = self.cpu()?;
        let load = driver::drive(self.server.address, connections, time, &work)?;
        let after = self.cpu()?;
        let verified = work.verified();
        if u64::try_from(verified.len())? != load.done || verified.values().any(|times| *times != 1) {
            return Err("a right code was not verified exactly once".into());
        }
        self.contest(contested)?;
        self.try_again(spent)?;
        Ok(shown(&load, before, after))
    }

    /// Many callers hold the same right code: one of them is told `true`, the others 3003.
    fn contest(&self, codes: Vec<(u64, String)>) -> Fallible<()> {
        let expected = codes.len();
        let work = self.checking(codes, CONTESTANTS);
        driver::drive(self.server.address, CONTESTED, DELIVERED_WITHIN, &work)?;
        let verified = work.verified();
        if verified.len() != expected || verified.values().any(|times| *times != 1) {
            return Err("a contested code was not verified exactly once".into());
        }
        Ok(())
    }

    /// Codes that were used are refused with 3003.
    fn try_again(&self, codes: Vec<(u64, String)>) -> Fallible<()> {
        let work = self.checking(codes, 2);
        driver::drive(self.server.address, 1, DELIVERED_WITHIN, &work)?;
        if work.verified().is_empty() { Ok(()) } else { Err("a used code was verified again".into()) }
    }

    fn checking(&self, codes: Vec<(u64, String)>, tries: usize) -> Arc<Checking> {
        Arc::new(Checking::new(self.installation.request(&self.server, "/v1/verifications"), codes, tries))
    }

    /// Waits until the server has written down what became of its deliveries: until it does nothing.
    pub(crate) fn rest(&self) -> Fallible<()> {
        let mut before = self.cpu()?.0;
        loop {
            std::thread::sleep(MOMENT);
            let now = self.cpu()?.0;
            if now - before < MOMENT.as_secs_f64() * IDLE {
                return Ok(());
            }
            before = now;
        }
    }

    /// CPU seconds of the server, and of the database.
    pub(crate) fn cpu(&self) -> Fallible<(f64, Option<f64>)> {
        let database = self.database.map(proc::cpu_seconds_of_family).transpose()?;
        Ok((proc::cpu_seconds(self.server.pid())?, database))
    }
}

/// The codes that arrived, in the order the messages were sent in.
fn in_order(ids: &[u64], mut arrivals: Arrivals) -> Vec<(u64, String)> {
    ids.iter().filter_map(|id| Some((*id, arrivals.remove(id)?.code))).collect()
}

/// What a phase of load showed, with the CPU seconds before and after it.
pub(crate) fn shown(load: &Load, before: (f64, Option<f64>), after: (f64, Option<f64>)) -> Shown {
    Shown {
        rate: load.rate(),
        p50: Some(load.latency_ms(0.50)),
        p99: Some(load.latency_ms(0.99)),
        cpu: Some(per_thousand(after.0 - before.0, load.done)),
        database_cpu: after.1.zip(before.1).map(|(after, before)| per_thousand(after - before, load.done)),
        ..Shown::default()
    }
}

/// Seconds per 1,000 operations.
pub(crate) fn per_thousand(seconds: f64, operations: u64) -> f64 {
    seconds * 1000.0 / float(operations)
}
