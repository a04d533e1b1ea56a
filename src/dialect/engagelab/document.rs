//! The published document: the generated one, polished, with the limits that the types do not carry.

use serde_json::{Value, json};

use super::{error::examples, service};
use crate::http::spec::polish;

/// The document as it is committed, served and linted. Needs no server.
pub(super) fn document() -> Value {
    let generated = serde_json::from_str(&service().spec()).unwrap_or_default();
    let mut document = polish(generated, &examples());
    for (schema, property, limits) in limits() {
        constrain(&mut document, schema, property, &limits);
    }
    document
}

/// What a field may hold, where its type does not say so (spec 1, 4.1, 7).
fn limits() -> Vec<(&'static str, &'static str, Value)> {
    let id = json!({ "pattern": "^[1-9][0-9]{0,18}$", "maxLength": 19 });
    let template_id = json!({ "minLength": 1, "maxLength": 128 });
    let target = json!({ "minLength": 3, "maxLength": 254 });
    let strategy = json!({ "pattern": "^(email|(whatsapp|sms|voice)(\\|(whatsapp|sms|voice)){0,2})$" });
    vec![
        ("MessageAccepted", "message_id", id.clone()),
        ("Verification", "message_id", id.clone()),
        ("VerifyCode", "message_id", id),
        ("VerifyCode", "verify_code", json!({ "pattern": "^[0-9A-Za-z]{1,32}$", "maxLength": 32 })),
        ("SendMessage", "to", target.clone()),
        ("SendCode", "to", target),
        ("SendCode", "code", json!({ "minLength": 1, "maxLength": 64 })),
        ("TemplateRef", "id", template_id.clone()),
        ("CustomTemplateRef", "id", template_id.clone()),
        ("CreateTemplate", "template_id", template_id),
        ("CreateTemplate", "description", json!({ "maxLength": 255 })),
        ("CreateTemplate", "brand_name", json!({ "minLength": 2, "maxLength": 10 })),
        ("CreateTemplate", "send_channel_strategy", strategy),
        ("VerifyCodeConfig", "verify_code_type", json!({ "minimum": 1, "maximum": 7 })),
        ("VerifyCodeConfig", "verify_code_len", json!({ "minimum": 4, "maximum": 10 })),
        ("VerifyCodeConfig", "verify_code_ttl", json!({ "minimum": 1, "maximum": 10 })),
        ("SpokenConfig", "template_type", json!({ "minimum": 1, "maximum": 1 })),
        ("SmsConfig", "template_type", json!({ "minimum": 1, "maximum": 2 })),
        ("TemplateCustomConfig", "custom_sub_type", json!({ "enum": ["authentication", "marketing", "utility"] })),
    ]
}

fn constrain(document: &mut Value, schema: &str, property: &str, limits: &Value) {
    let place = document.pointer_mut(&format!("/components/schemas/{schema}/properties/{property}"));
    if let (Some(Value::Object(place)), Value::Object(limits)) = (place, limits) {
        place.extend(limits.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_finds_its_field() {
        let document = document();
        for (schema, property, limits) in limits() {
            let place = &document["components"]["schemas"][schema]["properties"][property];
            for (word, value) in limits.as_object().unwrap() {
                assert_eq!(&place[word], value, "{schema}.{property}");
            }
        }
    }
}
