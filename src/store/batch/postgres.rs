//! The flush on PostgreSQL: one statement per kind, each atomic and durable by itself, with constant text.

mod sends;

use sea_orm::{DatabaseConnection, DbErr};

use super::{
    Attempt, Batch, Decided, HandOver, NewEvent, NotWritten, Settlement, Step,
    met::met,
    rows::{Column, Query, Statement, bytes, number, text, written},
};
use crate::core::{channel::Channel, clock::Timestamp, id::MessageId, money::Usd};

/// The UPDATE alone decides; the rest reads what it returned. Rows are locked in the order of their ids first, because an
/// UPDATE takes them in the order of its plan, and two lanes or nodes would wait for each other. No two of the parts are joined:
/// the planner takes each for ten rows, and would go through all pairs.
const GUESSES: &str = "
locked AS (
  SELECT g.* FROM g JOIN message m ON m.id = g.message_id AND m.app_id = g.app_id
    WHERE m.verified_at IS NULL ORDER BY m.id FOR NO KEY UPDATE OF m),
hit AS (
  UPDATE message m SET attempts = m.attempts + 1, last_guess = g.id,
      verified_at = CASE WHEN m.tag = g.tag OR m.tag = g.old_tag THEN :now END
    FROM locked g
    WHERE m.id = g.message_id AND m.app_id = g.app_id AND m.tag IS NOT NULL
      AND m.verified_at IS NULL AND m.attempts < m.max_attempts AND m.expires_at > :now
    RETURNING g.id AS guess, g.address, m.id, m.app_id, m.channel, m.slot, m.session_id, m.attempts, m.max_attempts, m.verified_at, m.expires_at),
told AS (
  INSERT INTO event (message_id, id, app_id, kind, channel, error_code, detail, at, published)
    SELECT id, guess, app_id, CASE WHEN verified_at IS NULL THEN 'verified_failed' ELSE 'verified' END, channel, 0,
           NULLIF(address, ''), :now,
           CASE WHEN app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
    FROM hit),
freed AS (
  DELETE FROM send_window w USING hit WHERE w.slot = hit.slot AND w.message_id = hit.id AND hit.verified_at IS NOT NULL
    AND (hit.session_id <> hit.slot) IS NOT TRUE)";

/// Follows [`GUESSES`] where one of them is at a session that is looked up by its recipient: its window is left behind
/// (`store/windows.rs`).
const LEFT: &str = ",
left_behind AS (
  UPDATE send_window w SET ended = TRUE FROM hit WHERE w.slot = hit.slot AND w.message_id = hit.id
    AND hit.verified_at IS NOT NULL AND hit.session_id <> hit.slot AND NOT w.ended)";

/// What ends them.
const MET: &str = "
SELECT guess AS id, 1::bigint AS counted, attempts::bigint AS attempts, max_attempts::bigint AS max_attempts, verified_at,
       expires_at FROM hit
UNION ALL
SELECT g.id, 0, m.attempts, m.max_attempts, m.verified_at, m.expires_at
  FROM g LEFT JOIN message m ON m.id = g.message_id AND m.app_id = g.app_id AND m.tag IS NOT NULL
  WHERE g.id NOT IN (SELECT guess FROM hit)";

/// A settlement whose claim is stale changes nothing. `e` are its events, `h` what a provider took and will report on.
/// One that was given up ends the send window, unless an earlier hop may yet arrive (fate 1 is "failed"); it is left behind where
/// it leads to a session (`store/windows.rs`). The commit waits for
/// no flush, because nobody is told: what is read of it and told later is told after a commit that flushes this one as well.
/// When the server's machine dies before, the message is sent again, as when we die; and we can die only for a shorter time.
/// [`TOLD`] follows.
const SETTLEMENTS: &str = "
at_once AS (SELECT set_config('synchronous_commit', 'off', true)),
gone AS (
  DELETE FROM outbox o USING s, at_once WHERE o.id = s.id AND o.claim = s.claim AND s.step <> 'retry' RETURNING s.*),
again AS (
  UPDATE outbox o SET claim = 0, claims = 0, hop = s.hop, attempt = s.attempt, due_at = s.due_at
    FROM s, at_once WHERE o.id = s.id AND o.claim = s.claim AND s.step = 'retry' RETURNING s.*),
