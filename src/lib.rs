//! A self-hosted one-time-password verification server.

pub mod channel;
pub mod config;
pub mod core;
pub mod datadir;
pub mod metrics;
pub mod service;
pub mod store;
pub mod worker;
