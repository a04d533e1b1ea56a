//! What a field may hold, where its type does not say so (spec 2.2).

use serde_json::{Value, json};

const NUMBER: &str = r"^[+]?[-0-9 ()\[\]]{8,40}$";
const ID: &str = "^otp_[0-9a-f]{16}$";

/// JSON pointer to a schema, what is added to it, and with `null` what is taken away.
pub(super) fn limits() -> Vec<(&'static str, Value)> {
    let nullable = NULLABLE.iter().map(|place| (*place, json!({ "nullable": true })));
    requests().into_iter().chain(nullable).collect()
}

/// What may be forgotten, or was never there.
const NULLABLE: [&str; 9] = [
    "/components/schemas/Otp/properties/recipient",
    "/components/schemas/OtpStatus/properties/recipient",
    "/components/schemas/OtpStatus/properties/verified_at",
    "/components/schemas/Verified/properties/recipient",
    "/components/schemas/Verified/properties/verified_at",
    "/components/schemas/LogEntry/properties/recipient",
    "/components/schemas/LogEntry/properties/detail",
    "/components/schemas/LogEntry/properties/ip_address",
    "/components/schemas/Attempt/properties/ip_address",
];

fn requests() -> Vec<(&'static str, Value)> {
    let id = json!({ "pattern": ID });
    let number = json!({ "pattern": NUMBER, "minLength": 8, "maxLength": 40 });
    let channel = json!({ "enum": ["sms", "whatsapp"] });
    let from = json!({ "pattern": "^[0-9A-Za-z]{1,11}$", "maxLength": 11 });
    vec![
        ("/components/schemas/SendOtp", json!({ "required": ["appid", "recipient"] })),
        ("/components/schemas/SendOtp/properties/appid", json!({ "minLength": 1, "maxLength": 64 })),
        ("/components/schemas/SendOtp/properties/recipient", number),
        ("/components/schemas/SendOtp/properties/channel", channel.clone()),
        ("/components/schemas/SendOtp/properties/from", from),
        // Numbers this small need no wide type in generated clients.
        ("/components/schemas/SendOtp/properties/otp_length", json!({ "format": null, "minimum": 4, "maximum": 8 })),
        ("/components/schemas/SendOtp/properties/templateId", json!({ "format": null })),
        ("/components/schemas/VerifyOtp", json!({ "required": ["appid", "otp_code"] })),
        ("/components/schemas/VerifyOtp/properties/verification_id", id.clone()),
        ("/components/schemas/ResendOtp", json!({ "required": ["appid"] })),
        ("/components/schemas/ResendOtp/properties/verification_id", id),
        ("/components/schemas/ResendOtp/properties/channel", channel),
    ]
}
