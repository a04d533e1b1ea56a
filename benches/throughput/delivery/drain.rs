//! How fast a full outbox empties into the sink, and how fast the sink takes the same by itself.

use std::{sync::Arc, time::Duration};

use crate::{
    Fallible,
    book::float,
    driver::{self, Work},
    http::Request,
    phases::Running,
    sink::{Arrivals, Sink},
    work::Sending,
};

const CALLERS: usize = 64;
/// What verifyd hands over at once by default.
const HANDS: usize = 32;
const FILLED_WITHIN: Duration = Duration::from_mins(1);
const EMPTY_WITHIN: Duration = Duration::from_mins(1);
const ALL_DUE: &str = "UPDATE outbox SET claim = 0, due_at = 0;";

/// Fills the outbox while the sink hangs, kills the server, and measures its successor: hand-overs per second from the
/// first to the last.
pub(crate) fn measure(running: Running, messages: usize) -> Fallible<(Running, f64)> {
    let Running { installation, server, database } = running;
    installation.sink.hang(true);
    let work = Arc::new(Sending::at_most(installation.request(&server, "/v1/messages"), messages));
    driver::drive(server.address, CALLERS, FILLED_WITHIN, &work)?;
    let sent = work.take().len();
    drop(server);
    super::execute(&installation.database_url, ALL_DUE)?;
    installation.sink.take();
    installation.sink.hang(false);
    let server = installation.serve()?;
    if !installation.sink.wait_for(sent, EMPTY_WITHIN) {
        println!("  not everything was delivered within {EMPTY_WITHIN:?}");
    }
    let rate = rate(&installation.sink.take())?;
    Ok((Running { installation, server, database }, rate))
}

fn rate(arrivals: &Arrivals) -> Fallible<f64> {
    let times = || arrivals.values().map(|arrival| arrival.at);
    let (first, last) = (times().min().ok_or("nothing arrived")?, times().max().ok_or("nothing arrived")?);
    Ok(float(u64::try_from(arrivals.len())?) / (last - first).as_secs_f64())
}

/// Requests per second that the sink takes from the cheapest client on as many connections.
pub(crate) fn sink_alone(time: Duration) -> Fallible<f64> {
    let sink = Sink::start()?;
    let work = Arc::new(Posting(Request::post(sink.address, "/", "", "")));
    Ok(driver::drive(sink.address, HANDS, time, &work)?.rate())
}

struct Posting(Request);

impl Work for Posting {
    fn next(&self, request: &mut String) -> Option<u64> {
        let body =
            r#"{"to":"+4915100000000","text":"123456 is your code.","channel":"sms","message_id":"1","sender":""}"#;
        self.0.write(body, request);
        Some(0)
    }

    fn answer(&self, _: u64, status: u16, _: &[u8]) -> Fallible<()> {
        if status == 200 { Ok(()) } else { Err(format!("the sink answered {status}").into()) }
    }
}
