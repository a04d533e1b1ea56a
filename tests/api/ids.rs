//! The ids of messages (spec section 7).

use std::time::Duration;

use verifyd::core::{clock::Clock, id::EPOCH_MILLIS};

use crate::harness::{OTP, START, TestApp, message};

/// Milliseconds since 1970, worker and sequence.
fn decoded(id: &str) -> (i64, i64, i64) {
    let id: i64 = id.parse().unwrap();
    ((id >> 22) + EPOCH_MILLIS, id >> 12 & 1023, id & 4095)
}

#[tokio::test]
async fn an_id_is_a_decimal_string_that_says_when() {
    let app = TestApp::new().await;
    let later = Duration::from_millis(1_234_567);
    app.later(later);
    let answer = app.send(message("+6598765432", OTP)).await.json();
    let id = answer["message_id"].as_str().unwrap();
    assert!(id.len() == 19 && id.bytes().all(|byte| byte.is_ascii_digit()) && !id.starts_with('0'), "{id}");
    assert_eq!(decoded(id).0, (START + later).millis());
    assert_eq!(decoded(id).0, app.clock.now().millis());
}

#[tokio::test]
async fn ids_increase_within_and_across_milliseconds() {
    let app = TestApp::new().await;
    let mut last = 0;
    for number in 0..20 {
        let id: i64 = app.sent(&format!("+65987654{number:02}"), OTP).await.parse().unwrap();
        assert!(id > last);
        last = id;
        app.later(Duration::from_millis(number % 2));
    }
}

#[tokio::test]
async fn a_single_node_is_worker_zero_on_sqlite() {
    let app = TestApp::new().await;
    let (_, worker, _) = decoded(&app.sent("+6598765432", OTP).await);
    assert!(worker == 0 || app.database().is_postgres(), "{worker}");
}
