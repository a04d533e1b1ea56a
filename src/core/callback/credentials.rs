//! What proves to a receiver that a request is ours.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Format;
use crate::core::{
    clock::Timestamp,
    entropy::{Entropy, NoEntropy, bytes},
    hex::hex,
};

/// How long the secrets before the last rotation still count (security D2).
const OVERLAP: Duration = Duration::from_hours(24);

/// A secret is not of the form that signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a callback's secret cannot be used")]
pub struct SigningError;

/// The two secrets of a callback, each 256 random bits unless the operator chose the first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Secrets {
    /// Signs the dialect's own header.
    pub callback: String,
    /// Signs the body, as Standard Webhooks says; `whsec_…`.
    pub webhook: String,
}

impl Secrets {
    /// New ones.
    pub fn draw(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let callback = hex(&bytes::<32>(entropy)?);
        let webhook = format!("whsec_{}", BASE64_STANDARD.encode(bytes::<32>(entropy)?));
        Ok(Self { callback, webhook })
    }
}

/// Everything secret about a callback; kept sealed. No `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credentials {
    /// Value of the `Authorization` header, if the receiver wants one.
    pub authorization: Option<String>,
    /// The secrets in use.
    pub current: Secrets,
    /// Those before, and until when they count.
    pub before: Option<(Secrets, Timestamp)>,
}

impl Drop for Credentials {
    fn drop(&mut self) {
        self.authorization.zeroize();
    }
}

impl Credentials {
    /// Puts new secrets in use; the ones of today count for another day.
    pub fn rotate(&mut self, new: Secrets, now: Timestamp) {
        let old = std::mem::replace(&mut self.current, new);
        self.before = Some((old, now + OVERLAP));
    }

    /// The secrets that count, the newest first.
    pub fn live(&self, now: Timestamp) -> impl Iterator<Item = &Secrets> {
        let before = self.before.as_ref().filter(|(_, until)| now < *until).map(|(secrets, _)| secrets);
        std::iter::once(&self.current).chain(before)
    }

    /// The headers of one attempt, one set for each secret by which a receiver may know us: the newest first.
    ///
    /// The Standard Webhooks signature can be given for all of them at once; a dialect's own header for one only.
    pub fn headers(
        &self,
        format: &dyn Format,
        username: &str,
        request: (i64, &str),
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<Vec<Vec<(&'static str, String)>>, SigningError> {
        let (id, body) = (request.0.to_string(), request.1.as_bytes());
        let sign = |secrets: &Secrets| Webhook::new(&secrets.webhook)?.sign(&id, now.seconds(), body);
        let signatures = self.live(now).map(sign).collect::<Result<Vec<_>, _>>().map_err(|_| SigningError)?;
        let mut common = vec![
            (HEADER_WEBHOOK_ID, id.clone()),
            (HEADER_WEBHOOK_TIMESTAMP, now.seconds().to_string()),
            (HEADER_WEBHOOK_SIGNATURE, signatures.join(" ")),
        ];
        common.extend(self.authorization.clone().map(|value| ("authorization", value)));
        if username.is_empty() {
            return Ok(vec![common]);
        }
        let proven = |secrets: &Secrets| {
            let nonce = hex(&bytes::<16>(entropy).map_err(|_| SigningError)?);
            let proof = format.proof(username, &secrets.callback, &nonce, now);
            Ok([vec![proof], common.clone()].concat())
        };
        self.live(now).map(proven).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{callback::News, entropy::SeededEntropy};

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    struct Plain;

    impl Format for Plain {
        fn body(&self, _: &[News]) -> String {
            String::new()
        }

        fn probe(&self) -> &'static str {
            ""
        }

        fn proof(&self, username: &str, secret: &str, nonce: &str, _: Timestamp) -> (&'static str, String) {
            ("x-proof", format!("{username} {secret} {nonce}"))
        }
    }

    fn credentials(entropy: &dyn Entropy) -> Credentials {
        Credentials { authorization: None, current: Secrets::draw(entropy).unwrap(), before: None }
    }

    fn header<'a>(headers: &'a [(&'static str, String)], name: &str) -> &'a str {
        headers.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }

    #[test]
    fn drawn_secrets_have_256_bits_and_differ() {
        let entropy = SeededEntropy::new(1);
        let (one, two) = (Secrets::draw(&entropy).unwrap(), Secrets::draw(&entropy).unwrap());
        assert!(one != two);
        assert_eq!(one.callback.len(), 64);
        assert_eq!(BASE64_STANDARD.decode(&one.webhook["whsec_".len()..]).unwrap().len(), 32);
    }

    #[test]
    fn the_body_is_signed_and_the_id_is_the_same_on_every_attempt() {
        let entropy = SeededEntropy::new(1);
        let credentials = credentials(&entropy);
        let headers = |body, now| credentials.headers(&Plain, "", (7, body), now, &entropy).unwrap().swap_remove(0);
        let (first, again) = (headers("{}", NOW), headers("{}", NOW + Duration::from_mins(1)));
        assert_eq!((header(&first, "webhook-id"), header(&again, "webhook-id")), ("7", "7"));
        assert_eq!(header(&first, "webhook-timestamp"), "1700000000");
        assert_ne!(header(&first, "webhook-signature"), header(&again, "webhook-signature"));
        assert_ne!(header(&first, "webhook-signature"), header(&headers("{ }", NOW), "webhook-signature"));
        assert_eq!(header(&first, "x-proof"), "", "without a user name there is no proof of the dialect");
    }

    #[test]
    fn both_secrets_sign_for_a_day_after_a_rotation() {
        let entropy = SeededEntropy::new(1);
        let mut credentials = credentials(&entropy);
        credentials.rotate(Secrets::draw(&entropy).unwrap(), NOW);
        let sets = |now| credentials.headers(&Plain, "u", (7, "{}"), now, &entropy).unwrap();
        let during = sets(NOW + Duration::from_hours(23));
        assert_eq!(during.len(), 2);
        assert_eq!(header(&during[0], "webhook-signature").split(' ').count(), 2);
        assert!(header(&during[0], "x-proof").contains(&credentials.current.callback));
        assert!(!header(&during[1], "x-proof").contains(&credentials.current.callback));
        let after = sets(NOW + Duration::from_hours(24));
        assert_eq!(after.len(), 1);
        assert_eq!(header(&after[0], "webhook-signature").split(' ').count(), 1);
    }

    #[test]
    fn every_attempt_has_its_own_nonce() {
        let entropy = SeededEntropy::new(1);
        let credentials = credentials(&entropy);
        let proof = || credentials.headers(&Plain, "u", (7, "{}"), NOW, &entropy).unwrap()[0][0].1.clone();
        assert_ne!(proof(), proof());
    }
}
