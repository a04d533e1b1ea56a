//! Callbacks in `EngageLab`'s words: the rows, and the header that signs them (spec 5).

mod row;
mod signature;

use serde_json::json;

use crate::core::{
    callback::{Format, News},
    clock::Timestamp,
};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Callbacks;

impl Format for Callbacks {
    fn body(&self, news: &[News]) -> String {
        let rows: Vec<_> = news.iter().map(row::row).collect();
        json!({ "total": rows.len(), "rows": rows }).to_string()
    }

    fn probe(&self) -> &'static str {
        "{}" // what the newer pages show; older ones have nothing (spec 5.2)
    }

    fn proof(&self, username: &str, secret: &str, nonce: &str, now: Timestamp) -> (&'static str, String) {
        ("x-callback-id", signature::callback_id(username, secret, nonce, now))
    }
}
