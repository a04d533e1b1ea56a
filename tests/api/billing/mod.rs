//! What messages cost, what applications may spend, and what they are told of it.

mod balance;
mod costs;
mod counting;
mod rate;

use serde_json::Value;
use verifyd::{
    core::{callback::Topic, id::MessageId, money::Usd},
    service::AppUpdate,
};

use crate::{
    engagelab::callbacks::{LOCAL, rows},
    gateway_stub::Stub,
    harness::TestApp,
};

/// A price for each channel.
const PRICES: &str = "
[billing.sms]\ndefault = '0.02'\nSG = '0.032'
[billing.whatsapp]\ndefault = '0.01'
[billing.voice]\ndefault = '0.1'
[billing.email]\ndefault = '0.001'
";

async fn app() -> TestApp {
    TestApp::with(&format!("{LOCAL}\n{PRICES}")).await
}

fn usd(text: &str) -> Usd {
    Usd::parse(text).unwrap()
}

/// A limit, or another one, with an alert.
fn limit(amount: &str, alert: &str) -> AppUpdate {
    AppUpdate { spend_limit: Some(Some(usd(amount))), balance_alert: Some(Some(usd(alert))), ..AppUpdate::default() }
}

/// What the application `name` has spent.
async fn spent(app: &TestApp, name: &str) -> String {
    app.service().spent_by(app.app_id(name).await).await.unwrap().to_string()
}

/// The events of a message, with what they cost: `plan`, `sent sms 0.032`.
async fn costs(app: &TestApp, id: &str) -> Vec<String> {
    let life = app.service().life(MessageId::parse(id).unwrap()).await.unwrap().unwrap();
    let said = life.message.events.iter().filter(|event| event.cost.is_some() || event.kind == "sent").map(|event| {
        let cost = event.cost.map_or_else(String::new, |cost| format!(" {cost}"));
        format!("{} {}{cost}", event.kind, event.channel.unwrap().as_str())
    });
    said.collect()
}

/// The rows that a receiver of `topic` was sent, and is sent now.
async fn told(app: &TestApp, stub: &Stub) -> Vec<Value> {
    app.call_back().await;
    stub.received().iter().flat_map(rows).collect()
}

/// The application `default` has a receiver of `topic`.
async fn listener(app: &TestApp, topic: Topic) -> Stub {
    let stub = Stub::start().await;
    app.tells(&stub, [topic]).await;
    stub
}
