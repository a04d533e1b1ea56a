//! Tokens of the management API.

use subtle::ConstantTimeEq;

use super::{clock::Timestamp, keyring::Digest};

/// One token, kept as a keyed digest. No `Debug`.
#[derive(Clone)]
pub struct AdminToken {
    /// Snowflake.
    pub id: i64,
    /// What the operator calls it; unique.
    pub name: String,
    /// Keyed digest of the token.
    pub digest: Digest,
    /// Refused from then on.
    pub expires_at: Option<Timestamp>,
    /// Made at.
    pub created_at: Timestamp,
}

impl AdminToken {
    /// Whether the token with this digest is this one, and good now. Takes as long whatever the digest is.
    #[must_use]
    pub fn admits(&self, digest: &Digest, now: Timestamp) -> bool {
        let known: bool = self.digest.ct_eq(digest).into();
        known && self.expires_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_token_is_good_for_its_own_digest_until_it_expires() {
        let start = Timestamp::from_millis(1_700_000_000_000);
        let expires_at = Some(start + Duration::from_secs(1));
        let token = AdminToken { id: 1, name: "ci".to_owned(), digest: [1; 32], expires_at, created_at: start };
        assert!(token.admits(&[1; 32], start));
        assert!(!token.admits(&[2; 32], start));
        assert!(!token.admits(&[1; 32], start + Duration::from_secs(1)));
    }
}
