//! What keeps a mailer without keys from being a nuisance: the limiter first, then the list of the blocked (spec 3.4).

use std::time::Duration;

use serde_json::{Map, Value};

use super::{error::ApiError, guest::Guest};
use crate::{
    core::recipient::Recipient,
    service::{Charge, subscriber},
};

/// How long somebody stays blocked.
const BLOCKED_FOR: Duration = Duration::from_hours(24);

/// What is counted about somebody, if it is known who it is.
type Counted<'a> = (&'static str, Option<[&'a [u8]; 1]>);

impl Guest {
    /// Counts one call that sends: by client and, if one is named, by address as it was written (spec 3.4). Refused calls
    /// count, too; aliases share the limits of the recipient. A node may let one too many through.
    pub(super) async fn count(&self, email: Option<&str>) -> Result<(), ApiError> {
        let (client, email) = (self.client(), email.map(|email| email.trim().to_ascii_lowercase()));
        let who = [
            ("optora.client", client.as_ref().map(|client| [client.as_bytes()])),
            ("optora.email", email.as_ref().map(|email| [email.as_bytes()])),
        ];
        let counts =
            self.service.charge_behind(&charges(&who, self.settings.max_requests, self.settings.window)).await?;
        match counts.iter().filter(|count| count.is_over()).map(|count| count.resets_in).max() {
            None => Ok(()),
            Some(wait) => Err(ApiError::too_many(wait)),
        }
    }

    /// Refuses who is blocked, and blocks who uses a forbidden word in any field but the address. Where no word is forbidden,
    /// nobody is blocked.
    pub(super) async fn refuse_spam(&self, to: &Recipient, body: &Map<String, Value>) -> Result<(), ApiError> {
        if self.settings.blocked_keywords.is_empty() {
            return Ok(());
        }
        let client = self.client();
        let who = [
            ("optora.blocked-client", client.as_ref().map(|client| [client.as_bytes()])),
            ("optora.blocked-email", Some([to.as_str().as_bytes()])),
        ];
        let blocks = charges(&who, 0, BLOCKED_FOR);
        if self.service.counts(&blocks).await?.iter().any(|count| count.used > 0) {
            return Err(ApiError::spam());
        }
        if !self.has_blocked_word(body) {
            return Ok(());
        }
        self.service.charge(&blocks).await?;
        tracing::info!("a request held a blocked keyword: its client and its address are blocked for a day");
        Err(ApiError::spam())
    }

    fn has_blocked_word(&self, body: &Map<String, Value>) -> bool {
        let mut others = body.iter().filter(|(key, _)| *key != "email");
        others.any(|(_, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned).to_lowercase();
            self.settings.blocked_keywords.iter().any(|word| text.contains(word))
        })
    }

    fn client(&self) -> Option<String> {
        self.address.map(|address| subscriber(address).to_string())
    }
}

fn charges<'a>(who: &'a [Counted<'a>], limit: u32, window: Duration) -> Vec<Charge<'a>> {
    let known = who.iter().filter_map(|(rule, subject)| Some((*rule, subject.as_ref()?)));
    known.map(|(rule, subject)| Charge { rule, subject, limit, window }).collect()
}
