//! The `WhatsApp` provider held against Meta's documented forms, which `whatsapp_schema.json` writes down.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use verifyd::{
    channel::{
        NotBelieved, Provider, Receipt, Refusal,
        whatsapp::{WhatsappProvider, WhatsappSettings},
    },
    core::{channel::Channel, hex::hex, plan::Content, recipient::Recipient},
};

use crate::{
    gateway_stub::{Answer, Stub, answer},
    judge::Judge,
    samples::{CODE, ID, Kind, PHONE, Sample, kind, sms},
    webhook::{Incoming, delivered, failed},
};

const NUMBER: &str = "106540352242922";
const SECRET: &str = "app-secret";

fn schema(part: &str) -> Value {
    let mut schema: Value = serde_json::from_str(include_str!("whatsapp_schema.json")).unwrap();
    schema["$ref"] = json!(format!("#/$defs/{part}"));
    schema
}

fn settings(base_url: &str) -> WhatsappSettings {
    WhatsappSettings {
        phone_number_id: NUMBER.to_owned(),
        access_token: "token".to_owned(),
        template: "verification_code".to_owned(),
        app_secret: SECRET.to_owned(),
        verify_token: "first-visit".to_owned(),
        reports: true,
        base_url: base_url.to_owned(),
        ..WhatsappSettings::default()
    }
}

fn provider() -> WhatsappProvider {
    WhatsappProvider::new(settings("http://127.0.0.1:9")).unwrap()
}

fn message() -> Sample {
    let content = Content::Text { text: "words that Meta's template replaces".to_owned() };
    Sample { recipient: Recipient::parse(PHONE).unwrap(), channel: Channel::Whatsapp, content, sender: None }
}

fn signature(secret: &str, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

fn signed(body: &str) -> Incoming<'_> {
    Incoming::post(body).with("x-hub-signature-256", signature(SECRET, body))
}

/// A notification about `number`, as documented.
fn notification(judge: &Judge, number: &str, news: &Value) -> String {
    let metadata = json!({"display_phone_number": "15550783881", "phone_number_id": number});
    let mut value = json!({"messaging_product": "whatsapp", "metadata": metadata});
    value.as_object_mut().unwrap().extend(news.as_object().unwrap().clone());
    let change = json!({"field": "messages", "value": value});
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1022", "changes": [change]}]});
    assert_eq!(judge.fault(&schema("notification"), &body), None);
    body.to_string()
}

fn status(id: &str, status: &str) -> Value {
    json!({"id": id, "status": status, "timestamp": "1749416383", "recipient_id": "6591234567"})
}

fn failure(id: &str, code: u32) -> Value {
    let mut failed = status(id, "failed");
    failed["errors"] = json!([{"code": code, "title": "about +6591234567", "error_data": {"details": "735912"}}]);
    failed
}

fn receipts(body: &str) -> Vec<Receipt> {
    signed(body).read_by(&provider()).unwrap().receipts
}

