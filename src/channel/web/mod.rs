//! Outgoing HTTP: one way to build a client, one way to read what comes back.

pub mod answer;
pub mod client;
