//! The published document: the generated one, polished, with examples, and with the limits that the types do not carry.

use serde_json::{Map, Value, json};

use super::{examples::examples, service};
use crate::{
    core::callback::Topic,
    http::spec::{constrain, keep_shown, polish},
};

/// What requests carry: a field that is not there may be null, one that nobody knows may not be there.
const BODIES: [&str; 11] = [
    "NewApplication",
    "ApplicationChange",
    "NewKey",
    "KeyChange",
    "Rotation",
    "NewBlock",
    "NewUnlock",
    "TemplateRejection",
    "NewCallback",
    "CallbackChange",
    "Replay",
];
/// No control characters.
const PRINTABLE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";
const ID: &str = "^[1-9][0-9]{0,18}$";
const NUMBER: &str = "^-?[0-9]{1,19}$";
/// US dollars.
const AMOUNT: &str = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$";
const NETWORK: &str = "^[0-9A-Fa-f.:]{2,45}(/[0-9]{1,3})?$";
/// Visible ASCII without the comma.
const APPID: &str = "^[!-+.-~-]{1,64}$";
/// A phone number, or something with one `@`.
const RECIPIENT: &str = r"^(\+[1-9][0-9]{6,14}|[^@\s]{1,64}@[^@\s]{3,})$";

/// The document as it is committed, served and linted. Needs no server.
#[must_use]
pub fn document() -> Value {
    let examples = examples();
    let mut document = polish(serde_json::from_str(&service().spec()).unwrap_or_default(), &examples);
    keep_shown(&mut document, &examples);
    for (schema, property, limits) in fields() {
        constrain(&mut document, &format!("/components/schemas/{schema}/properties/{property}"), &limits);
    }
    for schema in BODIES {
        constrain(&mut document, &format!("/components/schemas/{schema}"), &json!({ "additionalProperties": false }));
        nulls(document.pointer_mut(&format!("/components/schemas/{schema}")));
    }
    for schema in objects(&mut document, "/components/schemas") {
        times(schema);
    }
    for path in objects(&mut document, "/paths") {
        for operation in path.values_mut().filter_map(Value::as_object_mut) {
            parameters(operation);
        }
    }
    document
}

/// Schema, property, and what is added to it.
fn fields() -> Vec<(&'static str, &'static str, Value)> {
    let description = json!({ "maxLength": 255, "pattern": PRINTABLE });
    let networks = json!({ "maxItems": 100, "items": { "type": "string", "pattern": NETWORK } });
    let events: Vec<_> = Topic::all().map(Topic::as_str).collect();
    let events = json!({ "minItems": 1, "items": { "type": "string", "enum": events } });
    let callback = |schema| {
        vec![
            (schema, "url", json!({ "maxLength": 2048, "pattern": "^https?://[!-~]+$" })),
            (schema, "description", description.clone()),
            (schema, "username", json!({ "maxLength": 128, "pattern": "^[!-:<-~]*$" })),
            (schema, "secret", json!({ "minLength": 1 })),
            (schema, "authorization", json!({ "maxLength": 4096, "pattern": "^[ -~]*$" })),
            (schema, "events", events.clone()),
        ]
    };
    let appids = json!({ "maxItems": 100, "items": { "type": "string", "pattern": APPID } });
    let recipient = json!({ "minLength": 5, "maxLength": 254, "pattern": RECIPIENT });
    let others = [callback("NewCallback"), callback("CallbackChange")].concat();
    let fields = vec![
        ("NewApplication", "name", json!({ "minLength": 1, "maxLength": 128, "pattern": PRINTABLE })),
        ("ApplicationChange", "spend_limit", json!({ "pattern": AMOUNT })),
        ("ApplicationChange", "balance_alert", json!({ "pattern": AMOUNT })),
        ("ApplicationChange", "verification_rate_alert", json!({ "minimum": 1, "maximum": 100 })),
        // Beside `nullable`, OpenAPI 3.0 wants to see what it is.
        ("NewKey", "dialect", json!({ "type": "string" })),
        ("NewKey", "description", description.clone()),
        ("NewKey", "allowed_ips", networks.clone()),
        ("KeyChange", "description", description.clone()),
        ("KeyChange", "allowed_ips", networks),
        ("NewKey", "appids", appids.clone()),
        ("KeyChange", "appids", appids),
        ("Rotation", "overlap_hours", json!({ "minimum": 0, "maximum": 8760 })),
        ("NewBlock", "recipient", recipient.clone()),
        ("NewUnlock", "recipient", recipient),
        ("TemplateRejection", "remark", json!({ "maxLength": 500, "pattern": PRINTABLE })),
        ("Callback", "failing_since", json!({ "format": "date-time" })),
    ];
    [fields, others].concat()
}

