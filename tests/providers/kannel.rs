//! The HTTP provider against kannel, a gateway that carries on over SMPP, with a message centre behind it.

use std::{
    net::TcpListener,
    process::{Child, ChildStdin, Command, Stdio},
};

use reqwest::Url;
use serde_json::{Value, json};
use verifyd::channel::{
    Provider,
    http::{Body, HttpProvider, HttpSettings},
};

use crate::{
    gateway_stub::Stub,
    mail_peer::Lines,
    samples::{CODE, PHONE, TempDir, sms},
    smsc::Centre,
};

/// Stopped when dropped.
struct Kannel {
    child: Child,
    orders: Option<ChildStdin>,
    port: u16,
    _dir: TempDir,
}

impl Kannel {
    /// Bound to a message centre, with its door for requests open.
    async fn start(centre: &Centre) -> Self {
        let dir = TempDir::new();
        // Kannel cannot take ports of its own choice and say which.
        let free = || TcpListener::bind("127.0.0.1:0").unwrap();
        let ports = [free(), free(), free()].map(|listener| listener.local_addr().unwrap().port());
        let mut child = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/kannel.sh"))
            .args([dir.join("kannel"), centre.port.to_string()])
            .args(ports.map(|port| port.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Lines::of(&mut child).with("Connected to bearerbox").await;
        Self { orders: child.stdin.take(), child, port: ports[2], _dir: dir }
    }

    /// A provider that has its reports sent to `stub`.
    fn provider(&self, stub: &Stub) -> HttpProvider {
        let field = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let mut settings = HttpSettings::new(&format!("http://127.0.0.1:{}/cgi-bin/sendsms", self.port));
        "GET".clone_into(&mut settings.method);
        settings.body = Body::Query(vec![
            field("username", "verifyd"),
            field("password", "gateway"),
            field("to", "{{to}}"),
            field("from", "{{sender}}"),
            field("text", "{{text}}"),
            field("charset", "UTF-8"),
            field("coding", "2"),
            field("dlr-mask", "3"),
            field("dlr-url", &format!("{}?id={{{{message_id}}}}&state=%d", stub.url())),
        ]);
        HttpProvider::new(settings).unwrap()
    }
}

impl Drop for Kannel {
    fn drop(&mut self) {
        drop(self.orders.take()); // it ends when nobody can give it orders
        let _ = self.child.wait();
    }
}

async fn send(provider: &HttpProvider, text: &str) {
    let mut message = sms(text);
    message.sender = Some("Shop");
    provider.deliver(&message.outgoing()).await.unwrap();
}

#[tokio::test]
async fn a_message_passes_a_real_gateway_and_its_report_comes_back() {
    let (stub, mut centre) = (Stub::start().await, Centre::start(&[]).await);
    let kannel = Kannel::start(&centre).await;
    assert_eq!(centre.saw("bind").await["type"], "kannel");
    let provider = kannel.provider(&stub);
    for (stat, state) in [("DELIVRD", "1"), ("UNDELIV", "2")] {
        send(&provider, &format!("您的验证码是 {CODE}")).await;
        let submit = centre.saw("submit").await;
        assert_eq!(submit["text"], json!(format!("您的验证码是 {CODE}")));
        assert_eq!((&submit["from"], &submit["to"]), (&json!([5, 0, "Shop"]), &json!([1, 1, &PHONE[1..]])));
        centre.obey(json!({"receipt": {"id": submit["id"], "stat": stat}})).await;
        let report = stub.next().await;
        let url = Url::parse(&format!("http://stub{}", report.path_and_query)).unwrap();
        assert_eq!(url.query_pairs().find(|(name, _)| name == "state").unwrap().1, state);
        assert_eq!(centre.saw("kept").await, 0);
    }
}

#[tokio::test]
async fn a_long_text_passes_a_real_gateway_in_parts() {
    let (stub, mut centre) = (Stub::start().await, Centre::start(&[]).await);
    let kannel = Kannel::start(&centre).await;
    let text = format!("{} {CODE}", "验证码".repeat(30));
    send(&kannel.provider(&stub), &text).await;
    let parts = [centre.saw("submit").await, centre.saw("submit").await];
    let words = parts.each_ref().map(|part: &Value| part["text"].as_str().unwrap());
    assert_eq!(words.concat(), text);
}
