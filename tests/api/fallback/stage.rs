//! An installation whose providers do as they are told, and write down what they were given.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use serde_json::{Value, json};
use verifyd::{
    channel::{Accepted, DeliveryError, Provider, Receipt, Refusal, Registry, Report, Sink},
    core::{
        channel::Channel,
        id::MessageId,
        plan::{Content, Outgoing},
    },
};

use crate::harness::{TestApp, message};

/// Name of the provider that carries everything unless a test brings its own.
pub(crate) const MAIN: &str = "main";
/// The strategy of the template `three`, with the default deadlines of its channels.
pub(crate) const HOPS: [(Channel, Duration); 3] = [
    (Channel::Whatsapp, Duration::from_secs(10)),
    (Channel::Sms, Duration::from_secs(20)),
    (Channel::Voice, Duration::from_secs(45)),
];

/// What a provider says to one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    Taken,
    Refused(Refusal),
    Unavailable,
    Unknown,
    /// Keeps the message, and never answers.
    Nothing,
}

/// What a provider was given.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) channel: Channel,
    pub(crate) message: MessageId,
    pub(crate) code: String,
    pub(crate) text: String,
    /// The reference that was given back for it.
    pub(crate) reference: String,
}

/// A provider that takes everything unless told otherwise.
pub(crate) struct Stub {
    reports: bool,
    said: Mutex<HashMap<Channel, VecDeque<Says>>>,
    given: Mutex<Vec<Given>>,
}

impl Stub {
    pub(crate) fn new(reports: bool) -> Arc<Self> {
        Arc::new(Self { reports, said: Mutex::default(), given: Mutex::default() })
    }

    /// What it says next to messages of `channel`, once each.
    pub(crate) fn will(&self, channel: Channel, says: &[Says]) {
        self.said.lock().unwrap().entry(channel).or_default().extend(says);
    }

    /// Forgets what it was told to say.
    pub(crate) fn clear(&self, channel: Channel) {
        self.said.lock().unwrap().remove(&channel);
    }

    /// Everything it was given so far.
    pub(crate) fn given(&self) -> Vec<Given> {
        self.given.lock().unwrap().clone()
    }

    /// Writes down what it is given. The reference for it.
    fn note(&self, message: &Outgoing<'_>) -> String {
        let Content::Text { text } = message.content else { panic!("a mail") };
        let mut given = self.given.lock().unwrap();
        let reference = format!("{}-{}", message.message_id, given.len());
        given.push(Given {
            channel: message.channel,
            message: message.message_id,
            // The texts of `three` have no other digits; a call says them twice, with pauses.
            code: text.chars().filter(char::is_ascii_digit).take(6).collect(),
            text: text.clone(),
            reference: reference.clone(),
        });
        reference
    }
}

#[async_trait]
impl Provider for Stub {
    async fn deliver(&self, message: &Outgoing<'_>) -> Result<Accepted, DeliveryError> {
        let says = self.said.lock().unwrap().get_mut(&message.channel).and_then(VecDeque::pop_front);
        let reference = self.note(message);
        let unavailable = |maybe_taken| {
            Err(DeliveryError::Unavailable { retry_after: None, maybe_taken, detail: "nobody home".to_owned() })
        };
        match says.unwrap_or(Says::Taken) {
            Says::Taken => Ok(Accepted { reference: Some(reference) }),
            Says::Refused(refusal) => Err(DeliveryError::Refused { refusal, detail: "no".to_owned() }),
            Says::Unavailable => unavailable(false),
            Says::Unknown => unavailable(true),
            Says::Nothing => std::future::pending().await,
        }
    }

    fn reports(&self) -> bool {
        self.reports
    }
}

/// See the module.
pub(crate) struct Stage {
    pub(crate) app: TestApp,
    pub(crate) main: Arc<Stub>,
}

impl Stage {
    /// One provider that reports, for all phone channels, and the template `three`: WhatsApp, then SMS, then a call.
    pub(crate) async fn new() -> Self {
        Self::with("").await
    }

    /// With more configuration.
    pub(crate) async fn with(tables: &str) -> Self {
        let main = Stub::new(true);
        let app = with_stubs(tables, &[(MAIN, 1, &main)]).await;
        Self { app, main }
    }

    /// Sends a code to `to` from `three` and hands it to the first channel.
    pub(crate) async fn sent(&self, to: &str) -> MessageId {
        let id = self.app.sent(to, "three").await;
        self.app.deliver().await;
        MessageId::parse(&id).unwrap()
    }

    /// Moves the clock, and does what is due then.
    pub(crate) async fn after(&self, time: Duration) {
        self.app.later(time);
        self.app.deliver().await;
    }

    /// A receipt of `provider`, and what is due because of it.
    pub(crate) async fn told(&self, provider: &str, reference: &str, report: Report) {
        self.told_only(provider, &[(reference, report)]).await;
        self.app.deliver().await;
    }

    /// Receipts of `provider` in one batch.
    pub(crate) async fn told_only(&self, provider: &str, receipts: &[(&str, Report)]) {
        let receipt = |(reference, report): &(&str, Report)| {
            let detail = matches!(report, Report::Failed(_)).then(|| "absent".to_owned());
            Receipt { reference: (*reference).to_owned(), report: *report, detail }
        };
        self.app.service().receipts(provider, receipts.iter().map(receipt).collect()).await.unwrap();
    }

    /// What the main provider was given of one message.
    pub(crate) fn given(&self, id: MessageId) -> Vec<Given> {
        self.main.given().into_iter().filter(|given| given.message == id).collect()
    }

    /// The message's events, such as `sent whatsapp` or `sent_failed sms 5012`.
    pub(crate) async fn events(&self, id: MessageId) -> Vec<String> {
        events(&self.app, id).await
    }
}

/// An installation with these providers for all phone channels, and the template `three`.
pub(crate) async fn with_stubs(tables: &str, stubs: &[(&str, u32, &Arc<Stub>)]) -> TestApp {
    let mut registry = Registry::default();
    for (name, weight, stub) in stubs {
        registry.add(name, &HOPS.map(|(channel, _)| channel), (*stub).clone());
        registry.weigh(name, *weight);
    }
    let app = TestApp::with_carriers(tables, Some(registry)).await;
    app.has_template(three(5)).await;
    app
}

/// The template `three` with codes that live so many minutes.
pub(crate) fn three(minutes: u8) -> Value {
    let default =
        json!({"template_type": 1, "template_default_config": {"contain_security": false, "contain_expire": false}});
    json!({"template_id": "three", "description": "three channels", "send_channel_strategy": "whatsapp|sms|voice",
        "brand_name": "Brand", "verify_code_config": {"verify_code_type": 1, "verify_code_len": 6, "verify_code_ttl": minutes},
        "whatsapp_config": default, "sms_config": default, "voice_config": default})
}

/// The message's events, such as `sent whatsapp` or `sent_failed sms 5012`.
pub(crate) async fn events(app: &TestApp, id: MessageId) -> Vec<String> {
    let life = app.service().life(id).await.unwrap().unwrap();
    let events = life.message.events.iter().map(|event| {
        let code = if event.error_code == 0 { String::new() } else { format!(" {}", event.error_code) };
        format!("{} {}{code}", event.kind, event.channel.map_or("-", |channel| channel.as_str()))
    });
    events.collect()
}

/// Whether `to` may be sent another code.
pub(crate) async fn may_be_sent_again(app: &TestApp, to: &str) -> bool {
    app.send(message(to, "three")).await.status == 200
}
