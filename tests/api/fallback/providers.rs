//! Several providers of one channel: who is asked, who is left alone, and what is tried again.

use std::time::Duration;

use verifyd::{
    channel::{Refusal, Report, Sink},
    core::{channel::Channel::Sms, channel::Channel::Whatsapp, id::MessageId},
};

use super::stage::{Says, Stage, Stub, events, with_stubs};
use crate::harness::{OTP, TestApp};

/// Past every pause of a first or second try.
const PAUSE: Duration = Duration::from_secs(2);

async fn sent(app: &TestApp, number: usize, template: &str) -> MessageId {
    let id = app.sent(&format!("+65{}", 98_765_000 + number), template).await;
    app.deliver().await;
    MessageId::parse(&id).unwrap()
}

#[tokio::test]
async fn the_next_provider_of_the_channel_gets_what_the_first_could_not_take() {
    let (first, second) = (Stub::new(true), Stub::new(true));
    let app = with_stubs("", &[("first", 1, &first), ("second", 1, &second)]).await;
    first.will(Whatsapp, &[Says::Unavailable]);
    let id = sent(&app, 0, "three").await;
    assert_eq!((first.given().len(), second.given().len()), (1, 0));
    app.later(PAUSE);
    app.deliver().await;
    assert_eq!((first.given().len(), second.given().len()), (1, 1));
    assert_eq!(first.given()[0].code, second.given()[0].code);
    assert_eq!(events(&app, id).await, ["plan whatsapp", "target_valid whatsapp", "sent whatsapp"]);
    let life = app.service().life(id).await.unwrap().unwrap();
    let sent = life.message.events.last().unwrap();
    assert_eq!((sent.provider.as_deref(), sent.attempt), (Some("second"), Some(2)));
}

#[tokio::test]
async fn a_refusal_goes_to_the_next_channel_and_not_to_the_next_provider() {
    let (first, second) = (Stub::new(true), Stub::new(true));
    let app = with_stubs("", &[("first", 1, &first), ("second", 1, &second)]).await;
    first.will(Whatsapp, &[Says::Refused(Refusal::Unreachable)]);
    sent(&app, 0, "three").await;
    assert_eq!(first.given().iter().map(|given| given.channel).collect::<Vec<_>>(), [Whatsapp, Sms]);
    assert_eq!(second.given().len(), 0);
}

#[tokio::test]
async fn a_providers_own_fault_goes_to_the_next_provider_at_once_and_then_to_the_next_channel() {
    let (first, second) = (Stub::new(true), Stub::new(true));
    let app = with_stubs("", &[("first", 1, &first), ("second", 1, &second)]).await;
    let fault = Says::Refused(Refusal::Provider); // a wrong password, for example
    first.will(Whatsapp, &[fault, fault]);
    let id = sent(&app, 0, "three").await;
    app.deliver().await;
    assert_eq!((first.given().len(), second.given().len()), (1, 1));
    assert_eq!(events(&app, id).await, ["plan whatsapp", "target_valid whatsapp", "sent whatsapp"]);
    second.will(Whatsapp, &[fault]);
    let id = sent(&app, 1, "three").await;
    app.deliver().await;
    app.deliver().await;
    let steps = ["plan whatsapp", "sent_failed whatsapp 5016", "target_valid sms", "sent sms"];
    assert_eq!(events(&app, id).await, steps);
}

#[tokio::test]
async fn weighted_providers_share_the_messages_by_their_weights() {
    let (light, heavy) = (Stub::new(false), Stub::new(false));
    let app = with_stubs("delivery.routing = 'weighted'", &[("light", 1, &light), ("heavy", 9, &heavy)]).await;
    for number in 0..200 {
        sent(&app, number, OTP).await;
    }
    let (light, heavy) = (light.given().len(), heavy.given().len());
    assert_eq!(light + heavy, 200);
    assert!((5..=45).contains(&light), "{light} of 200 are not a tenth"); // 3.5 standard deviations
}

