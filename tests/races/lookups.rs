//! What is looked up is found by its key, however small PostgreSQL thinks the tables are when it plans the statement: a server
//! that is new, and busy at once, would read more with every call.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Map;
use verifyd::{
    core::{
        channel::Channel,
        code::{Alphabet, CodeSpec, LeadingZero},
        ledger::Pace,
        plan::Content,
        policy::{FirstDelivery, OnRepeat, Policy, Resend, SecretForm},
        recipient::Recipient,
        session_ids::IdForm,
    },
    service::{Draft, SessionSpec, Which},
};

use crate::place::{Node, Place, Sql};

const SENDS: u32 = 200;
/// So many rows fit on one page.
const FEW: u32 = 20;
/// Longest that connections which were told to end take to say what they did.
const ENDED_WITHIN: Duration = Duration::from_secs(20);
const POLICY: Policy = Policy {
    ttl: Duration::from_mins(5),
    max_guesses: 5,
    pace: Pace { gap: Duration::ZERO, per_10_minutes: 0, per_hour: 0, per_day: 0 },
    on_repeat: OnRepeat::ExpireOlder,
    resend: Resend::None,
    secret: SecretForm::Digest,
    first_delivery: FirstDelivery::Queue,
    leading_zero: LeadingZero::Allowed,
    keep_after_end: Duration::from_hours(24),
};

mod postgresql {
    #[test]
    fn no_table_is_read_as_a_whole() {
        crate::place::on_postgresql(1, super::no_table_is_read_as_a_whole);
    }
}

async fn no_table_is_read_as_a_whole(place: Place) {
    let (sender, other) = (Arc::new(place.node().await), Arc::new(place.node().await));
    let sql = place.sql().await;
    for nth in 0..SENDS {
        if nth == FEW {
            sql.run("ANALYZE").await; // as PostgreSQL does by itself now and then: now it knows how small they are
        }
        let (id, code) = send(&sender, nth).await;
        look(&other, nth, &id).await;
        for (node, code) in [(&other, "wrong"), (&sender, code.as_str())] {
            verify(node, &id, code).await;
        }
    }
    for table in ["ledger", "session", "message", "event", "send_window"] {
        let (by_key, read) = reads(&sql, table).await;
        println!("{table}: {by_key} looks by key, {read} rows of whole tables");
        assert!(read < i64::from(SENDS), "{table} is read as a whole: {read} rows");
    }
}

/// How often rows were looked up by their keys, and how many rows were read without. A connection that ends says what it did.
async fn reads(sql: &Sql, table: &str) -> (i64, i64) {
    let mine = "datname = current_database() AND pid <> pg_backend_pid()";
    sql.run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}")).await;
    let told = |column| format!("SELECT {column}::bigint FROM pg_stat_user_tables WHERE relname = '{table}'");
    let all = told("seq_scan + idx_scan");
    let told_enough = async {
        while sql.number(&all).await < i64::from(SENDS) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(ENDED_WITHIN, told_enough).await.expect("the connections say what they did");
    (sql.number(&told("idx_scan")).await, sql.number(&told("seq_tup_read")).await)
}

fn recipient(nth: u32) -> Recipient {
    Recipient::parse(&format!("person{nth}@example.com")).unwrap()
}

/// The id of a session, and the code that is sent.
async fn send(node: &Node, nth: u32) -> (String, String) {
    let code = Mutex::default();
    let compose = |draft: &Draft<'_>| {
        draft.code.clone_into(&mut code.lock().unwrap());
        Content::Text { text: draft.code.to_owned() }
    };
    let spec = SessionSpec {
        dialect: "sample",
        id_form: IdForm::Wide,
        scope: "",
        recipient: recipient(nth),
        channel: Channel::Email,
        spec: CodeSpec { alphabet: Alphabet::DIGITS, length: 6 },
        policy: &POLICY,
        sender: None,
        language: "en".to_owned(),
        template: "login",
        with_link: false,
        extra: Map::new(),
        compose: &compose,
    };
    let id = node.service.begin(&node.caller, spec).await.unwrap().public_id.clone();
    (id, code.into_inner().unwrap())
}

async fn verify(node: &Node, id: &str, code: &str) {
    let which = Which::Id { dialect: "sample", public_id: id };
    node.service.judge(&node.caller, &which, &|_| Ok(code.to_owned())).await.unwrap();
}

/// By another node, which remembers nothing of it.
async fn look(node: &Node, nth: u32, id: &str) {
    let recipient = recipient(nth);
    let of_id = Which::Id { dialect: "sample", public_id: id };
    let newest = Which::Newest { dialect: "sample", scope: "", recipient: &recipient };
    for which in [of_id, newest] {
        assert_eq!(node.service.session(&node.caller, &which).await.unwrap().public_id, id);
    }
}
