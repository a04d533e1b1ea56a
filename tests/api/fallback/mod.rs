//! What becomes of a message whose first channel does not deliver it: other channels, other providers, and receipts.

mod events;
mod outbox;
mod places;
mod providers;
mod receipts;
pub(crate) mod stage;
pub(crate) mod table;
