//! Everything that is tested through the HTTP interface.

#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod admin;
mod airtexts;
mod aliases;
mod attacker;
mod billing;
mod engagelab;
mod fallback;
mod framework;
#[path = "../providers/gateway_stub.rs"]
#[expect(dead_code, reason = "the tests of the providers use more of it")]
mod gateway_stub;
mod harness;
mod ids;
mod mailpass;
mod optora;
mod places;
mod postgres;
mod provider_webhooks;
mod sample;
mod sessions;
mod sockets;
mod ways;
