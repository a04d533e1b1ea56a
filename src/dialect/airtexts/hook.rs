//! What a receiver that a request named is told (spec 2.6).

use serde_json::json;

use super::wire::time;
use crate::core::hook::{HookFormat, HookNews, Told};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Hooks;

impl HookFormat for Hooks {
    fn body(&self, news: &HookNews<'_>) -> String {
        let (event, status) = match news.told {
            Told::Delivered => ("otp.delivered", "pending"),
            Told::Failed => ("otp.failed", "failed"),
            Told::Verified => ("otp.verified", "verified"),
        };
        json!({
            "event": event,
            "verification_id": news.public_id,
            "appid": news.scope,
            "recipient": news.recipient,
            "status": status,
            "timestamp": time(news.at),
        })
        .to_string()
    }
}
