//! Our own failures wear the dialect's face as well (spec 2.1: 1000).

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use poem::{Endpoint, Request, endpoint::make_sync};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;
use verifyd::{
    dialect::engagelab,
    http::{allow::Allow, mount::face},
};

use crate::harness::{Answer, OTP, PHONE, TestApp, message};

const INTERNAL: &str = r#"500 {"code":1000,"message":"internal error"}"#;

#[tokio::test]
async fn a_panic_is_1000_and_says_nothing() {
    let broken = make_sync(|_: Request| -> poem::Response { panic!("a secret detail") });
    let broken = face(broken, Allow::default(), engagelab::rejected);
    let answer = broken.get_response(Request::default()).await;
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.into_body().into_string().await.unwrap(), r#"{"code":1000,"message":"internal error"}"#);
}

/// Answers of the calls that need the database.
async fn everything(app: &TestApp) -> Vec<Answer> {
    let own = json!({"to": "+6598765433", "code": "1", "template": {"id": OTP}});
    vec![
        app.send(message(PHONE, OTP)).await,
        app.engagelab("POST", "/v1/codes", own).await,
        app.verify("1795219200000000000", "123456").await,
    ]
}

async fn statuses(app: &TestApp) -> Vec<u16> {
    everything(app).await.iter().map(|answer| answer.status.as_u16()).collect()
}

#[tokio::test]
async fn a_database_that_fails_is_1000_and_is_used_again_when_it_is_back() {
    let app = TestApp::new().await;
    app.sql("ALTER TABLE message RENAME TO lost").await;
    for answer in everything(&app).await {
        assert_eq!(answer.to_string(), INTERNAL);
        answer.json();
    }
    app.sql("ALTER TABLE lost RENAME TO message").await;
    assert_eq!(statuses(&app).await, [200, 200, 400]);
}

/// What the server prepared before the table went must not keep it from working when the table is back.
#[tokio::test]
async fn a_table_that_goes_under_a_working_server_is_used_again_when_it_is_back() {
    for table in ["message", "outbox", "event", "send_window"] {
        let app = TestApp::new().await;
        let id = app.sent("+6598765430", OTP).await;
        assert_eq!(app.verify(&id, &app.last_code().await).await.status, 200);
        assert_eq!(app.readiness().await, 200);

        app.sql(&format!("ALTER TABLE {table} RENAME TO lost")).await;
        for phone in ["+6598765431", "+6598765432"] {
            assert_eq!(app.send(message(phone, OTP)).await.to_string(), INTERNAL, "{table}");
        }
        let _ = app.app.worker().step().await;
        assert_eq!(app.readiness().await, 503, "{table}");

        app.sql(&format!("ALTER TABLE lost RENAME TO {table}")).await;
        assert_eq!(app.readiness().await, 200, "{table}");
        assert_eq!(statuses(&app).await, [200, 200, 400], "{table}");
        assert_eq!(app.inbox().await.len(), 3, "{table}");
    }
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_1000_within_two_and_a_half_seconds() {
    let app = TestApp::new().await;
    let other = app.database().connect().await;
    let turn = other.begin().await.unwrap();
    let hold = if app.database().is_postgres() { "LOCK TABLE message" } else { "UPDATE setting SET value = value" };
    turn.execute_unprepared(hold).await.unwrap();
    let begin = Instant::now();
    let answer = app.verify("1795219200000000000", "123456").await;
    let time = begin.elapsed();
    assert_eq!(answer.to_string(), INTERNAL);
    // Half a second for a busy machine; without a limit of its own it would be the database's, five seconds or none.
    assert!(time < Duration::from_secs(3), "{time:?}");
    turn.rollback().await.unwrap();
}

#[tokio::test]
async fn more_than_the_outbox_takes_is_503_and_may_be_tried_again() {
    let app = TestApp::new().await;
    app.service().parts().metrics.outbox(100_000, Duration::ZERO);
    let answer = app.send(message(PHONE, OTP)).await;
    assert_snapshot!(answer, @r#"503 {"code":1000,"message":"service is overloaded, try again later"}"#);
    assert_eq!(answer.header("retry-after"), "1");
    app.service().parts().metrics.outbox(99_999, Duration::ZERO);
    assert_eq!(app.send(message(PHONE, OTP)).await.status, 200);
}
