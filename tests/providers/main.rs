//! The providers against real peers: aiosmtpd, postfix, two message centres, two gateways (kannel and Jasmin) and
//! Twilio's own library (`make setup` installs them), a mock made from Twilio's description, and an HTTP gateway.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may end it")]

mod bounces;
mod dkim;
mod end_to_end;
mod gateway;
mod gateway_receipts;
#[expect(dead_code, reason = "the tests of the API use more of it")]
mod gateway_stub;
mod inbox;
mod jasmin;
mod judge;
mod kannel;
mod mail;
mod mail_peer;
mod postfix;
mod prism;
mod samples;
mod smpp;
mod smpp_perl;
mod smpp_settings;
mod smsc;
mod too_late;
mod twilio;
mod twilio_webhook;
mod webhook;
mod whatsapp;
