//! The published document: the generated one, polished, with what the types do not carry.

mod examples;
mod limits;
mod parameters;

use serde_json::{Value, json};

use self::{examples::examples, limits::limits, parameters::parameters};
use super::{
    auth::{KEY_HEADER, SECRET_HEADER},
    service,
};
use crate::http::spec::{constrain, keep_shown, polish};

/// Fields that are another spelling of one that is told of.
const SPELLINGS: [&str; 3] = ["app_id", "appId", "template_id"];

/// The document as it is committed, served and linted. Needs no server.
pub(super) fn document() -> Value {
    let generated = serde_json::from_str(&service().spec()).unwrap_or_default();
    let examples = examples();
    let mut document = polish(generated, &examples);
    keep_shown(&mut document, &examples);
    for (place, limits) in limits() {
        constrain(&mut document, place, &limits);
    }
    for (path, parameters) in parameters() {
        constrain(&mut document, &format!("/paths/~1otp~1{path}/get"), &json!({ "parameters": parameters }));
    }
    join_headers(&mut document);
    hide_spellings(&mut document);
    document
}

/// Generated clients make one name of two that differ in case or underscores, and do not compile then: these spellings are
/// told of in words.
fn hide_spellings(document: &mut Value) {
    for request in ["SendOtp", "VerifyOtp", "ResendOtp"] {
        let fields = document.pointer_mut(&format!("/components/schemas/{request}/properties"));
        if let Some(Value::Object(fields)) = fields {
            fields.retain(|name, _| !SPELLINGS.contains(&name.as_str()));
        }
    }
}

/// The two headers are one way to call, not two.
fn join_headers(document: &mut Value) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    let operations = paths.filter_map(|(_, item)| item.as_object_mut()).flatten();
    for (_, operation) in operations {
        if let Some(Value::Array(ways)) = operation.get_mut("security") {
            ways.retain(|way| way.get(KEY_HEADER).is_none() && way.get(SECRET_HEADER).is_none());
            ways.insert(0, json!({ KEY_HEADER: [], SECRET_HEADER: [] }));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_limit_and_parameter_finds_its_place() {
        let document = document();
        for (place, limits) in limits() {
            let found = document.pointer(place).unwrap_or(&Value::Null);
            for (word, value) in limits.as_object().unwrap() {
                assert_eq!(&found[word], value, "{place}");
            }
        }
        for (path, parameters) in parameters() {
            let found = &document["paths"][format!("/otp/{path}")]["get"]["parameters"];
            assert_eq!(found.as_array().map(Vec::len), Some(parameters.len()), "{path}");
        }
    }

    #[test]
    fn a_field_has_one_spelling() {
        let document = document();
        for request in ["SendOtp", "VerifyOtp", "ResendOtp"] {
            let fields = document["components"]["schemas"][request]["properties"].as_object().unwrap();
            let spelled: HashSet<_> = fields.keys().map(|name| name.replace('_', "").to_lowercase()).collect();
            assert_eq!(spelled.len(), fields.len(), "{request}");
        }
    }

    #[test]
    fn both_headers_stand_together() {
        let ways = &document()["paths"]["/otp/send"]["post"]["security"];
        assert_eq!(*ways, json!([{"apiKey": [], "apiSecret": []}, {"basicAuth": []}, {"bearerAuth": []}]));
    }
}
