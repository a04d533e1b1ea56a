//! Spending by many at once.

use sea_orm::{ConnectionTrait, Statement};

use super::{app, spent};
use crate::{
    engagelab::sample::sms_text,
    harness::{Node, TestApp, message},
};

/// The sums of what events cost and of what is counted, over all applications, in millionths.
async fn sums(app: &TestApp) -> (i64, i64) {
    let db = app.database().connect().await;
    let sql = "SELECT CAST((SELECT SUM(cost) FROM event) AS bigint), CAST((SELECT SUM(spent) FROM spend) AS bigint)";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    let sums = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
    db.close().await.unwrap();
    sums
}

/// Two applications, each with messages on two nodes, which settle them all at once.
#[tokio::test]
async fn two_nodes_that_deliver_at_once_count_every_cent() {
    let app = app().await;
    let other = Node::new(app.beside().await);
    let neighbour = app.key_of("neighbour", |_| {}).await;
    let keys = [app.key.clone(), neighbour];
    for key in &keys {
        let template = sms_text("code", "authentication", "{{code}}").to_string();
        assert_eq!(app.call_as(key, "POST", "/v1/template-configs", template).await.status, 200);
    }
    other.app.service().refresh().await.unwrap();
    for round in 0..4 {
        for number in 0..20 {
            let key = &keys[number % 2];
            let to = |node| message(&format!("+659{node}{round}{number:05}"), "code");
            assert_eq!(app.call_as(key, "POST", "/v1/messages", to(7).to_string()).await.status, 200);
            assert_eq!(other.send_as(key, to(8)).await.status, 200);
        }
        let (mine, theirs) = tokio::join!(app.app.worker().step(), other.app.worker().step());
        assert_eq!((mine.unwrap(), theirs.unwrap()), (20, 20));
    }
    assert_eq!(sums(&app).await, (160 * 32_000, 160 * 32_000));
    assert_eq!((spent(&app, "default").await, spent(&app, "neighbour").await), ("2.56".into(), "2.56".into()));
}
