//! The MailPass dialect, as its clients see it.

mod client;
mod errors;
mod keys;
mod limits;
mod mails;
mod nodes;
mod requests;
mod sessions;