/// What is added to a parameter. A delete takes any name: what cannot be there is not there.
fn parameter(operation: &str, name: &str) -> Value {
    match (operation, name) {
        ("deleteKey" | "unblockRecipient" | "deleteAppTemplate", "dev_key" | "id" | "template_id")
        | ("deleteCallback", "callback_id") => json!({}),
        (_, "app_id" | "message_id" | "callback_id") => json!({ "pattern": ID }),
        (_, "dev_key") => json!({ "pattern": "^[0-9A-Za-z]{1,64}$" }),
        (_, "template_id") => json!({ "pattern": "^[!-.0-~]{1,128}$" }),
        ("listBlockedRecipients", "cursor") => json!({ "pattern": NUMBER }),
        _ => json!({}),
    }
}

fn parameters(operation: &mut Map<String, Value>) {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    for given in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = given.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        constrain(given, "/schema", &parameter(&id, &name));
    }
}

/// Marks the fields that need not be there.
fn nulls(schema: Option<&mut Value>) {
    let Some(schema) = schema else { return };
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, property) in properties.into_iter().flatten().filter(|(name, _)| !required.contains(&json!(name))) {
        constrain(property, "", &json!({ "nullable": true }));
    }
}

/// Fields of time are told by their names.
fn times(schema: &mut Map<String, Value>) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, property) in properties.into_iter().flatten().filter(|(name, _)| *name == "at" || name.ends_with("_at")) {
        constrain(property, "", &json!({ "format": "date-time" }));
    }
}

fn objects<'a>(document: &'a mut Value, place: &str) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    let holder = document.pointer_mut(place).and_then(Value::as_object_mut);
    holder.into_iter().flat_map(|holder| holder.values_mut()).filter_map(Value::as_object_mut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operations(document: &Value) -> Vec<&Value> {
        let items = document["paths"].as_object().unwrap().values();
        items.flat_map(|item| item.as_object().unwrap().values()).collect()
    }

    #[test]
    fn every_limit_finds_its_field() {
        let document = document();
        for (schema, property, limits) in fields() {
            let place = &document["components"]["schemas"][schema]["properties"][property];
            for (word, value) in limits.as_object().unwrap() {
                assert_eq!(&place[word], value, "{schema}.{property}");
            }
        }
    }

    #[test]
    fn every_example_finds_its_operation_and_every_failure_has_one() {
        let document = document();
        let operations = operations(&document);
        for example in examples() {
            let of = |operation: &&&Value| example.operation.is_none_or(|id| operation["operationId"] == id);
            let found: Vec<_> = operations.iter().filter(of).collect();
            assert!(!found.is_empty(), "{:?}", example.operation);
            for operation in found {
                let media = &operation["responses"][example.status.to_string()]["content"]["application/json"];
                assert_eq!(media["examples"][example.name]["value"], example.value, "{:?}", example.operation);
            }
        }
        for operation in operations {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let examples = &response["content"]["application/json"]["examples"];
                assert!(status.starts_with('2') || examples.is_object(), "{} {status}", operation["operationId"]);
            }
        }
    }
}
