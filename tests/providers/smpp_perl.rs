//! The SMPP provider against a second message centre of another make (`tests/peers/smsc.pl`).

use std::process::{Child, Command, Stdio};

use verifyd::{
    channel::{Provider, Receipt, Report},
    core::{clock::Timestamp, plan::Outgoing, recipient::Recipient},
};

use crate::{
    mail_peer::Lines,
    samples::sms,
    smsc::{Listening, settings},
};

/// Ended when dropped.
struct Centre {
    child: Child,
    lines: Lines,
    port: u16,
}

impl Centre {
    async fn start() -> Self {
        let mut child = Command::new("perl")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/smsc.pl"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("run `make setup` first");
        let mut lines = Lines::of(&mut child);
        let port = lines.with("port ").await["port ".len()..].parse().unwrap();
        Self { child, lines, port }
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn send(listening: &Listening, to: &str, text: &str) -> String {
    let recipient = Recipient::parse(to).unwrap();
    let sample = sms(text);
    let message = Outgoing { recipient: &recipient, expires_at: Timestamp::from_millis(61_000), ..sample.outgoing() };
    listening.provider.deliver(&message).await.unwrap().reference.unwrap()
}

#[tokio::test]
async fn messages_arrive_to_the_octet_and_receipts_come_back() {
    let mut centre = Centre::start().await;
    let mut listening = Listening::to(settings(centre.port));
    centre.lines.with("bind known").await;

    let delivered = send(&listening, "+6591234568", "@ 735912 €").await;
    let submit = centre.lines.with("submit").await;
    assert_eq!(submit, "submit 0000000001 Shop 6591234568 0 0 000000000101000R 0020373335393132201b65");
    let receipt = Receipt { reference: delivered, report: Report::Delivered, detail: None };
    assert_eq!(listening.receipt().await, receipt);
    centre.lines.with("kept 0").await;

    let failed = send(&listening, "+6591234567", "验证码 735912").await;
    let submit = centre.lines.with("submit").await;
    let octets = "9a8c8bc178010020003700330035003900310032";
    assert_eq!(submit, format!("submit 0000000002 Shop 6591234567 0 8 000000000101000R {octets}"));
    let detail = Some("Undeliverable, err 027".to_owned());
    assert_eq!(listening.receipt().await, Receipt { reference: failed, report: Report::Failed(5018), detail });
    centre.lines.with("kept 0").await;

    listening.stop.cancel();
    centre.lines.with("unbound").await;
    centre.lines.with("closed").await;
}

#[tokio::test]
async fn a_long_text_comes_in_parts_of_which_the_last_reports() {
    let mut centre = Centre::start().await;
    let mut listening = Listening::to(settings(centre.port));
    let reference = send(&listening, "+6591234568", &"735912 ".repeat(40)).await;
    let head = |line: &str| line.split(' ').nth(7).unwrap()[..12].to_owned();
    let (first, second) = (centre.lines.with("submit").await, centre.lines.with("submit").await);
    assert_eq!((head(&first)[8..].to_owned(), head(&second)[8..].to_owned()), ("0201".to_owned(), "0202".to_owned()));
    assert_eq!(head(&first)[..8], head(&second)[..8]);
    assert_eq!(reference, "0000000002");
    // It reports the first part while the second is on its way: nobody knows yet that it is one of several.
    let last = loop {
        let receipt = listening.receipt().await;
        if receipt.reference == reference {
            break receipt;
        }
    };
    assert_eq!(last.report, Report::Delivered);
}
