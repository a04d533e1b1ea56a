//! What one recipient has been sent by each application, and how often somebody guessed wrong: the budget that no resend,
//! template, channel or API gets around (security A2, section 4). Applications share nothing of it but the sends of a day (C2).
//!
//! Tries are reserved when a code is made and given back when it has ended. A code counts by its end, not by its beginning:
//! whatever was guessed before then is inside every window that reaches back to it.

mod kept;
mod limits;
mod log;
mod odds;

pub use kept::Unreadable;
pub use limits::{Limits, Pace, Window};
pub use log::{Ending, Ledger, Sent};
pub use odds::odds;

#[cfg(test)]
mod tests;
