//! The Twilio provider against a mock made from Twilio's own description, and against a gateway of ours.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use reqwest::Url;
use verifyd::{
    channel::{
        Provider, Refusal,
        twilio::{TwilioProvider, TwilioSettings},
    },
    core::{
        channel::Channel,
        clock::{FixedClock, Timestamp},
        plan::Content,
        recipient::Recipient,
    },
};

use crate::{
    gateway_stub::{Answer, Received, Stub, answer},
    prism::Prism,
    samples::{CODE, Kind, PHONE, Sample, kind, mail, sms},
};

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const CALLBACK: &str = "https://otp.example.com/providers/tw/0123456789abcdefghijkl";

fn settings(base_url: &str) -> TwilioSettings {
    TwilioSettings {
        account_sid: ACCOUNT.to_owned(),
        auth_token: "token".to_owned(),
        from: "+15005550006".to_owned(),
        whatsapp_from: "+15005550007".to_owned(),
        base_url: base_url.to_owned(),
        webhook_url: Some(CALLBACK.to_owned()),
        ..TwilioSettings::default()
    }
}

/// A provider for which `left` of a code's life remains.
fn provider(settings: TwilioSettings, left: Duration) -> TwilioProvider {
    let expires = Timestamp::default();
    let now = Timestamp::from_millis(expires.millis() - i64::try_from(left.as_millis()).unwrap());
    TwilioProvider::new(settings, Arc::new(FixedClock::at(now))).unwrap()
}

fn usual(settings: TwilioSettings) -> TwilioProvider {
    provider(settings, Duration::from_secs(299))
}

fn over(channel: Channel, text: &str) -> Sample {
    let content = Content::Text { text: text.to_owned() };
    Sample { recipient: Recipient::parse(PHONE).unwrap(), channel, content, sender: None }
}

fn call() -> Sample {
    over(Channel::Voice, "Your code is: 7, 3, 5, 9, 1, 2. Again: 7, 3, 5, 9, 1, 2. It is valid for 5 minutes & a bit.")
}

