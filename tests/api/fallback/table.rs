//! Every way in which three channels can take, refuse, fail or delay a message.

use std::{collections::HashSet, time::Duration};

use verifyd::{
    channel::{Refusal, Report},
    core::{channel::Channel, id::MessageId},
};

use super::stage::{HOPS, MAIN, Says, Stage, may_be_sent_again};
use crate::harness::OTP;

/// What becomes of a message on one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Refused,
    Failed,
    Late,
    Delivered,
}

const FATES: [Fate; 4] = [Fate::Refused, Fate::Failed, Fate::Late, Fate::Delivered];

pub(crate) fn combinations() -> impl Iterator<Item = [Fate; 3]> {
    (0..64).map(|number| [FATES[number / 16], FATES[number / 4 % 4], FATES[number % 4]])
}

/// What the specification says: the events in their order, and the channels that are used.
pub(crate) fn specified(fates: [Fate; 3]) -> (Vec<String>, Vec<Channel>) {
    let mut events = vec!["plan whatsapp".to_owned()];
    let mut used = vec![];
    for ((channel, _), fate) in HOPS.into_iter().zip(fates) {
        let word = channel.as_str();
        used.push(channel);
        if fate == Fate::Refused {
            events.push(format!("sent_failed {word} 5012"));
            continue;
        }
        if !events.iter().any(|event| event.starts_with("target_valid")) {
            events.push(format!("target_valid {word}"));
        }
        events.push(format!("sent {word}"));
        match fate {
            Fate::Failed => events.push(format!("delivered_failed {word} 5018")),
            Fate::Delivered => {
                events.push(format!("delivered {word}"));
                break;
            }
            Fate::Refused | Fate::Late => {}
        }
    }
    (events, used)
}

/// Whether every channel said no: nobody has the message.
pub(crate) fn is_lost(fates: [Fate; 3]) -> bool {
    fates.iter().all(|fate| matches!(fate, Fate::Refused | Fate::Failed))
}

/// Lets a message to `to` meet these fates; `and_then` runs after each of them.
pub(crate) async fn play(stage: &Stage, to: &str, fates: [Fate; 3], and_then: impl AsyncFn()) -> MessageId {
    for ((channel, _), fate) in HOPS.into_iter().zip(fates) {
        let says = if fate == Fate::Refused { Says::Refused(Refusal::Unreachable) } else { Says::Taken };
        stage.main.will(channel, &[says]);
    }
    let id = stage.sent(to).await;
    for ((channel, late), fate) in HOPS.into_iter().zip(fates) {
        and_then().await;
        let Some(given) = stage.given(id).into_iter().find(|given| given.channel == channel) else { break };
        match fate {
            Fate::Refused => {}
            Fate::Failed => stage.told_only(MAIN, &[(&given.reference, Report::Failed(5018))]).await,
            Fate::Delivered => stage.told_only(MAIN, &[(&given.reference, Report::Delivered)]).await,
            Fate::Late => {
                let before = stage.given(id).len();
                stage.after(late.saturating_sub(Duration::from_millis(1))).await;
                assert_eq!(stage.given(id).len(), before, "{fates:?}: it is not late yet");
                stage.app.later(Duration::from_millis(1));
            }
        }
        and_then().await;
        stage.app.deliver().await;
    }
    stage.after(Duration::from_secs(100)).await; // nothing is left to happen
    for (channel, _) in HOPS {
        stage.main.clear(channel);
    }
    id
}

#[tokio::test]
async fn every_combination_of_refused_failed_late_and_delivered_over_three_channels_ends_as_specified() {
    let stage = Stage::new().await;
    let mut ids = HashSet::new();
    for (number, fates) in combinations().enumerate() {
        let to = format!("+65{}", 98_765_000 + number);
        let id = play(&stage, &to, fates, async || {}).await;
        let (events, used) = specified(fates);
        assert_eq!(stage.events(id).await, events, "{fates:?}");
        let given = stage.given(id);
        assert_eq!(given.iter().map(|given| given.channel).collect::<Vec<_>>(), used, "{fates:?}");
        let codes: HashSet<_> = given.iter().map(|given| given.code.as_str()).collect();
        assert!(codes.len() == 1 && !codes.contains(""), "{fates:?}: every channel carries the one code, {codes:?}");
        assert_eq!(stage.app.service().life(id).await.unwrap().unwrap().message.waiting, 0, "{fates:?}");

        // The window is free if nobody has the message any more; otherwise it may yet be used.
        assert_eq!(may_be_sent_again(&stage.app, &to).await, is_lost(fates), "{fates:?}");
        stage.app.deliver().await;
        ids.insert(id);
    }
    assert_eq!(ids.len(), 64);
}

