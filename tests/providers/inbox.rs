//! The development inbox.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use verifyd::{
    channel::{
        Provider,
        inbox::{CAPACITY, Inbox},
    },
    core::clock::{FixedClock, Timestamp},
};

use crate::samples::{ID, PHONE, mail, sms};

#[tokio::test]
async fn messages_are_shown_newest_first_with_their_codes() {
    let clock = Arc::new(FixedClock::at(Timestamp::from_millis(1_700_000_000_000)));
    let inbox = Inbox::new(clock.clone());
    let mut words = sms("Code 735912");
    words.sender = Some("Shop");
    inbox.clone().deliver(&words.outgoing()).await.unwrap();
    clock.advance(Duration::from_secs(1));
    inbox.deliver(&mail("user@mail.test", "Your code", "<b>735912</b>").outgoing()).await.unwrap();
    assert_eq!(
        serde_json::to_value(inbox.newest_first()).unwrap(),
        json!([
            {"message_id": ID.to_string(), "at": 1_700_000_001_000_i64, "channel": "email", "to": "user@mail.test",
             "subject": "Your code", "html": "<b>735912</b>"},
            {"message_id": ID.to_string(), "at": 1_700_000_000_000_i64, "channel": "sms", "to": PHONE, "sender": "Shop",
             "text": "Code 735912"},
        ])
    );
}

#[tokio::test]
async fn the_oldest_go_when_it_is_full() {
    let inbox = Inbox::new(Arc::new(FixedClock::at(Timestamp::default())));
    for number in 0..CAPACITY + 10 {
        inbox.deliver(&sms(&number.to_string()).outgoing()).await.unwrap();
    }
    let kept: Vec<_> = inbox.newest_first().into_iter().filter_map(|message| message.text).collect();
    let wanted: Vec<_> = (10..CAPACITY + 10).rev().map(|number| number.to_string()).collect();
    assert_eq!(kept, wanted);
}
