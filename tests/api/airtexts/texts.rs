//! What messages say: the built-in texts, those of the configuration, and in whose name.

use serde_json::json;

use super::stage::Stage;
use super::stage::{APPID, PHONE, is, refusal};
use crate::harness::TestApp;

const TEXTS: &str = "airtexts.resend_interval = '0s'\nairtexts.recipient_per_hour = 0
[airtexts.templates.7]\nen = '{code} from {from}, {minutes} min'\npt = '{code} de {from}, {minutes} min'";

/// What the inbox holds after a send.
async fn said(stage: &Stage, more: serde_json::Value) -> String {
    let mut body = json!({"appid": APPID, "recipient": PHONE});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = stage.send(&body).await;
    assert_eq!(answer.status, 200, "{answer}");
    let text = stage.texts().pop().unwrap();
    text.replace(&stage.code(), "[code]")
}

#[tokio::test]
async fn the_built_in_text_speaks_english_and_portuguese() {
    let stage = Stage::with(TEXTS).await;
    let english = "Your OTP verification code is [code]. It expires in 10 minutes. Do not share it.";
    assert_eq!(said(&stage, json!({})).await, english);
    assert_eq!(said(&stage, json!({"lang": "fr"})).await, english);
    let portuguese = "O seu código de verificação YourApp é [code]. Expira em 10 minutos. Não o partilhe.";
    assert_eq!(said(&stage, json!({"lang": "pt-BR", "from": "YourApp"})).await, portuguese);
}

#[tokio::test]
async fn a_text_of_the_configuration_is_sent_by_its_number() {
    let stage = Stage::with(TEXTS).await;
    assert_eq!(said(&stage, json!({"templateId": 7})).await, "[code] from OTP, 10 min");
    assert_eq!(said(&stage, json!({"template_id": "7", "lang": "pt"})).await, "[code] de OTP, 10 min");
    for number in [json!(8), json!("seven"), json!(7.5)] {
        let answer = stage.send(&json!({"appid": APPID, "recipient": PHONE, "templateId": number})).await;
        assert_eq!(refusal(&answer), is(404, "TEMPLATE_NOT_FOUND"), "{number}");
    }
}

#[tokio::test]
async fn a_resend_says_the_same_text_again() {
    let stage = Stage::with(TEXTS).await;
    let answer = stage.send(&json!({"appid": APPID, "recipient": PHONE, "templateId": 7, "lang": "pt"})).await;
    stage.resend(&super::stage::id(&answer)).await;
    let text = stage.texts().pop().unwrap();
    assert_eq!(text.replace(&stage.code(), "[code]"), "[code] de OTP, 10 min");
}

#[tokio::test]
async fn a_name_has_eleven_letters_and_digits_and_may_have_to_be_listed() {
    let stage = Stage::with("airtexts.senders = ['ACME', 'Shop24']\nairtexts.default_from = 'Ours'").await;
    for from in ["Other", "acme", "ACME ", "TwelveLetter", "A-B", "é", "12345678901x"] {
        let answer = stage.send(&json!({"appid": APPID, "recipient": PHONE, "from": from})).await;
        let trimmed = from.trim() == "ACME"; // blanks around a value do not matter
        let expected = if trimmed { None } else { Some(is(403, "SENDER_ID_NOT_APPROVED")) };
        assert_eq!((answer.status != 200).then(|| refusal(&answer)), expected, "{from}");
    }
    let answer = stage.send(&json!({"appid": APPID, "recipient": "+258845888195"})).await;
    assert_eq!(answer.json()["data"]["from"], "Ours");
}

#[tokio::test]
async fn providers_are_asked_for_a_sender_id_only_where_it_is_allowed() {
    let app = TestApp::with("delivery.sender_ids = ['ACME']\nairtexts.resend_interval = '0s'").await;
    let stage = Stage::of(app).await;
    for (from, sender) in [("ACME", Some("ACME")), ("Other", None)] {
        let answer = stage.send(&json!({"appid": APPID, "recipient": PHONE, "from": from})).await;
        assert_eq!(answer.json()["data"]["from"], from);
        assert_eq!(stage.app.last().await.sender.as_deref(), sender);
    }
}
