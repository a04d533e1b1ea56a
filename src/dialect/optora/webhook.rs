//! Who is told that a link has been followed, and how (spec 3.5).

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::settings::Settings;
use crate::{
    core::{clock::Timestamp, hex::hex, recipient::Recipient, session::SessionState},
    service::{Hook, Service, Session},
};

/// Where a session keeps the address.
pub(super) const URL: &str = "webhook";
/// What receivers know the requests by.
const USER_AGENT: &str = "otp-mailer-webhook/1.0";
const DEADLINE: Duration = Duration::from_secs(5);

/// Tells whoever wanted to know; nobody waits for it.
pub(super) fn tell(service: &Service, settings: &Settings, session: &Session) {
    let (Some(url), SessionState::Verified { at }) = (session.extra.get(URL).and_then(Value::as_str), &session.state)
    else {
        return;
    };
    let Some(email) = &session.recipient else { return };
    let body = body(email, session, *at);
    let mut headers = vec![("user-agent", USER_AGENT.to_owned())];
    if let Some(secret) = &settings.webhook_secret {
        headers.push(("x-webhook-signature", signature(secret, &body)));
    }
    service.tell_once(Hook { url: url.to_owned(), headers, body, deadline: DEADLINE, session: session.id });
}

fn body(email: &Recipient, session: &Session, at: Timestamp) -> String {
    json!({
        "event": "email.verified",
        "email": email.as_str(),
        "requestId": session.public_id,
        "verifiedAt": at.rfc3339_millis(),
    })
    .to_string()
}

/// `sha256=` and the HMAC of the body in hexadecimal digits.
fn signature(secret: &str, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() }; // takes any length
    mac.update(body.as_bytes());
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn a_signature_is_the_hmac_of_the_body() {
        let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", "what do ya want for nothing?"), expected);
    }
}
