//! Every failure in `MailPass`' words: `{"success": false, "error": {"code": "UPPER_SNAKE", "message": "sentence."}}`
//! (spec 1.0, 1.2).

#![deny(clippy::wildcard_enum_match_arm)]

use std::time::Duration;

use poem::{IntoResponse, Response, error::ResponseError, http::StatusCode};
use poem_openapi::{ApiResponse, Object, payload::Json};
use serde_json::json;

use crate::{
    http::{Rejection, spec::ResponseExample},
    service::Error,
};

/// What a failed call answers.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Failure")]
pub(super) struct Failure {
    /// Always false.
    success: bool,
    /// What is wrong.
    error: Fault,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "Fault")]
struct Fault {
    /// For programs.
    code: String,
    /// For people.
    message: String,
}

/// A failure on its way to the client, one variant per HTTP status.
#[derive(ApiResponse)]
pub(super) enum ApiError {
    /// A field is missing or wrong, or the code is.
    #[oai(status = 400)]
    Refused(Json<Failure>),
    /// The API key is missing or wrong.
    #[oai(status = 401)]
    Unauthenticated(Json<Failure>, #[oai(header = "WWW-Authenticate")] String),
    /// The API key may not do this.
    #[oai(status = 403)]
    Forbidden(Json<Failure>),
    /// There is no such session.
    #[oai(status = 404)]
    NotFound(Json<Failure>),
    /// The session is verified.
    #[oai(status = 409)]
    Conflict(Json<Failure>),
    /// Too many requests, or too many mails to one recipient.
    #[oai(status = 429)]
    TooMany(
        Json<Failure>,
        /// Seconds after which the call may be repeated; absent where it may not.
        #[oai(header = "Retry-After")]
        Option<String>,
    ),
    /// The server failed; the call may be repeated.
    #[oai(status = 500)]
    Broken(Json<Failure>),
    /// No mail server took the mail.
    #[oai(status = 502)]
    NotSent(Json<Failure>),
    /// The server is overloaded; the call may be repeated after the time named.
    #[oai(status = 503)]
    Overloaded(Json<Failure>, #[oai(header = "Retry-After")] String),
}

/// Told to whoever has no good key.
const CHALLENGE: &str = "Bearer realm=\"verifyd\"";
/// Seconds after which an overloaded server may be asked again.
const PATIENCE: &str = "1";

const WRONG_CODE: &str = "The verification code is invalid or expired.";
const NO_KEY: &str = "The API key is missing or invalid.";
const NO_PERMISSION: &str = "This API key does not have the otp permission.";
const NO_SESSION: &str = "The OTP session was not found.";
const VERIFIED: &str = "The OTP session is already verified.";
const TOO_MANY: &str = "Too many requests. Please try again later.";
const BROKEN: &str = "An unexpected error occurred.";
const NOT_SENT: &str = "The verification email could not be sent.";
const NO_JSON: &str = "The request body must be valid JSON.";
const NO_ADDRESS: &str = "The email field must contain a valid email address.";

fn failure(code: &str, message: impl Into<String>) -> Json<Failure> {
    Json(Failure { success: false, error: Fault { code: code.to_owned(), message: message.into() } })
}

impl ApiError {
    /// A field has a value it may not have.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::Refused(failure("VALIDATION_ERROR", message))
    }

    /// A field is absent or empty.
    pub(super) fn required(field: &str) -> Self {
        Self::invalid(format!("The {field} field is required."))
    }

    /// An email address that is none, or that gets nothing.
    pub(super) fn bad_address() -> Self {
        Self::invalid(NO_ADDRESS)
    }

    /// A code that is not accepted, whatever the reason.
    pub(super) fn invalid_code() -> Self {
        Self::Refused(failure("INVALID_CODE", WRONG_CODE))
    }

    fn not_found() -> Self {
        Self::NotFound(failure("NOT_FOUND", NO_SESSION))
    }

    fn too_many(retry_after: Option<Duration>) -> Self {
        let seconds = |wait: Duration| wait.as_millis().div_ceil(1000).max(1).to_string();
        Self::TooMany(failure("RATE_LIMIT_EXCEEDED", TOO_MANY), retry_after.map(seconds))
    }

    /// Nobody learns from a verification which sessions there are (spec 1.2).
    pub(super) fn on_verify(err: Error) -> Self {
        if matches!(err, Error::NoVerification) { Self::invalid_code() } else { err.into() }
    }

    /// What is verified is not sent again.
    pub(super) fn on_resend(err: Error) -> Self {
        if matches!(err, Error::CodeUsed) { Self::Conflict(failure("ALREADY_VERIFIED", VERIFIED)) } else { err.into() }
    }
}

impl From<Error> for ApiError {
    fn from(err: Error) -> Self {
        match err {
            Error::Unauthenticated(_) => Self::Unauthenticated(failure("UNAUTHORIZED", NO_KEY), CHALLENGE.to_owned()),
            Error::Forbidden => Self::Forbidden(failure("FORBIDDEN", NO_PERMISSION)),
            Error::NoVerification => Self::not_found(),
            Error::CodeExpired | Error::CodeUsed | Error::GuessesUsedUp => Self::invalid_code(),
            Error::TooSoon { retry_after } | Error::OverLimit { retry_after } => Self::too_many(retry_after),
            Error::SendsUsedUp => Self::too_many(None),
            Error::Blocked | Error::WrongTarget => Self::bad_address(),
            Error::Refused { .. } | Error::InsufficientBalance => Self::NotSent(failure("SEND_FAILED", NOT_SENT)),
            Error::Overloaded => Self::Overloaded(failure("SERVER_ERROR", BROKEN), PATIENCE.to_owned()),
            Error::Invalid(_)
            | Error::Template(_)
            | Error::TemplateExists
            | Error::NoTemplate
            | Error::TemplateNotApproved
            | Error::NotACodeTemplate => {
                tracing::error!(%err, "a use case of templates was reached by an API without templates");
                Self::Broken(failure("SERVER_ERROR", BROKEN))
            }
            Error::Internal(source) => {
                tracing::error!(%source, "a call failed inside the server");
                Self::Broken(failure("SERVER_ERROR", BROKEN))
            }
        }
    }
}

/// The answer to a request that never reached a use case (spec 1.2).
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "this is the shape of a dialect's face")]
pub fn rejected(rejection: Rejection) -> Response {
    let mut status = rejection.status();
    let answer = match &rejection {
        Rejection::NotJson | Rejection::Shape => ApiError::invalid(NO_JSON),
        Rejection::DuplicateKey => ApiError::invalid("The request body must name each field once."),
        Rejection::TooLarge => ApiError::invalid("The request body is too large."),
        Rejection::HeadersTooLarge => ApiError::invalid("The request headers are too large."),
        Rejection::Encoding => ApiError::invalid("The request body must not be compressed."),
        Rejection::TooSlow => ApiError::invalid("The request did not arrive in time."),
        Rejection::NoCredentials => Error::Unauthenticated(crate::core::access::AuthFailure::Missing).into(),
        Rejection::NoRoute | Rejection::NoMethod { .. } => ApiError::not_found(),
        // A parameter is the id of a session.
        Rejection::BadParam => {
            status = StatusCode::NOT_FOUND;
            ApiError::not_found()
        }
        Rejection::Overloaded => Error::Overloaded.into(),
        Rejection::Fault => ApiError::Broken(failure("SERVER_ERROR", BROKEN)),
    };
    let mut response = answer.into_response();
    response.set_status(status);
    if let Rejection::NoMethod { allow } = &rejection {
        response = response.with_header("Allow", allow).into_response();
    }
    response
}

