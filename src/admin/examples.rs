//! Failures as the document shows them.

use serde_json::json;

use super::error::words;
use crate::http::{Rejection, spec::ResponseExample};

/// What the document shows for each status and operation; a status without an example is no answer of that operation.
pub(super) fn examples() -> Vec<ResponseExample> {
    const BODIES: [&str; 11] = [
        "createApplication",
        "updateApplication",
        "createKey",
        "updateKey",
        "rotateKey",
        "rejectTemplate",
        "blockRecipient",
        "unlockRecipient",
        "createCallback",
        "updateCallback",
        "replayCallback",
    ];
    const LISTS: [&str; 5] =
        ["listApplications", "listKeys", "listAppTemplates", "listBlockedRecipients", "listCallbacks"];
    const CALLBACKS: [&str; 5] =
        ["getCallback", "updateCallback", "refreshCallback", "rotateCallbackSecret", "replayCallback"];
    const OF_APP: [&str; 17] = [
        "getApplication",
        "updateApplication",
        "listKeys",
        "createKey",
        "getKey",
        "updateKey",
        "rotateKey",
        "deleteKey",
        "listAppTemplates",
        "getAppTemplate",
        "approveTemplate",
        "rejectTemplate",
        "deleteAppTemplate",
        "listCallbacks",
        "createCallback",
        "deleteCallback",
        "unlockRecipient",
    ];
    let mut rows = vec![];
    rows.extend([(401, "unauthenticated"), (401, "invalid_token")].map(|(status, code)| (None, status, code)));
    rows.extend([(403, "address_not_allowed"), (401, "too_many_attempts")].map(|(status, code)| (None, status, code)));
    rows.extend([(500, "internal_error"), (503, "overloaded")].map(|(status, code)| (None, status, code)));
    for operation in BODIES {
        let codes = [(400, "not_json"), (400, "wrong_shape"), (400, "duplicate_field"), (400, "invalid_value")];
        rows.extend(codes.map(|(status, code)| (Some(operation), status, code)));
        let codes = [(408, "too_slow"), (413, "too_large"), (415, "encoded")];
        rows.extend(codes.map(|(status, code)| (Some(operation), status, code)));
    }
    let one = |status, code| move |operation| (Some(operation), status, code);
    rows.extend(LISTS.map(one(400, "invalid_parameter")));
    rows.extend(OF_APP.map(one(404, "no_such_application")));
    rows.extend(CALLBACKS.map(one(404, "no_such_application")));
    rows.extend(CALLBACKS.map(one(404, "no_such_callback")));
    for operation in ["createCallback", "updateCallback"] {
        let codes = [(400, "url_not_allowed"), (409, "url_taken"), (409, "probe_failed")];
        rows.extend(codes.map(|(status, code)| (Some(operation), status, code)));
    }
    rows.extend(["getKey", "updateKey", "rotateKey"].map(one(404, "no_such_key")));
    rows.extend(["getAppTemplate", "approveTemplate", "rejectTemplate"].map(one(404, "no_such_template")));
    rows.extend([one(404, "no_such_message")("getMessage"), one(409, "name_taken")("createApplication")]);
    let example = |(operation, status, code)| {
        let value = json!({ "error": { "code": code, "message": sentence(code) } });
        ResponseExample { operation, status, name: code, value }
    };
    rows.into_iter().map(example).collect()
}

/// What a code of [`examples`] is said with.
fn sentence(code: &str) -> String {
    let rejections = Rejection::samples();
    let of_rejection = rejections.iter().map(words).find(|(word, _)| *word == code);
    let of_thing = |thing: &str| format!("there is no such {thing}");
    match (of_rejection, code) {
        (Some((_, sentence)), _) => sentence.to_owned(),
        (None, "invalid_token") => "the token is wrong or has expired".to_owned(),
        (None, "address_not_allowed") => "this address may not use the management API".to_owned(),
        (None, "too_many_attempts") => "too many wrong tokens came from this address".to_owned(),
        (None, "invalid_value") => "expires_at must be a time such as 2027-01-31T00:00:00Z".to_owned(),
        (None, "url_not_allowed") => "the URL cannot be used: it must begin with https://".to_owned(),
        (None, "url_taken") => "the application has a callback with this URL already".to_owned(),
        (None, "probe_failed") => {
            "the receiver answered the probe with 404, not with a 2xx; nothing was changed".to_owned()
        }
        (None, "name_taken") => "there is an application of that name already".to_owned(),
        (None, code) => of_thing(code.strip_prefix("no_such_").unwrap_or(code)),
    }
}
