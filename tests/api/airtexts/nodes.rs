//! Two nodes: what one answers counts what the other did.

use serde_json::json;

use super::stage::{APPID, PHONE, Stage};
use crate::harness::{Node, other_than, request};

/// Two wrong guesses at the other node and one here, then the right code: how many guesses this one says are left after the
/// third, and how many there were in all.
async fn told_here(stage: &Stage) -> (u64, u64) {
    let node = Node::new(stage.app.beside().await);
    let id = stage.sent(PHONE).await;
    let code = stage.code();
    let headers = [("x-api-key", stage.key.dev_key.as_str()), ("x-api-secret", stage.key.dev_secret.as_str())];
    for left in [4, 3] {
        let body = json!({"appid": APPID, "verification_id": id, "otp_code": other_than(&code)});
        let answer = node.exchange(request("POST", "/otp/verify", &headers, body.to_string())).await;
        assert_eq!(answer.json()["attempts_remaining"], left, "{answer}");
    }
    let wrong = stage.verify(&id, &other_than(&code)).await.json();
    let right = stage.verify(&id, &code).await.json();
    (wrong["attempts_remaining"].as_u64().unwrap(), right["data"]["attempts"].as_u64().unwrap())
}

#[tokio::test]
async fn the_attempts_of_an_answer_are_those_of_all_nodes() {
    assert_eq!(told_here(&Stage::new().await).await, (2, 4));
}

/// The negative control.
#[cfg(feature = "controls")]
#[tokio::test]
async fn a_node_that_believes_what_it_remembers_counts_its_own_alone() {
    let stage = Stage::new().await;
    stage.app.service().parts().recall.believe();
    assert_eq!(told_here(&stage).await, (4, 1));
}
