//! Every failure in EngageLab's words: `{"code": <number>, "message": <text>}` (spec 1.7, 2).

#![deny(clippy::wildcard_enum_match_arm)]

use std::time::Duration;

use poem::{Response, error::ResponseError};
use poem_openapi::{ApiResponse, Object, payload::Json};
use serde_json::json;

use crate::{
    core::{access::AuthFailure, params::ParamFault, recipient::RecipientError},
    http::{Rejection, spec::ResponseExample},
    service::Error,
};

/// What a failed call answers.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Error")]
pub(super) struct ErrorBody {
    /// Number of the error; a success of a send or verification never has it.
    code: i32,
    /// What is wrong, in English.
    message: String,
}

/// A failure on its way to the client, one variant per HTTP status.
#[derive(ApiResponse)]
pub(super) enum ApiError {
    /// The request was understood and refused; `code` says why.
    #[oai(status = 400)]
    Refused(Json<ErrorBody>, #[oai(header = "Retry-After")] Option<String>),
    /// The credentials are missing, wrong, expired or disabled.
    #[oai(status = 401)]
    Unauthenticated(Json<ErrorBody>, #[oai(header = "WWW-Authenticate")] String),
    /// The key may not call this, or not from this address.
    #[oai(status = 403)]
    Forbidden(Json<ErrorBody>),
    /// The key has called too often; the call may be repeated after the seconds named.
    #[oai(status = 429)]
    TooMany(Json<ErrorBody>, #[oai(header = "Retry-After")] String),
    /// The server failed; the call may be repeated.
    #[oai(status = 500)]
    Fault(Json<ErrorBody>),
    /// The server is overloaded; the call may be repeated after the time named.
    #[oai(status = 503)]
    Overloaded(Json<ErrorBody>, #[oai(header = "Retry-After")] String),
}

/// Told to whoever is not authenticated.
const CHALLENGE: &str = "Basic realm=\"verifyd\", charset=\"UTF-8\"";
/// Told to a key that has called too often.
const TOO_MANY: &str = "too many requests, try again later";
/// Seconds after which an overloaded server may be asked again.
const PATIENCE: &str = "1";

impl ApiError {
    fn new(code: i32, message: impl Into<String>) -> Self {
        let body = Json(ErrorBody { code, message: message.into() });
        match code {
            1000 => Self::Fault(body),
            2001 | 2002 => Self::Unauthenticated(body, CHALLENGE.to_owned()),
            2004 => Self::Forbidden(body),
            _ => Self::Refused(body, None),
        }
    }

    /// A field is absent or empty (3002).
    pub(super) fn missing(field: &str) -> Self {
        Self::new(3002, format!("{field} is required"))
    }

    /// The key has called too often. Clients tell it by its status (spec 10, row 25); its number is that of a server that cannot
    /// take the call now.
    pub(super) fn too_many(wait: Duration) -> Self {
        let body = Json(ErrorBody { code: 1000, message: TOO_MANY.to_owned() });
        Self::TooMany(body, wait.as_millis().div_ceil(1000).max(1).to_string())
    }

    /// A field has a value it may not have (3002).
    pub(super) fn invalid(field: &str) -> Self {
        Self::new(3002, format!("invalid {field}"))
    }
}

/// Whole minutes: which limit it was stays between us and the operator (security 5).
fn coarse(time: Duration) -> String {
    (time.as_secs().div_ceil(60).max(1) * 60).to_string()
}

impl From<RecipientError> for ApiError {
    /// A malformed phone number has a number of its own, a malformed email address has not (spec 10, row 17).
    fn from(err: RecipientError) -> Self {
        match err {
            RecipientError::BadNumber => Self::new(5011, "invalid phone number"),
            RecipientError::BadEmail => Self::invalid("to"),
        }
    }
}

impl From<ParamFault> for ApiError {
    fn from(fault: ParamFault) -> Self {
        Self::new(3002, fault.to_string())
    }
}

impl From<Error> for ApiError {
    fn from(err: Error) -> Self {
        let code = match &err {
            Error::Unauthenticated(AuthFailure::Missing | AuthFailure::Unknown) => {
                return Self::new(2001, "authentication failed");
            }
            Error::Unauthenticated(AuthFailure::Disabled) => {
                return Self::new(2002, "token has expired or been disabled");
            }
            Error::Unauthenticated(AuthFailure::Address) | Error::Forbidden => 2004,
            Error::Invalid(_) => 3002,
            Error::Template(fault) if fault.is_field() => 3002,
            Error::Template(_)
            | Error::TemplateExists
            | Error::TemplateNotApproved
            | Error::NotACodeTemplate
            | Error::WrongTarget
            | Error::InsufficientBalance
            | Error::CodeExpired
            | Error::CodeUsed
            | Error::GuessesUsedUp => 3003,
            Error::TooSoon { retry_after } | Error::OverLimit { retry_after } => {
                let body = Json(ErrorBody { code: 3004, message: err.to_string() });
                return Self::Refused(body, retry_after.map(coarse));
            }
            Error::SendsUsedUp => 3004,
            Error::NoTemplate | Error::NoVerification => 4001,
            Error::Blocked => 5013,
            Error::Refused { refusal, .. } => refusal.code().into(),
            Error::Overloaded => {
                let body = Json(ErrorBody { code: 1000, message: err.to_string() });
                return Self::Overloaded(body, PATIENCE.to_owned());
            }
            Error::Internal(source) => {
                tracing::error!(%source, "a call failed inside the server");
                1000
            }
        };
        Self::new(code, err.to_string()) // `Display` never shows a source
    }
}

/// The answer to a request that never reached a use case (spec 10, rows 1-3, 24, 25).
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "this is the shape of a dialect's face")]
pub fn rejected(rejection: Rejection) -> Response {
    let (code, message) = match &rejection {
        Rejection::NotJson | Rejection::Shape | Rejection::Encoding => (3001, "invalid request params format"),
        Rejection::DuplicateKey => (3002, "a field is given twice"),
        Rejection::TooLarge => (3002, "request body is too large"),
        Rejection::HeadersTooLarge => (3002, "request headers are too large"),
        Rejection::BadParam => (3002, "invalid parameter"),
        Rejection::TooSlow => (3002, "request did not arrive in time"),
        Rejection::NoCredentials => (2001, "authentication failed"),
        Rejection::NoRoute => (4001, "api not exist"),
        Rejection::NoMethod { .. } => (4001, "method not allowed"),
        Rejection::Overloaded => (1000, "service is overloaded, try again later"),
        Rejection::Fault => (1000, "internal error"),
    };
    let response = Response::builder().status(rejection.status());
    let response = match &rejection {
        Rejection::NoCredentials => response.header("WWW-Authenticate", CHALLENGE),
        Rejection::NoMethod { allow } if !allow.is_empty() => response.header("Allow", allow),
        Rejection::Overloaded => response.header("Retry-After", PATIENCE),
        Rejection::NoMethod { .. }
        | Rejection::NotJson
        | Rejection::Shape
        | Rejection::Encoding
        | Rejection::DuplicateKey
        | Rejection::TooLarge
        | Rejection::HeadersTooLarge
        | Rejection::BadParam
        | Rejection::TooSlow
        | Rejection::NoRoute
        | Rejection::Fault => response,
    };
    response
        .content_type("application/json; charset=utf-8")
        .body(json!({ "code": code, "message": message }).to_string())
}

/// What the document shows for each status and operation.
pub(super) fn examples() -> Vec<ResponseExample> {
    const SENDS: [&str; 3] = ["sendMessage", "sendCode", "sendCustomMessage"];
    let any = |status, name, code, message: &str| (None, status, name, code, message.to_owned());
    let of = |operation, status, name, code, message: &str| (Some(operation), status, name, code, message.to_owned());
    let mut rows = vec![
        any(401, "wrong", 2001, "authentication failed"),
        any(401, "disabled", 2002, "token has expired or been disabled"),
        any(403, "permission", 2004, "no permission to call this api"),
        any(429, "rate", 1000, TOO_MANY),
        any(500, "internal", 1000, "internal error"),
        any(503, "overloaded", 1000, "service is overloaded, try again later"),
        of("verifyCode", 400, "format", 3001, "invalid request params format"),
        of("verifyCode", 400, "parameter", 3002, "message_id is required"),
        of("verifyCode", 400, "expired", 3003, "verify code has expired"),
        of("verifyCode", 400, "used", 3003, "verify code has been verified"),
        of("verifyCode", 400, "unknown", 4001, "message not exist"),
        of("createTemplate", 400, "format", 3001, "invalid request params format"),
        of("createTemplate", 400, "parameter", 3002, "template_id is required"),
        of("createTemplate", 400, "channel", 3003, "not contains any channel config"),
        of("createTemplate", 400, "duplicate", 3003, "template_id already exist"),
        of("getTemplate", 400, "unknown", 4001, "config not exist"),
        of("deleteTemplate", 400, "unknown", 4001, "config not exist"),
    ];
    for send in SENDS {
        rows.extend([
            of(send, 400, "format", 3001, "invalid request params format"),
            of(send, 400, "parameter", 3002, "to is required"),
            of(send, 400, "balance", 3003, &Error::InsufficientBalance.to_string()),
            of(send, 400, "template", 4001, "config not exist"),
            of(send, 400, "channel", 5001, "sms send fail"),
            of(send, 400, "number", 5011, "invalid phone number"),
            of(send, 400, "blocked", 5013, "Blacklisted"),
            of(send, 400, "frequency", 3004, &Error::TooSoon { retry_after: None }.to_string()),
        ]);
    }
    let example = |(operation, status, name, code, message): (Option<&'static str>, u16, &'static str, i32, String)| {
        ResponseExample { operation, status, name, value: json!({ "code": code, "message": message }) }
    };
    rows.into_iter().map(example).collect()
}
