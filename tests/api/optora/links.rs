//! Links: what they look like, what following one does in each mode, and who cannot use one up (security E1, E2, E4, E5).

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::client::{BASE, Optora, between, page, request_id, shown};
use crate::harness::{Answer, EMAIL};

const OVER: &str = "400 Verification unavailable. Verification link is invalid or has expired";
const MALFORMED: &str = "400 Verification unavailable. Invalid verification link";
const CONFIRMED: &str = "200 Email verified. <strong>jane@example.com</strong> is confirmed. \
    Your application has been notified if a webhook was registered.";
const ASKED: &str =
    "200 Confirm your email. One step is left: confirm that <strong>jane@example.com</strong> is yours.";

/// Sends the page's form, with more headers.
async fn confirmed(api: &Optora, link: &str, headers: &[(&str, &str)]) -> Answer {
    let form = [&[("content-type", "application/x-www-form-urlencoded")], headers].concat();
    api.raw("POST", link, &form, "").await
}

#[tokio::test]
async fn a_link_confirms_once() {
    let api = Optora::new().await;
    let sent = api.post("send-link", json!({"email": EMAIL})).await;
    assert_snapshot!(shown(&sent), @r#"200 {"message":"Verification link sent to your email","mode":"link","requestId":"[id]","validityMinutes":5,"success":true}"#);
    let link = api.link().await;
    let token = link.strip_prefix("/api/otp/verify-link?token=").unwrap();
    assert!(token.len() == 43 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    assert_eq!(page(&api.get(&link).await), CONFIRMED);
    assert_eq!(api.status(&request_id(&sent)).await["verified"], true);
    assert_eq!(page(&api.get(&link).await), OVER);
}

fn with_another_character(link: &str, at: usize) -> String {
    let other = if &link[at..=at] == "A" { "Q" } else { "A" };
    format!("{}{other}{}", &link[..at], &link[at + 1..])
}

#[tokio::test]
async fn a_link_that_is_malformed_unknown_or_too_old_is_good_for_nothing() {
    let api = Optora::new().await;
    let id = api.link_sent().await;
    let link = api.link().await;
    for query in ["", "?", "?token=", "?token=a&token=b", "?other=a", "?token[]=a"] {
        assert_eq!(page(&api.get(&format!("/api/otp/verify-link{query}")).await), MALFORMED, "{query}");
    }
    assert_eq!(page(&api.get(&format!("{link}&token=b")).await), MALFORMED);
    assert_eq!(page(&api.get(&format!("{link}A")).await), OVER);
    assert_eq!(page(&api.get("/api/otp/verify-link?token=%00%FF").await), OVER);
    // In the first half the token says where its request is, in the second nothing; the last character has unused bits.
    for place in [0, 20, 22, 41, 42] {
        let changed = with_another_character(&link, link.len() - 43 + place);
        assert_eq!(page(&api.get(&changed).await), OVER, "{place}");
    }
    assert_eq!(page(&api.get(&link[..link.len() - 1]).await), OVER);
    api.app.later(Duration::from_mins(5));
    assert_eq!(page(&api.get(&link).await), OVER);
    assert_eq!(api.status(&id).await["verified"], false);
}

/// Whoever opens every link before anybody reads the mail (security E2).
#[tokio::test]
async fn a_head_never_uses_a_link_up_in_any_mode() {
    for mode in ["get", "auto", "button"] {
        let api = Optora::with(&format!("link = '{mode}'")).await;
        let id = api.link_sent().await;
        let link = api.link().await;
        for _ in 0..50 {
            let answer = api.raw("HEAD", &link, &[], "").await;
            assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""), "{mode}");
        }
        assert_eq!(api.status(&id).await["verified"], false, "{mode}");
        assert_eq!(api.get(&link).await.status, 200, "{mode}");
        assert_eq!(api.status(&id).await["verified"], mode == "get", "{mode}");
    }
}

#[tokio::test]
async fn fifty_gets_leave_a_link_with_a_button_alive_and_one_post_uses_it_up() {
    let api = Optora::with("link = 'button'").await;
    let id = api.link_sent().await;
    let link = api.link().await;
    for _ in 0..50 {
        let answer = api.get(&link).await;
        assert_eq!(page(&answer), ASKED);
        assert!(!answer.text.contains(" data-at-once>"));
    }
    assert_eq!(api.status(&id).await["verified"], false);
    let (_, query) = link.split_once('?').unwrap();
    let asked = api.get(&link).await;
    assert_eq!(between(&asked.text, "<form method=\"post\" action=\"", "\""), format!("?{query}"));
    assert_eq!(page(&confirmed(&api, &link, &[("sec-fetch-site", "same-origin")]).await), CONFIRMED);
    assert_eq!(api.status(&id).await["verified"], true);
    assert_eq!(page(&confirmed(&api, &link, &[]).await), OVER);
    assert_eq!(page(&api.get(&link).await), OVER);
}

