//! Events that no provider causes.

use std::time::Duration;

use verifyd::core::id::MessageId;

use super::stage::Stage;
use crate::harness::OTP;

const TO: &str = "+6598765432";

async fn timeouts(stage: &Stage, id: MessageId) -> usize {
    stage.events(id).await.iter().filter(|event| event.starts_with("verified_timeout")).count()
}

#[tokio::test]
async fn a_code_that_nobody_sent_back_is_told_once_when_it_dies() {
    let stage = Stage::new().await;
    let id = stage.sent(TO).await;
    stage.app.later(Duration::from_millis(299_999));
    stage.app.sweep().await;
    assert_eq!(timeouts(&stage, id).await, 0);
    stage.app.later(Duration::from_millis(1));
    for _ in 0..3 {
        stage.app.sweep().await;
        assert_eq!(timeouts(&stage, id).await, 1);
    }
}

#[tokio::test]
async fn it_is_told_as_well_when_the_next_send_comes_before_the_sweep() {
    let stage = Stage::new().await;
    let first = stage.sent(TO).await;
    stage.app.later(Duration::from_mins(5));
    let second = stage.sent(TO).await;
    assert_eq!((timeouts(&stage, first).await, timeouts(&stage, second).await), (1, 0));
    stage.app.sweep().await;
    assert_eq!((timeouts(&stage, first).await, timeouts(&stage, second).await), (1, 0));
}

#[tokio::test]
async fn a_verified_code_and_one_that_the_caller_judges_do_not_time_out() {
    let stage = Stage::new().await;
    let verified = stage.sent(TO).await;
    let code = stage.given(verified)[0].code.clone();
    stage.app.verify(&verified.to_string(), &code).await.id();
    let own = serde_json::json!({"to": TO, "code": "1", "template": {"id": OTP}});
    let own = MessageId::parse(&stage.app.engagelab("POST", "/v1/codes", own).await.id()).unwrap();
    stage.app.later(Duration::from_mins(10));
    stage.app.sweep().await;
    assert_eq!((timeouts(&stage, verified).await, timeouts(&stage, own).await), (0, 0));
}

#[tokio::test]
async fn each_recipient_of_a_message_has_a_life_of_its_own() {
    let stage = Stage::new().await;
    stage.main.will(
        verifyd::core::channel::Channel::Sms,
        &[super::stage::Says::Taken, super::stage::Says::Refused(verifyd::channel::Refusal::Unreachable)],
    );
    let body = serde_json::json!({"to": [TO, "+6598765433"], "template": {"id": OTP, "params": {"code": "1"}}});
    let id = MessageId::parse(&stage.app.engagelab("POST", "/v1/custom-messages", body).await.id()).unwrap();
    stage.app.deliver().await;
    let life = stage.app.service().life(id).await.unwrap().unwrap();
    assert_eq!(life.recipients.len(), 2);
    let plans: Vec<_> = life.message.events.iter().filter(|event| event.kind == "plan").collect();
    let of = |kind: &str| life.message.events.iter().find(|event| event.kind == kind).unwrap().delivery;
    assert_eq!(plans.len(), 2);
    let mut told = [of("sent"), of("sent_failed")];
    told.sort_unstable();
    assert_eq!(told, [plans[0].delivery, plans[1].delivery]);
}
