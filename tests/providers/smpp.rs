//! The SMPP provider against the message centre of npm's `smpp`.

use std::time::Duration;

use serde_json::{Value, json};
use verifyd::{
    channel::{
        DeliveryError, Provider, Receipt, Refusal, Report,
        smpp::{IdForm, LongMessages},
    },
    core::{clock::Timestamp, plan::Outgoing},
};

use crate::{
    samples::{CODE, Certificate, Kind, TempDir, kind, sms},
    smsc::{Centre, Listening, settings},
};

const TEXTS: [&str; 5] = [
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà^{}\\[~]|€",
    "【商店】您的验证码是 735912，5 分钟内有效。",
    "รหัสของคุณคือ 735912 👍🏽",
    "Su código es 735912",
    "x",
];

/// A provider bound to a new centre.
async fn bound() -> (Centre, Listening) {
    let mut centre = Centre::start(&[]).await;
    let listening = Listening::to(settings(centre.port));
    centre.saw("bind").await;
    (centre, listening)
}

async fn send(listening: &Listening, text: &str) -> Result<String, DeliveryError> {
    let sample = sms(text);
    let message = Outgoing { expires_at: Timestamp::from_millis(299_000), ..sample.outgoing() };
    Ok(listening.provider.deliver(&message).await?.reference.expect("the centre's id"))
}

async fn failure(listening: &Listening) -> Kind {
    kind(&send(listening, &format!("Code {CODE}")).await.unwrap_err())
}

fn receipt(id: &str, report: Report, detail: Option<&str>) -> Receipt {
    Receipt { reference: id.to_owned(), report, detail: detail.map(str::to_owned) }
}

#[tokio::test]
async fn a_message_is_submitted_and_its_receipt_is_kept_before_it_is_answered() {
    let (mut centre, mut listening) = bound().await;
    assert_eq!(send(&listening, "Your code is 735912").await.unwrap(), "171");

    let mut submit = centre.saw("submit").await;
    submit["validity"].take(); // the library makes an absolute time of it; the bytes are tested elsewhere
    let wanted = json!({
        "id": "171", "from": [5, 0, "Shop"], "to": [1, 1, "6591234567"], "text": "Your code is 735912", "payload": false,
        "coding": 0, "esm_class": 0, "registered": 1, "validity": null,
    });
    assert_eq!(submit, wanted);

    centre.obey(json!({"receipt": {"id": "171", "stat": "DELIVRD"}})).await;
    assert_eq!(listening.receipt().await, receipt("171", Report::Delivered, None));
    assert_eq!(centre.saw("kept").await, 0);

    listening.refuse(true);
    centre.obey(json!({"receipt": {"id": "171", "stat": "UNDELIV", "err": "001"}})).await;
    assert_eq!(centre.saw("kept").await, 0x64, "a temporary error: the centre repeats it");
    listening.refuse(false);
    centre.obey(json!({"receipt": {"id": "171", "stat": "UNDELIV", "err": "001"}})).await;
    let failed = receipt("171", Report::Failed(5020), Some("Undeliverable, err 001"));
    assert_eq!(listening.receipt().await, failed);

    centre.obey(json!({"receipt": {"id": "171", "stat": "ENROUTE"}})).await;
    assert_eq!((centre.saw("kept").await, centre.saw("kept").await), (json!(0), json!(0)), "nothing final is no news");
}

#[tokio::test]
async fn receipts_find_their_message_by_tlv_and_in_either_form_of_id() {
    let mut centre = Centre::start(&["--hex"]).await;
    let mut forms = settings(centre.port);
    (forms.submit_id, forms.receipt_id) = (IdForm::Hex, IdForm::Decimal);
    let mut listening = Listening::to(forms);
    let reference = send(&listening, "x").await.unwrap();
    assert_eq!(centre.saw("submit").await["id"], "ab");

    centre.obey(json!({"receipt": {"id": "0000000171", "stat": "EXPIRED"}})).await;
    let expired = receipt(&reference, Report::Failed(5018), Some("Expired, err 000"));
    assert_eq!(listening.receipt().await, expired);
    centre.obey(json!({"receipt": {"id": "?", "stat": "DELIVRD", "tlvs": "AB", "text": false}})).await;
    assert_eq!(listening.receipt().await, receipt(&reference, Report::Delivered, None));
}

#[tokio::test]
async fn texts_arrive_unchanged_in_seven_bits_or_sixteen() {
    let (mut centre, listening) = bound().await;
    for (text, coding) in TEXTS.into_iter().zip([0, 8, 8, 8, 0]) {
        send(&listening, text).await.unwrap();
        let submit = centre.saw("submit").await;
        assert_eq!((&submit["text"], &submit["coding"]), (&json!(text), &json!(coding)));
    }
}

