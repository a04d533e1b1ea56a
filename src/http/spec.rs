//! Makes the generated document one that linters and client generators accept (tooling 2). Pure.

use poem::http::StatusCode;
use serde_json::{Map, Value, json};

/// One example of an answer, for the document.
#[derive(Clone, Debug)]
pub struct ResponseExample {
    /// The operation id; `None` for every operation that has the status.
    pub operation: Option<&'static str>,
    /// The status the example belongs to.
    pub status: u16,
    /// Its name in the document; unique per operation and status.
    pub name: &'static str,
    /// The body.
    pub value: Value,
}

/// What may stand beside a `$ref` without changing what it means.
const ANNOTATIONS: [&str; 7] = ["description", "default", "example", "deprecated", "title", "readOnly", "writeOnly"];

/// The document as it is published.
#[must_use]
pub fn polish(mut document: Value, examples: &[ResponseExample]) -> Value {
    clean(&mut document);
    if let Value::Object(document) = &mut document {
        document.insert("openapi".to_owned(), json!("3.0.3"));
        // Webhooks are a word of 3.1; `shift_remove` keeps the order of the others.
        if let Some(webhooks) = document.shift_remove("webhooks") {
            document.insert("x-webhooks".to_owned(), webhooks);
        }
    }
    for operation in operations(&mut document) {
        polish_responses(operation, examples);
    }
    document
}

/// Adds limits to the schema at `place`, a JSON pointer: what the types do not carry. `null` takes away what they do.
pub fn constrain(document: &mut Value, place: &str, limits: &Value) {
    if let (Some(Value::Object(place)), Value::Object(limits)) = (document.pointer_mut(place), limits) {
        place.extend(limits.clone());
        place.retain(|word, _| limits.get(word) != Some(&Value::Null));
    }
}

/// Takes away the failures that the framework lists and an operation never answers: those without an example.
pub fn keep_shown(document: &mut Value, examples: &[ResponseExample]) {
    for operation in operations(document) {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
        let shown = |status: &str| {
            let belongs = |example: &&ResponseExample| example.operation.is_none_or(|operation| operation == id);
            examples.iter().filter(belongs).any(|example| example.status.to_string() == status)
        };
        if let Some(Value::Object(responses)) = operation.get_mut("responses") {
            responses.retain(|status, _| status.starts_with('2') || shown(status));
        }
    }
}

fn clean(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(clean),
        Value::Object(object) => {
            shorten_media_types(object);
            lift_annotations(object);
            if object.get("deprecated") == Some(&Value::Bool(false)) {
                object.shift_remove("deprecated");
            }
            if let Some(example) = object.get_mut("example") {
                drop_nulls(example);
            }
            object.values_mut().for_each(clean);
        }
        _ => {}
    }
}

/// `application/json; charset=utf-8` becomes `application/json`.
fn shorten_media_types(object: &mut Map<String, Value>) {
    if let Some(Value::Object(content)) = object.get_mut("content") {
        let shorten = |(key, value): (String, Value)| (key.split(';').next().unwrap_or_default().to_owned(), value);
        *content = std::mem::take(content).into_iter().map(shorten).collect();
    }
}

/// `allOf: [{$ref}, {description}]` becomes `allOf: [{$ref}]` with the description beside it.
fn lift_annotations(object: &mut Map<String, Value>) {
    let Some(Value::Array(members)) = object.get("allOf") else { return };
    let is_reference = |member: &Value| member.get("$ref").is_some();
    let is_annotation = |member: &Value| {
        member.as_object().is_some_and(|member| member.keys().all(|key| ANNOTATIONS.contains(&key.as_str())))
    };
    let references = members.iter().filter(|member| is_reference(member)).count();
    if references != 1 || !members.iter().all(|member| is_reference(member) || is_annotation(member)) {
        return;
    }
    let (references, annotations): (Vec<_>, Vec<_>) = members.iter().cloned().partition(is_reference);
    object.insert("allOf".to_owned(), Value::Array(references));
    for annotation in annotations {
        if let Value::Object(annotation) = annotation {
            object.extend(annotation);
        }
    }
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(drop_nulls),
        Value::Object(object) => {
            object.retain(|_, value| !value.is_null());
            object.values_mut().for_each(drop_nulls);
        }
        _ => {}
    }
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(|paths| paths.values_mut()).filter_map(Value::as_object_mut);
    items.flat_map(|item| item.values_mut()).filter_map(Value::as_object_mut)
}

