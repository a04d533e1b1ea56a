//! Every rule of spec 4.1, as it is refused.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::sample::{sample, with, without};
use crate::harness::TestApp;

const SMS: &str = "/sms_config/template_custom_config";
const MAIL: &str = "/email_config/template_custom_configs/0";
const CODE: &str = "/verify_code_config";

/// The dotted path of a JSON pointer, as messages spell it: without places in arrays.
fn dotted(pointer: &str) -> String {
    pointer.replace("/0/", "/").trim_start_matches('/').replace('/', ".")
}

fn refusal(code: u16, message: &str) -> String {
    format!("400 {}", json!({"code": code, "message": message}))
}

/// The sample with a strategy that uses the channel of `pointer`.
fn using(pointer: &str, mut template: Value) -> Value {
    let channel =
        ["whatsapp", "sms", "voice", "email"].into_iter().find(|channel| pointer.starts_with(&format!("/{channel}_")));
    if let Some(channel) = channel {
        template["send_channel_strategy"] = json!(channel);
    }
    template
}

#[tokio::test]
async fn a_missing_or_empty_required_field_is_3002_and_named() {
    let app = TestApp::new().await;
    let mut required = vec!["/template_id".to_owned(), "/send_channel_strategy".to_owned(), CODE.to_owned()];
    required.extend(["type", "len", "ttl"].map(|field| format!("{CODE}/verify_code_{field}")));
    for channel in ["whatsapp", "voice"] {
        let fields = [
            "template_type",
            "template_default_config",
            "template_default_config/contain_security",
            "template_default_config/contain_expire",
        ];
        required.extend(fields.map(|field| format!("/{channel}_config/{field}")));
    }
    required.extend(["/sms_config/template_type", SMS, "/email_config/template_name"].map(str::to_owned));
    required.extend(["custom_sub_type", "custom_content"].map(|field| format!("{SMS}/{field}")));
    required.extend(
        ["language", "pre_from_mail", "pre_subject", "template_content"].map(|field| format!("{MAIL}/{field}")),
    );
    for pointer in &required {
        let words = refusal(3002, &format!("{} is required", dotted(pointer)));
        assert_eq!(app.template(using(pointer, without(pointer))).await.to_string(), words, "without {pointer}");
        let template = using(pointer, with(&[(pointer, Value::Null)]));
        assert_eq!(app.template(template).await.to_string(), words, "null at {pointer}");
        if sample().pointer(pointer).unwrap().is_string() {
            let template = using(pointer, sample());
            let mut template = template;
            *template.pointer_mut(pointer).unwrap() = json!("");
            assert_eq!(app.template(template).await.to_string(), words, "empty {pointer}");
        }
    }
}

