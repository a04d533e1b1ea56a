//! Two nodes: each remembers what it sent, and neither is wrong about what the other did since.

use std::cell::Cell;

use serde_json::json;

use super::client::{MailPass, code_in, fault};
use crate::harness::{Answer, Node, other_than, request};

async fn beside(api: &MailPass) -> Node {
    Node::new(api.app.beside().await)
}

/// A call to the other node, which delivers meanwhile.
async fn there(node: &Node, api: &MailPass, path: &str, body: serde_json::Value) -> Answer {
    let bearer = format!("Bearer {}", api.key);
    let path = format!("/api/v1/otp/{path}");
    let answered = Cell::new(false);
    let call = async {
        let answer = node.exchange(request("POST", &path, &[("authorization", &bearer)], body.to_string())).await;
        answered.set(true);
        answer
    };
    let deliveries = async {
        while !answered.get() {
            node.app.worker().step().await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(call, deliveries).0
}

#[tokio::test]
async fn a_code_that_the_other_node_sent_again_is_verified_here_and_the_older_one_is_not() {
    let api = MailPass::new().await;
    let node = beside(&api).await;
    let (session, first) = api.begun().await;
    assert_eq!(there(&node, &api, "resend", json!({"session_id": session})).await.status, 200);
    let mail = node.app.inbox().unwrap().newest_first().swap_remove(0);
    let second = code_in(&mail.html.unwrap());
    assert_eq!(fault(&api.verify(&session, &first).await), "400 INVALID_CODE");
    assert_eq!(api.verify(&session, &second).await.status, 200);
    assert_eq!(fault(&api.verify(&session, &second).await), "400 INVALID_CODE", "once");
}

#[tokio::test]
async fn wrong_guesses_at_the_other_node_count_here() {
    let api = MailPass::new().await;
    let node = beside(&api).await;
    let (session, code) = api.begun().await;
    for _ in 0..5 {
        let wrong = json!({"session_id": session, "code": other_than(&code)});
        assert_eq!(fault(&there(&node, &api, "verify", wrong).await), "400 INVALID_CODE");
    }
    assert_eq!(fault(&api.verify(&session, &code).await), "400 INVALID_CODE");
    assert_eq!(api.status(&session).await.json()["data"]["attempts"], 5);
}

#[tokio::test]
async fn what_the_other_node_verified_is_used_here() {
    let api = MailPass::new().await;
    let node = beside(&api).await;
    let (session, code) = api.begun().await;
    assert_eq!(there(&node, &api, "verify", json!({"session_id": session, "code": code})).await.status, 200);
    assert_eq!(fault(&api.verify(&session, &code).await), "400 INVALID_CODE");
}
