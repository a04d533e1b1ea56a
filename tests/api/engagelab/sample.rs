//! Templates to begin with.

use serde_json::{Value, json};

/// The full sample of spec 4.1.
pub(super) fn sample() -> Value {
    json!({"template_id": "test-template-1", "description": "Test Template 1", "send_channel_strategy": "whatsapp|sms",
        "brand_name": "Brand Name",
        "verify_code_config": {"verify_code_type": 1, "verify_code_len": 6, "verify_code_ttl": 1},
        "whatsapp_config": {"template_type": 1,
            "template_default_config": {"contain_security": false, "contain_expire": false}},
        "sms_config": {"template_type": 2,
            "template_default_config": {"contain_security": false, "contain_expire": false},
            "template_custom_config": {"custom_sub_type": "authentication", "custom_content": "Your code is {{code}}",
                "custom_country_codes": "HK,PH"}},
        "voice_config": {"template_type": 1,
            "template_default_config": {"contain_security": false, "contain_expire": false}},
        "email_config": {"template_name": "Email Template Name", "template_custom_configs": [{"language": "default",
            "pre_from_name": "MyApp", "pre_from_mail": "noreply@myapp.com", "pre_subject": "Your verification code",
            "template_content": "Hi {{name}}, your verification code is {{code}}",
            "pre_param_map": {"name": "User"}}]},
        "pwa_config": {"pwa_platform": "xx", "pwa_code": "xx"}})
}

/// The sample under another name and strategy.
pub(crate) fn with_strategy(id: &str, strategy: &str) -> Value {
    with(&[("/template_id", json!(id)), ("/send_channel_strategy", json!(strategy))])
}

/// The sample with other values at some JSON pointers.
pub(super) fn with(changes: &[(&str, Value)]) -> Value {
    let mut sample = sample();
    for (pointer, value) in changes {
        *sample.pointer_mut(pointer).unwrap() = value.clone();
    }
    sample
}

/// The sample without the field at a JSON pointer.
pub(super) fn without(pointer: &str) -> Value {
    let mut sample = sample();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    sample.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field).unwrap();
    sample
}

/// A template of an SMS text of the application's own.
pub(crate) fn sms_text(id: &str, kind: &str, content: &str) -> Value {
    json!({"template_id": id, "send_channel_strategy": "sms",
        "verify_code_config": {"verify_code_type": 1, "verify_code_len": 6, "verify_code_ttl": 5},
        "sms_config": {"template_type": 2,
            "template_custom_config": {"custom_sub_type": kind, "custom_content": content}}})
}
