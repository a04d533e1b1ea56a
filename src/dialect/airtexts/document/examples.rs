//! What the document shows for each failure.

use serde_json::{Value, json};

use crate::{
    dialect::airtexts::error::{
        BUSY, DELIVERY_FAILED, INVALID_APPID, INVALID_CHANNEL, INVALID_CREDENTIALS, INVALID_JSON, INVALID_OTP,
        INVALID_OTP_LENGTH, INVALID_PHONE, MAX_ATTEMPTS, OTP_ALREADY_VERIFIED, OTP_EXPIRED, OTP_NOT_FOUND, RATE_LIMIT,
        SENDER_NOT_APPROVED, SERVER_ERROR, TEMPLATE_NOT_FOUND, Words,
    },
    http::spec::ResponseExample,
};

/// One for each row of spec 2.3 that an operation can meet.
pub(super) fn examples() -> Vec<ResponseExample> {
    const POSTS: [&str; 3] = ["sendOtp", "verifyOtp", "resendOtp"];
    let mut all = vec![
        example(None, 401, "credentials", body(INVALID_CREDENTIALS)),
        example(None, 403, "appid", body(INVALID_APPID)),
        example(None, 429, "rate", with(body(RATE_LIMIT), &json!({ "retry_after": 30 }))),
        example(None, 500, "internal", body(SERVER_ERROR)),
        example(None, 503, "overloaded", body(BUSY)),
        example(Some("sendOtp"), 400, "phone", body(INVALID_PHONE)),
        example(Some("sendOtp"), 400, "channel", body(INVALID_CHANNEL)),
        example(Some("sendOtp"), 400, "length", body(INVALID_OTP_LENGTH)),
        example(Some("sendOtp"), 403, "sender", body(SENDER_NOT_APPROVED)),
        example(Some("sendOtp"), 404, "template", body(TEMPLATE_NOT_FOUND)),
        example(Some("verifyOtp"), 400, "wrong", wrong()),
        example(Some("verifyOtp"), 400, "expired", refused(OTP_EXPIRED)),
        example(Some("verifyOtp"), 400, "used", refused(OTP_ALREADY_VERIFIED)),
        example(Some("verifyOtp"), 400, "attempts", with(refused(MAX_ATTEMPTS), &json!({ "attempts_remaining": 0 }))),
        example(Some("resendOtp"), 400, "used", refused(OTP_ALREADY_VERIFIED)),
    ];
    for post in POSTS {
        all.push(example(Some(post), 400, "json", body(INVALID_JSON)));
        all.push(example(Some(post), 400, "missing", body(("MISSING_PARAMETER", "Missing required parameter: appid"))));
    }
    for sending in ["sendOtp", "resendOtp"] {
        all.push(example(Some(sending), 502, "delivery", body(DELIVERY_FAILED)));
    }
    for finding in ["verifyOtp", "resendOtp", "getStatus", "getStatusById", "listAttempts"] {
        all.push(example(Some(finding), 404, "unknown", body(OTP_NOT_FOUND)));
    }
    for looking in ["getStatus", "listOtps", "listLogs", "getRateLimits", "listAttempts", "getReports"] {
        all.push(example(Some(looking), 400, "phone", body(INVALID_PHONE)));
    }
    for choosing in ["listOtps", "listLogs", "getReports"] {
        all.push(example(Some(choosing), 400, "channel", body(INVALID_CHANNEL)));
        all.push(example(Some(choosing), 400, "date", body(("MISSING_PARAMETER", "Invalid parameter: start_date"))));
    }
    all
}

fn example(operation: Option<&'static str>, status: u16, name: &'static str, value: Value) -> ResponseExample {
    ResponseExample { operation, status, name, value }
}

fn body((code, error): Words) -> Value {
    json!({ "success": false, "error": error, "code": code })
}

fn refused(words: Words) -> Value {
    with(body(words), &json!({ "verified": false }))
}

fn wrong() -> Value {
    let data = json!({
        "verified": false,
        "verification_id": "otp_67890abcdef12345",
        "status": "pending",
        "attempts": 1,
        "max_attempts": 5,
        "attempts_remaining": 4,
    });
    with(refused(INVALID_OTP), &json!({ "attempts_remaining": 4, "data": data }))
}

fn with(mut body: Value, more: &Value) -> Value {
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more.clone());
    }
    body
}
