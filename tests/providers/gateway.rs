//! The HTTP provider against a gateway of ours.

use std::{collections::HashSet, sync::Arc, time::Duration};

use reqwest::Url;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use verifyd::channel::{
    Accepted, Provider, Refusal,
    http::{Body, HttpProvider, HttpSettings, Success},
};

use crate::{
    gateway_stub::{Answer, Stub, answer},
    samples::{CODE, Certificate, ID, Kind, PHONE, kind, mail, sms},
};

/// The GSM-7 alphabet in full, escapes included, then scripts that need UCS-2, then what serialisers must quote.
const TEXTS: [&str; 6] = [
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà^{}\\[~]|€",
    "【商店】您的验证码是 735912，5 分钟内有效。",
    "รหัสของคุณคือ 735912 👍🏽",
    "a&to=+1000&text=b+c%20d;e#f",
    "\"},{\"to\":\"+1000\",\"x\":\"\\",
    "{{to}} {{message_id}} {{ code }}",
];

fn settings(stub: &Stub) -> HttpSettings {
    HttpSettings::new(&stub.url())
}

async fn failure(provider: &HttpProvider) -> Kind {
    kind(&provider.deliver(&sms(&format!("Code {CODE}")).outgoing()).await.unwrap_err())
}

#[tokio::test]
async fn the_default_request_is_json_and_texts_arrive_unchanged() {
    let stub = Stub::start().await;
    let provider = HttpProvider::new(settings(&stub)).unwrap();
    for text in TEXTS {
        let mut message = sms(text);
        message.sender = Some("Shop");
        assert_eq!(provider.deliver(&message.outgoing()).await.unwrap(), Accepted::default());
        let request = stub.one();
        assert_eq!((request.method.as_str(), request.path_and_query.as_str()), ("POST", "/send"));
        assert_eq!(request.content_type.as_deref(), Some("application/json"));
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let wanted =
            json!({"to": PHONE, "text": text, "channel": "sms", "message_id": ID.to_string(), "sender": "Shop"});
        assert_eq!(body, wanted);
    }
}

#[tokio::test]
async fn nobody_as_sender_is_the_empty_string() {
    let stub = Stub::start().await;
    let provider = HttpProvider::new(settings(&stub)).unwrap();
    provider.deliver(&sms("x").outgoing()).await.unwrap();
    let body: Value = serde_json::from_str(&stub.one().body).unwrap();
    assert_eq!(body["sender"], json!(""));
}

#[tokio::test]
async fn forms_and_queries_carry_texts_unchanged() {
    let fields = || vec![("msisdn".to_owned(), "{{to}}".to_owned()), ("body".to_owned(), "{{ text }}!".to_owned())];
    let stub = Stub::start().await;
    let mut form = settings(&stub);
    form.body = Body::Form(fields());
    form.headers = vec![("authorization".to_owned(), "Bearer abc".to_owned())];
    let form = HttpProvider::new(form).unwrap();
    let mut query = settings(&stub);
    query.url = format!("{}?user=7", stub.url());
    query.method = "GET".to_owned();
    query.body = Body::Query(fields());
    let query = HttpProvider::new(query).unwrap();
    for text in TEXTS {
        let wanted = vec![("msisdn".to_owned(), PHONE.to_owned()), ("body".to_owned(), format!("{text}!"))];

        form.deliver(&sms(text).outgoing()).await.unwrap();
        let request = stub.one();
        assert_eq!(request.content_type.as_deref(), Some("application/x-www-form-urlencoded"));
        assert_eq!(request.authorization.as_deref(), Some("Bearer abc"));
        assert_eq!(pairs(&format!("/?{}", request.body)), wanted);

        query.deliver(&sms(text).outgoing()).await.unwrap();
        let request = stub.one();
        assert_eq!((request.method.as_str(), request.body.as_str()), ("GET", ""));
        let got = pairs(&request.path_and_query);
        assert_eq!((&got[0].0[..], &got[0].1[..], &got[1..]), ("user", "7", &wanted[..]));
    }
}

