//! The tables, as sea-orm entities and nothing else. Times are milliseconds since the Unix epoch.

pub mod admin_token;
pub mod api_key;
pub mod app;
pub mod blocked;
pub mod callback;
pub mod callback_batch;
pub mod early_receipt;
pub mod event;
pub mod hand_over;
pub mod hook;
pub mod ledger;
pub mod message;
pub mod notice;
pub mod outbox;
pub mod send_window;
pub mod session;
pub mod setting;
pub mod spend;
pub mod template;
pub mod worker;
