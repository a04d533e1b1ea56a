//! The published document, as JSON and as a page that asks nobody else for anything (tooling 6.3).

use std::sync::OnceLock;

use hyper::body::Bytes;
use poem::{
    EndpointExt, Response,
    endpoint::{BoxEndpoint, make_sync},
    get,
};
use poem_openapi::OpenApiService;
use serde_json::Value;

/// The page is one file with its script inside; it may talk to this server and to nobody else.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

const PLAIN_ROOT: &str = "id=\"api-reference\"";
const LOCAL_ROOT: &str = "id=\"api-reference\" data-configuration='{\"withDefaultFonts\":false,\
    \"hideClientButton\":true,\"proxyUrl\":\"\"}'";

/// The bar that leads to the other documents stays above the page, which is told its height.
const BAR_STYLE: &str = "<style>:root{--scalar-custom-header-height:40px}.apis{position:sticky;top:0;z-index:10;\
    height:40px;box-sizing:border-box;padding:10px 16px;font:14px/20px sans-serif;background:#f4f4f5;\
    border-bottom:1px solid #d4d4d8}.apis a{margin-right:20px;color:#3f3f46}.apis a[aria-current]{font-weight:bold;\
    text-decoration:none}</style>";

/// Serves a polished document at its own path, for example `/openapi/engagelab.json`.
#[must_use]
pub fn document(polished: &Value) -> BoxEndpoint<'static, Response> {
    let bytes = Bytes::from(format!("{polished:#}\n"));
    let serve = move |_| Response::builder().content_type("application/json").body(bytes.clone());
    get(make_sync(serve)).map_to_response().boxed()
}

/// Serves the page for a polished document, for example at `/docs`. It is put together when first asked for. `pages` are
/// the titles and paths of all such pages, itself included: where there are several, each leads to the others.
#[must_use]
pub fn page<'a>(
    title: &'a str,
    polished: &Value,
    pages: impl Iterator<Item = (&'a str, String)>,
) -> BoxEndpoint<'static, Response> {
    let (title, document) = (title.to_owned(), polished.to_string());
    let links: Vec<_> = pages.map(|(name, path)| link(name, &path, name == title)).collect();
    let bar = if links.len() > 1 {
        format!("{BAR_STYLE}<nav class=\"apis\">{}</nav>", links.concat())
    } else {
        String::new()
    };
    let html = OnceLock::new();
    let serve = move |_| {
        let html: &Bytes = html.get_or_init(|| Bytes::from(render(&title, &document, &bar)));
        Response::builder()
            .content_type("text/html; charset=utf-8")
            .header("content-security-policy", POLICY)
            .header("x-content-type-options", "nosniff")
            .header("referrer-policy", "no-referrer")
            .body(html.clone())
    };
    get(make_sync(serve)).map_to_response().boxed()
}

fn link(title: &str, path: &str, here: bool) -> String {
    let here = if here { " aria-current=\"page\"" } else { "" };
    format!("<a href=\"{path}\"{here}>{}</a>", title.replace('<', "&lt;"))
}

/// Puts the document in the place of an empty service's. First occurrences only: the script holds the same words.
fn render(title: &str, document: &str, bar: &str) -> String {
    let shell = OpenApiService::new((), "", "");
    // A document that says `</script>` must not end the element it stands in.
    let document = document.replace('<', "\\u003c");
    let title = format!("<title>{}</title>", title.replace('<', "&lt;"));
    let page = shell.scalar_html().replacen(&shell.spec(), &document, 1);
    let page = page.replacen("<body>", &format!("<body>{bar}"), 1);
    page.replacen(PLAIN_ROOT, LOCAL_ROOT, 1).replacen("<title>Scalar</title>", &title, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::test::TestClient;
    use serde_json::json;

    #[tokio::test]
    async fn the_page_holds_the_document_and_its_own_policy() {
        let polished = json!({"openapi": "3.0.3", "info": {"title": "a </script> b"}});
        let response = TestClient::new(page("verifyd", &polished, std::iter::empty())).get("/").send().await;
        response.assert_status_is_ok();
        response.assert_header("content-security-policy", POLICY);
        let html = response.0.into_body().into_string().await.unwrap();
        assert!(html.contains(r#"{"openapi":"3.0.3","info":{"title":"a \u003c/script> b"}}"#));
        assert!(html.contains("<title>verifyd</title>") && html.contains(LOCAL_ROOT));
        assert!(!html.contains("\"openapi\": \"3.0.0\""));
    }

    #[tokio::test]
    async fn one_page_of_several_leads_to_the_others() {
        let pages = [("One", "/docs/one".to_owned()), ("Two", "/docs/two".to_owned())].into_iter();
        let response = TestClient::new(page("Two", &json!({}), pages)).get("/").send().await;
        let html = response.0.into_body().into_string().await.unwrap();
        let links = r#"<a href="/docs/one">One</a><a href="/docs/two" aria-current="page">Two</a></nav>"#;
        assert!(html.contains(links));
    }

    #[tokio::test]
    async fn the_document_is_served_as_it_is() {
        let polished = json!({"openapi": "3.0.3"});
        let response = TestClient::new(document(&polished)).get("/").send().await;
        response.assert_content_type("application/json");
        assert_eq!(response.0.into_body().into_json::<Value>().await.unwrap(), polished);
    }
}