#[tokio::test]
async fn a_long_ucs2_text_comes_in_parts_and_ends_as_its_parts_do() {
    let (mut centre, mut listening) = bound().await;
    let text = format!("{}{CODE}{}", "【商店】验证码 ".repeat(7), "，五分钟内有效。".repeat(10));
    let reference = send(&listening, &text).await.unwrap();
    let mut parts = vec![];
    for _ in 0..3 {
        parts.push(centre.saw("submit").await);
    }
    let words: Vec<_> = parts.iter().map(|part| part["text"].as_str().unwrap()).collect();
    assert_eq!(words.concat(), text);
    assert_eq!(words.iter().filter(|words| words.contains(CODE)).count(), 1);
    let header = |part: &Value| part["header"][0].as_str().unwrap().to_owned();
    let same = header(&parts[0])[4..6].to_owned();
    for (part, number) in parts.iter().zip(1..) {
        assert_eq!(header(part), format!("0003{same}03{number:02}"));
        assert_eq!((&part["coding"], &part["esm_class"]), (&json!(8), &json!(0x40)));
    }
    assert_eq!(parts[2]["id"], json!(reference));

    centre.obey(json!({"receipt": {"id": parts[0]["id"], "stat": "DELIVRD"}})).await;
    centre.obey(json!({"receipt": {"id": parts[1]["id"], "stat": "EXPIRED", "err": "006"}})).await;
    assert_eq!(listening.receipt().await, receipt(&reference, Report::Failed(5018), Some("Expired, err 006")));
}

#[tokio::test]
async fn a_long_text_may_travel_as_a_payload_instead() {
    let mut centre = Centre::start(&[]).await;
    let mut payload = settings(centre.port);
    payload.long_messages = LongMessages::Payload;
    let listening = Listening::to(payload);
    let text = "长".repeat(300);
    send(&listening, &text).await.unwrap();
    let submit = centre.saw("submit").await;
    assert_eq!((&submit["text"], &submit["payload"], &submit["coding"]), (&json!(text), &json!(true), &json!(8)));
    send(&listening, "short").await.unwrap();
    assert_eq!(centre.saw("submit").await["payload"], false);
}

#[tokio::test]
async fn what_the_centre_refuses_is_told_apart() {
    let (mut centre, listening) = bound().await;
    for (status, refusal) in [
        (0x0b, Refusal::BadAddress),
        (0x66, Refusal::Intercepted),
        (0x0a, Refusal::Provider),
        (0x01, Refusal::Content),
        (0xfe, Refusal::Unreachable),
        (0x4a1, Refusal::Other),
    ] {
        centre.obey(json!({"answers": [status]})).await;
        assert_eq!(failure(&listening).await, Kind::Refused(refusal), "{status:#x}");
    }
    centre.obey(json!({"answers": [8]})).await;
    assert_eq!(failure(&listening).await, Kind::Unavailable(None));
    send(&listening, "and it goes on").await.unwrap();
}

#[tokio::test]
async fn a_centre_that_throttles_is_asked_later() {
    for status in [0x58, 0x14] {
        let (mut centre, listening) = bound().await;
        centre.obey(json!({"answers": [status]})).await;
        let error = send(&listening, "x").await.unwrap_err();
        let DeliveryError::Unavailable { retry_after: Some(wait), maybe_taken: false, .. } = error else {
            panic!("{error:?}")
        };
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
    }
}

#[tokio::test]
async fn a_bind_that_drops_leaves_the_answer_open_and_is_made_again() {
    let (mut centre, listening) = bound().await;
    centre.obey(json!({"answers": ["drop"]})).await;
    let error = send(&listening, &format!("Code {CODE}")).await.unwrap_err();
    assert!(matches!(error, DeliveryError::Unavailable { maybe_taken: true, .. }), "{error:?}");
    assert_eq!(kind(&error), Kind::Unavailable(None));

    assert_eq!(send(&listening, "again").await.unwrap(), "171"); // waits for the new bind
    centre.saw("bind").await;

    centre.obey(json!({"unbind": true})).await;
    assert_eq!(centre.saw("ended").await, 0);
    centre.saw("bind").await;

    centre.obey(json!({"raw": "ffffffff00000005"})).await; // four gigabytes
    centre.saw("bind").await;
    send(&listening, "still here").await.unwrap();
}

#[tokio::test]
async fn a_centre_that_keeps_silent_may_have_taken_the_message() {
    let mut centre = Centre::start(&[]).await;
    let mut hasty = settings(centre.port);
    hasty.response_timeout = Duration::from_secs(1);
    let listening = Listening::to(hasty);
    centre.obey(json!({"answers": ["silence"]})).await;
    let error = send(&listening, "x").await.unwrap_err();
    assert!(matches!(error, DeliveryError::Unavailable { maybe_taken: true, .. }), "{error:?}");
    send(&listening, "the next one").await.unwrap();
}

