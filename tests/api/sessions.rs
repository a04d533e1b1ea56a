//! Verifications that can be sent again and asked about, as the policies of the dialects want them.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, json};
use verifyd::{
    core::{
        channel::Channel,
        code::{Alphabet, CodeSpec, LeadingZero},
        entropy::OsEntropy,
        id::MessageId,
        ledger::Pace,
        plan::Content,
        policy::{FirstDelivery, OnRepeat, Policy, Resend, SecretForm},
        recipient::Recipient,
        session::{DeliveryState, SessionState},
        session_ids::IdForm,
        verification::Guess,
    },
    service::{Again, Caller, Draft, Error, Session, SessionSpec, Which},
};

use crate::harness::{PHONE, TestApp, other_than};

const LIFE: Duration = Duration::from_mins(5);
const NEW_CODE: Policy = Policy {
    ttl: LIFE,
    max_guesses: 5,
    pace: Pace { gap: Duration::ZERO, per_10_minutes: 0, per_hour: 0, per_day: 0 },
    on_repeat: OnRepeat::KeepBoth,
    resend: Resend::NewCode { reset_guesses: true, restart_clock: true, max: 2, gap: Duration::ZERO },
    secret: SecretForm::Digest,
    first_delivery: FirstDelivery::Queue,
    leading_zero: LeadingZero::Allowed,
    keep_after_end: Duration::from_hours(24),
};
const KEEPS_COUNT: Policy = Policy {
    on_repeat: OnRepeat::ExpireOlder,
    resend: Resend::NewCode { reset_guesses: false, restart_clock: true, max: 3, gap: Duration::from_secs(30) },
    ..NEW_CODE
};
const SAME_CODE: Policy = Policy {
    on_repeat: OnRepeat::ReuseLive,
    resend: Resend::ByRepeat { max: 3 },
    secret: SecretForm::Sealed,
    ..NEW_CODE
};

/// One dialect that has them all.
struct Stage {
    app: TestApp,
    caller: Caller,
}

fn words(draft: &Draft<'_>) -> Content {
    let link = draft.link_token.map(|token| format!(" or {token}")).unwrap_or_default();
    Content::Text { text: format!("{}{link}", draft.code) }
}

fn id(public_id: &str) -> Which<'_> {
    Which::Id { dialect: "sample", public_id }
}

impl Stage {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let caller =
            app.service().authenticate("engagelab", &app.key.dev_key, &app.key.dev_secret, None).await.unwrap();
        Self { app, caller }
    }

    async fn begin(&self, policy: &Policy, kept: &str) -> Result<Arc<Session>, Error> {
        let spec = SessionSpec {
            dialect: "sample",
            id_form: IdForm::Wide,
            scope: "",
            recipient: Recipient::parse(PHONE).unwrap(),
            channel: Channel::Sms,
            spec: CodeSpec { alphabet: Alphabet::DIGITS, length: 6 },
            policy,
            sender: None,
            language: "en".to_owned(),
            template: "login",
            with_link: policy.secret == SecretForm::Sealed,
            extra: Map::from_iter([("kept".to_owned(), json!(kept))]),
            compose: &words,
        };
        self.app.service().begin(&self.caller, spec).await
    }

    /// The id of a new session.
    async fn begun(&self, policy: &Policy) -> String {
        self.begin(policy, "kept").await.unwrap().public_id.clone()
    }

    async fn resend(&self, policy: &Policy, public_id: &str) -> Result<Arc<Session>, Error> {
        let again = Again { channel: None, sender: None, language: None, compose: &words };
        self.app.service().resend(&self.caller, &id(public_id), policy, again).await
    }

    async fn see(&self, public_id: &str) -> Result<Session, Error> {
        self.app.service().session(&self.caller, &id(public_id)).await
    }

    async fn guess(&self, public_id: &str, code: &str) -> Guess {
        self.app.service().judge(&self.caller, &id(public_id), &|_| Ok(code.to_owned())).await.unwrap().guess
    }

    async fn state(&self, public_id: &str) -> SessionState {
        self.see(public_id).await.unwrap().state
    }
}

#[tokio::test]
async fn a_session_is_sent_seen_and_verified_once() {
    let stage = Stage::new().await;
    let begun = stage.begin(&NEW_CODE, "kept").await.unwrap();
    let a = begun.public_id.clone();
    let code = stage.app.last_code().await;
    let seen = stage.see(&a).await.unwrap();
    assert_eq!((begun.expires_at, seen.expires_at), (seen.created_at + LIFE, begun.created_at + LIFE));
    assert_eq!((seen.state, seen.delivery, seen.attempts), (SessionState::Pending, DeliveryState::Sent, 0));
    assert_eq!(seen.extra["kept"], "kept");
    assert_eq!(stage.guess(&a, &other_than(&code)).await, Guess::Wrong { left: 4 });
    assert_eq!(stage.guess(&a, &code).await, Guess::Accepted);
    assert_eq!(stage.guess(&a, &code).await, Guess::AlreadyVerified);
    assert!(matches!(stage.state(&a).await, SessionState::Verified { .. }));
    assert_eq!(stage.see(&a).await.unwrap().attempts, 2);
}