settled AS (SELECT * FROM gone UNION ALL SELECT * FROM again),
freed AS (
  DELETE FROM send_window w USING gone, message m
    WHERE gone.step = 'give_up' AND m.id = gone.message_id AND w.slot = m.slot AND w.message_id = m.id
      AND (m.session_id <> m.slot) IS NOT TRUE
      AND NOT EXISTS (SELECT 1 FROM hand_over WHERE delivery = gone.id AND fate <> 1) RETURNING 1),
left_behind AS (
  UPDATE send_window w SET ended = TRUE FROM gone, message m
    WHERE gone.step = 'give_up' AND m.id = gone.message_id AND w.slot = m.slot AND w.message_id = m.id AND NOT w.ended
      AND m.session_id <> m.slot
      AND NOT EXISTS (SELECT 1 FROM hand_over WHERE delivery = gone.id AND fate <> 1) RETURNING 1),
taken AS (
  INSERT INTO hand_over (key, delivery, message_id, app_id, hop, channel, provider, fate, at)
    SELECT DISTINCT ON (h.key) h.key, t.id, t.message_id, t.app_id, h.hop, h.channel, h.provider, 0, :now
    FROM h JOIN settled t ON t.id = h.delivery AND t.claim = h.claim ORDER BY h.key
    ON CONFLICT (key) DO UPDATE SET delivery = excluded.delivery, message_id = excluded.message_id,
      app_id = excluded.app_id, hop = excluded.hop, channel = excluded.channel, fate = 0, at = excluded.at
    RETURNING 1)";

/// What ends [`SETTLEMENTS`].
const TOLD: &str = "
INSERT INTO event (message_id, id, app_id, kind, channel, provider, error_code, detail, at, delivery,
                   attempt, published, cost)
  SELECT t.message_id, e.id, t.app_id, e.kind, NULLIF(e.channel, ''), NULLIF(e.provider, ''), e.error_code,
         NULLIF(e.detail, ''), :now, t.id, e.attempt,
         CASE WHEN t.app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END, NULLIF(e.cost, -1)
  FROM e JOIN settled t ON t.id = e.delivery AND t.claim = e.claim";

/// What ends it where something costs something. An application has one row, which all lanes and nodes want: it is locked
/// in the order of ids, and last of all, as it hangs on everything else.
const SPENT: &str = "
INSERT INTO spend (app_id, spent)
  SELECT app_id, SUM(cost)::bigint FROM told
  WHERE cost > 0
    AND (SELECT COUNT(*) FROM freed) + (SELECT COUNT(*) FROM left_behind) + (SELECT COUNT(*) FROM taken) >= 0
  GROUP BY app_id ORDER BY app_id
  ON CONFLICT (app_id) DO UPDATE SET spent = spend.spent + excluded.spent";

/// A batch of nothing runs all statements over no rows: it shows that they could write.
pub(super) async fn flush(db: &DatabaseConnection, batch: &Batch, now: Timestamp) -> Result<Decided, DbErr> {
    let nothing = batch.len() == 0;
    let mut decided = Decided::default();
    if nothing || !batch.sends.is_empty() {
        for row in sends::sends(batch, now)?.fetch(db).await? {
            let why =
                if row.try_get::<i64>("", "fit")? == 0 { NotWritten::LedgerChanged } else { NotWritten::WindowHeld };
            decided.sends.insert(MessageId(row.try_get("", "id")?), why);
        }
    }
    if nothing || !batch.guesses.is_empty() {
        let rows = guesses(&batch.guesses, now)?.fetch(db).await?;
        decided.met = rows.iter().map(met).collect::<Result<_, _>>()?;
    }
    if nothing || !batch.settlements.is_empty() {
        settlements(&batch.settlements, nothing || batch.costs(), now)?.fetch(db).await?;
    }
    Ok(decided)
}

fn guesses(guesses: &[Attempt], now: Timestamp) -> Result<Statement, DbErr> {
    let columns: [Column<Attempt>; 6] = [
        number("id", |g| g.id),
        number("message_id", |g| g.message.0),
        number("app_id", |g| g.app),
        bytes("tag", |g| &g.tags[0]),
        bytes("old_tag", |g| &g.tags[1]),
        written("address", |g| g.address.map_or(String::new(), |address| address.to_string())),
    ];
    let mut sorted: Vec<_> = guesses.iter().collect();
    sorted.sort_unstable_by_key(|guess| guess.message);
    let left = if guesses.iter().any(|guess| guess.leads) { LEFT } else { "" };
    Ok(Query::new(now)?.rows("g", &sorted, &columns)?.end(&[GUESSES, left, MET].concat()))
}

