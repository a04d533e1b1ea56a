//! A self-hosted one-time-password verification server.

pub mod channel;
pub mod core;
pub mod http;
pub mod server;
