//! The page that shows this API and tries it out (spec 3.7). It is one file; its tester asks the API of this server, or the
//! one that the operator has named.

use poem::{
    Request, Response, Result,
    endpoint::{BoxEndpoint, EndpointExt, make_sync},
    get,
};

use super::{escaped, source};
use crate::dialect::optora::{
    guest::admitted,
    settings::{LinkMode, Settings},
};

const HTML: &str = include_str!("docs.html");
const CSS: &str = include_str!("docs.css");
const JS: &str = include_str!("docs.js");

/// For clients of the networks that may call; others see a path that is not there.
#[must_use]
pub fn docs_page() -> BoxEndpoint<'static, Response> {
    let serve = make_sync(|request: Request| -> Result<Response> {
        let settings = admitted(&request)?;
        let page = Response::builder()
            .content_type("text/html; charset=utf-8")
            .header("content-security-policy", policy(settings))
            .header("cache-control", "no-cache")
            .header("referrer-policy", "no-referrer")
            .header("x-content-type-options", "nosniff");
        Ok(page.body(render(settings)))
    });
    get(serve).map_to_response().boxed()
}

fn render(settings: &Settings) -> String {
    let link = match settings.link {
        LinkMode::Get => "Here following it verifies at once.",
        LinkMode::Auto => "Here the page verifies by its script, so that mail scanners do not.",
        LinkMode::Button => "Here the page has a button that verifies, so that mail scanners do not.",
    };
    let minutes = settings.window.as_secs().div_ceil(60);
    let values = [
        ("[[css]]", CSS.to_owned()),
        ("[[js]]", JS.to_owned()),
        ("[[link]]", link.to_owned()),
        ("[[validity]]", settings.validity_minutes.to_string()),
        ("[[length]]", settings.code_length.to_string()),
        ("[[max]]", settings.max_requests.to_string()),
        ("[[window]]", minutes.to_string()),
        ("[[api]]", escaped(settings.docs_api_url.as_deref().unwrap_or_default())),
    ];
    values.iter().fold(HTML.to_owned(), |page, (place, value)| page.replace(place, value))
}

/// Its own style and script, and requests to the API that it tries out.
fn policy(settings: &Settings) -> String {
    let elsewhere = settings.docs_api_url.as_deref().map(|url| format!(" {}", origin(url))).unwrap_or_default();
    format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; connect-src 'self'{elsewhere}; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        source(CSS),
        source(JS)
    )
}

/// Without its path: a policy would allow that very path only.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find('/').map_or(url, |end| &url[..host + end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_path() {
        for url in ["https://a.test", "https://a.test/otp", "https://a.test/otp/x"] {
            assert_eq!(origin(url), "https://a.test");
        }
        assert_eq!(origin("http://[::1]:80/x"), "http://[::1]:80");
    }
}
