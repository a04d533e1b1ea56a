//! `/providers/NAME/SECRET`: who gets in, what is answered, and that nobody learns the path.

use std::net::IpAddr;

use crate::harness::{Answer, Log, TestApp, request};

const SECRET: &str = "0123456789abcdefghij-_";
const ALLOWED: &str = "192.0.2.7";
const REPORT: &str = r#"{"id": "g-1", "status": "ok"}"#;

/// A gateway that reports, and a number at Meta.
async fn app() -> TestApp {
    TestApp::with(&format!(
        r#"
        http.trusted_proxies = ["10.0.0.0/8"]
        [[provider]]
        name = "gw"
        kind = "http"
        channels = ["sms"]
        url = "http://127.0.0.1:9/send"
        message_id_path = "/id"
        webhook_secret = "{SECRET}"
        webhook_allow = ["192.0.2.0/24"]
        receipt_id_path = "/id"
        receipt_status_path = "/status"
        receipt_delivered = ["ok"]
        receipt_failed = ["no"]
        [[provider]]
        name = "wa"
        kind = "whatsapp"
        channels = ["whatsapp"]
        phone_number_id = "1"
        access_token = "token"
        webhook_secret = "{SECRET}"
        app_secret = "app-secret"
        verify_token = "first-visit"
        [[provider]]
        name = "silent"
        kind = "http"
        channels = ["voice"]
        url = "http://127.0.0.1:9/send"
        "#
    ))
    .await
}

fn path(provider: &str, secret: &str) -> String {
    format!("/providers/{provider}/{secret}")
}

async fn ask(app: &TestApp, method: &str, path: &str, from: &str, body: &str) -> Answer {
    let address: IpAddr = from.parse().unwrap();
    app.exchange(request(method, path, &[("content-type", "application/json")], body.to_owned()), Some(address)).await
}

/// How many reports of the gateway were taken.
fn told(app: &TestApp, what: &str) -> String {
    let page = app.service().parts().metrics.render().unwrap();
    let line = format!("verifyd_told_total{{provider=\"gw\",what=\"{what}\"}} ");
    page.lines().find_map(|found| found.strip_prefix(&line)).unwrap_or("0").to_owned()
}

#[tokio::test]
async fn a_report_is_taken_and_answered_with_nothing() {
    let app = app().await;
    let gateway = path("gw", SECRET);
    let answer = ask(&app, "POST", &gateway, ALLOWED, REPORT).await;
    assert_eq!((answer.to_string().as_str(), answer.header("content-type")), ("200", ""));
    assert_eq!(ask(&app, "GET", &format!("{gateway}?id=g-2&status=no"), ALLOWED, "").await.to_string(), "200");
    assert_eq!(told(&app, "early"), "2", "kept until it is known what they are about");
}

#[tokio::test]
async fn what_the_provider_wants_to_hear_is_plain_text() {
    let app = app().await;
    let visit = format!("{}?hub.mode=subscribe&hub.verify_token=first-visit&hub.challenge=42", path("wa", SECRET));
    let answer = ask(&app, "GET", &visit, "198.51.100.1", "").await;
    assert_eq!((answer.to_string().as_str(), answer.header("content-type")), ("200 42", "text/plain; charset=utf-8"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn forged_malformed_long_and_other_requests_are_told_apart() {
    let app = app().await;
    let (gateway, whatsapp) = (path("gw", SECRET), path("wa", SECRET));
    let status = async |method, path: &str, body: &str| ask(&app, method, path, ALLOWED, body).await.status.as_u16();
    assert_eq!(status("POST", &whatsapp, r#"{"entry": []}"#).await, 403);
    assert_eq!(status("POST", &gateway, "no report").await, 400);
    assert_eq!(status("POST", &gateway, &"x".repeat(64 * 1024 + 1)).await, 413);
    let answer = ask(&app, "PUT", &gateway, ALLOWED, REPORT).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "GET, POST"));
    assert_eq!(told(&app, "early"), "0");
}

#[tokio::test]
async fn every_other_path_looks_like_one_that_is_not_there() {
    let app = app().await;
    let nowhere = ask(&app, "POST", "/nowhere", ALLOWED, REPORT).await.to_string();
    let other = format!("{}x", &SECRET[1..]);
    let paths = [
        path("gw", &other),
        path("gw", &SECRET[1..]),
        path("gw", ""),
        path("nobody", SECRET),
        path("silent", SECRET),
        format!("{}/", path("gw", SECRET)),
        "/providers/gw".to_owned(),
    ];
    for path in paths {
        for method in ["POST", "PUT"] {
            assert_eq!(ask(&app, method, &path, ALLOWED, REPORT).await.to_string(), nowhere, "{path}");
        }
    }
}

#[tokio::test]
async fn an_address_that_is_not_listed_finds_nothing() {
    let app = app().await;
    let gateway = path("gw", SECRET);
    let from = async |peer: &str, forwarded: &str| {
        let headers = [("x-forwarded-for", forwarded)];
        let headers = if forwarded.is_empty() { &headers[..0] } else { &headers[..] };
        app.exchange(request("POST", &gateway, headers, REPORT), Some(peer.parse().unwrap())).await.status.as_u16()
    };
    assert_eq!(from(ALLOWED, "").await, 200);
    assert_eq!(from("198.51.100.1", "").await, 404);
    assert_eq!(from("10.0.0.1", ALLOWED).await, 200);
    assert_eq!(from("10.0.0.1", "198.51.100.1").await, 404);
    assert_eq!(from("198.51.100.1", ALLOWED).await, 404);
    assert_eq!(from(ALLOWED, ALLOWED).await, 404);
}

/// Everything that is logged.
#[tokio::test]
async fn the_path_shows_up_in_no_log_and_no_metric() {
    let log = Log::start();
    let app = app().await;
    for (provider, body) in [("gw", REPORT), ("gw", "malformed"), ("wa", "forged"), ("silent", "")] {
        ask(&app, "POST", &path(provider, SECRET), ALLOWED, body).await;
    }
    let page = app.service().parts().metrics.render().unwrap();
    let logged = log.text();
    assert!(logged.contains("operation=\"providerWebhook\""), "{logged}");
    assert!(page.contains("operation=\"providerWebhook\",status=\"200\""), "{page}");
    for shown in [&logged, &page] {
        assert!(!shown.contains(SECRET) && !shown.contains("first-visit") && !shown.contains("app-secret"), "{shown}");
    }
}
