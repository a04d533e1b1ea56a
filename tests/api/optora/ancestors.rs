//! The habits of public clients, most of them of Optora's ancestor (spec 3.0).

use serde_json::{Value, json};

use super::client::Optora;
use crate::harness::{EMAIL, other_than};

/// What all of them send.
fn generate() -> Value {
    json!({"email": EMAIL, "type": "numeric", "organization": "Acme", "subject": "OTP Verification"})
}

/// By the status alone, and what they show is `error`.
#[tokio::test]
async fn most_go_by_the_status() {
    let api = Optora::new().await;
    assert!(api.post("generate", generate()).await.status.is_success());
    let code = api.code().await;
    let wrong = api.verify(EMAIL, other_than(&code)).await;
    assert!(!wrong.status.is_success() && wrong.json()["error"].is_string());
    assert!(api.verify(EMAIL, code).await.status.is_success());
}

/// By the words of a success.
#[tokio::test]
async fn one_compares_the_message() {
    let api = Optora::with("messages = 'otp-service'").await;
    let sent = api.post("generate", generate()).await;
    assert_eq!(sent.json()["message"], "OTP is generated and sent to your email");
    assert_eq!(api.verify(EMAIL, api.code().await).await.json()["message"], "OTP is verified");
}

/// By a flag that no version ever sent.
#[tokio::test]
async fn one_looks_for_a_flag() {
    let api = Optora::new().await;
    assert_eq!(api.post("generate", generate()).await.json()["success"], true);
    let code = api.code().await;
    assert_eq!(api.verify(EMAIL, other_than(&code)).await.json()["success"], Value::Null);
    assert_eq!(api.verify(EMAIL, code).await.json()["success"], true);
}
