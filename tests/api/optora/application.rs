//! The application that everything belongs to: it may be made after the server has started.

use serde_json::json;

use super::client::{Optora, page};
use crate::harness::{EMAIL, Log};

const FAULT: &str = r#"500 {"error":"Internal server error"}"#;

#[tokio::test]
async fn until_its_application_is_made_every_call_fails_and_the_log_names_the_setting() {
    let api = Optora::with("app = 'shop'").await;
    let calls = async || {
        let by_link = api.get("/api/otp/verify-link?token=a").await;
        let email = json!({"email": EMAIL});
        [
            api.post("generate", email.clone()).await.to_string(),
            api.post("send-link", email).await.to_string(),
            api.verify(EMAIL, "123456").await.to_string(),
            api.get("/api/otp/status/0").await.to_string(),
            page(&by_link),
        ]
    };
    let log = Log::start();
    let (said, logged) = (calls().await, log.text());
    let (by_link, others) = said.split_last().unwrap();
    assert_eq!(others, [FAULT; 4]);
    assert!(by_link.starts_with("500 "), "{by_link}");
    let causes: Vec<_> = logged.lines().filter(|line| line.contains(" source=")).collect();
    let named = causes.iter().filter(|line| line.contains("`optora.app` names the application")).count();
    assert_eq!((named, causes.len()), (said.len(), said.len()), "{causes:#?}");

    api.app.app_id("shop").await;
    for answer in calls().await {
        assert!(!answer.starts_with("500 "), "{answer}");
    }
}
