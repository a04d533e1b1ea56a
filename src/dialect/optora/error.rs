//! Every failure in Optora's words: `{"error": <text>}` (spec 3.2).

#![deny(clippy::wildcard_enum_match_arm)]

use std::time::Duration;

use poem::{Response, error::ResponseError};
use poem_openapi::{ApiResponse, Object, payload::Json};
use serde_json::json;

use crate::{
    http::{Rejection, spec::ResponseExample},
    service::Error,
};

const INVALID_EMAIL: &str = "Invalid email";
const INVALID_OTP: &str = "Invalid OTP";
const INVALID_TYPE: &str = "Invalid OTP type";
const SPAM: &str = "Spam detected";
const USED_UP: &str = "Maximum attempts reached. Try again later.";
const NOT_SENT: &str = "Failed to send verification email. Please try again.";
const NOT_FOUND: &str = "API endpoint not found";
const FAULT: &str = "Internal server error";
const OVERLOADED: &str = "Service is overloaded. Try again later.";
/// Seconds after which an overloaded server may be asked again.
const PATIENCE: &str = "1";
/// What is said where only an operator can lift a limit.
const LONG: Duration = Duration::from_hours(24);

/// What a failed call answers.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Error", rename_all = "camelCase")]
pub(super) struct ErrorBody {
    /// What is wrong, in English.
    error: String,
    /// How long to wait; only with 429.
    #[oai(skip_serializing_if_is_none)]
    retry_after_seconds: Option<u64>,
}

