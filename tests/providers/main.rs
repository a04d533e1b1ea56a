//! The providers against real peers: aiosmtpd and postfix (`tests/peers/setup.sh` installs them), and an HTTP gateway.

mod gateway;
mod gateway_stub;
mod inbox;
mod mail;
mod mail_peer;
mod postfix;
mod samples;
