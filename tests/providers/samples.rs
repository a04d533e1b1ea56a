//! Messages to send, and what tests need beside them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use verifyd::{
    channel::{DeliveryError, Refusal},
    core::{
        channel::Channel,
        clock::Timestamp,
        id::MessageId,
        plan::{Content, Outgoing},
        recipient::Recipient,
    },
};

pub(crate) const ID: MessageId = MessageId(1_725_407_449_772_531_712);
pub(crate) const PHONE: &str = "+6591234567";
pub(crate) const CODE: &str = "735912";

/// A message that owns its parts.
pub(crate) struct Sample {
    pub(crate) recipient: Recipient,
    pub(crate) channel: Channel,
    pub(crate) content: Content,
    pub(crate) sender: Option<&'static str>,
}

impl Sample {
    pub(crate) fn outgoing(&self) -> Outgoing<'_> {
        Outgoing {
            message_id: ID,
            recipient: &self.recipient,
            channel: self.channel,
            content: &self.content,
            code: Some(CODE),
            sender: self.sender,
            language: "en",
            expires_at: Timestamp::default(),
            until: Instant::now() + Duration::from_hours(1),
        }
    }
}

pub(crate) fn sms(text: &str) -> Sample {
    let content = Content::Text { text: text.to_owned() };
    Sample { recipient: Recipient::parse(PHONE).unwrap(), channel: Channel::Sms, content, sender: None }
}

pub(crate) fn mail(to: &str, subject: &str, html: &str) -> Sample {
    let content =
        Content::Mail { from_name: None, from_mail: None, subject: subject.to_owned(), html: html.to_owned() };
    Sample { recipient: Recipient::parse(to).unwrap(), channel: Channel::Email, content, sender: None }
}

/// What kind of failure it was. It also says neither who the message was for nor what stood in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Refused(Refusal),
    Unavailable(Option<u64>),
}

pub(crate) fn kind(error: &DeliveryError) -> Kind {
    let shown = format!("{error} {error:?}");
    for secret in [PHONE, "91234567", CODE, "@"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    match error {
        DeliveryError::Refused { refusal, .. } => Kind::Refused(*refusal),
        DeliveryError::Unavailable { retry_after, .. } => Kind::Unavailable(retry_after.map(|wait| wait.as_secs())),
    }
}

/// A directory of this test alone, gone with it.
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("verifyd-providers-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A certificate for `localhost` and its key, in PEM. Who trusts it trusts nobody else.
pub(crate) struct Certificate {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Certificate {
    pub(crate) fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        Self { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
    }

    /// Writes both into `dir`; the paths.
    pub(crate) fn write(&self, dir: &TempDir) -> (String, String) {
        let (certificate, key) = (dir.join("cert.pem"), dir.join("key.pem"));
        fs::write(&certificate, &self.certificate).unwrap();
        fs::write(&key, &self.key).unwrap();
        (certificate, key)
    }
}