#[tokio::test]
async fn the_window_bounds_what_is_outstanding() {
    let mut centre = Centre::start(&[]).await;
    let mut narrow = settings(centre.port);
    narrow.window = 2;
    narrow.response_timeout = Duration::from_secs(1);
    let listening = Listening::to(narrow);
    centre.saw("bind").await;
    centre.obey(json!({"answers": ["silence", "silence"]})).await;
    let [first, second, third] = [sms("1"), sms("2"), sms("3")];
    let [first, second, third] = [first.outgoing(), second.outgoing(), third.outgoing()];
    let provider = &listening.provider;
    // In this order, also when all of them wait for the bind.
    let all = tokio::join!(biased; provider.deliver(&first), provider.deliver(&second), provider.deliver(&third));
    let maybe_taken = |error: &DeliveryError| matches!(error, DeliveryError::Unavailable { maybe_taken: true, .. });
    assert!(maybe_taken(&all.0.unwrap_err()) && maybe_taken(&all.1.unwrap_err()));
    // The third had no place until the others were given up; whether it then got one is a matter of moments.
    let seen = [centre.saw("submit").await, centre.saw("submit").await];
    assert_eq!(seen.map(|submit| submit["text"].clone()), [json!("1"), json!("2")]);
    assert!(all.2.is_ok() || !maybe_taken(&all.2.unwrap_err()));
}

#[tokio::test]
async fn messages_of_people_are_kept_whole() {
    let (mut centre, mut listening) = bound().await;
    let from = json!({"source_addr": "6591234567", "destination_addr": "74567"});
    let deliver = |more: Value| {
        let mut fields = from.clone();
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"deliver": fields})
    };
    centre.obey(deliver(json!({"text": "STOP [€]", "data_coding": 0}))).await;
    let first = listening.uplink().await;
    assert_eq!((first.account.as_str(), first.from.as_str()), ("otp", "6591234567"));
    assert_eq!((first.to.as_str(), first.body.as_str()), ("74567", "STOP [€]"));
    assert_eq!(centre.saw("kept").await, 0);

    centre.obey(deliver(json!({"text": "你好", "part": [9, 2, 2], "data_coding": 8}))).await;
    assert_eq!(centre.saw("kept").await, 0);
    listening.refuse(true);
    centre.obey(deliver(json!({"text": "👋 ", "part": [9, 2, 1], "data_coding": 8}))).await;
    assert_eq!(centre.saw("kept").await, 0x64);
    listening.refuse(false);
    centre.obey(deliver(json!({"text": "👋 ", "part": [9, 2, 1], "data_coding": 8}))).await;
    let second = listening.uplink().await;
    assert_eq!(second.body, "👋 你好");
    assert_ne!(first.reference, second.reference);
    assert_eq!(centre.saw("kept").await, 0);
}

#[tokio::test]
async fn both_sides_ask_whether_the_other_is_there() {
    let mut centre = Centre::start(&[]).await;
    let mut curious = settings(centre.port);
    curious.enquire_interval = Duration::from_millis(20);
    let _listening = Listening::to(curious);
    centre.saw("enquired").await;
    centre.saw("enquired").await;
    centre.obey(json!({"enquire": true})).await;
    assert_eq!(centre.saw("alive").await, 0);
}

#[tokio::test]
async fn it_unbinds_when_told_to_stop() {
    let (mut centre, mut listening) = bound().await;
    send(&listening, "x").await.unwrap();
    listening.stop.cancel();
    assert_eq!(centre.saw("unbound").await, true);
    listening.task.join_next().await.unwrap().unwrap();
    centre.saw("closed").await;
}

#[tokio::test]
async fn without_a_bind_nothing_is_sent() {
    let mut centre = Centre::start(&[]).await;
    let mut wrong = settings(centre.port);
    wrong.password = "wr0ng".to_owned();
    wrong.response_timeout = Duration::from_secs(1);
    let listening = Listening::to(wrong);
    assert_eq!(failure(&listening).await, Kind::Unavailable(None));
    let bind = centre.saw("bind").await;
    assert_eq!(bind, json!({"known": false, "type": "", "version": 0x34, "tls": false}));
}

#[tokio::test]
async fn tls_is_for_the_host_by_an_authority_that_is_named() {
    let (certificate, dir) = (Certificate::new(), TempDir::new());
    let (chain, key) = certificate.write(&dir);
    let mut centre = Centre::start(&["--tls", &chain, &key]).await;
    for (extra_ca, bound) in [(None, false), (Some(certificate.certificate.clone().into_bytes()), true)] {
        let mut private = settings(centre.port);
        (private.tls, private.extra_ca, private.response_timeout) = (true, extra_ca, Duration::from_secs(2));
        let listening = Listening::to(private);
        if bound {
            send(&listening, "x").await.unwrap();
            assert_eq!(centre.saw("bind").await["tls"], true);
        } else {
            assert_eq!(failure(&listening).await, Kind::Unavailable(None));
        }
    }
}
