//! How often somebody may call, and be written to (spec 2.5). Refused calls count; messages that are not sent do not: those
//! count in the ledger of their recipient (see [`Settings::pace`]).

use std::time::Duration;

use super::{
    NAME, Settings,
    error::ApiError,
    wire::rates::{Rate, Rates},
};
use crate::{
    core::recipient::Recipient,
    service::{Caller, Count, Error, Service},
};

/// What the requests of a key are counted as.
const REQUESTS: &str = "airtexts account";
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// The rates of one caller, and perhaps of one recipient of an appid.
pub(super) struct Limits<'a> {
    service: &'a Service,
    settings: &'a Settings,
    caller: &'a Caller,
}

/// Whom a message goes to.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) appid: &'a str,
    pub(super) recipient: &'a Recipient,
}

/// A rate by the name that clients know, with its window.
type Named = (&'static str, Duration, Count);

impl<'a> Limits<'a> {
    pub(super) const fn new(service: &'a Service, settings: &'a Settings, caller: &'a Caller) -> Self {
        Self { service, settings, caller }
    }

    /// One more request of the caller; refused when there were too many in this minute.
    pub(super) async fn request(&self) -> Result<(), ApiError> {
        let count = self.service.charge_request(self.caller, REQUESTS, self.settings.rate_per_minute).await?;
        match count.filter(Count::is_over) {
            Some(over) => Err(ApiError::limited(Some(over.resets_in))),
            None => Ok(()),
        }
    }

    /// How much of each rate is used; those of a recipient only where one is named.
    pub(super) async fn show(&self, target: Option<Target<'_>>) -> Result<Rates, ApiError> {
        let account = self.service.requests(self.caller, REQUESTS, self.settings.rate_per_minute).await?;
        let mut named: Vec<Named> = account.into_iter().map(|count| ("account", MINUTE, count)).collect();
        if let Some(target) = target {
            named.extend(self.of_recipient(target).await?);
        }
        let full = named.iter().filter(|(_, _, count)| count.used >= count.limit);
        let blocked = full.map(|(_, _, count)| seconds(count.resets_in)).max();
        let rate = |(name, window, count): &Named| Rate::of(name, window.as_secs(), *count);
        Ok(Rates::of(blocked, named.iter().map(rate).collect()))
    }

    /// Of the hour, and since the last message.
    async fn of_recipient(&self, Target { appid, recipient }: Target<'_>) -> Result<Vec<Named>, Error> {
        let pace = self.settings.pace();
        let counts = self.service.paced(self.caller.app, (NAME, appid), recipient, pace).await?;
        let gap = (!pace.gap.is_zero()).then_some(("resend", pace.gap));
        let hour = (pace.per_hour > 0).then_some(("recipient", HOUR));
        let named = gap.into_iter().chain(hour).zip(counts);
        let mut named: Vec<Named> = named.map(|((name, window), count)| (name, window, count)).collect();
        named.reverse(); // as clients know the list
        Ok(named)
    }
}

/// Begun seconds.
fn seconds(wait: Duration) -> i64 {
    i64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i64::MAX)
}