#[tokio::test]
async fn a_page_of_the_mode_auto_sends_its_form_by_itself_and_has_a_button_for_who_runs_no_script() {
    let api = Optora::with("link = 'auto'").await;
    let id = api.link_sent().await;
    let asked = api.get(&api.link().await).await;
    assert_eq!(page(&asked), ASKED);
    assert!(asked.text.contains(" data-at-once><button>Confirm email</button></form>"), "{asked}");
    assert_eq!(api.status(&id).await["verified"], false, "the server has changed nothing yet");
}

#[tokio::test]
async fn a_confirmation_from_another_site_is_refused() {
    let api = Optora::with("link = 'button'").await;
    let id = api.link_sent().await;
    let link = api.link().await;
    let strange = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "https://evil.example"),
        ("origin", "http://otp.example.com"),
        ("origin", "https://otp.example.com.evil.example"),
    ];
    for header in strange {
        let answer = confirmed(&api, &link, &[header]).await;
        let expected = "403 Verification unavailable. This confirmation did not come from the page of the link";
        assert_eq!(page(&answer), expected, "{header:?}");
    }
    assert_eq!(api.status(&id).await["verified"], false);
    assert_eq!(page(&confirmed(&api, &link, &[("origin", BASE)]).await), CONFIRMED);
}

#[tokio::test]
async fn where_a_get_confirms_there_is_nothing_to_post_to() {
    let api = Optora::new().await;
    let id = api.link_sent().await;
    let link = api.link().await;
    assert_snapshot!(confirmed(&api, &link, &[]).await, @r#"404 {"error":"API endpoint not found"}"#);
    assert_eq!(api.status(&id).await["verified"], false);
}

/// Security E1.
#[tokio::test]
async fn no_header_decides_where_a_link_leads() {
    let api = Optora::with("max_requests = 100").await;
    let names = [
        "host",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-for",
        "x-forwarded-server",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "forwarded",
        "x-host",
        "x-original-host",
        "x-original-url",
        "x-rewrite-url",
        "x-real-ip",
        "origin",
        "referer",
        "via",
        "x-http-host-override",
        "x-forwarded-scheme",
        "front-end-https",
        "x-url-scheme",
    ];
    for (number, name) in names.into_iter().enumerate() {
        let value = if name == "forwarded" { "host=evil.example;proto=http" } else { "evil.example" };
        let body = json!({"email": format!("jane{number}@example.com")}).to_string();
        let sent = api.raw("POST", "/api/otp/send-link", &[(name, value)], &body).await;
        assert_eq!(sent.status, 200, "{name}: {sent}");
        assert!(api.mail().await.contains(&format!("<a href=\"{BASE}/api/otp/verify-link?token=")), "{name}");
        assert!(!api.mail().await.contains("evil"), "{name}");
    }
}

#[tokio::test]
async fn without_a_base_no_link_is_sent_and_the_public_address_is_one() {
    let api = Optora::with("base_url = ''").await;
    let answer = api.post("send-link", json!({"email": EMAIL})).await;
    assert_snapshot!(answer, @r#"500 {"error":"Internal server error"}"#);
    assert_eq!(api.mails().await, 0);
    assert_eq!(api.post("generate", json!({"email": EMAIL})).await.status, 200, "codes need none");
    let api = Optora::with("base_url = ''\n[http]\npublic_url = 'https://public.example'").await;
    api.link_sent().await;
    assert!(api.mail().await.contains("https://public.example/api/otp/verify-link?token="));
}

/// Security E4.
#[tokio::test]
async fn a_page_keeps_its_token_to_itself() {
    for mode in ["get", "auto", "button"] {
        let api = Optora::with(&format!("link = '{mode}'")).await;
        api.link_sent().await;
        let answer = api.get(&api.link().await).await;
        let headers = ["referrer-policy", "cache-control", "x-content-type-options", "x-robots-tag"];
        assert_eq!(headers.map(|name| answer.header(name)), ["no-referrer", "no-store", "nosniff", "noindex"]);
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        for outside in ["src=", "url(", "@import", "http:", "https:", "style=", "onclick"] {
            assert!(!answer.text.contains(outside), "{mode}: {outside}");
        }
    }
}

/// Security E5.
#[tokio::test]
async fn what_is_kept_of_a_token_is_its_digest() {
    let api = Optora::new().await;
    api.link_sent().await;
    let link = api.link().await;
    let (_, token) = link.split_once("token=").unwrap();
    let kept = api.app.blobs("SELECT link FROM session").await;
    assert_eq!(kept, [Sha256::digest(token.as_bytes()).to_vec()]);
    for query in ["SELECT recipient FROM message", "SELECT body FROM outbox WHERE body IS NOT NULL"] {
        for blob in api.app.blobs(query).await {
            assert!(!blob.windows(token.len()).any(|window| window == token.as_bytes()), "{query}");
        }
    }
}
