//! What a receiver that a request named is told (spec 2.6).

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::wire::time;
use crate::core::{
    hex::hex,
    hook::{HookFormat, HookNews, Told},
};

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

    fn proof(&self, secret: &str, body: &str) -> (&'static str, String) {
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
            return ("x-webhook-signature", String::new());
        };
        let signature = mac.chain_update(body.as_bytes()).finalize().into_bytes();
        ("x-webhook-signature", format!("sha256={}", hex(&signature)))
    }
}
