//! Pure values and rules: no I/O, no clock, no framework. `now` and randomness come in as arguments.

pub mod access;
pub mod admin_token;
pub mod breaker;
pub mod callback;
pub mod channel;
pub mod clock;
pub mod code;
pub mod entropy;
pub mod event;
pub mod fate;
pub mod hex;
pub mod id;
pub mod keyring;
pub mod language;
pub mod markup;
pub mod params;
pub mod placeholder;
pub mod plain_text;
pub mod plan;
pub mod policy;
pub mod recipient;
pub mod render;
pub mod routing;
pub mod sms;
pub mod template;
pub mod verification;
