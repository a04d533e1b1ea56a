//! Two nodes: what one answers counts what the other did.

use serde_json::json;

use super::stage::{APPID, PHONE, Stage};
use crate::harness::{Node, other_than, request};

#[tokio::test]
async fn the_attempts_of_an_answer_are_those_of_all_nodes() {
    let stage = Stage::new().await;
    let node = Node::new(stage.app.beside().await);
    let id = stage.sent(PHONE).await;
    let code = stage.code();
    let headers = [("x-api-key", stage.key.dev_key.as_str()), ("x-api-secret", stage.key.dev_secret.as_str())];
    for left in [4, 3] {
        let body = json!({"appid": APPID, "verification_id": id, "otp_code": other_than(&code)});
        let answer = node.exchange(request("POST", "/otp/verify", &headers, body.to_string())).await;
        assert_eq!(answer.json()["attempts_remaining"], left, "{answer}");
    }
    assert_eq!(stage.verify(&id, &other_than(&code)).await.json()["attempts_remaining"], 2);
    let verified = stage.verify(&id, &code).await;
    assert_eq!(verified.json()["data"]["attempts"], 4, "{verified}");
}
