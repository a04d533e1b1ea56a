//! What every answer has, whichever way it was made: the rest of the key's minute (spec 1.4) and, where the operator wants
//! it so, status 200 (spec 1.2).

use std::sync::{Arc, OnceLock};

use poem::{
    Endpoint, Request, Response, Result,
    http::{HeaderName, HeaderValue, StatusCode},
};

use super::Settings;
use crate::service::Count;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Where the credentials' check leaves the count of the request that it let in or refused.
#[derive(Clone, Debug, Default)]
pub(super) struct Quota(Arc<OnceLock<Count>>);

impl Quota {
    /// Takes note of a count; the first one of a request counts.
    pub(super) fn note(&self, count: Count) {
        self.0.get_or_init(|| count);
    }
}

/// Puts it on every answer of the endpoint.
pub(super) struct Answers<M>(pub(super) M);

impl<M: Endpoint<Output = Response>> Endpoint for Answers<M> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let quota = Quota::default();
        request.set_data(quota.clone());
        let as_200 = request.data::<Settings>().is_some_and(|settings| settings.errors_as_200);
        let mut response = self.0.call(request).await?;
        if let Some(count) = quota.0.get() {
            let reset = HeaderValue::from(count.resets_at.seconds());
            let headers = response.headers_mut();
            headers.insert(LIMIT, count.limit.into());
            headers.insert(REMAINING, count.remaining().into());
            headers.insert(RESET, reset);
        }
        if as_200 && !response.status().is_success() {
            response.set_status(StatusCode::OK);
        }
        Ok(response)
    }
}