fn pairs(path_and_query: &str) -> Vec<(String, String)> {
    let url = Url::parse(&format!("http://gateway.test{path_and_query}")).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

#[tokio::test]
async fn json_templates_nest_and_carry_emails() {
    let stub = Stub::start().await;
    let mut settings = settings(&stub);
    settings.body = Body::Json(json!({
        "messages": [{"to": ["{{to}}"], "lang": "{{language}}", "retry": false, "n": 3}],
        "mail": {"subject": "{{subject}}", "html": "{{html}}", "text": "{{text}}", "from": "{{from_name}}<{{from_mail}}>"},
    }));
    let provider = HttpProvider::new(settings).unwrap();
    provider.deliver(&mail("user@mail.test", "Code \"1\"", "<p>Code <b>735912</b></p>").outgoing()).await.unwrap();
    let body: Value = serde_json::from_str(&stub.one().body).unwrap();
    let wanted = json!({
        "messages": [{"to": ["user@mail.test"], "lang": "en", "retry": false, "n": 3}],
        "mail": {"subject": "Code \"1\"", "html": "<p>Code <b>735912</b></p>", "text": "Code 735912", "from": "<>"},
    });
    assert_eq!(body, wanted);
}

#[tokio::test]
async fn the_answer_decides_and_names_the_message() {
    let stub = Stub::start().await;
    let mut settings = settings(&stub);
    settings.success = Success { statuses: vec![200..=200], field: Some(("/status".to_owned(), "0".to_owned())) };
    settings.reference = Some("/messages/0/id".to_owned());
    let provider = HttpProvider::new(settings).unwrap();

    stub.will(answer(200, r#"{"status": 0, "messages": [{"id": "g-1"}]}"#));
    let accepted = provider.deliver(&sms("x").outgoing()).await.unwrap();
    assert_eq!(accepted.reference.as_deref(), Some("g-1"));

    stub.will(answer(200, r#"{"status": 0}"#));
    assert_eq!(provider.deliver(&sms("x").outgoing()).await.unwrap().reference, None);

    let echo = format!(r#"{{"status": 4, "error": "cannot send Code {CODE} to {PHONE}"}}"#);
    for (status, body) in [(200, echo.as_str()), (200, "OK"), (200, &"[".repeat(70_000)), (200, "")] {
        stub.will(answer(status, body));
        assert_eq!(failure(&provider).await, Kind::Refused(Refusal::Other), "{status} {body:.20}");
    }
    stub.will(answer(201, r#"{"status": 0}"#));
    assert_eq!(failure(&provider).await, Kind::Refused(Refusal::Provider));
}

#[tokio::test]
async fn an_answer_nobody_needs_may_be_long_and_is_no_json() {
    let stub = Stub::start().await;
    let provider = HttpProvider::new(settings(&stub)).unwrap();
    stub.will(answer(202, &"x".repeat(1_000_000)));
    provider.deliver(&sms("x").outgoing()).await.unwrap();
}

#[tokio::test]
async fn a_gateway_that_asks_to_wait_is_asked_later() {
    let stub = Stub::start().await;
    let provider = HttpProvider::new(settings(&stub)).unwrap();
    stub.will(Answer { status: 429, headers: &[("retry-after", "17")], body: String::new() });
    assert_eq!(failure(&provider).await, Kind::Unavailable(Some(17)));
    stub.will(answer(503, ""));
    assert_eq!(failure(&provider).await, Kind::Unavailable(None));
}

#[tokio::test]
async fn a_redirect_is_a_refusal_and_is_not_followed() {
    let stub = Stub::start().await;
    let provider = HttpProvider::new(settings(&stub)).unwrap();
    stub.will(Answer { status: 307, headers: &[("location", "/elsewhere")], body: String::new() });
    assert_eq!(failure(&provider).await, Kind::Refused(Refusal::Provider));
    assert_eq!(stub.one().path_and_query, "/send");
}

#[tokio::test]
async fn messages_in_a_row_share_one_connection_whatever_the_answers() {
    let stub = Stub::start().await;
    let provider = HttpProvider::new(settings(&stub)).unwrap();
    for status in [200, 400, 503, 202, 429, 200] {
        stub.will(answer(status, "an answer that is read to its end"));
        let _ = provider.deliver(&sms("x").outgoing()).await;
    }
    let received = stub.received();
    let from: HashSet<_> = received.iter().map(|request| &request.from).collect();
    assert_eq!((received.len(), from.len()), (6, 1));
}

#[tokio::test]
async fn a_gateway_that_never_answers_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut settings = HttpSettings::new(&format!("http://{}", listener.local_addr().unwrap()));
    settings.connection.timeout = Duration::from_millis(100);
    let provider = HttpProvider::new(settings).unwrap();
    assert_eq!(failure(&provider).await, Kind::Unavailable(None));
}

#[tokio::test]
async fn a_gateway_that_is_not_there_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let provider = HttpProvider::new(HttpSettings::new(&format!("http://{}", listener.local_addr().unwrap()))).unwrap();
    drop(listener);
    assert_eq!(failure(&provider).await, Kind::Unavailable(None));
}

#[tokio::test]
async fn a_private_authority_is_trusted_only_when_named() {
    let certificate = Certificate::new();
    for (extra_ca, taken) in [(None, false), (Some(certificate.certificate.clone().into_bytes()), true)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut settings = HttpSettings::new(&format!("https://localhost:{port}/"));
        settings.connection.extra_ca = extra_ca;
        let provider = HttpProvider::new(settings).unwrap();
        let message = sms("x");
        let message = message.outgoing();
        let (sent, served) = tokio::join!(provider.deliver(&message), answer_over_tls(&listener, &certificate));
        assert_eq!((sent.is_ok(), served.is_ok()), (taken, taken), "{sent:?}");
        if let Err(error) = sent {
            assert_eq!(kind(&error), Kind::Unavailable(None));
        }
    }
}

/// Takes one connection and answers 200 to its first request.
async fn answer_over_tls(listener: &TcpListener, certificate: &Certificate) -> std::io::Result<()> {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
    let chain = vec![CertificateDer::from_pem_slice(certificate.certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes()).unwrap();
    let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let (stream, _) = listener.accept().await?;
    let mut stream = tokio_rustls::TlsAcceptor::from(Arc::new(config)).accept(stream).await?;
    let mut request = [0; 4096];
    let length = stream.read(&mut request).await?;
    assert!(request[..length].starts_with(b"POST / HTTP/1.1\r\n"));
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;
    stream.flush().await
}

#[test]
fn settings_that_cannot_work_name_their_key() {
    type Change = fn(&mut HttpSettings);
    let cases: [(&str, Change); 10] = [
        ("url", |settings| settings.url = "gateway".to_owned()),
        ("url", |settings| settings.url = "ftp://gateway.test/".to_owned()),
        ("url", |settings| settings.url = "http://gateway.test/".to_owned()),
        ("url", |settings| settings.url = "https://me:secret@gateway.test/".to_owned()),
        ("method", |settings| settings.method = "GET".to_owned()),
        ("headers", |settings| settings.headers = vec![("x".to_owned(), "a\r\nb: secret".to_owned())]),
        ("body", |settings| settings.body = Body::Json(json!({"a": ["{{code}}"]}))),
        ("reference", |settings| settings.reference = Some("id".to_owned())),
        ("success.field", |settings| settings.success.field = Some(("id".to_owned(), String::new()))),
        ("ca_file", |settings| settings.connection.extra_ca = Some(b"secret".to_vec())),
    ];
    for (key, change) in cases {
        let mut settings = HttpSettings::new("https://gateway.test/");
        change(&mut settings);
        let error = HttpProvider::new(settings).err().unwrap();
        assert_eq!(error.key, key, "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
