//! The AirTexts dialect, as its clients see it.

mod accounts;
mod aliases;
mod attempts;
mod errors;
mod limits;
mod listing;
mod logs;
mod nodes;
mod reports;
mod resending;
mod sending;
mod stage;
mod status;
mod texts;
mod verifying;
mod webhooks;
