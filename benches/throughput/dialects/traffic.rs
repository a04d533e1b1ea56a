//! Sends of one client, and the verifications of what they sent.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;

use super::face::{Client, Face};
use crate::{
    Fallible,
    book::Shown,
    driver::{self, Work},
    phases::{DELIVERED_WITHIN, Running, per_thousand, shown},
    recipients,
    run::GOAL_CONNECTIONS,
};

/// A code that is to be verified: whose, under which id, and the code.
type Open = (u32, String, String);

/// Sends for a while, waits for the deliveries, then verifies for as long.
pub(super) fn send_then_verify(running: &Running, client: &Arc<Client>, time: Duration) -> Fallible<(Shown, Shown)> {
    let (sent, open) = send(running, client, time)?;
    Ok((sent, verify(running, client, time, open)?))
}

fn send(running: &Running, client: &Arc<Client>, time: Duration) -> Fallible<(Shown, Vec<Open>)> {
    let sending = Arc::new(Sending { client: Arc::clone(client), acknowledged: Mutex::default() });
    let sink = &running.installation.sink;
    sink.take();
    let before = running.cpu()?;
    let load = driver::drive(running.server.address, GOAL_CONNECTIONS, time, &sending)?;
    let after = running.cpu()?;
    let ids = std::mem::take(&mut *lock(&sending.acknowledged));
    if !sink.wait_for(ids.len(), DELIVERED_WITHIN) {
        return Err(format!("not everything was delivered within {DELIVERED_WITHIN:?}").into());
    }
    running.rest()?; // what is still to be written is part of the sends
    let mut shown = shown(&load, before, after);
    shown.cpu_delivered = Some(per_thousand(running.cpu()?.0 - before.0, load.done));
    let mut codes: HashMap<_, _> = sink.take().into_values().map(|arrival| (arrival.to, arrival.code)).collect();
    let code = |nth| codes.remove(&client.face.recipient(nth));
    Ok((shown, with_codes(ids, code)))
}

fn with_codes(ids: Vec<(u32, String)>, mut code: impl FnMut(u32) -> Option<String>) -> Vec<Open> {
    ids.into_iter().filter_map(|(nth, id)| Some((nth, id, code(nth)?))).collect()
}

fn verify(running: &Running, client: &Arc<Client>, time: Duration, open: Vec<Open>) -> Fallible<Shown> {
    let verifying = Arc::new(Verifying { client: Arc::clone(client), open, next: AtomicUsize::new(0) });
    let before = running.cpu()?;
    let load = driver::drive(running.server.address, GOAL_CONNECTIONS, time, &verifying)?;
    Ok(shown(&load, before, running.cpu()?))
}

struct Sending {
    client: Arc<Client>,
    acknowledged: Mutex<Vec<(u32, String)>>,
}

impl Work for Sending {
    fn next(&self, request: &mut String) -> Option<u64> {
        let nth = recipients::next_index();
        self.client.send.write(&self.client.face.send_body(nth).to_string(), request);
        Some(nth.into())
    }

    fn answer(&self, name: u64, status: u16, body: &[u8]) -> Fallible<()> {
        let answer = read(self.client.face, status, body)?;
        let id = self.client.face.id(&answer).ok_or_else(|| unexpected(self.client.face, status, body))?;
        lock(&self.acknowledged).push((u32::try_from(name)?, id.to_owned()));
        Ok(())
    }
}

/// Verifies each code once.
struct Verifying {
    client: Arc<Client>,
    open: Vec<Open>,
    next: AtomicUsize,
}

impl Work for Verifying {
    fn next(&self, request: &mut String) -> Option<u64> {
        let (nth, id, code) = self.open.get(self.next.fetch_add(1, Ordering::Relaxed))?;
        self.client.verify.write(&self.client.face.verify_body(*nth, id, code).to_string(), request);
        Some((*nth).into())
    }

    fn answer(&self, _: u64, status: u16, body: &[u8]) -> Fallible<()> {
        let right = self.client.face.verified(&read(self.client.face, status, body)?);
        if right { Ok(()) } else { Err(unexpected(self.client.face, status, body)) }
    }
}

fn read(face: Face, status: u16, body: &[u8]) -> Fallible<Value> {
    if status != 200 {
        return Err(unexpected(face, status, body));
    }
    Ok(serde_json::from_slice(body)?)
}

fn unexpected(face: Face, status: u16, body: &[u8]) -> Box<dyn std::error::Error + Send + Sync> {
    format!("{} answered {status} {}", face.title(), String::from_utf8_lossy(body)).into()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
