//! The EngageLab dialect, as its clients see it.

mod bare_code;
pub(crate) mod callbacks;
mod caps;
mod conversion;
mod custom;
mod errors;
mod faults;
mod gateway;
mod keys;
mod limits;
mod rates;
pub(crate) mod sample;
mod sending;
mod spray;
mod strictness;
mod template_rules;
mod templates;
mod verifying;
mod window;
