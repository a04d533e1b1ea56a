//! What the listener decided about a request before anybody looked at it; travels as a request extension.

use poem::Request;
use tokio::time::Instant;

use super::Rejection;

/// The listener's verdict. Requests without one (in-process calls) have no deadline and are not refused.
#[derive(Clone, Debug)]
pub struct Admission {
    /// When the whole request must be over (security F5).
    pub deadline: Instant,
    /// Why it must not be served at all; the mount answers it in its own words.
    pub refusal: Option<Rejection>,
}

impl Admission {
    /// The verdict on `request`, if it came through a listener.
    #[must_use]
    pub fn of(request: &Request) -> Option<&Self> {
        request.extensions().get()
    }
}