/// A failure on its way to the client, one variant per HTTP status.
#[derive(ApiResponse)]
pub(super) enum ApiError {
    /// The request was understood and refused; `error` says why.
    #[oai(status = 400)]
    Refused(Json<ErrorBody>),
    /// Too many requests of this client, or for this address.
    #[oai(status = 429)]
    TooMany(Json<ErrorBody>, #[oai(header = "Retry-After")] String),
    /// The server failed; the call may be repeated.
    #[oai(status = 500)]
    Fault(Json<ErrorBody>),
    /// The server is overloaded; the call may be repeated after the time named.
    #[oai(status = 503)]
    Overloaded(Json<ErrorBody>, #[oai(header = "Retry-After")] String),
}

impl ApiError {
    fn refused(error: &str) -> Self {
        Self::Refused(body(error))
    }

    /// No address that mail may go to.
    pub(super) fn invalid_email() -> Self {
        Self::refused(INVALID_EMAIL)
    }

    /// No code of ours, whatever is wrong with it: too old, used, guessed at too often, or just another one.
    pub(super) fn invalid_otp() -> Self {
        Self::refused(INVALID_OTP)
    }

    /// Codes are not made of that.
    pub(super) fn invalid_type() -> Self {
        Self::refused(INVALID_TYPE)
    }

    /// Somebody is blocked.
    pub(super) fn spam() -> Self {
        Self::refused(SPAM)
    }

    /// The limiter says no; it lifts after `wait`.
    pub(super) fn too_many(wait: Duration) -> Self {
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        let minutes = seconds.div_ceil(60);
        let error = format!("Too many requests. Try again in {minutes} minute{}.", if minutes == 1 { "" } else { "s" });
        let retry_after_seconds = u64::try_from(seconds).ok();
        Self::TooMany(Json(ErrorBody { error, retry_after_seconds }), seconds.to_string())
    }

    /// What nobody can call for with a request.
    pub(super) fn fault() -> Self {
        Self::Fault(body(FAULT))
    }

    fn overloaded() -> Self {
        Self::Overloaded(body(OVERLOADED), PATIENCE.to_owned())
    }
}

fn body(error: &str) -> Json<ErrorBody> {
    Json(ErrorBody { error: error.to_owned(), retry_after_seconds: None })
}

impl From<Error> for ApiError {
    fn from(err: Error) -> Self {
        match &err {
            Error::NoVerification | Error::CodeExpired | Error::CodeUsed | Error::GuessesUsedUp => Self::invalid_otp(),
            Error::SendsUsedUp | Error::TooSoon { .. } => Self::refused(USED_UP),
            Error::OverLimit { retry_after } => Self::too_many(retry_after.unwrap_or(LONG)),
            Error::Blocked => Self::spam(),
            Error::Refused { .. } | Error::InsufficientBalance => Self::refused(NOT_SENT),
            Error::Overloaded => Self::overloaded(),
            Error::Internal(source) => {
                tracing::error!(%source, "a call failed inside the server");
                Self::fault()
            }
            Error::Unauthenticated(_)
            | Error::Forbidden
            | Error::Invalid(_)
            | Error::Template(_)
            | Error::TemplateExists
            | Error::NoTemplate
            | Error::TemplateNotApproved
            | Error::NotACodeTemplate
            | Error::WrongTarget => {
                tracing::error!(%err, "a call failed in a way that this API does not know");
                Self::fault()
            }
        }
    }
}

/// The answer to a request that never reached a use case.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "this is the shape of a dialect's face")]
pub fn rejected(rejection: Rejection) -> Response {
    let error = match &rejection {
        Rejection::NotJson | Rejection::DuplicateKey => "Invalid JSON",
        Rejection::Shape => INVALID_EMAIL,
        Rejection::Encoding => "Content encodings are not supported",
        Rejection::TooLarge => "Request body is too large",
        Rejection::HeadersTooLarge => "Request headers are too large",
        Rejection::BadParam => "Invalid request",
        Rejection::TooSlow => "Request did not arrive in time",
        Rejection::NoRoute | Rejection::NoMethod { .. } => NOT_FOUND,
        Rejection::Overloaded => OVERLOADED,
        Rejection::NoCredentials | Rejection::Fault => FAULT,
    };
    let status = match &rejection {
        Rejection::NoMethod { .. } => Rejection::NoRoute.status(),
        Rejection::NoCredentials => Rejection::Fault.status(),
        Rejection::NotJson
        | Rejection::DuplicateKey
        | Rejection::Shape
        | Rejection::Encoding
        | Rejection::TooLarge
        | Rejection::HeadersTooLarge
        | Rejection::BadParam
        | Rejection::TooSlow
        | Rejection::NoRoute
        | Rejection::Overloaded
        | Rejection::Fault => rejection.status(),
    };
    let mut response = Response::builder().status(status).content_type("application/json; charset=utf-8");
    if rejection == Rejection::Overloaded {
        response = response.header("Retry-After", PATIENCE);
    }
    response.body(json!({ "error": error }).to_string())
}

/// What the document shows for each status and operation.
pub(super) fn examples() -> Vec<ResponseExample> {
    const SENDS: [&str; 2] = ["generateOtp", "sendLink"];
    let row = |operation, status, name, error: &str| {
        let value = match status {
            429 => json!({ "error": error, "retryAfterSeconds": 840 }),
            _ => json!({ "error": error }),
        };
        ResponseExample { operation, status, name, value }
    };
    let mut rows = vec![
        row(None, 500, "internal", FAULT),
        row(None, 503, "overloaded", OVERLOADED),
        row(Some("generateOtp"), 400, "type", INVALID_TYPE),
        row(Some("verifyOtp"), 400, "email", INVALID_EMAIL),
        row(Some("verifyOtp"), 400, "code", INVALID_OTP),
        // A page shows none, but its statuses stay.
        row(Some("verifyLink"), 400, "page", ""),
        row(Some("confirmLink"), 400, "page", ""),
        row(Some("confirmLink"), 403, "page", ""),
    ];
    for send in SENDS {
        rows.extend([
            row(Some(send), 400, "email", INVALID_EMAIL),
            row(Some(send), 400, "spam", SPAM),
            row(Some(send), 400, "attempts", USED_UP),
            row(Some(send), 400, "mail", NOT_SENT),
            row(Some(send), 429, "limit", "Too many requests. Try again in 14 minutes."),
        ]);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_rounded_up_and_minutes_are_counted_in_english() {
        let said = |wait| {
            let ApiError::TooMany(Json(body), header) = ApiError::too_many(wait) else { panic!("another answer") };
            (body.error, body.retry_after_seconds, header)
        };
        let minutes = |text: &str| format!("Too many requests. Try again in {text}.");
        let cases = [
            (Duration::from_millis(1), "1 minute", 1),
            (Duration::from_mins(1), "1 minute", 60),
            (Duration::from_millis(60_001), "2 minutes", 61),
            (Duration::from_mins(15), "15 minutes", 900),
        ];
        for (wait, text, seconds) in cases {
            assert_eq!(said(wait), (minutes(text), Some(seconds), seconds.to_string()));
        }
    }
}