#[tokio::test]
async fn a_session_is_its_dialects_and_its_applications_own() {
    let stage = Stage::new().await;
    let a = stage.begun(&NEW_CODE).await;
    let service = stage.app.service();
    let elsewhere = Which::Id { dialect: "other", public_id: &a };
    assert!(matches!(service.session(&stage.caller, &elsewhere).await, Err(Error::NoVerification)));
    let other = stage.app.key_of("other", |_| {}).await;
    let other = service.authenticate("engagelab", &other.dev_key, &other.dev_secret, None).await.unwrap();
    assert!(matches!(service.session(&other, &id(&a)).await, Err(Error::NoVerification)));
}

/// Whatever leads to a session is not yet what was given out for it.
#[tokio::test]
async fn a_session_is_found_by_its_own_id_and_link_only() {
    let stage = Stage::new().await;
    let begun = stage.begin(&SAME_CODE, "kept").await.unwrap();
    let text = stage.app.last().await.text.unwrap();
    let (code, token) = text.split_once(" or ").unwrap();
    let service = stage.app.service();
    let keys = service.parts().keys.load();
    let names = |form| keys.session_ids().names(begun.id, form, true, &OsEntropy).unwrap();
    let ((another, other_token), (narrow, _)) = (names(IdForm::Wide), names(IdForm::Narrow { prefix: "" }));
    for other in [&other_than(&begun.public_id), &another, &narrow, &format!("x_{}", begun.public_id)] {
        assert!(matches!(stage.see(other).await, Err(Error::NoVerification)), "{other}");
        let judged = service.judge(&stage.caller, &id(other), &|_| Ok(code.to_owned())).await;
        assert!(matches!(judged, Err(Error::NoVerification)), "{other}");
        assert!(matches!(stage.resend(&NEW_CODE, other).await, Err(Error::NoVerification)), "{other}");
    }
    let another = other_token.unwrap();
    let mixed = format!("{}{}", &token[..22], &another[22..]); // the right id, and another's random half
    for other in [another, mixed] {
        let followed = service.follow_link(&stage.caller, "sample", &other).await;
        assert!(matches!(followed, Err(Error::NoVerification)));
    }
    assert_eq!(stage.state(&begun.public_id).await, SessionState::Pending);
    assert_eq!(stage.see(&begun.public_id).await.unwrap().attempts, 0, "nothing was compared");
}

#[tokio::test]
async fn it_expires_by_itself_and_is_forgotten_a_day_later() {
    let stage = Stage::new().await;
    let a = stage.begun(&NEW_CODE).await;
    let code = stage.app.last_code().await;
    stage.app.later(LIFE);
    assert_eq!(stage.state(&a).await, SessionState::Expired);
    assert_eq!(stage.guess(&a, &code).await, Guess::Expired);
    stage.app.later(Duration::from_hours(24));
    assert!(matches!(stage.see(&a).await, Err(Error::NoVerification)));
}

#[tokio::test]
async fn a_resend_makes_a_new_code_under_the_same_id_and_ends_the_old_one() {
    let stage = Stage::new().await;
    let a = stage.begun(&NEW_CODE).await;
    let old = stage.app.last_code().await;
    for _ in 0..5 {
        stage.guess(&a, &other_than(&old)).await;
    }
    assert_eq!(stage.state(&a).await, SessionState::Exhausted);
    stage.app.later(Duration::from_mins(1));
    let again = stage.resend(&NEW_CODE, &a).await.unwrap();
    assert_eq!((again.attempts, again.resends), (0, 1));
    assert_eq!(again.expires_at, again.sent_at + LIFE);
    let new = stage.app.last_code().await;
    if old != new {
        assert_eq!(stage.guess(&a, &old).await, Guess::Wrong { left: 4 });
    }
    assert_eq!(stage.guess(&a, &new).await, Guess::Accepted);
    assert!(matches!(stage.resend(&NEW_CODE, &a).await, Err(Error::CodeUsed)));
}

#[tokio::test]
async fn resends_end_and_keep_their_distance() {
    let stage = Stage::new().await;
    let a = stage.begun(&NEW_CODE).await;
    for _ in 0..2 {
        stage.resend(&NEW_CODE, &a).await.unwrap();
    }
    assert!(matches!(stage.resend(&NEW_CODE, &a).await, Err(Error::SendsUsedUp)));
    let b = stage.begun(&KEEPS_COUNT).await;
    stage.app.later(Duration::from_secs(29));
    let refused = stage.resend(&KEEPS_COUNT, &b).await.err();
    assert!(matches!(refused, Some(Error::TooSoon { retry_after: Some(left) }) if left == Duration::from_secs(1)));
    stage.app.later(Duration::from_secs(1));
    stage.resend(&KEEPS_COUNT, &b).await.unwrap();
}