#[tokio::test]
async fn a_provider_that_keeps_failing_is_left_alone_until_a_probe_succeeds() {
    let (first, second) = (Stub::new(false), Stub::new(false));
    let app = with_stubs("", &[("first", 1, &first), ("second", 1, &second)]).await;
    first.will(Sms, &[Says::Unavailable; 6]);
    for number in 0..5 {
        sent(&app, number, OTP).await;
    }
    let page = app.service().parts().metrics.render().unwrap();
    assert!(page.contains(r#"verifyd_provider_circuit_open{provider="first"} 1"#), "{page}");
    sent(&app, 5, OTP).await;
    assert_eq!((first.given().len(), second.given().len()), (5, 1), "the sixth goes to the second at once");

    app.later(Duration::from_secs(5));
    app.deliver().await; // the five wait for their second try, which is the second provider's
    assert_eq!((first.given().len(), second.given().len()), (5, 6));
    sent(&app, 6, OTP).await;
    assert_eq!(first.given().len(), 6, "a probe, which fails");
    sent(&app, 7, OTP).await;
    assert_eq!((first.given().len(), second.given().len()), (6, 7));
    app.later(Duration::from_secs(10));
    sent(&app, 8, OTP).await;
    sent(&app, 9, OTP).await;
    assert_eq!(first.given().len(), 8, "the next probe was answered");
}

#[tokio::test]
async fn where_every_provider_of_a_channel_is_left_alone_the_next_channel_is_used_or_it_waits() {
    let only = Stub::new(false);
    let app = with_stubs("delivery.max_tries = 1", &[("only", 1, &only)]).await;
    only.will(Sms, &[Says::Unavailable; 5]);
    for number in 0..5 {
        sent(&app, number, OTP).await;
    }
    let three = sent(&app, 5, "three").await;
    let failing = ["sent_failed whatsapp 5016", "sent_failed sms 5016"];
    assert_eq!(events(&app, three).await[1..3], failing, "without asking");
    assert_eq!(only.given().len(), 5);

    let waits = sent(&app, 6, OTP).await;
    assert_eq!(events(&app, waits).await, ["plan sms"]);
    app.later(Duration::from_secs(7));
    app.deliver().await;
    assert_eq!(events(&app, waits).await[1..], ["target_valid sms", "sent sms"]);
}

/// The provider may have it: the next channel waits as for any message that is late, and a receipt may still come.
#[tokio::test]
async fn a_lost_answer_is_neither_sent_nor_failed() {
    let stage = Stage::new().await;
    stage.main.will(Whatsapp, &[Says::Unknown]);
    let id = stage.sent("+6598765432").await;
    assert_eq!(stage.events(id).await, ["plan whatsapp", "unknown whatsapp"]);
    stage.after(Duration::from_millis(9_999)).await;
    assert_eq!(stage.given(id).len(), 1);
    stage.after(Duration::from_millis(1)).await;
    assert_eq!(stage.events(id).await[2..], ["target_valid sms", "sent sms"]);
}

#[tokio::test]
async fn a_lost_answer_of_the_last_channel_is_tried_again_within_its_tries() {
    let stage = Stage::new().await;
    stage.main.will(Sms, &[Says::Unknown, Says::Unknown]);
    let id = MessageId::parse(&stage.app.sent("+6598765432", OTP).await).unwrap();
    stage.app.deliver().await;
    stage.after(PAUSE).await;
    stage.after(PAUSE).await;
    assert_eq!(stage.events(id).await, ["plan sms", "unknown sms", "unknown sms", "target_valid sms", "sent sms"]);

    stage.main.will(Sms, &[Says::Unknown; 3]);
    let id = MessageId::parse(&stage.app.sent("+6598765433", OTP).await).unwrap();
    stage.app.deliver().await;
    stage.after(PAUSE).await;
    stage.after(PAUSE).await;
    assert_eq!(stage.events(id).await, ["plan sms", "unknown sms", "unknown sms", "sent_failed sms 5016"]);
}

#[tokio::test]
async fn two_providers_may_give_the_same_reference() {
    let (first, second) = (Stub::new(true), Stub::new(true));
    let app = with_stubs("", &[("first", 1, &first), ("second", 1, &second)]).await;
    let id = sent(&app, 0, "three").await;
    let reference = first.given()[0].reference.clone();
    let receipt = verifyd::channel::Receipt { reference, report: Report::Failed(5018), detail: None };
    app.service().receipts("second", vec![receipt]).await.unwrap();
    app.deliver().await;
    assert_eq!(events(&app, id).await.len(), 3);
}
