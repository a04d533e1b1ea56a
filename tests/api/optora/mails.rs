//! What the mails say (spec 3.7).

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use insta::assert_snapshot;
use serde_json::json;
use verifyd::{
    channel::{Accepted, DeliveryError, Provider, Registry},
    core::{
        channel::Channel,
        plan::{Content, Outgoing},
    },
};

use super::client::{Optora, between};
use crate::harness::EMAIL;

/// What a reader sees of a mail, one line for each paragraph.
fn words(html: &str) -> String {
    let pieces = html.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text.trim());
    pieces.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_code_mail_holds_a_code_and_no_link() {
    let api = Optora::new().await;
    api.post("generate", json!({"email": EMAIL, "organization": "Acme & Sons", "subject": "Welcome <you>"})).await;
    assert_eq!(api.app.last().await.subject.as_deref(), Some("Welcome <you>"));
    let (html, code) = (api.mail().await, api.code().await);
    assert_snapshot!(words(&html).replace(&code, "[code]"), @r"
    Your Acme &amp; Sons verification code
    [code]
    This code expires in 5 minutes.
    Didn't request this? You can ignore this mail: nothing happens without you.
    Sent by verifyd
    ");
    assert!(!html.contains("href") && !html.contains("http"), "{html}");
}

#[tokio::test]
async fn a_link_mail_holds_a_link_twice_and_no_code() {
    let api = Optora::new().await;
    api.code_sent().await;
    let code = api.code().await;
    api.link_sent().await;
    assert_eq!(api.app.last().await.subject.as_deref(), Some("Verify your email"));
    let html = api.mail().await;
    let token = between(&html, "token=", "\"");
    assert_snapshot!(words(&html).replace(token, "[token]"), @r"
    Confirm your email address for Verification
    Verify email
    This link expires in 5 minutes. If the button does not work, open this address:
    https://otp.example.com/api/otp/verify-link?token=[token]
    Didn't request this? You can ignore this mail: nothing happens without you.
    Sent by verifyd
    ");
    assert!(!html.contains(&code), "{html}");
}

/// Security C5, C6.
#[tokio::test]
async fn names_and_subjects_are_cut_and_cannot_smuggle_anything_in() {
    let heads = Arc::new(Heads::default());
    let mut registry = Registry::default();
    registry.add("heads", &[Channel::Email], heads.clone());
    let api = Optora::with_carriers("", registry).await;
    let (name, subject) = (format!("A\r\nBcc: x@y.test{}", "b".repeat(90)), format!("\u{202e}{}", "s".repeat(200)));
    let sent = api.post("generate", json!({"email": EMAIL, "organization": name, "subject": subject})).await;
    assert_eq!(sent.status, 200, "{sent}");
    let heads = heads.0.lock().unwrap();
    assert_eq!(*heads, [(format!("ABcc: x@y.test{}", "b".repeat(66)), "s".repeat(150))]);
}

#[tokio::test]
async fn a_name_is_text_in_a_mail() {
    let api = Optora::new().await;
    api.post("generate", json!({"email": EMAIL, "organization": "<script>alert(1)</script>{{code}}"})).await;
    assert!(api.mail().await.contains("Your &lt;script&gt;alert(1)&lt;/script&gt;{{code}} verification code"));
}

/// Name of the sender and subject of each mail.
#[derive(Default)]
struct Heads(Mutex<Vec<(String, String)>>);

#[async_trait]
impl Provider for Heads {
    async fn deliver(&self, message: &Outgoing<'_>) -> Result<Accepted, DeliveryError> {
        if let Content::Mail { from_name: Some(name), subject, .. } = message.content {
            self.0.lock().unwrap().push((name.clone(), subject.clone()));
        }
        Ok(Accepted::default())
    }
}
