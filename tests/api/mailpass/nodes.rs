//! Two nodes: each remembers what it sent, and neither is wrong about what the other did since. One that believes what it
//! remembers would be.

use std::cell::Cell;

use serde_json::json;

use super::client::{MailPass, code_in, fault};
use crate::harness::{Answer, Node, other_than, request};

const INVALID: &str = "400 INVALID_CODE";

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

/// What a call is answered: `200`, or the fault.
fn said(answer: &Answer) -> String {
    if answer.status == 200 { "200".to_owned() } else { fault(answer) }
}

/// The other node sends the code again: what this one says to the first code, and twice to the second.
async fn sent_again_there(api: &MailPass) -> [String; 3] {
    let node = beside(api).await;
    let (session, first) = api.begun().await;
    assert_eq!(there(&node, api, "resend", json!({"session_id": session})).await.status, 200);
    let mail = node.app.inbox().unwrap().newest_first().swap_remove(0);
    let second = code_in(&mail.html.unwrap());
    let mut answers = vec![];
    for code in [&first, &second, &second] {
        answers.push(said(&api.verify(&session, code).await));
    }
    answers.try_into().unwrap()
}

/// The other node takes five wrong guesses: what this one says to the right code.
async fn guessed_at_there(api: &MailPass) -> String {
    let node = beside(api).await;
    let (session, code) = api.begun().await;
    for _ in 0..5 {
        let wrong = json!({"session_id": session, "code": other_than(&code)});
        assert_eq!(fault(&there(&node, api, "verify", wrong).await), INVALID);
    }
    let answer = api.verify(&session, &code).await;
    assert_eq!(api.status(&session).await.json()["data"]["attempts"], 5);
    said(&answer)
}

/// The other node verifies the code: what this one says to it.
async fn verified_there(api: &MailPass) -> String {
    let node = beside(api).await;
    let (session, code) = api.begun().await;
    assert_eq!(there(&node, api, "verify", json!({"session_id": session, "code": code})).await.status, 200);
    said(&api.verify(&session, &code).await)
}

#[tokio::test]
async fn a_code_that_the_other_node_sent_again_is_verified_here_and_the_older_one_is_not() {
    assert_eq!(sent_again_there(&MailPass::new().await).await, [INVALID, "200", INVALID]);
}

#[tokio::test]
async fn wrong_guesses_at_the_other_node_count_here() {
    assert_eq!(guessed_at_there(&MailPass::new().await).await, INVALID);
}

#[tokio::test]
async fn what_the_other_node_verified_is_used_here() {
    assert_eq!(verified_there(&MailPass::new().await).await, INVALID);
}

/// The negative control.
#[cfg(feature = "controls")]
#[tokio::test]
async fn a_node_that_believes_what_it_remembers_verifies_all_of_these() {
    let believing = async || {
        let api = MailPass::new().await;
        api.app.service().parts().recall.believe();
        api
    };
    assert_eq!(sent_again_there(&believing().await).await, ["200", "200", "200"]);
    assert_eq!(guessed_at_there(&believing().await).await, "200");
    assert_eq!(verified_there(&believing().await).await, "200");
}
