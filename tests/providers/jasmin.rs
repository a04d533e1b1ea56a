//! The SMPP provider against Jasmin, a gateway that carries on over SMPP (`tests/peers/jasmin_peer.py`), with a message centre of
//! another make behind it.

use std::{
    io::Write,
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};
use verifyd::{
    channel::{DeliveryError, Provider, Receipt, Report, smpp::SmppSettings},
    core::{clock::Timestamp, plan::Outgoing},
};

use crate::{
    mail_peer::Lines,
    samples::{CODE, Kind, PHONE, TempDir, kind, sms},
    smsc::{Centre, Listening, settings},
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// With the broker and the store that it needs, on what may be a busy machine.
const START: Duration = Duration::from_mins(2);
/// They are heavy: one at a time.
static TURN: Semaphore = Semaphore::const_new(1);

/// Stopped when dropped.
struct Jasmin {
    child: Child,
    orders: Option<ChildStdin>,
    lines: Lines,
    port: u16,
    _dir: TempDir,
    _turn: SemaphorePermit<'static>,
}

impl Jasmin {
    /// Bound to a message centre, and open for binds.
    async fn before(centre: &mut Centre) -> Self {
        let (dir, turn) = (TempDir::new(), TURN.acquire().await.unwrap());
        let child = Command::new(format!("{ROOT}/target/jasmin-venv/bin/python"))
            .arg(format!("{ROOT}/tests/peers/jasmin_peer.py"))
            .args([dir.join("jasmin"), centre.port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("run `make setup` first");
        let mut lines = Lines::of(&mut child);
        let port = lines.within(START, "port ").await["port ".len()..].parse().unwrap();
        assert_eq!(centre.saw("bind").await["type"], "jasmin");
        Self { orders: child.stdin.take(), child, lines, port, _dir: dir, _turn: turn }
    }

    /// Gives an order, and waits until it is carried out.
    async fn obey(&mut self, order: &str) {
        writeln!(self.orders.as_ref().unwrap(), "{order}").unwrap();
        self.lines.within(START, "done").await;
    }
}

impl Drop for Jasmin {
    fn drop(&mut self) {
        drop(self.orders.take()); // it ends when nobody can give it orders
        let _ = self.child.wait();
    }
}

async fn chain() -> (Centre, Jasmin) {
    let mut centre = Centre::start(&[]).await;
    let jasmin = Jasmin::before(&mut centre).await;
    (centre, jasmin)
}

async fn send(listening: &Listening, text: &str) -> Result<String, DeliveryError> {
    let sample = sms(text);
    let message = Outgoing { expires_at: Timestamp::from_millis(299_000), ..sample.outgoing() };
    Ok(listening.provider.deliver(&message).await?.reference.expect("the gateway's id"))
}

fn delivered(reference: String) -> Receipt {
    Receipt { reference, report: Report::Delivered, detail: None }
}

#[tokio::test]
async fn messages_pass_a_gateway_whole_and_their_receipts_come_back() {
    let (mut centre, jasmin) = chain().await;
    let mut listening = Listening::to(settings(jasmin.port));
    let expired = Report::Failed(5018);
    for (word, stat, report) in [("Code", "DELIVRD", Report::Delivered), ("验证码", "EXPIRED", expired)] {
        let text = format!("{word} {CODE}");
        let reference = send(&listening, &text).await.unwrap();
        let submit = centre.saw("submit").await;
        assert_eq!(submit["text"], json!(text));
        assert_eq!((&submit["from"], &submit["to"]), (&json!([5, 0, "Shop"]), &json!([1, 1, &PHONE[1..]])));
        assert_ne!(submit["id"], json!(reference), "the gateway gives an id of its own");
        centre.obey(json!({"receipt": {"id": submit["id"], "stat": stat}})).await;
        let receipt = listening.receipt().await;
        assert_eq!((receipt.reference, receipt.report), (reference, report));
        assert_eq!(centre.saw("kept").await, 0);
    }
}

#[tokio::test]
async fn a_long_ucs2_text_passes_a_gateway_whole() {
    let (mut centre, jasmin) = chain().await;
    let mut listening = Listening::to(settings(jasmin.port));
    let text = format!("{}{CODE}{}", "【商店】验证码 ".repeat(7), "，五分钟内有效。".repeat(10));
    let reference = send(&listening, &text).await.unwrap();
    let mut parts = vec![];
    for _ in 0..3 {
        parts.push(centre.saw("submit").await);
    }
    let header = |part: &Value| part["header"][0].as_str().unwrap().to_owned();
    parts.sort_by_key(header);
    let words: Vec<_> = parts.iter().map(|part| part["text"].as_str().unwrap()).collect();
    assert_eq!(words.concat(), text);
    for part in &parts {
        centre.obey(json!({"receipt": {"id": part["id"], "stat": "DELIVRD"}})).await;
    }
    assert_eq!(listening.receipt().await, delivered(reference));
}

#[tokio::test]
async fn a_gateway_that_throttles_is_asked_later() {
    let (mut centre, mut jasmin) = chain().await;
    let listening = Listening::to(SmppSettings { system_id: "slow".to_owned(), ..settings(jasmin.port) });
    send(&listening, "1").await.unwrap();
    let error = send(&listening, "2").await.unwrap_err();
    let DeliveryError::Unavailable { retry_after: Some(wait), maybe_taken: false, .. } = error else {
        panic!("{error:?}")
    };
    assert!(wait <= Duration::from_secs(1), "{wait:?}");
    jasmin.obey("user -u slow; mt_messaging_cred quota smpps_throughput none; ok").await;
    tokio::time::sleep(wait).await; // as it was told
    send(&listening, "3").await.unwrap();
    let texts = [centre.saw("submit").await, centre.saw("submit").await].map(|submit| submit["text"].clone());
    assert_eq!(texts, [json!("1"), json!("3")]);
}

#[tokio::test]
async fn a_gateway_that_dies_is_bound_again_and_no_receipt_is_lost() {
    let (mut centre, mut jasmin) = chain().await;
    let mut hasty = settings(jasmin.port);
    hasty.response_timeout = Duration::from_secs(1);
    let mut listening = Listening::to(hasty);
    let reference = send(&listening, "before").await.unwrap();
    let before = centre.saw("submit").await;
    let noted = send(&listening, "noted").await.unwrap();
    let submit = centre.saw("submit").await;
    centre.obey(json!({"receipt": {"id": submit["id"], "stat": "DELIVRD"}})).await;
    // So the gateway has noted what the centre calls this message, and before it the other.
    assert_eq!(listening.receipt().await, delivered(noted));

    jasmin.obey("kill").await;
    let error = send(&listening, &format!("Code {CODE}")).await.unwrap_err();
    assert_eq!(kind(&error), Kind::Unavailable(None));
    jasmin.obey("start").await;
    centre.saw("bind").await;
    centre.obey(json!({"receipt": {"id": before["id"], "stat": "DELIVRD"}})).await;
    // What it was about when it died, it may do again.
    while listening.receipt().await != delivered(reference.clone()) {}
    send(&listening, "after").await.unwrap();
    while centre.saw("submit").await["text"] != "after" {}
}