fn settlements(settlements: &[Settlement], costs: bool, now: Timestamp) -> Result<Statement, DbErr> {
    let columns: [Column<Settlement>; 8] = [
        number("id", |s| s.delivery),
        number("claim", |s| s.claim),
        number("message_id", |s| s.message.0),
        number("app_id", |s| s.app),
        text("step", |s| step(s.step).0),
        number("hop", |s| step(s.step).1),
        number("attempt", |s| step(s.step).2),
        number("due_at", |s| step(s.step).3),
    ];
    let columns_of_events: [Column<(&Settlement, &NewEvent)>; 10] = [
        number("delivery", |e| e.0.delivery),
        number("claim", |e| e.0.claim),
        number("id", |e| e.1.id),
        text("kind", |e| e.1.kind.as_str()),
        text("channel", |e| e.1.channel.map_or("", Channel::as_str)),
        text("provider", |e| e.1.provider.as_deref().unwrap_or("")),
        number("attempt", |e| e.1.attempt.into()),
        number("error_code", |e| e.1.error_code.into()),
        text("detail", |e| e.1.detail.as_deref().unwrap_or("")),
        number("cost", |e| e.1.cost.map_or(-1, Usd::micros)),
    ];
    let columns_of_hand_overs: [Column<(&Settlement, &HandOver)>; 6] = [
        number("delivery", |h| h.0.delivery),
        number("claim", |h| h.0.claim),
        number("key", |h| h.1.key),
        number("hop", |h| h.1.hop.into()),
        text("channel", |h| h.1.channel.as_str()),
        text("provider", |h| &h.1.provider),
    ];
    let mut sorted: Vec<_> = settlements.iter().collect();
    sorted.sort_unstable_by_key(|settlement| settlement.delivery);
    let events: Vec<_> = sorted.iter().flat_map(|s| s.events.iter().map(move |event| (*s, event))).collect();
    let hand_overs: Vec<_> = sorted.iter().flat_map(|s| s.hand_over.iter().map(move |taken| (*s, taken))).collect();
    let (events, hand_overs): (Vec<_>, Vec<_>) = (events.iter().collect(), hand_overs.iter().collect());
    let query = Query::new(now)?.rows("s", &sorted, &columns)?.rows("e", &events, &columns_of_events)?;
    let query = query.rows("h", &hand_overs, &columns_of_hand_overs)?;
    Ok(query.end(&if costs {
        format!("{SETTLEMENTS},\ntold AS ({TOLD} RETURNING app_id, cost){SPENT}")
    } else {
        [SETTLEMENTS, TOLD].concat()
    }))
}

/// The word, hop, attempt and time of a step.
fn step(step: Step) -> (&'static str, i64, i64, i64) {
    match step {
        Step::Done => ("done", 0, 0, 0),
        Step::GiveUp => ("give_up", 0, 0, 0),
        Step::Retry { hop, attempt, due_at } => ("retry", hop.into(), attempt.into(), due_at.millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::{sends::SENDS, *};

    /// The benchmark hands PostgreSQL our statements by themselves, with values in place of parameters.
    #[test]
    fn the_benchmark_measures_these_very_statements() {
        let send = include_str!("../../../benches/throughput/sql/postgres_send.sql");
        let verify = include_str!("../../../benches/throughput/sql/postgres_verify.sql");
        for (copy, statement) in [(send, SENDS), (verify, GUESSES), (verify, MET)] {
            // Whatever follows a colon is a variable to pgbench, even inside a text.
            let mut after_colons = copy.split("::").flat_map(|part| part.split(':').skip(1));
            assert!(after_colons.all(|after| after.starts_with("id") || !after.starts_with(char::is_alphanumeric)));
            let copy = copy.replace("1700000000000::bigint", ":now");
            assert!(copy.contains(statement.trim()), "copy this to benches/throughput/sql:{statement}");
        }
    }
}
