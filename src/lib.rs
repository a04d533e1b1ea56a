//! A self-hosted one-time-password verification server.
//!
//! ```text
//! main → cli → app → server ─→ dialect, admin ─→ service ─→ core
//!               │                 └→ http           ├─→ store → entity, core
//!               │                                   └─→ channel → core
//!               └──→ worker ─→ service, store, channel
//! ```
//!
//! `core` looks at nothing of ours; `service` names no protocol; a dialect only translates; `store` alone knows the
//! database, `channel` alone opens outgoing sockets, `app` alone wires. `tests/architecture.rs` holds the rules.

pub mod admin;
pub mod app;
pub mod channel;
pub mod cli;
pub mod config;
pub mod core;
pub mod datadir;
pub mod dialect;
pub mod http;
pub mod keyfile;
pub mod metrics;
pub mod server;
pub mod service;
pub mod store;
pub mod worker;

#[cfg(all(feature = "controls", not(debug_assertions)))]
compile_error!("the feature `controls` builds deliberately broken code for tests; it has no place in a release build");
