//! What must hold when many ask at once, on SQLite and, where `TEST_POSTGRES_URL` names a server, on PostgreSQL.
//!
//! With the feature `controls` the same races run against stores that are known to be wrong, and must notice.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may end it")]
#![expect(clippy::print_stdout, reason = "a race says what it counted, and under which seed")]

#[macro_use]
mod place;

mod budgets;
mod caps;
#[cfg(feature = "controls")]
mod controls;
mod hang_up;
mod ids;
mod ledgers;
mod lookups;
mod machine;
mod outage;
mod race;
mod rates;
mod retention;
mod revocation;
mod rounds;
mod samples;
mod story;
