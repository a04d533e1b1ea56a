//! From the API's answer to the arrival at the sink.

use std::time::{Duration, Instant};

use super::open_loop::{self, Answered};
use crate::{Fallible, phases::Running, work};

/// How long the last message of a run may take: longer than any provider's limit.
pub(crate) const ARRIVED_WITHIN: Duration = Duration::from_secs(30);

/// Quantiles of that time, in milliseconds; what arrives before the answer counts as 0.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    /// The middle one.
    pub(crate) p50: f64,
    /// 99 of 100 are not longer.
    pub(crate) p99: f64,
}

/// Sends by a schedule, and waits for the deliveries. `template` names that of each request; only messages `counted` are
/// waited for and count.
pub(crate) fn measure(
    running: &Running,
    per_second: u32,
    time: Duration,
    template: fn(u32) -> &'static str,
    counted: fn(u32) -> bool,
) -> Fallible<Times> {
    delivered(running, &send(running, per_second, time, template, counted)?)
}

/// Sends by a schedule; those `counted`.
pub(crate) fn send(
    running: &Running,
    per_second: u32,
    time: Duration,
    template: fn(u32) -> &'static str,
    counted: fn(u32) -> bool,
) -> Fallible<Vec<Answered>> {
    let post = running.installation.request(&running.server, "/v1/messages");
    running.installation.sink.take();
    let requests: open_loop::Requests =
        std::sync::Arc::new(move |number, text| post.write(&work::send_body(template(number)), text));
    let mut answers = open_loop::drive(running.server.address, per_second, time, &requests)?;
    answers.retain(|answered| counted(answered.number));
    Ok(answers)
}

/// Until the sink had them.
pub(crate) fn delivered(running: &Running, answers: &[Answered]) -> Fallible<Times> {
    let sink = &running.installation.sink;
    if !sink.wait_for(answers.len(), ARRIVED_WITHIN) {
        println!("  not everything was delivered within {ARRIVED_WITHIN:?}");
    }
    let arrivals = sink.take();
    times(answers, |id| arrivals.get(&id).map(|arrival| arrival.at))
}

/// What has not arrived counts with the time that was waited.
pub(crate) fn times(answers: &[Answered], arrived: impl Fn(u64) -> Option<Instant>) -> Fallible<Times> {
    let time = |answered: &Answered| {
        arrived(answered.id).map_or(ARRIVED_WITHIN, |at| at.saturating_duration_since(answered.at))
    };
    let mut times: Vec<Duration> = answers.iter().map(time).collect();
    times.sort_unstable();
    let at = |percent: usize| {
        let nth = times.len() * percent / 100;
        times.get(nth).map(|time| time.as_secs_f64() * 1000.0).ok_or("nothing was sent")
    };
    Ok(Times { p50: at(50)?, p99: at(99)? })
}
