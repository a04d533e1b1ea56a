//! The open-loop driver: requests leave at their times, whether those before have been answered or not.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{Fallible, http::Connection, work::message_id};

/// More than are ever waited for at once at the rates of the goals: a request late for want of one would count as asked late.
const CONNECTIONS: usize = 128;

/// Replaces the text by the request of that number, from 0.
pub(crate) type Requests = Arc<dyn Fn(u32, &mut String) + Send + Sync>;

/// A send that was answered.
pub(crate) struct Answered {
    /// Which request.
    pub(crate) number: u32,
    /// The message.
    pub(crate) id: u64,
    /// When its answer had come.
    pub(crate) at: Instant,
}

/// Sends so many per second for a while. What is not answered with 200 is left out, and told of.
pub(crate) fn drive(to: SocketAddr, per_second: u32, time: Duration, requests: &Requests) -> Fallible<Vec<Answered>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut open = Vec::with_capacity(CONNECTIONS);
        for _ in 0..CONNECTIONS {
            open.push(Connection::open(to).await?);
        }
        let schedule = Arc::new(Schedule {
            began: Instant::now(),
            pause: Duration::from_secs(1) / per_second,
            end: u32::try_from(time.as_millis())? * per_second / 1000,
            next: AtomicU32::new(0),
        });
        let mut callers = JoinSet::new();
        for connection in open {
            callers.spawn(call(connection, Arc::clone(&schedule), Arc::clone(requests)));
        }
        let mut answers = vec![];
        while let Some(caller) = callers.join_next().await {
            answers.extend(caller??);
        }
        let refused = usize::try_from(schedule.end)? - answers.len();
        if refused > 0 {
            println!("  {refused} of {} sends were refused", schedule.end);
        }
        Ok(answers)
    })
}

struct Schedule {
    began: Instant,
    pause: Duration,
    end: u32,
    next: AtomicU32,
}

async fn call(mut connection: Connection, schedule: Arc<Schedule>, requests: Requests) -> Fallible<Vec<Answered>> {
    let (mut answers, mut request) = (vec![], String::with_capacity(1024));
    loop {
        let number = schedule.next.fetch_add(1, Ordering::Relaxed);
        if number >= schedule.end {
            return Ok(answers);
        }
        tokio::time::sleep_until((schedule.began + schedule.pause * number).into()).await;
        requests(number, &mut request);
        let (status, body) = connection.exchange(&request).await?;
        if let Some(id) = (status == 200).then(|| message_id(body)).flatten() {
            answers.push(Answered { number, id, at: Instant::now() });
        }
    }
}
