//! The two things the load consists of: sending a code and checking one.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{Fallible, driver::Work, http::Request, recipients};

/// Name of the template all sends use.
pub(crate) const TEMPLATE: &str = "bench";

/// Sends codes to ever new recipients and keeps the ids that were acknowledged.
pub(crate) struct Sending {
    request: Request,
    left: AtomicUsize,
    acknowledged: Mutex<Vec<u64>>,
}

impl Sending {
    /// Over requests of this kind.
    pub(crate) fn new(request: Request) -> Self {
        Self::at_most(request, usize::MAX)
    }

    /// So many of them and no more.
    pub(crate) fn at_most(request: Request, left: usize) -> Self {
        Self { request, left: AtomicUsize::new(left), acknowledged: Mutex::default() }
    }

    /// The ids acknowledged so far, in order of their answers; forgets them.
    pub(crate) fn take(&self) -> Vec<u64> {
        std::mem::take(&mut lock(&self.acknowledged))
    }
}

impl Work for Sending {
    fn next(&self, request: &mut String) -> Option<u64> {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).ok()?;
        self.request.write(&send_body(TEMPLATE), request);
        Some(0)
    }

    fn answer(&self, _: u64, status: u16, body: &[u8]) -> Fallible<()> {
        let id = (status == 200).then(|| message_id(body)).flatten();
        lock(&self.acknowledged).push(id.ok_or_else(|| unexpected("send", status, body))?);
        Ok(())
    }
}

/// The body of a send to a new recipient.
pub(crate) fn send_body(template: &str) -> String {
    let to = recipients::next();
    format!(r#"{{"to":"{to}","template":{{"id":"{template}","language":"en"}}}}"#)
}

/// Checks each code of a list, in its order, `tries` times in a row.
pub(crate) struct Checking {
    request: Request,
    codes: Vec<(u64, String)>,
    tries: usize,
    next: AtomicUsize,
    verified: Mutex<HashMap<u64, usize>>,
}

impl Checking {
    /// Over requests of this kind.
    pub(crate) fn new(request: Request, codes: Vec<(u64, String)>, tries: usize) -> Self {
        Self { request, codes, tries, next: AtomicUsize::new(0), verified: Mutex::default() }
    }

    /// How often each id was answered `true`.
    pub(crate) fn verified(&self) -> HashMap<u64, usize> {
        std::mem::take(&mut lock(&self.verified))
    }
}

impl Work for Checking {
    fn next(&self, request: &mut String) -> Option<u64> {
        let (id, code) = self.codes.get(self.next.fetch_add(1, Ordering::Relaxed) / self.tries)?;
        self.request.write(&format!(r#"{{"message_id":"{id}","verify_code":"{code}"}}"#), request);
        Some(*id)
    }

    fn answer(&self, id: u64, status: u16, body: &[u8]) -> Fallible<()> {
        match status {
            200 if is_verified(body) => *lock(&self.verified).entry(id).or_default() += 1,
            400 if error_code(body) == Some(3003) && self.tries > 1 => {}
            _ => return Err(unexpected("verify", status, body)),
        }
        Ok(())
    }
}

fn unexpected(what: &str, status: u16, body: &[u8]) -> Box<dyn std::error::Error + Send + Sync> {
    format!("{what} answered {status} {}", String::from_utf8_lossy(body)).into()
}

/// The id in the answer to a send.
pub(crate) fn message_id(body: &[u8]) -> Option<u64> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    answer["message_id"].as_str()?.parse().ok()
}

fn is_verified(body: &[u8]) -> bool {
    serde_json::from_slice(body).is_ok_and(|answer: serde_json::Value| answer["verified"] == true)
}

fn error_code(body: &[u8]) -> Option<u64> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    answer["code"].as_u64()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
