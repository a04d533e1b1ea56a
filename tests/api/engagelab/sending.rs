//! `POST /v1/messages` (spec 1.2).

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::sample::{sms_text, with_strategy};
use crate::harness::{EMAIL, OTP, PHONE, TestApp, message};

#[tokio::test]
async fn a_code_goes_out_by_sms_and_is_not_in_the_answer() {
    let app = TestApp::new().await;
    let answer = app.send(message(PHONE, OTP)).await;
    assert_snapshot!(answer, @r#"200 {"message_id":"[id]","send_channel":"sms"}"#);
    let sent = app.last().await;
    assert_eq!((sent.to.as_str(), sent.message_id), (PHONE, answer.id()));
    let code = app.last_code().await;
    assert!(!answer.text.contains(&code) && !code.starts_with('0'));
    let words = sent.text.unwrap().replace(&code, "[code]");
    assert_snapshot!(words, @"[verifyd] [code] is your verification code. It is valid for 5 minutes. Do not share it with anyone.");
}

#[tokio::test]
async fn the_first_channel_of_the_strategy_is_used() {
    let app = TestApp::new().await;
    for strategy in ["whatsapp", "sms", "voice", "whatsapp|sms", "voice|whatsapp|sms"] {
        app.has_template(with_strategy(strategy, strategy)).await;
        let first = strategy.split('|').next().unwrap();
        let answer = app.send(message(PHONE, strategy)).await.json();
        assert_eq!(answer["send_channel"], first);
        assert_eq!(json!(app.last().await.channel), first);
    }
}

#[tokio::test]
async fn a_channel_that_nobody_carries_is_passed_over() {
    let app = TestApp::with("[[provider]]\nname = 'inbox'\nkind = 'inbox'\nchannels = ['sms']").await;
    app.has_template(with_strategy("both", "whatsapp|sms")).await;
    assert_snapshot!(app.send(message(PHONE, "both")).await, @r#"200 {"message_id":"[id]","send_channel":"sms"}"#);
    app.has_template(with_strategy("calls", "voice")).await;
    assert_snapshot!(app.send(message(PHONE, "calls")).await, @r#"400 {"code":5001,"message":"voice send fail"}"#);
}

#[tokio::test]
async fn a_mail_has_its_presets_and_the_callers_values_go_before_them() {
    let app = TestApp::new().await;
    app.has_template(with_strategy("mail", "email")).await;
    let answer = app.send(message(EMAIL, "mail")).await;
    assert_snapshot!(answer, @r#"200 {"message_id":"[id]","send_channel":"email"}"#);
    let mail = app.last().await;
    assert_eq!(mail.subject.unwrap(), "Your verification code");
    assert!(mail.html.unwrap().starts_with("Hi User, your verification code is "));
    let named = json!({"to": "j@example.com", "template": {"id": "mail", "params": {"name": "<b>Jane</b>"}}});
    app.send(named).await.id();
    assert!(app.last().await.html.unwrap().starts_with("Hi &lt;b&gt;Jane&lt;/b&gt;, "));
}

#[tokio::test]
async fn every_language_has_its_words_and_an_unknown_one_means_default() {
    let app = TestApp::new().await;
    let languages = ["default", "zh_CN", "zh_HK", "en", "ja", "th", "es", "fr"];
    let mut words = vec![];
    for (number, language) in languages.into_iter().enumerate() {
        let to = format!("+659876543{number}");
        app.send(json!({"to": to, "template": {"id": OTP, "language": language}})).await.id();
        let code = app.last_code().await;
        words.push(app.last().await.text.unwrap().replace(&code, "#"));
    }
    assert!(words[0] == words[3] && words[0] == words[7]);
    assert_snapshot!(words[1], @"【verifyd】您的验证码是 #。验证码 5 分钟内有效。请勿告知他人。");
    assert_snapshot!(words[2], @"【verifyd】您的驗證碼是 #。驗證碼 5 分鐘內有效。請勿告知他人。");
    assert_snapshot!(words[4], @"【verifyd】認証コードは # です。有効期限は 5 分です。他の人に教えないでください。");
    assert_snapshot!(words[5], @"[verifyd] # คือรหัสยืนยันของคุณ ใช้ได้ 5 นาที ห้ามบอกผู้อื่น");
    assert_snapshot!(words[6], @"[verifyd] # es tu clave de un solo uso. Vence en 5 minutos. No la compartas con nadie.");
}

/// The text that `content` becomes with `params`.
async fn rendered(app: &TestApp, id: &str, content: &str, params: Value) -> String {
    app.has_template(sms_text(id, "authentication", content)).await;
    app.send(json!({"to": PHONE, "template": {"id": id, "params": params}})).await.id();
    app.last().await.text.unwrap()
}

#[tokio::test]
async fn unset_variables_go_out_as_they_are_written() {
    let app = TestApp::new().await;
    let text =
        rendered(&app, "a", "{{ name }} {{other}} {{ttl}} {{brand_name}} {{code}}", json!({"name": "{{code}}"})).await;
    assert!(text.starts_with("{{code}} {{other}} 5 {{brand_name}} "), "values are data: {text}");
}

#[tokio::test]
async fn a_callers_code_does_not_replace_the_generated_one() {
    let app = TestApp::new().await;
    let text = rendered(&app, "a", "{{code}}", json!({"code": "123"})).await;
    assert!(text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()), "{text}");
}

#[tokio::test]
async fn unknown_and_preset_names_among_the_values_are_taken() {
    let app = TestApp::new().await;
    let params = json!({"app_name": "a", "brand_name": "Other", "otp": "1", "otp_code": "2", "ttl": "9"});
    assert!(rendered(&app, "a", "{{brand_name}} {{ttl}} {{code}}", params).await.starts_with("Other 9 "));
}

#[tokio::test]
async fn codes_have_the_length_and_the_alphabet_of_the_template() {
    let app = TestApp::new().await;
    for (kind, length, alphabet) in [(1, 4, "0123456789"), (2, 10, "a-z"), (4, 7, "A-Z"), (5, 8, "A-Z0-9")] {
        let id = format!("t{kind}");
        let mut template = sms_text(&id, "authentication", "{{code}}");
        template["verify_code_config"] =
            json!({"verify_code_type": kind, "verify_code_len": length, "verify_code_ttl": 1});
        app.has_template(template).await;
        app.sent(PHONE, &id).await;
        let code = app.last().await.text.unwrap();
        let fits = |byte: u8| match byte {
            b'0'..=b'9' => kind & 1 != 0,
            b'a'..=b'z' => kind & 2 != 0,
            _ => byte.is_ascii_uppercase() && kind & 4 != 0,
        };
        assert!(code.len() == length && code.bytes().all(fits) && !code.starts_with('0'), "{code} of {alphabet}");
    }
}

#[tokio::test]
async fn custom_args_are_an_object_of_any_kind() {
    let app = TestApp::new().await;
    let args = json!({"order": 7, "nested": {"list": [null, true, "x"]}});
    let answer = app.send(json!({"to": PHONE, "template": {"id": OTP}, "custom_args": args})).await;
    assert_snapshot!(answer, @r#"200 {"message_id":"[id]","send_channel":"sms"}"#);
    let wrong = app.send(json!({"to": PHONE, "template": {"id": OTP}, "custom_args": "x"})).await;
    assert_snapshot!(wrong, @r#"400 {"code":3001,"message":"invalid request params format"}"#);
}

#[tokio::test]
async fn only_configured_senders_may_be_asked_for() {
    let app = TestApp::with("[delivery]\nsender_ids = ['ACME']").await;
    let from = |sender: &str| json!({"to": PHONE, "template": {"id": OTP, "params": {"from_id": sender}}});
    assert_snapshot!(app.send(from("12345")).await, @r#"400 {"code":3002,"message":"invalid template.params.from_id"}"#);
    app.send(from("ACME")).await.id();
    assert_eq!(app.last().await.sender.as_deref(), Some("ACME"));
}

#[tokio::test]
async fn targets_that_do_not_fit_are_told_apart() {
    let app = TestApp::new().await;
    app.has_template(with_strategy("mail", "email")).await;
    let send = async |to: &str, template: &str| app.send(message(to, template)).await.to_string();
    assert_snapshot!(send(EMAIL, OTP).await, @r#"400 {"code":3003,"message":"template does not support this kind of target"}"#);
    assert_snapshot!(send(PHONE, "mail").await, @r#"400 {"code":3003,"message":"template does not support this kind of target"}"#);
    for number in ["98765432", "+65", "+6598765432 ", "0065 98765432", "+999123456789", "x"] {
        assert_eq!(send(number, OTP).await, r#"400 {"code":5011,"message":"invalid phone number"}"#, "{number}");
    }
    for address in ["jane@", "@example.com", "jane@localhost", "a@b@c.com"] {
        assert_eq!(send(address, "mail").await, r#"400 {"code":3002,"message":"invalid to"}"#, "{address}");
    }
}
