//! Receipts come late, twice, in the wrong order, too early and for others; the end is right, and no code is touched.

use std::time::Duration;

use verifyd::{
    channel::{Receipt, Report, Sink},
    core::channel::Channel,
};

use super::stage::{MAIN, Says, Stage, Stub, events, may_be_sent_again, with_stubs};

const TO: &str = "+6598765432";
const FAILED: Report = Report::Failed(5018);

/// Receipts that wait for the hand-over that they are about.
async fn waiting(stage: &Stage) -> usize {
    let parts = stage.app.service().parts();
    parts.store.early_receipts(1000, parts.clock.now() + Duration::from_hours(24)).await.unwrap().len()
}

#[tokio::test]
async fn a_receipt_that_is_told_a_hundred_times_counts_once() {
    for report in [Report::Delivered, FAILED] {
        let stage = Stage::new().await;
        let id = stage.sent(TO).await;
        let reference = stage.given(id)[0].reference.clone();
        for _ in 0..50 {
            stage.told(MAIN, &reference, report).await;
        }
        stage.told_only(MAIN, &vec![(&*reference, report); 50]).await;
        let told = stage.events(id).await.iter().filter(|event| event.starts_with("delivered")).count();
        assert_eq!(told, 1);
        stage.after(Duration::from_secs(9)).await;
        assert_eq!(stage.given(id).len(), if report == Report::Delivered { 1 } else { 2 });
    }
}

#[tokio::test]
async fn receipts_at_the_same_time_count_once() {
    let stage = Stage::new().await;
    let id = stage.sent(TO).await;
    let reference = stage.given(id)[0].reference.clone();
    let told = (0..100).map(|_| {
        let receipt = Receipt { reference: reference.clone(), report: Report::Delivered, detail: None };
        stage.app.service().receipts(MAIN, vec![receipt])
    });
    for kept in futures_util::future::join_all(told).await {
        kept.unwrap();
    }
    let told = stage.events(id).await.into_iter().filter(|event| event.starts_with("delivered")).count();
    assert_eq!(told, 1);
}

#[tokio::test]
async fn a_failure_after_a_delivery_changes_nothing_and_a_delivery_after_a_failure_ends_the_plan() {
    let stage = Stage::new().await;
    let id = stage.sent(TO).await;
    let reference = stage.given(id)[0].reference.clone();
    stage.told(MAIN, &reference, Report::Delivered).await;
    stage.told(MAIN, &reference, FAILED).await;
    assert_eq!(stage.events(id).await[3..], ["delivered whatsapp"]);
    assert_eq!(stage.given(id).len(), 1);

    let id = stage.sent("+6598765433").await;
    let reference = stage.given(id)[0].reference.clone();
    stage.told(MAIN, &reference, FAILED).await;
    stage.told(MAIN, &reference, Report::Delivered).await;
    stage.after(Duration::from_mins(1)).await;
    assert_eq!(stage.events(id).await[3..], ["delivered_failed whatsapp 5018", "sent sms", "delivered whatsapp"]);
    assert_eq!(stage.given(id).len(), 2, "the third channel is not used");
}

#[tokio::test]
async fn both_receipts_in_one_batch_say_delivered_in_either_order() {
    let stage = Stage::new().await;
    for (number, batch) in [[FAILED, Report::Delivered], [Report::Delivered, FAILED]].into_iter().enumerate() {
        let id = stage.sent(&format!("+659876543{number}")).await;
        let reference = stage.given(id)[0].reference.clone();
        stage.told_only(MAIN, &batch.map(|report| (&*reference, report))).await;
        stage.after(Duration::from_mins(1)).await;
        assert_eq!(stage.events(id).await[3..], ["delivered whatsapp"]);
        assert_eq!(stage.given(id).len(), 1);
    }
}

#[tokio::test]
async fn a_receipt_before_our_own_note_is_kept_until_it_is_written() {
    let stage = Stage::new().await;
    let id = stage.app.sent(TO, "three").await;
    let id = verifyd::core::id::MessageId::parse(&id).unwrap();
    stage.told_only(MAIN, &[(&format!("{id}-0"), Report::Delivered)]).await;
    stage.told_only(MAIN, &[(&format!("{id}-0"), FAILED)]).await; // older news, told later
    assert_eq!(waiting(&stage).await, 1);
    stage.app.deliver().await;
    assert_eq!(stage.events(id).await[1..], ["target_valid whatsapp", "sent whatsapp"]);
    stage.after(Duration::from_secs(1)).await;
    assert_eq!(stage.events(id).await[3..], ["delivered whatsapp"]);
    assert_eq!(waiting(&stage).await, 0);
    stage.after(Duration::from_mins(1)).await;
    assert_eq!(stage.given(id).len(), 1);
}