#[tokio::test]
async fn the_code_goes_into_the_template_and_its_button_as_documented() {
    let (stub, judge) = (Stub::start().await, Judge::start());
    let base = format!("http://{}/v23.0", stub.address);
    let table = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
    let in_english = WhatsappSettings { languages: table("en", "en_US"), ..settings(&base) };
    let of_its_own = WhatsappSettings { templates: table("en", "code_en"), ..settings(&base) };
    for (settings, name, language) in [
        (settings(&base), "verification_code", "en"),
        (in_english, "verification_code", "en_US"),
        (of_its_own, "code_en", "en"),
    ] {
        stub.will(answer(200, r#"{"messaging_product": "whatsapp", "messages": [{"id": "wamid.1"}]}"#));
        let accepted = WhatsappProvider::new(settings).unwrap().deliver(&message().outgoing()).await.unwrap();
        assert_eq!(accepted.reference.as_deref(), Some("wamid.1"));
        let request = stub.one();
        let path = format!("/v23.0/{NUMBER}/messages");
        assert_eq!((request.method.as_str(), &request.path_and_query), ("POST", &path));
        assert_eq!(request.authorization.as_deref(), Some("Bearer token"));
        let body: Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(judge.fault(&schema("send"), &body), None);
        let template = &body["template"];
        assert_eq!((&template["name"], &template["language"]["code"]), (&json!(name), &json!(language)));
        for component in 0..2 {
            assert_eq!(template["components"][component]["parameters"][0]["text"], CODE);
        }
        assert_eq!((&body["to"], &body["biz_opaque_callback_data"]), (&json!(PHONE), &json!(ID.to_string())));
    }
}

#[test]
fn the_schema_refuses_what_meta_would() {
    let judge = Judge::start();
    let parameters = json!([{"type": "text", "text": CODE}]);
    let good = json!({
        "messaging_product": "whatsapp", "to": "6591234567", "type": "template",
        "template": {"name": "a", "language": {"code": "en"}, "components": [
            {"type": "body", "parameters": parameters},
            {"type": "button", "sub_type": "url", "index": "0", "parameters": parameters},
        ]},
    });
    assert_eq!(judge.fault(&schema("send"), &good), None);
    for (pointer, value) in [
        ("/template/components/1/sub_type", json!("copy_code")),
        ("/template/components/0/parameters/0/text", json!("1234567890123456")),
        ("/template/language/code", json!("default")),
        ("/to", json!(6_591_234_567_u64)),
        ("/messaging_product", json!("sms")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(judge.fault(&schema("send"), &bad).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn without_a_short_code_there_is_nothing_to_send() {
    let provider = provider();
    let sample = message();
    for code in [None, Some("1234567890123456")] {
        let outgoing = verifyd::core::plan::Outgoing { code, ..sample.outgoing() };
        assert_eq!(kind(&provider.deliver(&outgoing).await.unwrap_err()), Kind::Refused(Refusal::Content));
    }
    assert_eq!(kind(&provider.deliver(&sms("x").outgoing()).await.unwrap_err()), Kind::Refused(Refusal::Content));
}

#[tokio::test]
async fn errors_are_refusals_of_their_row_or_mean_later() {
    let stub = Stub::start().await;
    let provider = WhatsappProvider::new(settings(&format!("http://{}", stub.address))).unwrap();
    let error =
        |code: u32| json!({"error": {"code": code, "message": format!("(#{code}) {PHONE} {CODE}")}}).to_string();
    for (status, body, wanted) in [
        (400, error(131_026), Kind::Refused(Refusal::Unreachable)),
        (400, error(131_030), Kind::Refused(Refusal::Listed)),
        (400, error(132_000), Kind::Refused(Refusal::Content)),
        (401, error(190), Kind::Refused(Refusal::Provider)),
        (403, error(130_497), Kind::Refused(Refusal::Region)),
        (400, error(135_000), Kind::Refused(Refusal::Other)),
        (400, error(131_056), Kind::Unavailable(None)),
        (500, error(131_016), Kind::Unavailable(None)),
        (503, "down".to_owned(), Kind::Unavailable(None)),
        (302, String::new(), Kind::Refused(Refusal::Provider)),
    ] {
        stub.will(answer(status, &body));
        assert_eq!(kind(&provider.deliver(&message().outgoing()).await.unwrap_err()), wanted, "{status}");
    }
    stub.will(Answer { status: 429, headers: &[("retry-after", "3")], body: error(130_429) });
    assert_eq!(kind(&provider.deliver(&message().outgoing()).await.unwrap_err()), Kind::Unavailable(Some(3)));
}

#[test]
fn the_first_visit_is_answered_to_whoever_shows_the_token() {
    let greet = |query: &str| Incoming::get(query).read_by(&provider()).map(|news| news.answer);
    let visit = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=first-visit";
    assert_eq!(greet(visit), Ok("1158201444".to_owned()));
    let forged = [
        visit.replace("first-visit", "first-visi"),
        visit.replace("&hub.verify_token=first-visit", ""),
        visit.replace("subscribe", "unsubscribe"),
        String::new(),
    ];
    for query in forged {
        assert_eq!(greet(&query), Err(NotBelieved::Forged), "{query}");
    }
    assert_eq!(greet(&visit.replace("1158201444", "%3Cscript%3E")), Err(NotBelieved::Malformed));
}

#[test]
fn statuses_end_as_documented_in_any_order_and_as_often_as_they_come() {
    let judge = Judge::start();
    let sent_then_delivered = [status("wamid.1", "sent"), status("wamid.1", "delivered"), status("wamid.2", "read")];
    let body = notification(&judge, NUMBER, &json!({ "statuses": sent_then_delivered }));
    assert_eq!(receipts(&body), [delivered("wamid.1"), delivered("wamid.2")]);
    assert_eq!(receipts(&body), [delivered("wamid.1"), delivered("wamid.2")]);
    let reordered = [status("wamid.1", "read"), failure("wamid.3", 131_026), status("wamid.1", "sent")];
    let body = notification(&judge, NUMBER, &json!({ "statuses": reordered }));
    assert_eq!(receipts(&body), [delivered("wamid.1"), failed("wamid.3", 5012, Some("error 131026"))]);
    for (code, number) in [(131_049, 5015), (130_497, 5017), (131_050, 5019), (135_000, 5001)] {
        let body = notification(&judge, NUMBER, &json!({"statuses": [failure("wamid.4", code)]}));
        assert_eq!(receipts(&body), [failed("wamid.4", number, Some(&format!("error {code}")))]);
    }
}

#[test]
fn what_is_not_about_our_number_or_not_about_messages_is_passed_over() {
    let judge = Judge::start();
    let body = notification(&judge, "999", &json!({"statuses": [status("wamid.1", "delivered")]}));
    assert_eq!(receipts(&body), []);
    let change = json!({"field": "message_template_status_update", "value": {"event": "APPROVED"}});
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]});
    assert_eq!(judge.fault(&schema("notification"), &body), None);
    assert_eq!(receipts(&body.to_string()), []);
}

#[test]
fn a_text_from_a_person_is_taken_and_a_picture_left() {
    let judge = Judge::start();
    let text =
        json!({"from": "6591234567", "id": "wamid.9", "timestamp": "1", "type": "text", "text": {"body": "STOP"}});
    let picture =
        json!({"from": "6591234567", "id": "wamid.8", "timestamp": "1", "type": "image", "image": {"id": "1"}});
    let body =
        notification(&judge, NUMBER, &json!({"contacts": [{"wa_id": "6591234567"}], "messages": [picture, text]}));
    let news = signed(&body).read_by(&provider()).unwrap();
    let [uplink] = &news.uplinks[..] else { panic!("not one message") };
    assert_eq!((&*uplink.reference, &*uplink.account), ("wamid.9", NUMBER));
    assert_eq!((&*uplink.from, &*uplink.to, &*uplink.body), ("+6591234567", "15550783881", "STOP"));
}

#[test]
fn what_meta_did_not_sign_is_not_believed() {
    let judge = Judge::start();
    let body = notification(&judge, NUMBER, &json!({"statuses": [status("wamid.1", "delivered")]}));
    let header = "x-hub-signature-256";
    let good = signature(SECRET, &body);
    assert_eq!(receipts(&body), [delivered("wamid.1")]);
    let forged = [
        Incoming::post(&body),
        Incoming::post(&body).with(header, signature("another", &body)),
        Incoming::post(&body).with(header, good.trim_start_matches("sha256=")),
        Incoming::post(&body).with(header, &good[..good.len() - 1]),
        Incoming::post(&body).with(header, "sha256="),
        Incoming::post(&body).with(header, format!("{good}00")),
        Incoming::post("{}").with(header, good.clone()),
    ];
    for request in forged {
        assert_eq!(request.read_by(&provider()).err(), Some(NotBelieved::Forged));
    }
    for place in 0..body.len() {
        let mut flipped = body.clone().into_bytes();
        flipped[place] ^= 1;
        let flipped = String::from_utf8(flipped).unwrap();
        let request = Incoming::post(&flipped).with(header, good.clone());
        assert_eq!(request.read_by(&provider()).err(), Some(NotBelieved::Forged));
    }
    for malformed in ["", "[]", "{\"entry\": 1}", "{\"entry\": [{}]}"] {
        assert_eq!(signed(malformed).read_by(&provider()).err(), Some(NotBelieved::Malformed), "{malformed}");
    }
}

#[test]
fn without_a_way_in_nothing_is_expected() {
    let silent = WhatsappProvider::new(WhatsappSettings { reports: false, ..settings("http://127.0.0.1:9") }).unwrap();
    assert!(!silent.reports() && silent.webhook().is_none());
    assert!(provider().reports());
}
