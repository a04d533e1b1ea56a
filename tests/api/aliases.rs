//! A person in many spellings (security C3, C4): through whatever API, one counter holds for all of them, and for nobody else.

#[path = "../../src/core/recipient/email/tests/addresses.rs"]
mod addresses;
#[path = "../../src/core/recipient/phone/tests/spellings.rs"]
mod spellings;

use std::{collections::BTreeMap, time::Duration};

use verifyd::core::clock::Clock;

use self::{
    addresses::ADDRESSES,
    spellings::{LOOK_ALIKES, PHONES, WITH_AND_WITHOUT_NINE},
};
use crate::{
    harness::{Node, START, TestApp},
    ways::{Client, Way},
};

const DAY: Duration = Duration::from_hours(24);
/// No code lives longer, and none stands in the way of the next.
const A_CODE_LATER: Duration = Duration::from_mins(11);
/// Everything but the sends of a day is out of the way.
const NO_OTHER_LIMIT: &str = "engagelab.pace = { gap = '0s', per_10_minutes = 0, per_hour = 0, per_day = 0 }
mailpass = { rate_per_minute = 0, pace.per_hour = 0 }
airtexts = { rate_per_minute = 0, recipient_per_hour = 0, resend_interval = '0s' }
optora = { enabled = true, max_requests = 1000000 }";

const TO_MAIL: [Way; 3] = [Way::EngagelabMail, Way::Mailpass, Way::Optora];
const TO_PHONES: [Way; 2] = [Way::EngagelabSms, Way::Airtexts];

/// All spellings of one person.
type Person = Vec<&'static str>;

/// Those with one key are one person.
fn mailboxes() -> Vec<Person> {
    let mut people: BTreeMap<_, Person> = BTreeMap::new();
    for (given, _, key) in ADDRESSES {
        people.entry(key).or_default().push(given);
    }
    people.into_values().collect()
}

/// Those whose numbers look like another's are people of their own.
fn phones() -> Vec<Person> {
    let folded = PHONES.into_iter().map(|(number, others)| (number, others.to_vec()));
    let mut people: BTreeMap<_, Person> = folded.collect();
    people.extend(WITH_AND_WITHOUT_NINE.map(|(with, without)| (without[0], [with, &without[1..]].concat())));
    for number in LOOK_ALIKES.into_iter().flat_map(|(one, other)| [one, other]) {
        people.entry(number).or_default();
    }
    people.into_iter().map(|(number, others)| [vec![number], others].concat()).collect()
}

/// As the clients of an API write it.
fn written(way: Way, to: &str) -> String {
    match way {
        Way::Airtexts => format!("[{}] {}-{}", &to[1..3], &to[3..6], &to[6..]),
        Way::EngagelabMail | Way::EngagelabSms | Way::Mailpass | Way::Optora => to.to_owned(),
    }
}

/// Everybody is sent to by each way, under one spelling after another, which all have to be sent; then by each way under every
/// spelling. What is sent of that is told; what is refused has to be for the sends of the day.
async fn sent_beyond(sends_per_day: usize, ways: &[Way], people: &[Person]) -> Vec<String> {
    let app = TestApp::with(&format!("{NO_OTHER_LIMIT}\n[limits]\nsends_per_day = {sends_per_day}")).await;
    let (client, node) = (Client::of(&app).await, Node::new(app.beside().await));
    for (nth, way) in ways.iter().enumerate() {
        for person in people {
            let to = written(*way, person[nth % person.len()]);
            let answer = client.send(&node, *way, &to).await;
            assert_eq!(answer.status, 200, "{way:?} to {to}: {answer}");
        }
        app.later(A_CODE_LATER);
    }
    let mut sent = vec![];
    for nth in 0..people.iter().map(Vec::len).max().unwrap() {
        for way in ways {
            for to in people.iter().filter_map(|person| person.get(nth)) {
                let answer = client.send(&node, *way, &written(*way, to)).await;
                if answer.status == 200 {
                    sent.push(format!("{way:?} to {to}"));
                } else {
                    let wait = (START + DAY).millis() - app.clock.now().millis();
                    assert_eq!(answer.header("retry-after"), (wait / 1000).to_string(), "{way:?} to {to}: {answer}");
                }
            }
            app.later(A_CODE_LATER);
        }
    }
    sent
}

#[tokio::test]
async fn every_spelling_of_a_mailbox_shares_what_is_sent_to_it_in_a_day_through_three_apis() {
    let mailboxes = mailboxes();
    assert!(mailboxes.len() >= 20);
    assert_eq!(sent_beyond(TO_MAIL.len(), &TO_MAIL, &mailboxes).await, [""; 0]);
}

#[tokio::test]
async fn and_every_spelling_of_a_phone_through_two() {
    assert_eq!(sent_beyond(TO_PHONES.len(), &TO_PHONES, &phones()).await, [""; 0]);
}

/// The negative control.
#[tokio::test]
async fn without_that_limit_all_are_sent_to() {
    let people: Vec<_> = mailboxes().into_iter().filter(|person| person.len() > 5).collect();
    let spellings: usize = people.iter().map(Vec::len).sum();
    assert_eq!(sent_beyond(0, &TO_MAIL, &people).await.len(), spellings * TO_MAIL.len());
}
