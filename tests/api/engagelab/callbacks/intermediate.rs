//! Failures after which another channel carries the message on (spec 10, row 27).

use std::time::Duration;

use serde_json::json;
use verifyd::{
    channel::{Refusal, Report},
    core::{callback::Callback, channel::Channel, clock::Clock},
};

use super::{LOCAL, every_topic, rows};
use crate::{
    fallback::{
        stage::{MAIN, Says, Stage},
        table::{Fate, combinations, is_lost, play, specified},
    },
    gateway_stub::Stub,
};

const TO: &str = "+6598765432";

/// Three channels, and a receiver that is told every step.
async fn stage(intermediate: bool) -> (Stage, Stub, Callback) {
    let stage = Stage::with(&format!("{LOCAL}\nintermediate_failures = {intermediate}")).await;
    let stub = Stub::start().await;
    let callback = stage.app.tells(&stub, every_topic()).await;
    (stage, stub, callback)
}

/// What the receiver was told since the last time, such as `sent sms` or `sent_failed sms 5012`.
fn told(stub: &Stub) -> Vec<String> {
    let received = stub.received();
    let steps = received.iter().flat_map(rows).filter(|row| row["status"].is_object());
    let said = steps.map(|row| {
        let (status, channel) = (row["status"]["message_status"].as_str().unwrap(), row["channel"].as_str().unwrap());
        let code = row["status"]["error_code"].as_u64().filter(|code| *code != 0);
        code.map_or_else(|| format!("{status} {channel}"), |code| format!("{status} {channel} {code}"))
    });
    said.collect()
}

fn is_failure(step: &str) -> bool {
    step.contains("_failed") || step.contains("invalid")
}

/// What a receiver that wants to hear of the end only is told of these fates: the last failure, if all is lost.
fn only_last(fates: [Fate; 3]) -> Vec<String> {
    let (mut steps, _) = specified(fates);
    let last = steps.iter().rposition(|step| is_failure(step)).filter(|_| is_lost(fates));
    let mut place = 0..;
    steps.retain(|step| place.next() == last || !is_failure(step));
    steps
}

#[tokio::test]
async fn unless_told_otherwise_every_failure_is_told_when_it_happens() {
    let (stage, stub, _) = stage(true).await;
    let fates = [Fate::Refused, Fate::Failed, Fate::Delivered];
    play(&stage, TO, fates, async || stage.app.call_back().await).await;
    stage.app.call_back().await;
    let (expected, _) = specified(fates);
    assert_eq!(told(&stub), expected);
    assert_eq!(expected.iter().filter(|step| is_failure(step)).count(), 2);
}

#[tokio::test]
async fn switched_off_only_the_last_failure_is_told_and_only_if_all_is_lost() {
    let (stage, stub, callback) = stage(false).await;
    for (number, fates) in combinations().enumerate() {
        let to = format!("+65{}", 98_765_000 + number);
        let begun = stage.app.clock.now();
        let id = play(&stage, &to, fates, async || stage.app.call_back().await).await;
        stage.app.call_back().await;
        assert_eq!(told(&stub), only_last(fates), "{fates:?}");

        let (kept, _) = specified(fates);
        assert_eq!(stage.events(id).await, kept, "{fates:?}: it stays in the life of the message");
        let soon = begun + Duration::from_hours(1);
        stage.app.service().replay(callback.id, begun, soon).await.unwrap();
        stage.app.call_back().await;
        assert_eq!(told(&stub), only_last(fates), "{fates:?}: a replay tells the same");
        stage.app.later(Duration::from_hours(1));
    }
}

#[tokio::test]
async fn it_is_the_same_when_everything_is_told_at_once() {
    let (stage, stub, _) = stage(false).await;
    for (number, fates) in combinations().enumerate() {
        play(&stage, &format!("+65{}", 98_765_000 + number), fates, async || {}).await;
        stage.app.call_back().await;
        assert_eq!(told(&stub), only_last(fates), "{fates:?}");
    }
}

#[tokio::test]
async fn a_failure_that_is_reported_late_is_not_the_last_word_while_a_later_channel_has_the_message() {
    let (stage, stub, _) = stage(false).await;
    let id = play(&stage, TO, [Fate::Late, Fate::Late, Fate::Late], async || {}).await;
    stage.app.call_back().await;
    told(&stub);
    for (given, is_last) in stage.given(id).iter().zip([false, false, true]) {
        stage.told(MAIN, &given.reference, Report::Failed(5018)).await;
        stage.app.call_back().await;
        let expected = is_last.then(|| format!("delivered_failed {} 5018", given.channel.as_str()));
        assert_eq!(told(&stub), expected.into_iter().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_refusal_by_the_last_channel_is_not_the_last_word_while_an_earlier_one_has_the_message() {
    let (stage, stub, _) = stage(false).await;
    let id = play(&stage, TO, [Fate::Late, Fate::Refused, Fate::Refused], async || {}).await;
    stage.app.call_back().await;
    assert_eq!(told(&stub), ["plan whatsapp", "target_valid whatsapp", "sent whatsapp"]);
    stage.told(MAIN, &stage.given(id)[0].reference, Report::Failed(5018)).await;
    stage.app.call_back().await;
    assert_eq!(told(&stub), ["delivered_failed whatsapp 5018"]);
}

#[tokio::test]
async fn a_plan_that_ends_for_want_of_time_tells_its_last_failure() {
    let (stage, stub, _) = stage(false).await;
    let id = stage.sent(TO).await;
    stage.app.later(Duration::from_millis(270_001));
    stage.told_only(MAIN, &[(&stage.given(id)[0].reference, Report::Failed(5018))]).await;
    stage.app.call_back().await;
    assert!(!told(&stub).iter().any(|step| is_failure(step)), "the next channel is to come");
    stage.app.deliver().await;
    stage.app.call_back().await;
    assert_eq!(told(&stub), ["sent_failed sms 5001"]);
}

#[tokio::test]
async fn each_recipient_has_a_last_word_of_its_own() {
    let (stage, stub, _) = stage(false).await;
    let no = Says::Refused(Refusal::Unreachable);
    stage.main.will(Channel::Whatsapp, &[no, no]);
    stage.main.will(Channel::Sms, &[Says::Taken, no]);
    stage.main.will(Channel::Voice, &[no]);
    let body = json!({"to": [TO, "+6598765433"], "template": {"id": "three", "params": {"code": "123456"}}});
    stage.app.engagelab("POST", "/v1/custom-messages", body).await.id();
    stage.app.deliver().await;
    stage.app.call_back().await;
    let failures: Vec<_> = told(&stub).into_iter().filter(|step| is_failure(step)).collect();
    assert_eq!(failures, ["sent_failed voice 5012"], "one of them has it by SMS, the other by no channel");
}
