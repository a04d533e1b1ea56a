//! The Optora dialect, as its clients see it.

mod ancestors;
mod application;
mod client;
mod codes;
mod errors;
mod express;
mod limits;
mod links;
mod mails;
mod pages;
mod receiver;
mod webhooks;
