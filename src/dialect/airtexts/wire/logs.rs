//! What happened to OTPs (spec 2.2, `logs`).

use poem_openapi::{Object, types::Example};

use super::{time, whole};
use crate::service::{Activity, Happened, Page, Paged};

envelope!(
    /// The answer to a question for what happened.
    LogsShown,
    LogPage
);

/// Some of what happened, the newest first.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct LogPage {
    /// How much there is in all.
    total: i64,
    /// Most of it in this answer.
    limit: i64,
    /// How much newer was left out.
    offset: i64,
    /// What happened.
    logs: Vec<LogEntry>,
}

/// One thing that happened.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct LogEntry {
    /// Rises with time.
    id: i64,
    /// The OTP.
    verification_id: String,
    /// Whose it is.
    appid: String,
    /// Who got it; null once that is forgotten.
    recipient: Option<String>,
    /// `sms` or `whatsapp`.
    channel: String,
    /// `sent`, `resent`, `delivered`, `delivery_failed`, `verified`, `verify_failed`, `expired` or `locked`.
    event: String,
    /// Why, where somebody said so.
    detail: Option<String>,
    /// Where the request came from, for what was caused by one.
    ip_address: Option<String>,
    /// When.
    created_at: String,
}

impl LogPage {
    pub(in super::super) fn of(found: &Paged<Activity>, page: Page) -> Self {
        let logs = found.rows.iter().map(LogEntry::of).collect();
        Self { total: whole(found.total), limit: whole(page.limit), offset: whole(page.offset), logs }
    }
}

/// The words of what happened; `rate_limited` is a word that can be asked for, but of calls that are refused for their rate
/// nothing is kept.
pub(in super::super) const EVENTS: [(&str, Happened); 8] = [
    ("sent", Happened::Sent),
    ("resent", Happened::Resent),
    ("delivered", Happened::Delivered),
    ("delivery_failed", Happened::DeliveryFailed),
    ("verified", Happened::Verified),
    ("verify_failed", Happened::VerifyFailed),
    ("expired", Happened::Expired),
    ("locked", Happened::Locked),
];

impl LogEntry {
    fn of(activity: &Activity) -> Self {
        let word = EVENTS.iter().find(|(_, event)| *event == activity.event).map_or("", |(word, _)| *word);
        Self {
            id: activity.id,
            verification_id: activity.public_id.clone(),
            appid: activity.scope.clone(),
            recipient: activity.recipient.as_ref().map(|recipient| recipient.as_str().to_owned()),
            channel: activity.channel.as_str().to_owned(),
            event: word.to_owned(),
            detail: activity.detail.clone(),
            ip_address: activity.address.clone(),
            created_at: time(activity.at),
        }
    }
}

impl Example for LogEntry {
    fn example() -> Self {
        let text = str::to_owned;
        Self {
            id: 1,
            verification_id: text("otp_67890abcdef12345"),
            appid: text("your_app_id"),
            recipient: Some(text("+5511999888777")),
            channel: text("sms"),
            event: text("sent"),
            detail: None,
            ip_address: Some(text("192.0.2.7")),
            created_at: text("2026-01-10T12:00:00Z"),
        }
    }
}

impl Example for LogPage {
    fn example() -> Self {
        Self { total: 1, limit: 50, offset: 0, logs: vec![LogEntry::example()] }
    }
}
