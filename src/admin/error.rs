//! Every failure as `{"error": {"code": <word>, "message": <sentence>}}`.

#![deny(clippy::wildcard_enum_match_arm)]

use poem::{Response, error::ResponseError};
use poem_openapi::{ApiResponse, Object, payload::Json};
use serde_json::json;

use crate::{
    http::Rejection,
    service::{AdminRefusal, CallbackError, Error},
};

/// What a failed call answers.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Failure")]
pub(super) struct Failure {
    /// What is wrong.
    error: Fault,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "Fault")]
struct Fault {
    /// For programs: a word that stays.
    code: String,
    /// For people: a sentence that may change.
    message: String,
}

/// A failure on its way to the client, one variant per HTTP status.
#[derive(ApiResponse)]
pub(super) enum ApiError {
    /// The request cannot be read, or holds a value that it may not hold.
    #[oai(status = 400)]
    BadRequest(Json<Failure>),
    /// The token is missing, wrong or expired.
    #[oai(status = 401)]
    Unauthenticated(
        Json<Failure>,
        #[oai(header = "WWW-Authenticate")] String,
        /// When a token is looked at again, in seconds, after too many wrong ones.
        #[oai(header = "Retry-After")]
        Option<String>,
    ),
    /// The management API may not be used from this address.
    #[oai(status = 403)]
    Forbidden(Json<Failure>),
    /// There is no such thing.
    #[oai(status = 404)]
    NotFound(Json<Failure>),
    /// The body did not arrive in time.
    #[expect(dead_code, reason = "for the document: the mount answers it, see `rejected`")]
    #[oai(status = 408)]
    TooSlow(Json<Failure>),
    /// Something stands in the way.
    #[oai(status = 409)]
    Conflict(Json<Failure>),
    /// The body is longer than 64 KiB.
    #[expect(dead_code, reason = "for the document: the mount answers it, see `rejected`")]
    #[oai(status = 413)]
    TooLarge(Json<Failure>),
    /// The body is compressed.
    #[expect(dead_code, reason = "for the document: the mount answers it, see `rejected`")]
    #[oai(status = 415)]
    Encoded(Json<Failure>),
    /// The server failed; the call may be repeated.
    #[oai(status = 500)]
    Fault(Json<Failure>),
    /// The server is overloaded; the call may be repeated after the time named.
    #[oai(status = 503)]
    Overloaded(Json<Failure>, #[oai(header = "Retry-After")] String),
}

/// Told to whoever has no good token.
const CHALLENGE: &str = "Bearer realm=\"verifyd\"";
/// Seconds after which an overloaded server may be asked again.
const PATIENCE: &str = "1";

fn failure(code: &str, message: impl Into<String>) -> Json<Failure> {
    Json(Failure { error: Fault { code: code.to_owned(), message: message.into() } })
}

impl ApiError {
    /// There is no such thing (404); `code` is `no_such_…`.
    pub(super) fn missing(code: &str, what: &str) -> Self {
        Self::NotFound(failure(code, format!("there is no such {what}")))
    }

    /// A value that it may not have (400).
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::BadRequest(failure("invalid_value", message))
    }

    /// A parameter that it may not have (400).
    pub(super) fn bad_parameter() -> Self {
        let (code, message) = words(&Rejection::BadParam);
        Self::BadRequest(failure(code, message))
    }

    /// Something of that name exists (409).
    pub(super) fn taken(what: &str) -> Self {
        Self::Conflict(failure("name_taken", format!("there is {what} of that name already")))
    }

    /// The client's address is not in `admin.allow` (403).
    pub(super) fn wrong_place() -> Self {
        Self::Forbidden(failure("address_not_allowed", "this address may not use the management API"))
    }

    fn fault() -> Self {
        Self::Fault(failure("internal_error", "internal error"))
    }
}

