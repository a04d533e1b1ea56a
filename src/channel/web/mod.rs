//! Outgoing HTTP: one way to build a client, one way to read what comes back.

pub mod answer;
pub mod client;
mod guarded;
pub mod send;

pub use guarded::{Forbidden, Post, Web, WebSettings, same_origin};
