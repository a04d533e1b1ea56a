//! The page that shows the API and tries it out (spec 3.7); a browser looks at it in the contract tests.

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};
use verifyd::dialect;

use super::client::{Optora, between};
use crate::harness::Answer;

/// Every section that the published page has.
const SECTIONS: [&str; 14] = [
    "Optora API v2",
    "How it works",
    "Authentication",
    "Base URL",
    "API Playground",
    "Send Verification Code",
    "Send Magic Link",
    "Verify Code",
    "Verify Magic Link",
    "Check Status",
    "Rate Limiting",
    "Webhooks",
    "Environment Variables",
    "Error Reference",
];

fn assert_is_the_page(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/html; charset=utf-8"), "{answer}");
    assert!(answer.text.contains("<title>Optora API v2</title>"));
}

#[tokio::test]
async fn the_page_has_every_section_badge_and_tab() {
    let page = Optora::new().await.get("/optora").await;
    assert_is_the_page(&page);
    for section in SECTIONS {
        let heading = [format!("<h1>{section}</h1>"), format!("<h2>{section}</h2>")];
        assert!(heading.iter().any(|heading| page.text.contains(heading)), "{section}");
    }
    for words in ["No API key required", "Self-hosted", "Rate limited", "Webhook ready", "Interactive Tester"] {
        assert!(page.text.contains(words), "{words}");
    }
    for tab in ["Send Code", "Send Link", "Verify Code", "Check Status", "Rate Limit"] {
        assert!(page.text.contains(&format!(">{tab}</button>")), "{tab}");
    }
    assert!(!page.text.contains("[["), "a place is not filled in");
}

#[tokio::test]
async fn the_page_runs_its_own_script_and_nothing_else() {
    let page = Optora::new().await.get("/optora").await;
    let policy = page.header("content-security-policy");
    for (element, directive) in [("style", "style-src"), ("script", "script-src")] {
        let inline = between(&page.text, &format!("<{element}>"), &format!("</{element}>"));
        let digest = BASE64_STANDARD.encode(Sha256::digest(inline));
        assert!(policy.contains(&format!("{directive} 'sha256-{digest}'")), "{directive} in {policy}");
        assert_eq!(page.text.matches(&format!("<{element}")).count(), 1, "{element}");
    }
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("connect-src 'self';"), "{policy}");
    for outside in ["src=", "url(", "@import", "style=\"", "onclick"] {
        assert!(!page.text.contains(outside), "{outside}");
    }
}

#[tokio::test]
async fn the_page_shows_the_server_s_own_figures() {
    let keys = "validity_minutes = 7\ncode_length = 8\nmax_requests = 9\nwindow_minutes = 20\nlink = 'button'\n\
                docs_api_url = 'https://other.example'";
    let page = Optora::with(keys).await.get("/optora").await;
    for words in ["<td>9</td>", "20 min from the first call on", "4 within 7 min", "8 characters", "has a button"] {
        assert!(page.text.contains(words), "{words}");
    }
    assert!(page.text.contains("<body data-api=\"https://other.example\">"));
    assert!(page.header("content-security-policy").contains("connect-src 'self' https://other.example;"));
}

#[tokio::test]
async fn the_page_is_at_the_root_where_nothing_else_is_served() {
    let others = dialect::ALL.iter().map(|dialect| dialect.name).filter(|name| *name != "optora");
    let alone: Vec<_> = others.map(|name| format!("\n[{name}]\nenabled = false")).collect();
    assert_is_the_page(&Optora::with(&alone.concat()).await.get("/").await);
    let api = Optora::new().await;
    assert_eq!(api.get("/").await.status, 404);
    assert_is_the_page(&api.get("/optora/").await);
}