/// What the document shows; a status without an example is no answer of that operation.
pub(super) fn examples() -> Vec<ResponseExample> {
    const BODIES: [&str; 3] = ["sendOtp", "verifyOtp", "resendOtp"];
    let any = |status, code, message: &str| (None, status, "any", code, message.to_owned());
    let of = |operation, status, name, code, message: &str| (Some(operation), status, name, code, message.to_owned());
    let one_of = "The template field must be one of: login, signup, reset.";
    let mut rows = vec![
        any(401, "UNAUTHORIZED", NO_KEY),
        any(403, "FORBIDDEN", NO_PERMISSION),
        any(429, "RATE_LIMIT_EXCEEDED", TOO_MANY),
        any(500, "SERVER_ERROR", BROKEN),
        any(503, "SERVER_ERROR", BROKEN),
        of("sendOtp", 400, "required", "VALIDATION_ERROR", "The email field is required."),
        of("sendOtp", 400, "address", "VALIDATION_ERROR", NO_ADDRESS),
        of("sendOtp", 400, "template", "VALIDATION_ERROR", one_of),
        of("verifyOtp", 400, "required", "VALIDATION_ERROR", "The code field is required."),
        of("verifyOtp", 400, "code", "INVALID_CODE", WRONG_CODE),
        of("resendOtp", 400, "required", "VALIDATION_ERROR", "The session_id field is required."),
        of("resendOtp", 404, "unknown", "NOT_FOUND", NO_SESSION),
        of("resendOtp", 409, "verified", "ALREADY_VERIFIED", VERIFIED),
        of("getOtpStatus", 404, "unknown", "NOT_FOUND", NO_SESSION),
    ];
    rows.extend(BODIES.map(|operation| of(operation, 400, "json", "VALIDATION_ERROR", NO_JSON)));
    rows.extend(["sendOtp", "resendOtp"].map(|operation| of(operation, 502, "refused", "SEND_FAILED", NOT_SENT)));
    let example = |(operation, status, name, code, message): (_, _, _, &str, String)| {
        let value = json!({ "success": false, "error": { "code": code, "message": message } });
        ResponseExample { operation, status, name, value }
    };
    rows.into_iter().map(example).collect()
}
