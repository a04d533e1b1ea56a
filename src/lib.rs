//! A self-hosted one-time-password verification server.

pub mod channel;
pub mod core;
pub mod metrics;
pub mod service;
pub mod store;
pub mod worker;
