//! Sends a request to whom its path belongs, by the longest prefix (one-port 5.1, 5.2). The framework's own router reads the
//! rest of a path as a parameter and answers a broken one in words of its own: here every path reaches a face.

use poem::{
    Endpoint, Request, Response, Result,
    endpoint::BoxEndpoint,
    http::{Uri, header::HOST},
};

/// One API among several on a port.
pub struct Api {
    /// Where its paths begin, `/api/v1`.
    pub prefix: &'static str,
    /// Whether capitals make no difference there; a path that another API has as it is written belongs to that one.
    pub any_case: bool,
    /// Below this all its paths are served whole, whatever other APIs there are: `/mailpass` for `/mailpass/api/v1/…`.
    pub mount: String,
    /// On this host name it owns the paths of every other API too, so that a wrong one is answered in its words.
    pub host: Option<String>,
    /// Its routes, which see the paths from its prefix on.
    pub endpoint: BoxEndpoint<'static, Response>,
}

/// Endpoints under prefixes, and one for every other path.
pub struct ByPrefix {
    endpoints: Vec<BoxEndpoint<'static, Response>>,
    /// The longest prefix first.
    nests: Vec<Nest>,
    /// Host names and whose they are.
    hosts: Vec<(String, usize)>,
    others: BoxEndpoint<'static, Response>,
}

struct Nest {
    prefix: String,
    endpoint: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No API: on every host.
    Pages,
    /// An API's own prefix.
    Own,
    /// The same, in any case.
    AnyCase,
    /// Cut off before the API sees the path.
    Mount,
}

impl ByPrefix {
    /// Everything goes to `others`.
    #[must_use]
    pub const fn new(others: BoxEndpoint<'static, Response>) -> Self {
        Self { endpoints: vec![], nests: vec![], hosts: vec![], others }
    }

    /// The prefix itself and every path below it go to `endpoint`, which sees the whole path.
    #[must_use]
    pub fn nest(self, prefix: &'static str, endpoint: BoxEndpoint<'static, Response>) -> Self {
        self.with(endpoint, [(prefix.to_owned(), Kind::Pages)])
    }

    /// Serves an API at its prefix, its mount and its host.
    #[must_use]
    pub fn api(mut self, api: Api) -> Self {
        let index = self.endpoints.len();
        self.hosts.extend(api.host.map(|host| (host, index)));
        let own = if api.any_case { Kind::AnyCase } else { Kind::Own };
        self.with(api.endpoint, [(api.prefix.to_owned(), own), (api.mount, Kind::Mount)])
    }

    fn with(
        mut self,
        endpoint: BoxEndpoint<'static, Response>,
        places: impl IntoIterator<Item = (String, Kind)>,
    ) -> Self {
        let index = self.endpoints.len();
        self.endpoints.push(endpoint);
        self.nests.extend(places.into_iter().map(|(prefix, kind)| Nest { prefix, endpoint: index, kind }));
        self.nests.sort_by_key(|nest| std::cmp::Reverse(nest.prefix.len()));
        self
    }

    /// Whose host the request names.
    fn host(&self, request: &Request) -> Option<usize> {
        let header = || request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let named = name_of(request.uri().host().or_else(header)?);
        self.hosts.iter().find(|(host, _)| host.eq_ignore_ascii_case(named)).map(|(_, index)| *index)
    }
}

impl Endpoint for ByPrefix {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let path = request.uri().path();
        let any_case = |nest: &&Nest| nest.kind == Kind::AnyCase && is_below(&path.to_ascii_lowercase(), &nest.prefix);
        let nest = self.nests.iter().find(|nest| is_below(path, &nest.prefix));
        let Some(nest) = nest.or_else(|| self.nests.iter().find(any_case)) else {
            return self.others.call(request).await;
        };
        let at_home = if nest.kind == Kind::Pages { None } else { self.host(&request) };
        let endpoint = at_home.unwrap_or(nest.endpoint);
        if nest.kind == Kind::Mount && endpoint == nest.endpoint {
            *request.uri_mut() = without(request.uri(), nest.prefix.len());
        }
        self.endpoints[endpoint].call(request).await
    }
}

fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A host without its port and the dot at its end.
fn name_of(host: &str) -> &str {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.strip_suffix('.').unwrap_or(name)
}

/// The path without so many bytes at its beginning; the query stays.
fn without(uri: &Uri, prefix: usize) -> Uri {
    let whole = uri.path_and_query().map_or("", |path| path.as_str());
    let rest = whole.get(prefix..).unwrap_or_default();
    let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    rest.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use poem::{EndpointExt, endpoint::make_sync};

    use super::*;

    /// Says its name and the path that it sees.
    fn named(name: &'static str) -> BoxEndpoint<'static, Response> {
        make_sync(move |request: Request| format!("{name} {}", request.uri())).map_to_response().boxed()
    }

    fn api(name: &'static str, prefix: &'static str, host: Option<&str>) -> Api {
        let any_case = name == "one";
        Api { prefix, any_case, mount: format!("/{name}"), host: host.map(str::to_owned), endpoint: named(name) }
    }

    fn routes() -> ByPrefix {
        let two = api("two", "/api/v1", Some("two.example.com"));
        ByPrefix::new(named("others")).nest("/admin", named("admin")).api(api("one", "/api", None)).api(two)
    }

    async fn answer(path: &str, host: &str) -> String {
        let request = Request::builder().uri_str(path).header(HOST, host).finish();
        routes().call(request).await.unwrap().into_body().into_string().await.unwrap()
    }

    #[tokio::test]
    async fn the_longest_prefix_of_whole_segments_wins_whatever_the_rest_is() {
        let cases = [
            ("/api/v1", "two"),
            ("/api/v1/", "two"),
            ("/api/v1/%FF%fe", "two"),
            ("/api/v10", "one"),
            ("/api/%FF", "one"),
            ("/Api/%FF", "one"),
            ("/API", "one"),
            ("/API/V1", "one"),
            ("/apis", "others"),
            ("/Admin/v1", "others"),
            ("/%FF", "others"),
            ("/", "others"),
            ("/admin/v1", "admin"),
        ];
        for (path, name) in cases {
            assert_eq!(answer(path, "localhost").await, format!("{name} {path}"));
        }
    }

    #[tokio::test]
    async fn below_its_mount_an_api_sees_its_own_paths() {
        let cases = [
            ("/two/api/v1/a?b=c", "two /api/v1/a?b=c"),
            ("/two/api/nothing", "two /api/nothing"),
            ("/two", "two /"),
            ("/two?b", "two /?b"),
            ("/two//api/v1", "two //api/v1"),
            ("/two/%FF", "two /%FF"),
            ("/one/api/v1/a", "one /api/v1/a"),
            ("/twos", "others /twos"),
        ];
        for (path, expected) in cases {
            assert_eq!(answer(path, "localhost").await, expected, "{path}");
        }
    }

    #[tokio::test]
    async fn on_its_host_an_api_owns_the_paths_of_all_and_pages_stay_what_they_are() {
        for host in ["two.example.com", "TWO.example.com:8443", "two.example.com."] {
            assert_eq!(answer("/api/v1/a", host).await, "two /api/v1/a");
            assert_eq!(answer("/two/api/v1/a", host).await, "two /api/v1/a");
            assert_eq!(answer("/api/a", host).await, "two /api/a");
            assert_eq!(answer("/one/api/a", host).await, "two /one/api/a");
            assert_eq!(answer("/admin/v1", host).await, "admin /admin/v1");
            assert_eq!(answer("/", host).await, "others /");
        }
        for host in ["example.com", "xtwo.example.com", "two.example.com.evil", "[::1]:80", ""] {
            assert_eq!(answer("/api/a", host).await, "one /api/a", "{host}");
        }
    }
}
