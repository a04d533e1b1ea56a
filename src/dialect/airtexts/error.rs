//! Every failure in AirTexts' words: `{"success":false,"error":<text>,"code":<word>}` (spec 2.3).

#![deny(clippy::wildcard_enum_match_arm)]

use std::time::Duration;

use poem::{Response, error::ResponseError};
use poem_openapi::{ApiResponse, Object, payload::Json};
use serde_json::json;

use super::wire::verified::Refused;
use crate::{
    core::{access::AuthFailure, recipient::RecipientError},
    http::Rejection,
    service::Error,
};

/// What a failed call answers.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Error", skip_serializing_if_is_none)]
pub(super) struct ErrorBody {
    /// Always false.
    success: bool,
    /// What is wrong, in English.
    error: String,
    /// Which error it is.
    code: String,
    /// Always false; with every refusal of a code.
    verified: Option<bool>,
    /// Guesses that will still be compared; with wrong codes.
    attempts_remaining: Option<i32>,
    /// Seconds after which the call may be repeated.
    retry_after: Option<i64>,
    /// How the OTP stands after a wrong code.
    data: Option<Box<Refused>>,
}

/// A failure on its way to the client, one variant per HTTP status.
#[derive(ApiResponse)]
pub(super) enum ApiError {
    /// The request was understood and refused; `code` says why.
    #[oai(status = 400)]
    Refused(Json<ErrorBody>),
    /// The credentials are missing or wrong.
    #[oai(status = 401)]
    Unauthenticated(Json<ErrorBody>, #[oai(header = "WWW-Authenticate")] String),
    /// The credentials do not own the appid, or may not use this sender or address.
    #[oai(status = 403)]
    Forbidden(Json<ErrorBody>),
    /// No such OTP or template.
    #[oai(status = 404)]
    NotFound(Json<ErrorBody>),
    /// Too many calls, or too early; `retry_after` says when again.
    #[oai(status = 429)]
    Limited(Json<ErrorBody>, #[oai(header = "Retry-After")] Option<String>),
    /// The server failed; the call may be repeated.
    #[oai(status = 500)]
    Fault(Json<ErrorBody>),
    /// Nobody carries the message.
    #[oai(status = 502)]
    Undelivered(Json<ErrorBody>),
    /// The server is overloaded; the call may be repeated after the time named.
    #[oai(status = 503)]
    Overloaded(Json<ErrorBody>, #[oai(header = "Retry-After")] String),
}

/// A row of spec 2.3: code and words.
pub(super) type Words = (&'static str, &'static str);

pub(super) const INVALID_PHONE: Words = ("INVALID_PHONE", "Phone number format is invalid");
pub(super) const INVALID_CHANNEL: Words = ("INVALID_CHANNEL", "Channel must be sms or whatsapp");
pub(super) const INVALID_OTP_LENGTH: Words = ("INVALID_OTP_LENGTH", "otp_length must be between 4 and 8");
pub(super) const INVALID_JSON: Words = ("INVALID_JSON", "Request body is not valid JSON");
pub(super) const INVALID_OTP: Words = ("INVALID_OTP", "Invalid OTP code");
pub(super) const OTP_EXPIRED: Words = ("OTP_EXPIRED", "OTP has expired");
pub(super) const OTP_ALREADY_VERIFIED: Words = ("OTP_ALREADY_VERIFIED", "OTP has already been verified");
pub(super) const MAX_ATTEMPTS: Words = ("MAX_ATTEMPTS_EXCEEDED", "Maximum verification attempts exceeded");
pub(super) const INVALID_CREDENTIALS: Words = ("INVALID_CREDENTIALS", "Invalid or missing authentication credentials");
pub(super) const INVALID_APPID: Words = ("INVALID_APPID", "App ID is not authorized for this account");
pub(super) const SENDER_NOT_APPROVED: Words = ("SENDER_ID_NOT_APPROVED", "Sender ID is not authorized");
pub(super) const OTP_NOT_FOUND: Words = ("OTP_NOT_FOUND", "OTP not found");
pub(super) const TEMPLATE_NOT_FOUND: Words = ("TEMPLATE_NOT_FOUND", "Template not found");
pub(super) const NOT_FOUND: Words = ("NOT_FOUND", "Endpoint not found");
pub(super) const RATE_LIMIT: Words = ("RATE_LIMIT_EXCEEDED", "Rate limit exceeded");
pub(super) const SERVER_ERROR: Words = ("SERVER_ERROR", "Internal server error");
pub(super) const DELIVERY_FAILED: Words = ("DELIVERY_FAILED", "Message could not be delivered");
/// Its message names the parameter.
const MISSING_PARAMETER: &str = "MISSING_PARAMETER";
/// What the table does not know: a server that has too much to do.
pub(super) const BUSY: Words = ("SERVER_ERROR", "Service is overloaded, try again later");

/// Told to whoever is not authenticated.
const CHALLENGE: &str = "Basic realm=\"verifyd\", charset=\"UTF-8\"";
/// Seconds after which an overloaded server may be asked again.
const PATIENCE: &str = "1";

impl ErrorBody {
    fn new((code, error): (&str, &str)) -> Self {
        Self {
            success: false,
            error: error.to_owned(),
            code: code.to_owned(),
            verified: None,
            attempts_remaining: None,
            retry_after: None,
            data: None,
        }
    }
}

impl ApiError {
    /// A request that is refused as it is (400).
    pub(super) fn refused(words: Words) -> Self {
        Self::Refused(Json(ErrorBody::new(words)))
    }

    /// Something that is not there (404).
    pub(super) fn not_found(words: Words) -> Self {
        Self::NotFound(Json(ErrorBody::new(words)))
    }

    /// Something that the credentials may not use (403).
    pub(super) fn forbidden(words: Words) -> Self {
        Self::Forbidden(Json(ErrorBody::new(words)))
    }

    /// A parameter is absent or empty (400).
    pub(super) fn missing(name: &str) -> Self {
        Self::Refused(Json(ErrorBody::new((MISSING_PARAMETER, &format!("Missing required parameter: {name}")))))
    }

    /// A parameter cannot be read; the table has no row of its own for it (400).
    pub(super) fn unreadable(name: &str) -> Self {
        Self::Refused(Json(ErrorBody::new((MISSING_PARAMETER, &format!("Invalid parameter: {name}")))))
    }

    /// Credentials that are missing or wrong (401).
    pub(super) fn unauthenticated() -> Self {
        Self::Unauthenticated(Json(ErrorBody::new(INVALID_CREDENTIALS)), CHALLENGE.to_owned())
    }

    /// Too many calls, or too early (429).
    pub(super) fn limited(retry_after: Option<Duration>) -> Self {
        let seconds = retry_after.map(|wait| i64::try_from(wait.as_millis().div_ceil(1000).max(1)).unwrap_or(i64::MAX));
        let body = ErrorBody { retry_after: seconds, ..ErrorBody::new(RATE_LIMIT) };
        Self::Limited(Json(body), seconds.map(|seconds| seconds.to_string()))
    }

    /// A code that was not accepted (400). `remaining` and `data` only where the table has them.
    pub(super) fn not_verified(words: Words, remaining: Option<i32>, data: Option<Box<Refused>>) -> Self {
        let body = ErrorBody { verified: Some(false), attempts_remaining: remaining, data, ..ErrorBody::new(words) };
        Self::Refused(Json(body))
    }
}

impl From<RecipientError> for ApiError {
    fn from(_: RecipientError) -> Self {
        Self::refused(INVALID_PHONE)
    }
}

impl From<Error> for ApiError {
    fn from(err: Error) -> Self {
        match err {
            Error::Unauthenticated(AuthFailure::Missing | AuthFailure::Unknown | AuthFailure::Disabled) => {
                Self::unauthenticated()
            }
            Error::Unauthenticated(AuthFailure::Address) | Error::Forbidden => Self::forbidden(INVALID_APPID),
            Error::Invalid(problem) => Self::Refused(Json(ErrorBody::new((MISSING_PARAMETER, &problem)))),
            Error::Template(_)
            | Error::TemplateExists
            | Error::NoTemplate
            | Error::TemplateNotApproved
            | Error::NotACodeTemplate => Self::not_found(TEMPLATE_NOT_FOUND),
            Error::WrongTarget | Error::Blocked => Self::refused(INVALID_PHONE),
            Error::NoVerification => Self::not_found(OTP_NOT_FOUND),
            Error::CodeExpired => Self::not_verified(OTP_EXPIRED, None, None),
            Error::CodeUsed => Self::not_verified(OTP_ALREADY_VERIFIED, None, None),
            Error::GuessesUsedUp => Self::not_verified(MAX_ATTEMPTS, Some(0), None),
            Error::TooSoon { retry_after } | Error::OverLimit { retry_after } => Self::limited(retry_after),
            Error::SendsUsedUp => Self::limited(None),
            // There is no row for an account without balance: a server of one's own has none (spec 2.3).
            Error::InsufficientBalance | Error::Refused { .. } => {
                Self::Undelivered(Json(ErrorBody::new(DELIVERY_FAILED)))
            }
            Error::Overloaded => Self::Overloaded(Json(ErrorBody::new(BUSY)), PATIENCE.to_owned()),
            Error::Internal(source) => {
                tracing::error!(%source, "a call failed inside the server");
                Self::Fault(Json(ErrorBody::new(SERVER_ERROR)))
            }
        }
    }
}

/// The answer to a request that never reached a use case (architecture 2.5).
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "this is the shape of a dialect's face")]
pub fn rejected(rejection: Rejection) -> Response {
    let (code, error) = match &rejection {
        Rejection::NotJson | Rejection::Shape => INVALID_JSON,
        Rejection::DuplicateKey => (INVALID_JSON.0, "Request body names a field twice"),
        Rejection::Encoding => (INVALID_JSON.0, "Content encodings are not supported"),
        Rejection::TooLarge => (INVALID_JSON.0, "Request body is too large"),
        Rejection::HeadersTooLarge => (INVALID_JSON.0, "Request headers are too large"),
        Rejection::TooSlow => (INVALID_JSON.0, "Request did not arrive in time"),
        Rejection::BadParam => (MISSING_PARAMETER, "Invalid parameter"),
        Rejection::NoCredentials => INVALID_CREDENTIALS,
        Rejection::NoRoute | Rejection::NoMethod { .. } => NOT_FOUND,
        Rejection::Overloaded => BUSY,
        Rejection::Fault => SERVER_ERROR,
    };
    let response = Response::builder().status(rejection.status());
    let response = match &rejection {
        Rejection::NoMethod { allow } => response.header("Allow", allow),
        Rejection::NoCredentials => response.header("WWW-Authenticate", CHALLENGE),
        Rejection::Overloaded => response.header("Retry-After", PATIENCE),
        Rejection::NotJson
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
        .body(json!({ "success": false, "error": error, "code": code }).to_string())
}