#[tokio::test]
async fn a_value_out_of_range_is_3002_and_named() {
    let app = TestApp::new().await;
    let mail = |field: &str| format!("{MAIL}/{field}");
    let wrong = [
        ("/template_id".to_owned(), vec![json!("x".repeat(129)), json!("a b"), json!("a/b"), json!("\0")]),
        ("/description".to_owned(), vec![json!("字".repeat(256)), json!("\0")]),
        ("/send_channel_strategy".to_owned(), vec![json!("push"), json!("SMS"), json!("sms|sms"), json!("sms,voice")]),
        ("/brand_name".to_owned(), vec![json!("a"), json!("elevenchars"), json!("a\nb")]),
        (format!("{CODE}/verify_code_type"), vec![json!(0), json!(8), json!(-1)]),
        (format!("{CODE}/verify_code_len"), vec![json!(3), json!(11), json!(i64::MAX)]),
        (format!("{CODE}/verify_code_ttl"), vec![json!(0), json!(11)]),
        ("/whatsapp_config/template_type".to_owned(), vec![json!(0), json!(2)]),
        ("/voice_config/template_type".to_owned(), vec![json!(2)]),
        ("/sms_config/template_type".to_owned(), vec![json!(0), json!(3)]),
        (format!("{SMS}/custom_sub_type"), vec![json!("otp"), json!("Authentication")]),
        (format!("{SMS}/custom_content"), vec![json!("x".repeat(1531)), json!("{{code}}\0")]),
        (format!("{SMS}/custom_country_codes"), vec![json!("H\nK"), json!("x".repeat(256))]),
        ("/email_config/template_name".to_owned(), vec![json!("a\nb")]),
        (mail("language"), vec![json!("fr")]),
        (mail("pre_from_name"), vec![json!("a\r\nBcc: x@y.z")]),
        (mail("pre_from_mail"), vec![json!("nobody"), json!("a@b.com\r\n")]),
        (mail("pre_subject"), vec![json!("a\nb")]),
        (mail("template_content"), vec![json!("\0")]),
        (mail("pre_param_map"), vec![json!({"name": "a\nb"}), json!({"": "x"})]),
        ("/pwa_config/pwa_platform".to_owned(), vec![json!("a/b"), json!("..")]),
        ("/pwa_config/pwa_code".to_owned(), vec![json!("a b")]),
    ];
    for (pointer, values) in wrong {
        for value in values {
            let mut template = using(&pointer, sample());
            *template.pointer_mut(&pointer).unwrap() = value.clone();
            let words = refusal(3002, &format!("invalid {}", dotted(&pointer)));
            assert_eq!(app.template(template).await.to_string(), words, "{value} at {pointer}");
        }
    }
}

#[tokio::test]
async fn a_contradiction_between_fields_is_3003() {
    let app = TestApp::new().await;
    for channel in ["whatsapp", "sms", "voice", "email"] {
        let config = format!("/{channel}_config");
        let answer = app.template(using(&format!("{config}/"), without(&config))).await;
        assert_eq!(answer.to_string(), r#"400 {"code":3003,"message":"not contains any channel config"}"#);
    }
    let mixed = app.template(with(&[("/send_channel_strategy", json!("sms|email"))])).await;
    assert_snapshot!(mixed, @r#"400 {"code":3003,"message":"email can not be combined with other channels"}"#);
    let long = app.template(with(&[("/verify_code_config/verify_code_ttl", json!(3))])).await;
    assert_snapshot!(long, @r#"400 {"code":3003,"message":"verify_code_ttl must be 1, 5 or 10 when the strategy contains whatsapp"}"#);
    let mute = app.template(with(&[(&format!("{SMS}/custom_content"), json!("Hello"))])).await;
    assert_snapshot!(mute, @r#"400 {"code":3003,"message":"custom_content must contain {{code}} when custom_sub_type is authentication"}"#);
}

#[tokio::test]
async fn everything_at_its_limit_is_accepted() {
    let app = TestApp::new().await;
    let good = [
        ("/template_id", json!("x".repeat(128))),
        ("/template_id", json!("test-template_1.x")),
        ("/description", json!("字".repeat(255))),
        ("/brand_name", json!("ab")),
        ("/brand_name", json!("字".repeat(10))),
        ("/verify_code_config/verify_code_type", json!(7)),
        ("/verify_code_config/verify_code_len", json!(4)),
        ("/verify_code_config/verify_code_len", json!(10)),
        ("/verify_code_config/verify_code_ttl", json!(10)),
        ("/send_channel_strategy", json!("voice|sms|whatsapp")),
        ("/sms_config/template_custom_config/custom_content", json!(format!("{{{{code}}}}{}", "x".repeat(1522)))),
    ];
    for (number, (pointer, value)) in good.into_iter().enumerate() {
        let id = ("/template_id", json!(format!("good-{number}")));
        app.has_template(with(&[id, (pointer, value)])).await;
    }
}

#[tokio::test]
async fn configurations_of_unused_channels_are_not_judged() {
    let app = TestApp::new().await;
    let odd = [("/voice_config/template_type", json!(7)), ("/email_config/template_name", json!("\0"))];
    app.has_template(with(&odd)).await;
}