#[tokio::test]
async fn the_code_of_a_fallback_verifies_and_the_answer_names_the_first_channel() {
    let stage = Stage::new().await;
    stage.main.will(Channel::Whatsapp, &[Says::Refused(Refusal::Other)]);
    let answer = stage.app.send(crate::harness::message("+6598765432", "three")).await;
    assert!(answer.text.ends_with(r#""send_channel":"whatsapp"}"#), "{answer}");
    let id = answer.id();
    stage.app.deliver().await;
    let given = stage.main.given();
    assert_eq!(given[1].channel, Channel::Sms);
    assert!(stage.app.verify(&id, &given[1].code).await.text.ends_with(r#""verified":true}"#));
}

#[tokio::test]
async fn a_channel_that_nobody_carries_is_left_out() {
    // The template `otp` goes by SMS alone; the next strategy names it in the middle of what is carried.
    let stage = Stage::new().await;
    stage.main.will(Channel::Sms, &[Says::Refused(Refusal::Other)]);
    let id = stage.app.sent("+6598765432", OTP).await;
    stage.app.deliver().await;
    let id = verifyd::core::id::MessageId::parse(&id).unwrap();
    assert_eq!(stage.events(id).await, ["plan sms", "sent_failed sms 5001"]);
}

#[tokio::test]
async fn a_verified_message_is_not_sent_again() {
    let stage = Stage::new().await;
    let id = stage.sent("+6598765432").await;
    let code = stage.given(id)[0].code.clone();
    stage.app.verify(&id.to_string(), &code).await.id();
    stage.after(Duration::from_secs(10)).await;
    assert_eq!(stage.given(id).len(), 1);
    assert_eq!(
        stage.events(id).await,
        ["plan whatsapp", "target_valid whatsapp", "sent whatsapp", "verified whatsapp"]
    );
    assert_eq!(stage.app.service().life(id).await.unwrap().unwrap().message.waiting, 0);
}

/// Whatever happens before, a hop is begun with thirty seconds of life or not at all.
#[tokio::test]
async fn nothing_is_handed_over_with_less_than_thirty_seconds_of_life() {
    let tables = "[delivery.late]\nwhatsapp = '250s'\nsms = '20001ms'";
    let stage = Stage::with(tables).await;
    let id = stage.sent("+6598765432").await;
    stage.after(Duration::from_secs(250)).await;
    assert_eq!(stage.given(id).len(), 2, "fifty seconds are left");
    stage.after(Duration::from_millis(20_001)).await;
    assert_eq!(stage.given(id).len(), 2, "29.999 seconds are left");
    // Two channels have it: it is late, it has not failed.
    assert_eq!(stage.events(id).await.last().unwrap(), "sent sms");

    let id = stage.sent("+6598765433").await;
    stage.app.later(Duration::from_millis(270_001));
    let reference = stage.given(id)[0].reference.clone();
    stage.told(MAIN, &reference, Report::Failed(5018)).await;
    let events = stage.events(id).await;
    assert_eq!(events[3..], ["delivered_failed whatsapp 5018", "sent_failed sms 5001"]);
    assert!(may_be_sent_again(&stage.app, "+6598765433").await);
}

#[tokio::test]
async fn a_bad_address_is_said_in_its_own_word() {
    let stage = Stage::new().await;
    for (channel, _) in HOPS {
        stage.main.will(channel, &[Says::Refused(Refusal::BadAddress)]);
    }
    let id = stage.sent("+6598765432").await;
    let events = stage.events(id).await;
    assert_eq!(events[1..], ["target_invalid whatsapp 5011", "target_invalid sms 5011", "target_invalid voice 5011"]);
}
