//! The development provider: keeps messages in memory, for eyes and tests. The one place that shows codes.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use serde::Serialize;

use super::{Accepted, DeliveryError, Provider, content_fits_channel};
use crate::core::{
    channel::Channel,
    clock::{Clock, Timestamp},
    plan::{Content, Outgoing},
};

/// How many messages are kept; the oldest go first.
pub const CAPACITY: usize = 1_000;

/// One kept message. `text` for words, `subject` and `html` for an email. It shows the code: JSON for the inbox page only.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct InboxMessage {
    /// The message's id as a decimal string.
    pub message_id: String,
    /// When it was handed over, in milliseconds since the Unix epoch.
    pub at: Timestamp,
    /// How it would have travelled.
    pub channel: Channel,
    /// Who it was for.
    pub to: String,
    /// Sender id the caller asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The rendered words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Subject of an email.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// HTML body of an email.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
}

/// The newest [`CAPACITY`] messages of this process. Clones share them: one is the provider, another shows them.
#[derive(Clone)]
pub struct Inbox {
    messages: Arc<Mutex<VecDeque<InboxMessage>>>,
    clock: Arc<dyn Clock>,
}

impl Inbox {
    /// An empty inbox that dates messages by `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { messages: Arc::default(), clock }
    }

    /// What was kept, newest first.
    #[must_use]
    pub fn newest_first(&self) -> Vec<InboxMessage> {
        self.lock().iter().rev().cloned().collect()
    }

    /// No code runs under the lock that could leave the list half changed, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, VecDeque<InboxMessage>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Provider for Inbox {
    async fn deliver(&self, message: &Outgoing<'_>) -> Result<Accepted, DeliveryError> {
        content_fits_channel(message)?;
        let (text, subject, html) = match message.content {
            Content::Text { text } => (Some(text.clone()), None, None),
            Content::Mail { subject, html, .. } => (None, Some(subject.clone()), Some(html.clone())),
        };
        let kept = InboxMessage {
            message_id: message.message_id.to_string(),
            at: self.clock.now(),
            channel: message.channel,
            to: message.recipient.as_str().to_owned(),
            sender: message.sender.map(str::to_owned),
            text,
            subject,
            html,
        };
        let mut messages = self.lock();
        if messages.len() == CAPACITY {
            messages.pop_front();
        }
        messages.push_back(kept);
        Ok(Accepted::default())
    }
}
