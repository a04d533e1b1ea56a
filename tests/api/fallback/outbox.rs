//! Deliveries that wait: who gets a turn, and what is set aside.

use std::time::Duration;

use verifyd::core::id::MessageId;

use super::stage::{Stage, Stub, events, three, with_stubs};
use crate::harness::{OTP, TestApp, message};

/// A lease of a node that soon ends.
const SHORT: Duration = Duration::from_millis(1);

/// Makes everything that is claimed look as if its node had died.
fn forget_claims(app: &TestApp) {
    app.later(Duration::from_secs(31));
}

#[tokio::test]
async fn a_delivery_whose_tries_never_end_is_set_aside_and_seen() {
    let stage = Stage::with("delivery.min_life_left = '1s'").await;
    let id = MessageId::parse(&stage.app.sent("+6598765432", "three").await).unwrap();
    let parts = stage.app.service().parts();
    // Nodes that claim it and end before they can say how it went.
    forget_claims(&stage.app);
    for _ in 0..100 {
        let now = parts.clock.now();
        let claim = parts.ids.next(now).unwrap();
        assert_eq!(parts.store.claim_due(claim, SHORT, 10, now).await.unwrap().len(), 1);
        stage.app.later(SHORT);
    }
    stage.app.deliver().await;
    assert_eq!(events(&stage.app, id).await, ["plan whatsapp", "sent_failed - 5016"]);
    assert_eq!(stage.given(id).len(), 0);
    let page = parts.metrics.render().unwrap();
    assert!(page.contains("verifyd_set_aside_total 1"), "{page}");
}

/// One application fills this node's memory and the table; another's message is among the first all the same.
#[tokio::test]
async fn an_application_with_a_backlog_does_not_hold_up_another() {
    let stub = Stub::new(false);
    let app = with_stubs("delivery.concurrency = 2", &[("only", 1, &stub)]).await;
    let other = app.key_of("other", |_| {}).await;
    app.call_as(&other, "POST", "/v1/template-configs", three(5).to_string()).await;
    for number in 0..60 {
        app.sent(&format!("+65{}", 98_765_000 + number), OTP).await;
    }
    let answer = app.call_as(&other, "POST", "/v1/messages", message("+6598765432", "three").to_string()).await;
    let id = MessageId::parse(&answer.id()).unwrap();
    app.app.worker().step().await.unwrap();
    assert!(stub.given().iter().any(|given| given.message == id), "it is in the first batch");
    app.deliver().await;
    assert_eq!(stub.given().len(), 61);
}

#[tokio::test]
async fn claims_go_around_the_applications() {
    let stub = Stub::new(false);
    let app = with_stubs("delivery.concurrency = 2", &[("only", 1, &stub)]).await;
    let other = app.key_of("other", |_| {}).await;
    app.call_as(&other, "POST", "/v1/template-configs", three(5).to_string()).await;
    for number in 0..60 {
        app.sent(&format!("+65{}", 98_765_000 + number), OTP).await;
    }
    app.call_as(&other, "POST", "/v1/messages", message("+6598765432", "three").to_string()).await.id();
    let parts = app.service().parts();
    forget_claims(&app);
    let now = parts.clock.now();
    let due = parts.store.claim_due(parts.ids.next(now).unwrap(), Duration::from_secs(30), 4, now).await.unwrap();
    let mut owners: Vec<_> = due.iter().map(|due| due.app).collect();
    owners.sort_unstable();
    owners.dedup();
    assert_eq!((due.len(), owners.len()), (4, 2));
}
