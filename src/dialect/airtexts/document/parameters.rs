//! What the management endpoints can be asked: their queries are read as a whole, so nothing of them is generated.

use serde_json::{Value, json};

/// The parameters of each path below `/otp`.
pub(super) fn parameters() -> Vec<(&'static str, Vec<Value>)> {
    let appid =
        || named(&[("appid", "An application that the credentials own; `app_id` and `appId` are read as well.")]);
    let recipient = || {
        named(&[
            ("recipient", "Phone number in international form."),
            ("phone", "Another name of `recipient`."),
            ("to", "Another name of `recipient`."),
        ])
    };
    let whose = || [appid(), recipient()].concat();
    let id = || named(&[("verification_id", "The OTP.")]);
    let period = || vec![date("start_date", "The first day, or a time."), date("end_date", "The last day, or a time.")];
    let page = || {
        vec![
            number("limit", "Rows in the answer.", 1, 500, 50),
            number("offset", "Newer rows to leave out.", 0, 4_294_967_295, 0),
        ]
    };
    let channel = || vec![choice("channel", "The channel.", &["sms", "whatsapp"])];
    let statuses = choice("status", "How it stands.", &["pending", "verified", "expired", "failed"]);
    let events = choice("event", "What happened.", &EVENTS);
    let reports = vec![
        choice("group_by", "By what the series is added up.", &["day", "channel", "appid"]),
        choice("format", "Of the answer.", &["json", "csv"]),
    ];
    vec![
        ("status", [id(), whose()].concat()),
        ("list", [whose(), vec![statuses], channel(), period(), page()].concat()),
        ("logs", [id(), whose(), vec![events], channel(), period(), page()].concat()),
        ("rate-limits", whose()),
        ("attempts", [id(), whose(), period(), page()].concat()),
        ("reports", [whose(), channel(), period(), reports].concat()),
    ]
}

const EVENTS: [&str; 9] = [
    "sent",
    "resent",
    "delivered",
    "delivery_failed",
    "verified",
    "verify_failed",
    "expired",
    "locked",
    "rate_limited",
];

fn named(names: &[(&str, &str)]) -> Vec<Value> {
    names.iter().map(|(name, about)| parameter(name, about, &json!({ "type": "string" }))).collect()
}

fn choice(name: &str, about: &str, words: &[&str]) -> Value {
    parameter(name, about, &json!({ "type": "string", "enum": words }))
}

fn date(name: &str, about: &str) -> Value {
    parameter(name, about, &json!({ "type": "string", "example": "2026-01-31" }))
}

fn number(name: &str, about: &str, least: u32, most: u32, default: u32) -> Value {
    parameter(
        name,
        about,
        &json!({ "type": "integer", "format": "int64", "minimum": least, "maximum": most, "default": default }),
    )
}

fn parameter(name: &str, about: &str, schema: &Value) -> Value {
    json!({ "name": name, "in": "query", "description": about, "required": false, "schema": schema })
}
