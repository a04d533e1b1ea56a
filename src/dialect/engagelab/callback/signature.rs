//! `X-CALLBACK-ID`: time, nonce and user name, signed. The body is not (spec 5.3).

use crate::core::{clock::Timestamp, signature::sign};

/// The header's value. `username` and `nonce` hold no `;`.
pub(super) fn callback_id(username: &str, secret: &str, nonce: &str, now: Timestamp) -> String {
    let timestamp = now.seconds().to_string();
    let signature = sign(secret, &[&timestamp, nonce, username]);
    format!("timestamp={timestamp};nonce={nonce};username={username};signature={signature}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_specification() {
        let now = Timestamp::from_millis(1_701_234_567_999);
        assert_eq!(
            callback_id("my_user", "my_secret", "abc123", now),
            "timestamp=1701234567;nonce=abc123;username=my_user;\
             signature=404794bf3409ad56077e11dac58f0f1d19e5a3b898b669360fb888a5efe4e729"
        );
    }
}
