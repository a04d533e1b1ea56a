//! The published document: the generated one, polished, with the limits that the types do not carry.

use serde_json::{Value, json};

use super::{error::examples, service};
use crate::http::spec::{constrain, keep_shown, polish};

/// The document as it is committed, served and linted. Needs no server.
pub(super) fn document() -> Value {
    let examples = examples();
    let mut document = polish(serde_json::from_str(&service().spec()).unwrap_or_default(), &examples);
    keep_shown(&mut document, &examples);
    document["security"] = json!([]); // that there are no keys must be said
    for (schema, property, limits) in limits() {
        constrain(&mut document, &format!("/components/schemas/{schema}/properties/{property}"), &limits);
    }
    document
}

/// Schema, property, and what is added to it.
fn limits() -> Vec<(&'static str, &'static str, Value)> {
    let time = json!({ "format": "date-time" });
    let id = json!({ "minLength": 32, "maxLength": 32, "pattern": "^[0-9a-f]{32}$" });
    vec![
        ("Generate", "type", json!({ "enum": ["numeric", "alphabet", "alpha", "alphanumeric"] })),
        ("Sent", "mode", json!({ "enum": ["code", "link"] })),
        ("Sent", "requestId", id.clone()),
        ("Sent", "validityMinutes", json!({ "minimum": 1, "maximum": 10 })),
        ("Status", "requestId", id),
        ("Status", "verifiedAt", time.clone()),
        ("Status", "expiresAt", time),
    ]
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

    #[test]
    fn every_operation_lists_what_it_answers() {
        let document = document();
        let mut listed = vec![];
        for item in document["paths"].as_object().unwrap().values() {
            for operation in item.as_object().unwrap().values() {
                let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().cloned().collect();
                listed.push(format!("{} {}", operation["operationId"].as_str().unwrap(), statuses.join(" ")));
            }
        }
        let expected = [
            "generateOtp 200 400 429 500 503",
            "sendLink 200 400 429 500 503",
            "verifyOtp 200 400 500 503",
            "verifyLink 200 400 500 503",
            "probeLink 200 500 503",
            "confirmLink 200 400 403 500 503",
            "getStatus 200 500 503",
        ];
        assert_eq!(listed, expected);
    }

    #[test]
    fn the_code_is_told_of_as_text() {
        assert_eq!(document()["components"]["schemas"]["Verify"]["properties"]["otp"]["type"], "string");
    }
}
