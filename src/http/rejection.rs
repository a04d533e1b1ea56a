//! Why a request never reached a use case.

use poem::{
    Error, Response,
    error::{
        MethodNotAllowedError, NotFoundError, ParsePathError as RoutePathError, ParseQueryError, ReadBodyError,
        ResponseError,
    },
    http::StatusCode,
};
use poem_openapi::error::{
    AuthorizationError, ContentTypeError, ParseParamError, ParsePathError, ParseRequestPayloadError,
};

use super::json::JsonError;

/// The closed list; every dialect words each of them. `Display` is safe to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No such path (404).
    #[error("no such resource")]
    NoRoute,
    /// The path exists, this method does not (405).
    #[error("method not allowed")]
    NoMethod {
        /// The value of the `Allow` header, for example `GET, POST`; empty when unknown.
        allow: String,
    },
    /// The body is not JSON at all.
    #[error("the body is not JSON")]
    NotJson,
    /// The body is JSON of another shape: not an object, a wrong type somewhere, or nested too deeply.
    #[error("the body has the wrong shape")]
    Shape,
    /// An object of the body names a key twice (security F7).
    #[error("the body names a key twice")]
    DuplicateKey,
    /// The body is longer than the limit (413).
    #[error("the body is too large")]
    TooLarge,
    /// Too many headers, or too long ones (431).
    #[error("the headers are too large")]
    HeadersTooLarge,
    /// The body is compressed or otherwise encoded (415).
    #[error("content encodings are not supported")]
    Encoding,
    /// No credentials, or none that can be read (401).
    #[error("credentials are missing")]
    NoCredentials,
    /// A path or query parameter of the wrong shape.
    #[error("a parameter has the wrong shape")]
    BadParam,
    /// The request did not arrive in time (408).
    #[error("the request took too long to arrive")]
    TooSlow,
    /// More than the server takes at once, or an answer that did not come in time (503).
    #[error("the server is overloaded")]
    Overloaded,
    /// Our own fault (500).
    #[error("internal error")]
    Fault,
}

impl From<JsonError> for Rejection {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::Syntax => Self::NotJson,
            JsonError::TooDeep => Self::Shape,
            JsonError::DuplicateKey => Self::DuplicateKey,
        }
    }
}

impl Rejection {
    /// One of each, for the pages and tests that show them all.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let no_method = Self::NoMethod { allow: "POST".to_owned() };
        vec![
            Self::NoRoute,
            no_method,
            Self::NotJson,
            Self::Shape,
            Self::DuplicateKey,
            Self::TooLarge,
            Self::HeadersTooLarge,
            Self::Encoding,
            Self::NoCredentials,
            Self::BadParam,
            Self::TooSlow,
            Self::Overloaded,
            Self::Fault,
        ]
    }

    /// Tells the framework's own failures apart (architecture 2.6, fact 3). What nobody knows is our fault, and logged.
    #[must_use]
    pub fn classify(error: &Error) -> Self {
        if let Some(rejection) = error.downcast_ref::<Self>() {
            return rejection.clone();
        }
        if error.is::<NotFoundError>() {
            Self::NoRoute
        } else if error.is::<MethodNotAllowedError>() {
            Self::NoMethod { allow: String::new() }
        } else if error.is::<AuthorizationError>() {
            Self::NoCredentials
        } else if error.is::<ParseRequestPayloadError>() {
            Self::Shape
        } else if error.is::<ContentTypeError>() {
            Self::NotJson
        } else if is_parameter_error(error) {
            Self::BadParam
        } else if let Some(error) = error.downcast_ref::<ReadBodyError>() {
            Self::from_body(error)
        } else {
            tracing::error!(%error, status = error.status().as_u16(), "a request failed in an unforeseen way");
            Self::Fault
        }
    }

    fn from_body(error: &ReadBodyError) -> Self {
        match error {
            ReadBodyError::PayloadTooLarge => Self::TooLarge,
            ReadBodyError::BodyHasBeenTaken => Self::Fault,
            _ => Self::NotJson,
        }
    }

    /// An answer in nobody's words, for paths that belong to no dialect: `{"message":…}`.
    #[must_use]
    pub fn into_plain_response(self) -> Response {
        let status = self.status();
        let mut response = Response::builder().status(status).content_type("application/json");
        match &self {
            Self::NoMethod { allow } if !allow.is_empty() => response = response.header("allow", allow),
            Self::Overloaded => response = response.header("retry-after", "1"),
            _ => {}
        }
        response.body(format!("{{\"message\":\"{self}\"}}"))
    }
}

fn is_parameter_error(error: &Error) -> bool {
    error.is::<ParseParamError>()
        || error.is::<ParsePathError>()
        || error.is::<RoutePathError>()
        || error.is::<ParseQueryError>()
}

impl ResponseError for Rejection {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoRoute => StatusCode::NOT_FOUND,
            Self::NoMethod { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotJson | Self::Shape | Self::DuplicateKey | Self::BadParam => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NoCredentials => StatusCode::UNAUTHORIZED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_travels_as_an_error_and_is_found_again() {
        for rejection in Rejection::samples() {
            assert_eq!(Rejection::classify(&Error::from(rejection.clone())), rejection);
        }
    }

    #[test]
    fn what_the_framework_says_is_told_apart() {
        let cases = [
            (Error::from(NotFoundError), Rejection::NoRoute),
            (MethodNotAllowedError.into(), Rejection::NoMethod { allow: String::new() }),
            (AuthorizationError.into(), Rejection::NoCredentials),
            (ContentTypeError::ExpectContentType.into(), Rejection::NotJson),
            (ReadBodyError::PayloadTooLarge.into(), Rejection::TooLarge),
            (ReadBodyError::BodyHasBeenTaken.into(), Rejection::Fault),
            (poem::error::GetDataError("thing").into(), Rejection::Fault),
        ];
        for (error, rejection) in cases {
            assert_eq!(Rejection::classify(&error), rejection, "{error}");
        }
    }
}
