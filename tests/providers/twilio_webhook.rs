//! Twilio's requests to us, signed by Twilio's own library.

use std::sync::Arc;

use verifyd::{
    channel::{
        News, NotBelieved, Receipt,
        twilio::{TwilioProvider, TwilioSettings},
    },
    core::clock::{FixedClock, Timestamp},
};

use crate::{
    judge::Judge,
    webhook::{Incoming, delivered, failed},
};

const URL: &str = "https://otp.example.com/providers/tw/0123456789abcdefghijkl";
const TOKEN: &str = "12345";

fn provider(url: &str) -> TwilioProvider {
    let settings = TwilioSettings {
        account_sid: "AC1".to_owned(),
        auth_token: TOKEN.to_owned(),
        base_url: "http://127.0.0.1:9".to_owned(),
        webhook_url: Some(url.to_owned()),
        ..TwilioSettings::default()
    };
    TwilioProvider::new(settings, Arc::new(FixedClock::at(Timestamp::default()))).unwrap()
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// What the provider believes of a form signed by Twilio's library.
fn read(judge: &Judge, fields: &[(&str, &str)]) -> Result<News, NotBelieved> {
    let signature = judge.twilio_signature(TOKEN, URL, fields);
    Incoming::post(&form(fields)).with("x-twilio-signature", signature).read_by(&provider(URL))
}

fn receipts(judge: &Judge, fields: &[(&str, &str)]) -> Vec<Receipt> {
    let news = read(judge, fields).unwrap();
    assert!(news.uplinks.is_empty() && news.answer.is_empty());
    news.receipts
}

#[test]
fn the_example_of_twilios_documents_is_believed() {
    let fields = [
        ("CallSid", "CA1234567890ABCDE"),
        ("CallStatus", "completed"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ];
    let documented = [&fields[..1], &fields[2..]].concat();
    let provider = provider("https://mycompany.com/myapp.php");
    let read = |fields: &[(&str, &str)], signature: &str| {
        let body = form(fields);
        let request = Incoming { query: "foo=1&bar=2", ..Incoming::post(&body) };
        request.with("x-twilio-signature", signature).read_by(&provider)
    };
    // Believed, and no report: the documented example names no status.
    assert_eq!(read(&documented, "RSOYDt4T1cUTdK1PDd93/VVr8B8=").err(), Some(NotBelieved::Malformed));
    assert_eq!(read(&fields, "RSOYDt4T1cUTdK1PDd93/VVr8B8=").err(), Some(NotBelieved::Forged));
    let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    let signature = Judge::start().twilio_signature(TOKEN, url, &fields);
    assert_eq!(read(&fields, &signature).unwrap().receipts, [delivered("CA1234567890ABCDE")]);
}

#[test]
fn statuses_of_messages_end_as_documented() {
    let judge = Judge::start();
    let status = |status: &str, code: Option<&str>| {
        let mut fields =
            vec![("MessageSid", "SM1"), ("MessageStatus", status), ("AccountSid", "AC1"), ("To", "+65 é&=")];
        fields.extend(code.map(|code| ("ErrorCode", code)));
        receipts(&judge, &fields)
    };
    for under_way in ["accepted", "queued", "sending", "sent", "something-new"] {
        assert_eq!(status(under_way, None), []);
    }
    for end in ["delivered", "read"] {
        assert_eq!(status(end, None), [delivered("SM1")]);
    }
    assert_eq!(status("undelivered", Some("30003")), [failed("SM1", 5018, Some("error 30003"))]);
    assert_eq!(status("failed", Some("30005")), [failed("SM1", 5020, Some("error 30005"))]);
    assert_eq!(status("failed", Some("63016")), [failed("SM1", 5014, Some("error 63016"))]);
    assert_eq!(status("failed", Some("nonsense")), [failed("SM1", 5001, None)]);
    assert_eq!(status("undelivered", None), [failed("SM1", 5001, None)]);
    assert_eq!(status("canceled", None), [failed("SM1", 5016, Some("canceled"))]);
}

#[test]
fn calls_end_as_documented() {
    let judge = Judge::start();
    let status = |status| receipts(&judge, &[("CallSid", "CA1"), ("CallStatus", status)]);
    for under_way in ["queued", "initiated", "ringing", "in-progress"] {
        assert_eq!(status(under_way), []);
    }
    assert_eq!(status("completed"), [delivered("CA1")]);
    for (end, code) in [("busy", 5012), ("no-answer", 5012), ("failed", 5012), ("canceled", 5016)] {
        assert_eq!(status(end), [failed("CA1", code, Some(&format!("call {end}")))]);
    }
}

#[test]
fn a_message_from_a_person_is_taken_whole() {
    let judge = Judge::start();
    let fields = [
        ("MessageSid", "SM7"),
        ("SmsStatus", "received"),
        ("AccountSid", "AC1"),
        ("From", "+6591234567"),
        ("To", "+15005550006"),
        ("Body", "STOP 请 & +1=2"),
        ("NumMedia", "0"),
    ];
    let news = read(&judge, &fields).unwrap();
    assert!(news.receipts.is_empty());
    let [uplink] = &news.uplinks[..] else { panic!("not one message") };
    assert_eq!((&*uplink.reference, &*uplink.account), ("SM7", "AC1"));
    assert_eq!((&*uplink.from, &*uplink.to, &*uplink.body), ("+6591234567", "+15005550006", "STOP 请 & +1=2"));
}

#[test]
fn what_twilio_did_not_sign_is_not_believed() {
    let judge = Judge::start();
    let fields = [("MessageSid", "SM1"), ("MessageStatus", "delivered")];
    let body = form(&fields);
    let signature = judge.twilio_signature(TOKEN, URL, &fields);
    let provider = provider(URL);
    let believed = |request: Incoming<'_>| request.read_by(&provider).map(|news| news.receipts);
    let signed = |body| Incoming::post(body).with("x-twilio-signature", signature.clone());
    // The same again is the same again: repeats are told, and judged where the state is.
    for _ in 0..2 {
        assert_eq!(believed(signed(&body)), Ok(vec![delivered("SM1")]));
    }
    let forged = [
        Incoming::post(&body),
        Incoming::post(&body).with("x-twilio-signature", ""),
        Incoming::post(&body).with("x-twilio-signature", "not base64"),
        Incoming::post(&body).with("x-twilio-signature", judge.twilio_signature("54321", URL, &fields)),
        Incoming::post(&body)
            .with("x-twilio-signature", judge.twilio_signature(TOKEN, "https://elsewhere.test/", &fields)),
        signed("MessageSid=SM2&MessageStatus=delivered"),
        signed("MessageSid=SM1&MessageStatus=delivered&ErrorCode=30003"),
        signed(""),
        Incoming { query: "a=b", ..signed(&body) },
        Incoming { method: http::Method::GET, ..signed(&body) },
    ];
    for request in forged {
        assert_eq!(believed(request), Err(NotBelieved::Forged));
    }
}

#[test]
fn every_flipped_byte_of_a_signed_form_is_noticed() {
    let judge = Judge::start();
    let fields = [("MessageSid", "SM1"), ("MessageStatus", "delivered")];
    let (body, signature) = (form(&fields), judge.twilio_signature(TOKEN, URL, &fields));
    let provider = provider(URL);
    for place in 0..body.len() {
        let mut flipped = body.clone().into_bytes();
        flipped[place] ^= 1;
        let flipped = String::from_utf8(flipped).unwrap();
        let request = Incoming::post(&flipped).with("x-twilio-signature", signature.clone());
        assert_eq!(request.read_by(&provider).err(), Some(NotBelieved::Forged), "{flipped}");
    }
}

#[test]
fn a_port_in_the_address_may_be_signed_or_not() {
    let judge = Judge::start();
    let fields = [("MessageSid", "SM1"), ("MessageStatus", "delivered")];
    let body = form(&fields);
    let believed = |ours: &str, signed: &str| {
        let request = Incoming::post(&body).with("x-twilio-signature", judge.twilio_signature(TOKEN, signed, &fields));
        request.read_by(&provider(ours)).is_ok()
    };
    assert!(believed("https://a.test/x", "https://a.test:443/x"));
    assert!(believed("https://a.test:8443/x", "https://a.test/x"));
    assert!(believed("https://a.test:8443/x", "https://a.test:8443/x"));
    assert!(!believed("https://a.test/x", "https://a.test:8443/x"));
    assert!(!believed("https://a.test/x", "http://a.test/x"));
}