/// What the gateway got, as fields.
fn form(request: &Received) -> BTreeMap<String, String> {
    assert_eq!(request.content_type.as_deref(), Some("application/x-www-form-urlencoded"));
    let url = Url::parse(&format!("http://gateway.test/?{}", request.body)).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn fields<const N: usize>(fields: [(&str, &str); N]) -> BTreeMap<String, String> {
    fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[tokio::test]
async fn twilios_own_description_accepts_every_request() {
    let Some(prism) = Prism::start().await else { return };
    let with_template = TwilioSettings {
        whatsapp_content_sid: "HX0123456789abcdef0123456789abcdef".to_owned(),
        messaging_service_sid: "MG0123456789abcdef0123456789abcdef".to_owned(),
        ..settings(&prism.url)
    };
    for settings in [settings(&prism.url), with_template] {
        let provider = usual(settings);
        for (sample, sid) in [(sms("Code 735912"), "SM"), (over(Channel::Whatsapp, "735912"), "SM"), (call(), "CA")] {
            let reference = provider.deliver(&sample.outgoing()).await.unwrap().reference.unwrap();
            assert_eq!(reference.len(), 34, "{reference}");
            assert!(reference.starts_with(sid) || reference.starts_with("MM"), "{reference}");
        }
    }
    // The mock does refuse: an account that Twilio's description does not allow.
    let wrong = usual(TwilioSettings { account_sid: "AC1".to_owned(), ..settings(&prism.url) });
    let refused = kind(&wrong.deliver(&sms("x").outgoing()).await.unwrap_err());
    assert_eq!(refused, Kind::Refused(Refusal::Other));
}

#[tokio::test]
async fn an_sms_names_sender_life_and_where_to_report() {
    let stub = Stub::start().await;
    let base = format!("http://{}", stub.address);
    stub.will(answer(201, r#"{"sid": "SM1", "status": "queued"}"#));
    let accepted = usual(settings(&base)).deliver(&sms("Code 735912 & more").outgoing()).await.unwrap();
    assert_eq!(accepted.reference.as_deref(), Some("SM1"));
    let request = stub.one();
    let path = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json");
    assert_eq!((request.method.as_str(), &request.path_and_query), ("POST", &path));
    assert_eq!(
        request.authorization.as_deref(),
        Some("Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjp0b2tlbg==")
    );
    let wanted = fields([
        ("To", PHONE),
        ("Body", "Code 735912 & more"),
        ("From", "+15005550006"),
        ("ValidityPeriod", "299"),
        ("StatusCallback", CALLBACK),
    ]);
    assert_eq!(form(&request), wanted);
}

#[tokio::test]
async fn a_sender_id_a_service_and_an_api_key_take_their_places() {
    let stub = Stub::start().await;
    let special = TwilioSettings {
        api_key: Some(("SK1".to_owned(), "secret".to_owned())),
        from: String::new(),
        messaging_service_sid: "MG1".to_owned(),
        webhook_url: None,
        ..settings(&format!("http://{}", stub.address))
    };
    let provider = provider(special, Duration::from_hours(24));
    assert!(!provider.reports() && provider.webhook().is_none());
    provider.deliver(&sms("x").outgoing()).await.unwrap();
    let request = stub.one();
    assert_eq!(request.authorization.as_deref(), Some("Basic U0sxOnNlY3JldA=="));
    let service = [("To", PHONE), ("Body", "x"), ("MessagingServiceSid", "MG1"), ("ValidityPeriod", "36000")];
    assert_eq!(form(&request), fields(service));
    let mut acme = sms("x");
    acme.sender = Some("ACME");
    provider.deliver(&acme.outgoing()).await.unwrap();
    assert_eq!(form(&stub.one())["From"], "ACME");
}

#[tokio::test]
async fn whatsapp_goes_by_its_template_where_there_is_one() {
    let stub = Stub::start().await;
    let base = format!("http://{}", stub.address);
    let (to, from) = (format!("whatsapp:{PHONE}"), "whatsapp:+15005550007");
    let common = [("To", to.as_str()), ("From", from), ("ValidityPeriod", "299"), ("StatusCallback", CALLBACK)];

    usual(settings(&base)).deliver(&over(Channel::Whatsapp, "735912 is it").outgoing()).await.unwrap();
    let mut wanted = fields(common);
    wanted.insert("Body".to_owned(), "735912 is it".to_owned());
    assert_eq!(form(&stub.one()), wanted);

    let template = TwilioSettings { whatsapp_content_sid: "HX1".to_owned(), ..settings(&base) };
    usual(template).deliver(&over(Channel::Whatsapp, "735912 is it").outgoing()).await.unwrap();
    let mut wanted = fields(common);
    wanted.extend(fields([("ContentSid", "HX1"), ("ContentVariables", &format!(r#"{{"1":"{CODE}"}}"#))]));
    assert_eq!(form(&stub.one()), wanted);
}

#[tokio::test]
async fn a_call_spells_the_code_twice() {
    let stub = Stub::start().await;
    stub.will(answer(201, r#"{"sid": "CA1"}"#));
    let provider = usual(settings(&format!("http://{}", stub.address)));
    assert_eq!(provider.deliver(&call().outgoing()).await.unwrap().reference.as_deref(), Some("CA1"));
    let request = stub.one();
    assert!(request.path_and_query.ends_with("/Calls.json"));
    let mut form = form(&request);
    let twiml = form.remove("Twiml").unwrap();
    assert_eq!(form, fields([("To", PHONE), ("From", "+15005550006"), ("StatusCallback", CALLBACK)]));
    let spelled = r#"<Pause length="1"/><Say language="en-US">7, 3, 5, 9, 1, 2</Say><Pause length="1"/>"#;
    assert_eq!(twiml.matches(spelled).count(), 2, "{twiml}");
    assert!(twiml.ends_with("5 minutes &amp; a bit.</Say></Response>"), "{twiml}");
}

#[tokio::test]
async fn errors_are_refusals_of_their_row_or_mean_later() {
    let stub = Stub::start().await;
    let provider = usual(settings(&format!("http://{}", stub.address)));
    let error = |code: u32| format!(r#"{{"code": {code}, "message": "about {PHONE} and {CODE}", "status": 400}}"#);
    let rows = [
        (400, error(21211), Kind::Refused(Refusal::BadAddress)),
        (400, error(21610), Kind::Refused(Refusal::Unsubscribed)),
        (403, error(21408), Kind::Refused(Refusal::Region)),
        (401, error(20003), Kind::Refused(Refusal::Provider)),
        (400, error(99999), Kind::Refused(Refusal::Other)),
        (400, error(21611), Kind::Unavailable(None)),
        (404, "<html>".to_owned(), Kind::Refused(Refusal::Provider)),
        (503, error(20503), Kind::Unavailable(None)),
        (500, String::new(), Kind::Unavailable(None)),
    ];
    for (status, body, wanted) in rows {
        stub.will(answer(status, &body));
        assert_eq!(kind(&provider.deliver(&sms("x").outgoing()).await.unwrap_err()), wanted, "{status} {body}");
    }
    stub.will(Answer { status: 429, headers: &[("retry-after", "3")], body: error(20429) });
    assert_eq!(kind(&provider.deliver(&sms("x").outgoing()).await.unwrap_err()), Kind::Unavailable(Some(3)));
    let mail = mail("a@b.test", "s", "h");
    assert_eq!(kind(&provider.deliver(&mail.outgoing()).await.unwrap_err()), Kind::Refused(Refusal::Content));
}
