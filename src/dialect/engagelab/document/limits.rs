//! What a field may hold, where its type does not say so (spec 1, 4.1, 7; security C5).
//!
//! The rules themselves are in the core; here they are told to those who read the document. A rule that a schema cannot
//! tell (one field that depends on another, numbering plans) is left out.

use serde_json::{Value, json};

use crate::core::params::{MAX_PARAMS, MAX_VALUE};

/// A phone number, or something with one `@`.
const TARGET: &str = r"^(\+[1-9][0-9]{6,14}|[^@\s]{1,64}@[^@\s]{3,})$";
const ADDRESS: &str = r"^[^@\s]{1,64}@[^@\s]{3,}$";
/// No controls and no characters that hide or turn the text.
const PLAIN: &str = r"^[^\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*$";
/// No controls but tab and line ends.
const BODY: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";
const SEGMENT: &str = r"^([.]*[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?$";
/// Each of the three at most once, in any order; or email.
const STRATEGY: &str = concat!(
    r"^(email|whatsapp(\|sms(\|voice)?|\|voice(\|sms)?)?",
    r"|sms(\|whatsapp(\|voice)?|\|voice(\|whatsapp)?)?",
    r"|voice(\|whatsapp(\|sms)?|\|sms(\|whatsapp)?)?)$"
);

/// Schema, property, and what is added to it.
pub(super) fn limits() -> Vec<(&'static str, &'static str, Value)> {
    let mut limits = sending();
    limits.extend(templates());
    limits.extend(mails());
    limits
}

/// What names a template: nothing that means something in a path.
pub(super) fn template_id() -> Value {
    json!({ "minLength": 1, "maxLength": 128, "pattern": "^[!-.0-~]{1,128}$" })
}

fn sending() -> Vec<(&'static str, &'static str, Value)> {
    let id = json!({ "pattern": "^[1-9][0-9]{0,18}$", "maxLength": 19 });
    let named = json!({ "minLength": 1, "maxLength": 128 });
    let target = json!({ "minLength": 5, "maxLength": 254, "pattern": TARGET });
    let one = json!({ "type": "string", "minLength": 5, "maxLength": 254, "pattern": TARGET });
    vec![
        ("MessageAccepted", "message_id", id.clone()),
        ("Verification", "message_id", id.clone()),
        ("VerifyCode", "message_id", id),
        ("VerifyCode", "verify_code", json!({ "pattern": "^[0-9A-Za-z]{1,32}$", "maxLength": 32 })),
        ("SendMessage", "to", target.clone()),
        ("SendCode", "to", target),
        ("SendCustomMessage", "to", json!({ "items": one })),
        ("SendCode", "code", json!({ "minLength": 1, "maxLength": 64, "pattern": PLAIN })),
        ("TemplateRef", "id", named.clone()),
        ("TemplateRef", "params", values()),
        ("CustomTemplateRef", "id", named),
        ("CustomTemplateRef", "params", values()),
    ]
}

fn templates() -> Vec<(&'static str, &'static str, Value)> {
    let segment = json!({ "maxLength": 128, "pattern": SEGMENT });
    vec![
        ("CreateTemplate", "template_id", template_id()),
        ("CreateTemplate", "description", json!({ "maxLength": 255, "pattern": r"^[^\u0000]*$" })),
        ("CreateTemplate", "brand_name", json!({ "minLength": 2, "maxLength": 10, "pattern": PLAIN })),
        ("CreateTemplate", "send_channel_strategy", json!({ "pattern": STRATEGY })),
        ("VerifyCodeConfig", "verify_code_type", json!({ "minimum": 1, "maximum": 7 })),
        ("VerifyCodeConfig", "verify_code_len", json!({ "minimum": 4, "maximum": 10 })),
        ("VerifyCodeConfig", "verify_code_ttl", json!({ "minimum": 1, "maximum": 10 })),
        ("SpokenConfig", "template_type", json!({ "minimum": 1, "maximum": 1 })),
        ("SmsConfig", "template_type", json!({ "minimum": 1, "maximum": 2 })),
        ("TemplateCustomConfig", "custom_sub_type", json!({ "enum": ["authentication", "marketing", "utility"] })),
        ("TemplateCustomConfig", "custom_content", json!({ "minLength": 1, "maxLength": 1530, "pattern": BODY })),
        ("TemplateCustomConfig", "custom_country_codes", json!({ "maxLength": 255, "pattern": "^[ -~]*$" })),
        ("Pwa", "pwa_platform", segment.clone()),
        ("Pwa", "pwa_code", segment),
    ]
}

fn mails() -> Vec<(&'static str, &'static str, Value)> {
    let line = json!({ "minLength": 1, "maxLength": 255, "pattern": PLAIN });
    let languages = json!({ "enum": ["default", "zh_CN", "zh_HK", "en", "ja", "th", "es"] });
    vec![
        ("EmailConfig", "template_name", line.clone()),
        ("EmailConfig", "template_custom_configs", json!({ "maxItems": 7 })),
        ("MailConfig", "language", languages),
        ("MailConfig", "pre_from_name", json!({ "maxLength": 255, "pattern": PLAIN })),
        ("MailConfig", "pre_from_mail", json!({ "minLength": 5, "maxLength": 254, "pattern": ADDRESS })),
        ("MailConfig", "pre_subject", line),
        ("MailConfig", "template_content", json!({ "minLength": 1, "maxLength": 65536, "pattern": BODY })),
        ("MailConfig", "pre_param_map", values()),
    ]
}

/// Values of variables.
fn values() -> Value {
    let value = json!({ "type": "string", "maxLength": MAX_VALUE, "pattern": PLAIN });
    json!({ "maxProperties": MAX_PARAMS, "additionalProperties": value })
}
