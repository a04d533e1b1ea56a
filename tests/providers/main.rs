//! The providers against real peers: aiosmtpd and postfix (`tests/peers/setup.sh` installs them), and an HTTP gateway.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may end it")]

mod end_to_end;
mod gateway;
mod gateway_stub;
mod inbox;
mod mail;
mod mail_peer;
mod postfix;
mod samples;