#[tokio::test]
async fn where_guesses_count_on_a_resend_forgives_none() {
    let stage = Stage::new().await;
    let a = stage.begun(&KEEPS_COUNT).await;
    let code = stage.app.last_code().await;
    for _ in 0..3 {
        stage.guess(&a, &other_than(&code)).await;
    }
    stage.app.later(Duration::from_secs(30));
    assert_eq!(stage.resend(&KEEPS_COUNT, &a).await.unwrap().attempts, 3);
    let code = stage.app.last_code().await;
    assert_eq!(stage.guess(&a, &other_than(&code)).await, Guess::Wrong { left: 1 });
    assert_eq!(stage.guess(&a, &other_than(&code)).await, Guess::Wrong { left: 0 });
    assert_eq!(stage.guess(&a, &code).await, Guess::Exhausted);
    stage.app.later(Duration::from_secs(30));
    assert!(matches!(stage.resend(&KEEPS_COUNT, &a).await, Err(Error::GuessesUsedUp)));
}

#[tokio::test]
async fn a_new_session_ends_the_older_one_where_only_one_may_live() {
    let stage = Stage::new().await;
    let a = stage.begun(&KEEPS_COUNT).await;
    let old = stage.app.last_code().await;
    let b = stage.begun(&KEEPS_COUNT).await;
    let new = stage.app.last_code().await;
    assert_eq!(stage.state(&a).await, SessionState::Expired);
    assert_eq!(stage.guess(&a, &old).await, Guess::Expired);
    assert_eq!(stage.guess(&b, &new).await, Guess::Accepted);
    let recipient = Recipient::parse(PHONE).unwrap();
    let newest = Which::Newest { dialect: "sample", scope: "", recipient: &recipient };
    assert_eq!(stage.app.service().session(&stage.caller, &newest).await.unwrap().public_id, b);
}

#[tokio::test]
async fn where_both_may_live_both_verify() {
    let stage = Stage::new().await;
    let a = stage.begun(&NEW_CODE).await;
    let first = stage.app.last_code().await;
    let b = stage.begun(&NEW_CODE).await;
    let second = stage.app.last_code().await;
    assert_eq!(stage.guess(&a, &first).await, Guess::Accepted);
    assert_eq!(stage.guess(&b, &second).await, Guess::Accepted);
}

#[tokio::test]
async fn a_repeat_sends_the_same_code_id_token_and_clock_and_ends() {
    let stage = Stage::new().await;
    let begun = stage.begin(&SAME_CODE, "kept").await.unwrap();
    let a = begun.public_id.clone();
    let text = stage.app.last().await.text.unwrap();
    for repeat in 1..=3 {
        stage.app.later(Duration::from_secs(30));
        let again = stage.begin(&SAME_CODE, "ignored").await.unwrap();
        assert_eq!((&again.public_id, again.expires_at, again.resends), (&a, begun.expires_at, repeat));
        assert_eq!(stage.app.last().await.text, Some(text.clone()));
        assert_eq!(stage.see(&a).await.unwrap().extra["kept"], "ignored", "the newer one is kept");
    }
    assert!(matches!(stage.begin(&SAME_CODE, "kept").await, Err(Error::SendsUsedUp)));
    stage.app.later(LIFE);
    assert_ne!(stage.begun(&SAME_CODE).await, a, "it frees itself");
}

#[tokio::test]
async fn a_link_is_looked_at_often_and_followed_once() {
    let stage = Stage::new().await;
    let a = stage.begun(&SAME_CODE).await;
    let text = stage.app.last().await.text.unwrap();
    let (code, token) = text.split_once(" or ").unwrap();
    let service = stage.app.service();
    for _ in 0..3 {
        assert_eq!(service.peek_link("sample", token).await.unwrap().state, SessionState::Pending);
    }
    assert!(matches!(service.peek_link("other", token).await, Err(Error::NoVerification)));
    assert!(matches!(service.follow_link(&stage.caller, "sample", &token[1..]).await, Err(Error::NoVerification)));
    let followed = service.follow_link(&stage.caller, "sample", token).await.unwrap();
    assert!(matches!(followed.state, SessionState::Verified { .. }));
    assert!(matches!(service.follow_link(&stage.caller, "sample", token).await, Err(Error::CodeUsed)));
    assert_eq!(stage.guess(&a, code).await, Guess::AlreadyVerified, "link and code are one");
}

#[tokio::test]
async fn neither_code_nor_token_is_in_the_database() {
    let stage = Stage::new().await;
    stage.begun(&SAME_CODE).await;
    let text = stage.app.last().await.text.unwrap();
    let (code, token) = text.split_once(" or ").unwrap();
    for query in ["SELECT recipient FROM message", "SELECT link FROM session"] {
        for blob in stage.app.blobs(query).await {
            for secret in [code, token] {
                assert!(!blob.windows(secret.len()).any(|part| part == secret.as_bytes()), "{query}");
            }
        }
    }
}

#[tokio::test]
async fn the_message_of_a_session_tells_whom_it_is_for() {
    let stage = Stage::new().await;
    let session = stage.begin(&SAME_CODE, "kept").await.unwrap();
    let life = stage.app.service().life(MessageId(session.id)).await.unwrap().unwrap();
    assert_eq!(life.recipients, [Recipient::parse(PHONE).unwrap().masked()]);
}
