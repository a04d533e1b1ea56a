//! The built server, killed, stopped and started again: what it acknowledged must be there afterwards.
//!
//! Black box: the binary, its configuration file, its HTTP face, and its database read from outside.

#![expect(clippy::print_stdout, reason = "the figures are what one runs these tests for")]
#![expect(clippy::unwrap_used, reason = "the helpers of a test may end it")]

mod audit;
mod client;
mod database;
mod dice;
mod flush_order;
mod installation;
mod kill;
mod ledger;
mod leftovers;
mod load;
mod nodes;
mod postgres_flush;
mod process;
mod receipts;
mod receiver;
mod refusals;
mod shutdown;
mod sink;
mod strokes;
mod trace;
mod twice;
