//! The shapes of spec 3.1 and their translation. No rule about codes lives here.

pub(super) mod answers;
pub(super) mod entire;
pub(super) mod requests;