#[tokio::test]
async fn a_receipt_for_a_message_that_is_not_ours_is_dropped_after_an_hour() {
    let stage = Stage::new().await;
    let id = stage.sent(TO).await;
    let reference = stage.given(id)[0].reference.clone();
    stage.told("another", &reference, Report::Delivered).await;
    assert_eq!(stage.events(id).await.len(), 3, "the same reference of another provider is another message");
    for _ in 0..12 {
        assert_eq!(waiting(&stage).await, 1);
        stage.after(Duration::from_mins(5)).await;
    }
    assert_eq!(waiting(&stage).await, 0);
    let page = stage.app.service().parts().metrics.render().unwrap();
    assert!(page.contains(r#"verifyd_told_total{provider="another",what="dropped"} 1"#), "{page}");
}

#[tokio::test]
async fn receipts_after_the_code_is_verified_or_dead_are_written_and_touch_no_code() {
    let stage = Stage::new().await;
    let id = stage.sent(TO).await;
    let (reference, code) = (stage.given(id)[0].reference.clone(), stage.given(id)[0].code.clone());
    stage.app.verify(&id.to_string(), &code).await.id();
    stage.told(MAIN, &reference, FAILED).await;
    stage.told(MAIN, &reference, Report::Delivered).await;
    let life = stage.app.service().life(id).await.unwrap().unwrap();
    assert_eq!((life.message.guesses, life.message.verified_at.is_some(), life.message.waiting), (1, true, 0));
    assert_eq!(
        stage.events(id).await[3..],
        ["verified whatsapp", "delivered_failed whatsapp 5018", "delivered whatsapp"]
    );
    assert_eq!(stage.given(id).len(), 1);

    let id = stage.sent("+6598765433").await;
    let given = stage.given(id)[0].clone();
    stage.app.later(Duration::from_mins(6));
    stage.told(MAIN, &given.reference, FAILED).await;
    assert_eq!(stage.given(id).len(), 1, "nothing is handed over after the code's death");
    let events = stage.events(id).await;
    assert!(events.contains(&"delivered_failed whatsapp 5018".to_owned()), "{events:?}");
    let answer = stage.app.verify(&id.to_string(), &given.code).await;
    assert_eq!(answer.to_string(), r#"400 {"code":3003,"message":"verify code has expired"}"#);
}

/// Guesses before, between and after receipts of every kind meet what they would have met without them.
#[tokio::test]
async fn a_receipt_changes_no_guess() {
    let stage = Stage::new().await;
    let id = stage.sent(TO).await;
    let given = stage.given(id)[0].clone();
    let wrong = crate::harness::other_than(&given.code);
    for report in [FAILED, Report::Delivered, FAILED, Report::Delivered] {
        assert!(stage.app.verify(&id.to_string(), &wrong).await.text.ends_with(r#""verified":false}"#));
        stage.told(MAIN, &given.reference, report).await;
    }
    assert!(stage.app.verify(&id.to_string(), &given.code).await.text.ends_with(r#""verified":true}"#));
}

#[tokio::test]
async fn the_window_is_free_when_the_last_channel_that_had_it_reports_failure() {
    let stage = Stage::new().await;
    let id = stage.sent(TO).await;
    stage.after(Duration::from_secs(10)).await;
    stage.main.will(Channel::Voice, &[Says::Refused(verifyd::channel::Refusal::Other)]);
    stage.after(Duration::from_secs(20)).await;
    let references: Vec<_> = stage.given(id).into_iter().map(|given| given.reference).collect();
    assert_eq!(references.len(), 3);
    assert!(!may_be_sent_again(&stage.app, TO).await, "two channels have it");
    stage.told(MAIN, &references[0], FAILED).await;
    assert!(!may_be_sent_again(&stage.app, TO).await, "one channel has it");
    stage.told(MAIN, &references[1], FAILED).await;
    assert!(may_be_sent_again(&stage.app, TO).await);
}

#[tokio::test]
async fn without_reports_nothing_is_late() {
    let quiet = Stub::new(false);
    let app = with_stubs("", &[("quiet", 1, &quiet)]).await;
    let id = verifyd::core::id::MessageId::parse(&app.sent(TO, "three").await).unwrap();
    app.deliver().await;
    app.later(Duration::from_mins(1));
    app.deliver().await;
    assert_eq!(events(&app, id).await, ["plan whatsapp", "target_valid whatsapp", "sent whatsapp"]);
    assert_eq!(quiet.given().len(), 1);
}
