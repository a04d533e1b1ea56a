//! Sends a request to whom its path belongs, by the longest prefix (one-port 5.1). The framework's own router reads the rest
//! of a path as a parameter and answers a broken one in words of its own: here every path reaches a face.

use poem::{Endpoint, Request, Response, Result, endpoint::BoxEndpoint};

/// Endpoints under prefixes, and one for every other path. Each sees the whole path.
pub struct ByPrefix {
    /// The longest prefix first.
    nests: Vec<(&'static str, BoxEndpoint<'static, Response>)>,
    others: BoxEndpoint<'static, Response>,
}

impl ByPrefix {
    /// Everything goes to `others`.
    #[must_use]
    pub const fn new(others: BoxEndpoint<'static, Response>) -> Self {
        Self { nests: vec![], others }
    }

    /// The prefix itself and every path below it go to `endpoint`.
    #[must_use]
    pub fn nest(mut self, prefix: &'static str, endpoint: BoxEndpoint<'static, Response>) -> Self {
        self.nests.push((prefix, endpoint));
        self.nests.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        self
    }
}

impl Endpoint for ByPrefix {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let path = request.uri().path();
        let under =
            |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let nest = self.nests.iter().find(|(prefix, _)| under(prefix));
        nest.map_or(&self.others, |(_, endpoint)| endpoint).call(request).await
    }
}

#[cfg(test)]
mod tests {
    use poem::{EndpointExt, endpoint::make_sync, http::Uri};

    use super::*;

    fn named(name: &'static str) -> BoxEndpoint<'static, Response> {
        make_sync(move |_| name).map_to_response().boxed()
    }

    #[tokio::test]
    async fn the_longest_prefix_of_whole_segments_wins_whatever_the_rest_is() {
        let routes = ByPrefix::new(named("others")).nest("/api", named("api")).nest("/api/v1", named("v1"));
        let cases = [
            ("/api/v1", "v1"),
            ("/api/v1/", "v1"),
            ("/api/v1/%FF%fe", "v1"),
            ("/api/v10", "api"),
            ("/api/%FF", "api"),
            ("/apis", "others"),
            ("/%FF", "others"),
            ("/", "others"),
        ];
        for (path, name) in cases {
            let answer = routes.call(Request::builder().uri(Uri::from_static(path)).finish()).await.unwrap();
            assert_eq!(answer.into_body().into_string().await.unwrap(), name, "{path}");
        }
    }
}
