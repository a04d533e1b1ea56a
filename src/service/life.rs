//! What an operator may know of a message: everything but its code and its recipients.

use super::{Error, Service};
use crate::core::{id::MessageId, recipient::Recipient};
pub use crate::store::{EventRow, MessageRow};

/// A message's life so far.
pub struct Life {
    /// What is kept of it.
    pub message: MessageRow,
    /// Its recipients, masked; none when they are forgotten.
    pub recipients: Vec<String>,
}

impl Service {
    /// The life of a message of whatever application.
    pub async fn life(&self, id: MessageId) -> Result<Option<Life>, Error> {
        let Some(message) = self.parts().store.message(id).await? else { return Ok(None) };
        let recipients = self.open_recipients(id, &message.recipient).unwrap_or_default();
        Ok(Some(Life { recipients: recipients.iter().map(Recipient::masked).collect(), message }))
    }
}
