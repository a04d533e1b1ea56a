//! How often somebody may call, and be written to (spec 2.5). Refused calls count; messages that are not sent do not.

use std::time::Duration;

use super::{
    Settings,
    error::ApiError,
    wire::rates::{Rate, Rates},
};
use crate::{
    core::{caps::Counted, recipient::Recipient, refusal},
    service::{Caller, Charge, Count, Error, Service},
};

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

/// One rate by the name that clients know.
struct Rule {
    scope: &'static str,
    rule: &'static str,
    /// What it is in the record of a refusal.
    decides: refusal::Rule,
    limit: u32,
    window: Duration,
}

impl<'a> Limits<'a> {
    pub(super) const fn new(service: &'a Service, settings: &'a Settings, caller: &'a Caller) -> Self {
        Self { service, settings, caller }
    }

    /// One more request of the caller; refused when there were too many in this minute.
    pub(super) async fn request(&self) -> Result<(), ApiError> {
        let rules: Vec<_> = self.account().into_iter().collect();
        let subject: [&[u8]; 1] = [self.caller.dev_key().as_bytes()];
        let counts = self.service.charge(&charges(&rules, &subject)).await?;
        refuse_over(&counts)
    }

    /// What one more message counts in: it is refused when there were too many in this hour, or the last one was too short a
    /// while ago.
    pub(super) fn message(&self, target: Target<'_>) -> Vec<Counted> {
        let rules = self.of_recipient();
        let (app, key) = (self.caller.app.to_be_bytes(), target.recipient.counter_key());
        let subject: [&[u8]; 3] = [&app, target.appid.as_bytes(), key.as_bytes()];
        let charges = charges(&rules, &subject);
        rules.iter().zip(&charges).map(|(rule, charge)| self.service.counted(rule.decides, charge)).collect()
    }

    /// How much of each rate is used; those of a recipient only where one is named.
    pub(super) async fn show(&self, target: Option<Target<'_>>) -> Result<Rates, ApiError> {
        let rules: Vec<_> = self.account().into_iter().collect();
        let subject: [&[u8]; 1] = [self.caller.dev_key().as_bytes()];
        let mut counted = self.counted(rules, &subject).await?;
        if let Some(target) = target {
            let (app, key) = (self.caller.app.to_be_bytes(), target.recipient.counter_key());
            let subject: [&[u8]; 3] = [&app, target.appid.as_bytes(), key.as_bytes()];
            counted.extend(self.counted(self.of_recipient(), &subject).await?);
        }
        let full = counted.iter().filter(|(_, count)| count.used >= count.limit);
        let blocked = full.map(|(_, count)| seconds(count.resets_in)).max();
        let rate = |(rule, count): &(Rule, Count)| Rate::of(rule.scope, rule.window.as_secs(), *count);
        Ok(Rates::of(blocked, counted.iter().map(rate).collect()))
    }

    async fn counted(&self, rules: Vec<Rule>, subject: &[&[u8]]) -> Result<Vec<(Rule, Count)>, Error> {
        let counts = self.service.counts(&charges(&rules, subject)).await?;
        Ok(rules.into_iter().zip(counts).collect())
    }

    fn account(&self) -> Option<Rule> {
        let limit = self.settings.rate_per_minute;
        (limit > 0).then_some(Rule {
            scope: "account",
            rule: "airtexts account",
            decides: refusal::Rule::App,
            limit,
            window: MINUTE,
        })
    }

    fn of_recipient(&self) -> Vec<Rule> {
        let (limit, gap) = (self.settings.recipient_per_hour, self.settings.resend_interval);
        let (sends, soon) = (refusal::Rule::Sends, refusal::Rule::Gap);
        let hourly = Rule { scope: "recipient", rule: "airtexts recipient", decides: sends, limit, window: HOUR };
        let gap = Rule { scope: "resend", rule: "airtexts resend", decides: soon, limit: 1, window: gap };
        [hourly, gap].into_iter().filter(|rule| rule.limit > 0 && !rule.window.is_zero()).collect()
    }
}

/// The longest wait counts.
fn refuse_over(counts: &[Count]) -> Result<(), ApiError> {
    match counts.iter().filter(|count| count.is_over()).map(|count| count.resets_in).max() {
        Some(wait) => Err(ApiError::limited(Some(wait))),
        None => Ok(()),
    }
}

fn charges<'a>(rules: &[Rule], subject: &'a [&'a [u8]]) -> Vec<Charge<'a>> {
    rules.iter().map(|rule| Charge { rule: rule.rule, subject, limit: rule.limit, window: rule.window }).collect()
}

/// Begun seconds.
fn seconds(wait: Duration) -> i64 {
    i64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i64::MAX)
}