impl From<AdminRefusal> for ApiError {
    fn from(refusal: AdminRefusal) -> Self {
        match refusal {
            AdminRefusal::Unknown => {
                let challenge = format!("{CHALLENGE}, error=\"invalid_token\"");
                Self::Unauthenticated(failure("invalid_token", "the token is wrong or has expired"), challenge, None)
            }
            AdminRefusal::Throttled(wait) => {
                let words = "too many wrong tokens came from this address";
                let wait = wait.as_secs().max(1).to_string();
                Self::Unauthenticated(failure("too_many_attempts", words), CHALLENGE.to_owned(), Some(wait))
            }
            AdminRefusal::Failed(err) => err.into(),
        }
    }
}

impl From<Error> for ApiError {
    fn from(err: Error) -> Self {
        let message = err.to_string(); // `Display` never shows a source
        match err {
            Error::Invalid(_) | Error::Template(_) => Self::invalid(message),
            Error::NoTemplate => Self::missing("no_such_template", "template"),
            Error::NoVerification => Self::missing("no_such_message", "message"),
            Error::TemplateExists => Self::taken("a template"),
            Error::Overloaded => Self::Overloaded(failure("overloaded", message), PATIENCE.to_owned()),
            Error::Unauthenticated(_)
            | Error::Forbidden
            | Error::TemplateNotApproved
            | Error::NotACodeTemplate
            | Error::WrongTarget
            | Error::CodeExpired
            | Error::CodeUsed
            | Error::GuessesUsedUp
            | Error::TooSoon { .. }
            | Error::SendsUsedUp
            | Error::OverLimit { .. }
            | Error::Blocked
            | Error::InsufficientBalance
            | Error::Refused { .. } => {
                tracing::error!(%message, "a use case of callers was reached by the management API");
                Self::fault()
            }
            Error::Internal(source) => {
                tracing::error!(%source, "a call failed inside the server");
                Self::fault()
            }
        }
    }
}

impl From<CallbackError> for ApiError {
    fn from(err: CallbackError) -> Self {
        let message = err.to_string();
        match err {
            CallbackError::Unknown => Self::missing("no_such_callback", "callback"),
            CallbackError::Exists => Self::Conflict(failure("url_taken", message)),
            CallbackError::Url(_) => Self::BadRequest(failure("url_not_allowed", message)),
            CallbackError::Invalid(_) => Self::invalid(message),
            CallbackError::Probe(_) => Self::Conflict(failure("probe_failed", message)),
            CallbackError::Service(err) => err.into(),
        }
    }
}

/// The answer to a request that never reached a use case.
#[expect(clippy::needless_pass_by_value, reason = "this is the shape of a face")]
pub(super) fn rejected(rejection: Rejection) -> Response {
    let (code, message) = words(&rejection);
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
        .body(json!({ "error": { "code": code, "message": message } }).to_string())
}

pub(super) const fn words(rejection: &Rejection) -> (&'static str, &'static str) {
    match rejection {
        Rejection::NoRoute => ("no_such_path", "there is nothing at this path"),
        Rejection::NoMethod { .. } => ("method_not_allowed", "this path does not take this method"),
        Rejection::NotJson => ("not_json", "the body is not JSON"),
        Rejection::Shape => ("wrong_shape", "a field of the body is unknown or of another type"),
        Rejection::DuplicateKey => ("duplicate_field", "the body names a field twice"),
        Rejection::TooLarge => ("too_large", "the body is longer than 64 KiB"),
        Rejection::HeadersTooLarge => ("headers_too_large", "the headers are too large"),
        Rejection::Encoding => ("encoded", "the body must not be compressed"),
        Rejection::NoCredentials => ("unauthenticated", "give a token: `Authorization: Bearer vda_…`"),
        Rejection::BadParam => ("invalid_parameter", "a parameter of the path or query has a wrong value"),
        Rejection::TooSlow => ("too_slow", "the request did not arrive in time"),
        Rejection::Overloaded => ("overloaded", "service is overloaded, try again later"),
        Rejection::Fault => ("internal_error", "internal error"),
    }
}
