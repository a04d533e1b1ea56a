//! What clients of this API are used to from Express, around the mount: paths in any case and with a slash at their end,
//! `CORS` for everybody (spec 3.1). And what answers say about being kept, and pages about being passed on (security E4).

use poem::{
    Endpoint, EndpointExt, IntoResponse, Request, Response, Result,
    endpoint::BoxEndpoint,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, uri::PathAndQuery},
};

use super::pages;

/// Segments of a path that are words of ours; what follows is the client's.
const WORDS: usize = 3;
const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
const ANYBODY: HeaderValue = HeaderValue::from_static("*");

const ON_EVERY_ANSWER: [(HeaderName, HeaderValue); 3] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, ANYBODY),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];
const ON_PAGES: [(HeaderName, HeaderValue); 2] = [
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
];

/// Wraps the mount; `page` is what stands at the root of the API's own place.
pub(super) fn leniently<M: Endpoint<Output = Response> + 'static>(
    mount: M,
    page: BoxEndpoint<'static, Response>,
) -> BoxEndpoint<'static, Response> {
    Express { mount, page }.boxed()
}

struct Express<M> {
    mount: M,
    page: BoxEndpoint<'static, Response>,
}

impl<M: Endpoint<Output = Response>> Endpoint for Express<M> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        if request.uri().path() == "/" {
            return self.page.call(request).await;
        }
        let mut response = if *request.method() == Method::OPTIONS {
            preflight(request.headers())
        } else {
            if let Some(uri) = usual(request.uri()) {
                *request.uri_mut() = uri;
            }
            self.mount.call(request).await?
        };
        let is_page = response.content_type().is_some_and(|kind| kind.starts_with("text/html"));
        let headers = response.headers_mut();
        headers.extend(ON_EVERY_ANSWER.map(|(name, value)| (Some(name), value)));
        if is_page {
            headers.extend(ON_PAGES.map(|(name, value)| (Some(name), value)));
            headers.insert(header::CONTENT_SECURITY_POLICY, pages::link_policy());
        }
        Ok(response)
    }
}

/// Whatever is asked for is allowed, on every path.
fn preflight(asked: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
    if let Some(wanted) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
    }
    response
}

/// The path as the router knows it; `None` where it is so already.
fn usual(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let shorter = path.strip_suffix('/').unwrap_or(path);
    // The first one is empty: it ends before the slash that a path begins with.
    let is_lower = |text: &str| text.bytes().all(|byte| !byte.is_ascii_uppercase());
    if shorter.is_empty() || shorter == path && path.split('/').take(WORDS + 1).all(is_lower) {
        return None;
    }
    let segments = shorter.split('/').enumerate();
    let segments =
        segments.map(|(place, text)| if place <= WORDS { text.to_ascii_lowercase() } else { text.to_owned() });
    let usual = segments.collect::<Vec<_>>().join("/");
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(usual + &query).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lose_their_case_and_one_slash_but_ids_and_queries_stay() {
        let cases = [
            ("/API/Otp/Generate", Some("/api/otp/generate")),
            ("/api/otp/generate/", Some("/api/otp/generate")),
            ("/api/otp/STATUS/AbC/", Some("/api/otp/status/AbC")),
            ("/api/otp/Verify-Link?token=AbC/", Some("/api/otp/verify-link?token=AbC/")),
            ("/api/otp/generate//", Some("/api/otp/generate/")),
            ("/api/otp/generate", None),
            ("/", None),
        ];
        for (path, expected) in cases {
            let found = usual(&Uri::from_static(path)).map(|uri| uri.to_string());
            assert_eq!(found.as_deref(), expected, "{path}");
        }
    }
}