fn polish_responses(operation: &mut Map<String, Value>, examples: &[ResponseExample]) {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(Value::Object(responses)) = operation.get_mut("responses") else { return };
    for (status, response) in responses {
        describe(status, response);
        let belongs = |example: &&ResponseExample| {
            example.operation.is_none_or(|operation| operation == id) && example.status.to_string() == *status
        };
        let named: Map<String, Value> = examples
            .iter()
            .filter(belongs)
            .map(|example| (example.name.to_owned(), json!({ "value": example.value })))
            .collect();
        let media = response.pointer_mut("/content/application~1json").and_then(Value::as_object_mut);
        if let Some(media) = media.filter(|_| !named.is_empty()) {
            media.insert("examples".to_owned(), Value::Object(named));
        }
    }
}

/// Gives an answer without a description the words of its status.
fn describe(status: &str, response: &mut Value) {
    let Value::Object(response) = response else { return };
    let text = response.get("description").and_then(Value::as_str).unwrap_or_default();
    if text.trim().is_empty() {
        let reason = status.parse().ok().and_then(|status: StatusCode| status.canonical_reason());
        response.insert("description".to_owned(), json!(reason.unwrap_or("Answer")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Value {
        json!({
            "openapi": "3.0.0",
            "webhooks": {"a": {}},
            "paths": {"/v1/things": {"post": {
                "operationId": "makeThing",
                "deprecated": false,
                "responses": {
                    "200": {"description": "", "content": {"application/json; charset=utf-8": {"schema": {"$ref": "#/x"}}}},
                    "400": {"description": "No.", "content": {"application/json; charset=utf-8": {"schema": {}}}},
                    "404": {"content": {}},
                },
            }}},
            "components": {"schemas": {"Thing": {
                "example": {"a": null, "b": [{"c": null, "d": 1}]},
                "properties": {
                    "kind": {"allOf": [{"$ref": "#/k"}, {"description": "Which."}]},
                    "both": {"allOf": [{"$ref": "#/k"}, {"type": "object"}]},
                },
            }}},
        })
    }

    #[test]
    fn the_known_faults_are_mended() {
        let polished = polish(sample(), &[]);
        assert_eq!(polished["openapi"], "3.0.3");
        assert_eq!(polished["x-webhooks"], json!({"a": {}}));
        assert!(polished.get("webhooks").is_none());
        let operation = &polished["paths"]["/v1/things"]["post"];
        assert!(operation.get("deprecated").is_none());
        assert_eq!(operation["responses"]["200"]["description"], "OK");
        assert_eq!(operation["responses"]["400"]["description"], "No.");
        assert_eq!(operation["responses"]["404"]["description"], "Not Found");
        assert!(operation["responses"]["200"]["content"]["application/json"].is_object());
        let thing = &polished["components"]["schemas"]["Thing"];
        assert_eq!(thing["example"], json!({"b": [{"d": 1}]}));
        let kind = json!({"allOf": [{"$ref": "#/k"}], "description": "Which."});
        assert_eq!(thing["properties"]["kind"], kind);
        assert_eq!(thing["properties"]["both"]["allOf"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn examples_go_where_they_belong() {
        let example = |operation, status, name| ResponseExample { operation, status, name, value: json!({"code": 1}) };
        let examples =
            [example(None, 400, "any"), example(Some("makeThing"), 400, "mine"), example(Some("other"), 400, "no")];
        let polished = polish(sample(), &examples);
        let media = &polished["paths"]["/v1/things"]["post"]["responses"]["400"]["content"]["application/json"];
        let expected = json!({"any": {"value": {"code": 1}}, "mine": {"value": {"code": 1}}});
        assert_eq!(media["examples"], expected);
    }

    #[test]
    fn failures_without_an_example_go_and_successes_stay() {
        let example = |operation, status| ResponseExample { operation, status, name: "any", value: json!({"code": 1}) };
        let mut document = sample();
        keep_shown(&mut document, &[example(Some("makeThing"), 404), example(Some("other"), 400)]);
        let responses = document["paths"]["/v1/things"]["post"]["responses"].as_object().unwrap();
        assert_eq!(responses.keys().collect::<Vec<_>>(), ["200", "404"]);
    }

    #[test]
    fn a_limit_is_added_in_its_place_and_null_takes_one_away() {
        let mut document = json!({"a": {"type": "integer", "format": "int64", "maximum": 9}});
        constrain(&mut document, "/a", &json!({"format": null, "minimum": 1, "maximum": 8}));
        assert_eq!(document, json!({"a": {"type": "integer", "maximum": 8, "minimum": 1}}));
    }

    #[test]
    fn polishing_twice_changes_nothing() {
        let once = polish(sample(), &[]);
        assert_eq!(polish(once.clone(), &[]), once);
    }
}
