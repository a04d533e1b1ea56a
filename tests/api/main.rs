//! Everything that is tested through the HTTP interface.

#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod framework;
mod sample;
mod sockets;
