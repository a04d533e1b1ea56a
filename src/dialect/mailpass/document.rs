//! The published document: the generated one, polished, with the limits that the types do not carry.

use serde_json::{Value, json};

use super::{
    error::examples,
    service,
    wire::{LENGTHS, LIVES},
};
use crate::http::spec::{constrain, keep_shown, polish};

/// The document as it is committed, served and linted. Needs no server.
pub(super) fn document() -> Value {
    let examples = examples();
    let mut document = polish(serde_json::from_str(&service().spec()).unwrap_or_default(), &examples);
    keep_shown(&mut document, &examples);
    for (schema, property, limits) in limits() {
        constrain(&mut document, &format!("/components/schemas/{schema}/properties/{property}"), &limits);
    }
    constrain(&mut document, "/paths/~1api~1v1~1otp~1status~1{session_id}/get/parameters/0/schema", &session_id());
    document
}

fn session_id() -> Value {
    json!({ "minLength": 32, "maxLength": 32, "pattern": "^[0-9a-f]{32}$" })
}

/// Schema, property, and what is added to it.
fn limits() -> Vec<(&'static str, &'static str, Value)> {
    let address = json!({ "minLength": 5, "maxLength": 254, "pattern": r"^[^@\s]{1,64}@[^@\s]{3,}$" });
    let code = json!({ "pattern": "^[0-9]{4,8}$", "minLength": 4, "maxLength": 8 });
    let time = json!({ "format": "date-time" });
    vec![
        ("SendOtp", "email", address),
        ("SendOtp", "template", json!({ "enum": ["login", "signup", "reset"] })),
        ("SendOtp", "expires_in", json!({ "minimum": LIVES.start(), "maximum": LIVES.end() })),
        ("SendOtp", "code_length", json!({ "minimum": LENGTHS.start(), "maximum": LENGTHS.end() })),
        ("VerifyOtp", "session_id", json!({ "minLength": 1 })),
        ("VerifyOtp", "code", code),
        ("ResendOtp", "session_id", session_id()),
        ("Sent", "session_id", session_id()),
        ("Sent", "expires_at", time.clone()),
        ("Resent", "session_id", session_id()),
        ("Resent", "expires_at", time.clone()),
        ("Status", "session_id", session_id()),
        ("Status", "expires_at", time),
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
        let parameter = &document["paths"]["/api/v1/otp/status/{session_id}"]["get"]["parameters"][0];
        assert_eq!(parameter["schema"]["pattern"], session_id()["pattern"]);
    }

    #[test]
    fn every_example_finds_its_operation_and_every_failure_has_one() {
        let document = document();
        let items = document["paths"].as_object().unwrap().values();
        let operations: Vec<_> = items.flat_map(|item| item.as_object().unwrap().values()).collect();
        assert_eq!(operations.len(), 4);
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
