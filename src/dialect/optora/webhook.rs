//! Who is told that a link has been followed, and how (spec 3.5).

use serde_json::{Value, json};

use super::settings::Settings;
use crate::{
    core::{clock::Timestamp, hook::proof, recipient::Recipient, session::SessionState},
    service::{Hook, Service, Session},
};

/// Where a session keeps the address.
pub(super) const URL: &str = "webhook";
/// What receivers know the requests by.
const USER_AGENT: &str = "otp-mailer-webhook/1.0";

/// Tells whoever wanted to know; nobody waits for it.
pub(super) fn tell(service: &Service, settings: &Settings, session: &Session) {
    let (Some(url), SessionState::Verified { at }) = (session.extra.get(URL).and_then(Value::as_str), &session.state)
    else {
        return;
    };
    let Some(email) = &session.recipient else { return };
    let body = body(email, session, *at);
    let mut headers = vec![("user-agent", USER_AGENT.to_owned())];
    headers.extend(settings.webhook_secret.as_ref().map(|secret| proof(secret, &body)));
    service.tell_once(Hook { url: url.to_owned(), headers, body, session: session.id });
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
