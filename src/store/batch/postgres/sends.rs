//! What is sent: messages, deliveries, windows, ledgers and sessions in one statement.

use sea_orm::{
    Statement,
    sea_query::ArrayType::{BigInt, Bytes, String as Text},
};

use crate::{
    core::clock::Timestamp,
    store::batch::{
        Batch, NewDelivery, NewMessage, NewSession,
        ledgers::LedgerRow,
        rows::{Column, Query, bytes, number, text},
    },
};

/// Slot 0, empty tags and texts, and a cost of -1 stand for none. `l` are the ledgers of the recipients: a message whose ledger
/// was written by somebody else since it was read is not written. A message that takes the place of another ends the life of
/// its code, unless that was verified. A window that is taken over ends the life of the code that
/// held it; that event's id follows from the expiry, so that it is written once (`store/windows.rs`). An event is marked for
/// telling when a callback wants such. Rows are sorted, so that two nodes lock in the same order. Parts are not joined, but
/// looked up (`NOT IN`): the planner takes each for ten rows, and would go through all pairs. A message is looked up by its id and
/// nothing else: with a second condition a plan of a small table would read the whole of it, as long as it thinks it small.
pub(super) const SENDS: &str = "
noted AS (
  INSERT INTO ledger (key, version, previous, log, until) SELECT key, version, previous, log, until FROM l
    ON CONFLICT (key) DO UPDATE SET version = excluded.version, previous = excluded.previous, log = excluded.log,
      until = excluded.until WHERE ledger.version = excluded.previous
    RETURNING key),
fit AS (SELECT * FROM m WHERE ledger = 0 OR ledger IN (SELECT key FROM noted)),
replaced AS (
  UPDATE message old
    SET expires_at = CASE WHEN old.verified_at IS NULL THEN LEAST(old.expires_at, :now) ELSE old.expires_at END
    FROM fit WHERE fit.replaces <> 0 AND old.id = fit.replaces
    RETURNING fit.id, old.attempts, old.verified_at),
ended AS (SELECT id, attempts FROM replaced WHERE verified_at IS NULL),
won AS (
  INSERT INTO send_window (slot, message_id, until)
    SELECT slot, id, expires_at FROM fit WHERE slot <> 0 AND (replaces = 0 OR id IN (SELECT id FROM ended))
    ON CONFLICT (slot) DO UPDATE SET message_id = excluded.message_id, until = excluded.until
      WHERE send_window.until <= :now OR send_window.message_id = excluded.message_id
         OR send_window.message_id = (SELECT replaces FROM m WHERE m.id = excluded.message_id)
    RETURNING message_id),
taken AS (SELECT * FROM fit WHERE slot = 0 OR id IN (SELECT message_id FROM won)),
refused AS (SELECT id FROM m WHERE id NOT IN (SELECT id FROM taken)),
timed_out AS (
  INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at, published)
    SELECT old.id, ((old.expires_at - 1288834974657) << 22) - 1, old.app_id, 'verified_timeout', old.channel, 0, :now,
           CASE WHEN old.app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
    FROM taken m JOIN send_window w ON w.slot = m.slot JOIN message old ON old.id = w.message_id
    WHERE old.id <> m.id AND old.id <> m.replaces AND old.tag IS NOT NULL AND old.verified_at IS NULL
    ON CONFLICT (message_id, id) DO NOTHING),
written AS (
  INSERT INTO message (id, app_id, template_id, target, recipient, slot, channel, tag, attempts, max_attempts,
                       created_at, expires_at, custom_args, session_id, country)
    SELECT id, app_id, template_id, target, recipient, NULLIF(slot, 0), channel, NULLIF(tag, ''::bytea),
           COALESCE((SELECT attempts FROM ended WHERE ended.id = taken.id AND taken.goes_on = taken.replaces),
                    (SELECT attempts FROM message old WHERE old.id = taken.goes_on), 0), max_attempts,
           created_at, expires_at, NULLIF(custom_args, ''), NULLIF(session_id, 0), NULLIF(country, '')
    FROM taken ON CONFLICT (id) DO NOTHING),
queued AS (
  INSERT INTO outbox (id, message_id, app_id, body, hop, attempt, claim, due_at, expires_at)
    SELECT id, message_id, app_id, body, 0, 0, claim, due_at, expires_at
    FROM d WHERE message_id NOT IN (SELECT id FROM refused) ON CONFLICT (id) DO NOTHING),
told AS (
  INSERT INTO event (message_id, id, app_id, kind, channel, error_code, detail, at, published)
    SELECT message_id, id, app_id, 'plan', channel, 0, NULLIF(address, ''), :now,
           CASE WHEN app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
    FROM d WHERE message_id NOT IN (SELECT id FROM refused) ON CONFLICT (message_id, id) DO NOTHING)
SELECT id, (id IN (SELECT id FROM fit))::int::bigint AS fit FROM refused";

/// Follows [`SENDS`] where messages are sent for sessions, `s`.
const SESSIONS: &str = ",
kept AS (
  INSERT INTO session (id, dialect, public_id, app_id, scope, slot, message_id, sends, sent_at, details, link, created_at)
    SELECT id, dialect, public_id, app_id, scope, slot, message_id, 1, created_at, details, NULLIF(link, ''::bytea), created_at
    FROM s WHERE message_id NOT IN (SELECT id FROM refused)
    ON CONFLICT (id) DO UPDATE SET message_id = excluded.message_id, sends = session.sends + 1,
      sent_at = excluded.sent_at, details = excluded.details)";

pub(super) fn sends(batch: &Batch, now: Timestamp) -> Statement {
    let columns: [Column<NewMessage>; 17] = [
        ("id", BigInt, |m| number(m.id.0)),
        ("app_id", BigInt, |m| number(m.app)),
        ("template_id", Text, |m| text(&m.template_id)),
        ("target", BigInt, |m| number(m.target)),
        ("recipient", Bytes, |m| bytes(&m.recipient)),
        ("slot", BigInt, |m| number(m.slot.unwrap_or(0))),
        ("channel", Text, |m| text(m.channel.as_str())),
        ("tag", Bytes, |m| bytes(m.tag.as_ref().map_or(&[], |tag| tag.as_slice()))),
        ("max_attempts", BigInt, |m| number(m.max_attempts.into())),
        ("created_at", BigInt, |m| number(m.created_at.millis())),
        ("expires_at", BigInt, |m| number(m.expires_at.millis())),
        ("custom_args", Text, |m| text(m.custom_args.as_deref().unwrap_or(""))),
        ("ledger", BigInt, |m| number(m.budget.map_or(0, |budget| budget.key))),
        ("replaces", BigInt, |m| number(m.replaces.map_or(0, |old| old.message.0))),
        ("goes_on", BigInt, |m| number(m.replaces.and_then(|old| old.counted).map_or(0, |counted| counted.0.0))),
        ("session_id", BigInt, |m| number(m.session.as_ref().map_or(0, |session| session.id))),
        ("country", Text, |m| text(m.country.unwrap_or_default())),
    ];
    let columns_of_deliveries: [Column<(&NewMessage, &NewDelivery)>; 9] = [
        ("id", BigInt, |d| number(d.1.id)),
        ("message_id", BigInt, |d| number(d.0.id.0)),
        ("app_id", BigInt, |d| number(d.0.app)),
        ("channel", Text, |d| text(d.0.channel.as_str())),
        ("expires_at", BigInt, |d| number(d.0.expires_at.millis())),
        ("address", Text, |d| d.0.address.map_or(String::new(), |address| address.to_string()).into()),
        ("body", Bytes, |d| bytes(&d.1.body)),
        ("claim", BigInt, |d| number(d.1.claim)),
        ("due_at", BigInt, |d| number(d.1.due_at.millis())),
    ];
    let columns_of_ledgers: [Column<LedgerRow>; 5] = [
        ("key", BigInt, |l| number(l.key)),
        ("version", BigInt, |l| number(l.version)),
        ("previous", BigInt, |l| number(l.previous)),
        ("log", Text, |l| text(&l.log)),
        ("until", BigInt, |l| number(l.until.millis())),
    ];
    let mut sorted: Vec<_> = batch.sends.iter().collect();
    sorted.sort_unstable_by_key(|message| message.slot);
    let mut ledgers: Vec<_> = batch.ledgers.iter().collect();
    ledgers.sort_unstable_by_key(|ledger| ledger.key);
    let deliveries: Vec<_> = sorted.iter().flat_map(|m| m.deliveries.iter().map(move |d| (*m, d))).collect();
    let deliveries: Vec<_> = deliveries.iter().collect();
    let query = Query::new(now).rows("m", &sorted, &columns).rows("d", &deliveries, &columns_of_deliveries);
    let query = query.rows("l", &ledgers, &columns_of_ledgers);
    let sessions: Vec<_> = sorted.iter().filter_map(|m| Some((*m, m.session.as_ref()?))).collect();
    if sessions.is_empty() {
        return query.end(SENDS);
    }
    sessions_of(query, &sessions.iter().collect::<Vec<_>>())
}

fn sessions_of(query: Query, sessions: &[&(&NewMessage, &NewSession)]) -> Statement {
    let columns: [Column<(&NewMessage, &NewSession)>; 10] = [
        ("message_id", BigInt, |s| number(s.0.id.0)),
        ("app_id", BigInt, |s| number(s.0.app)),
        ("created_at", BigInt, |s| number(s.0.created_at.millis())),
        ("id", BigInt, |s| number(s.1.id)),
        ("dialect", Text, |s| text(&s.1.dialect)),
        ("public_id", Text, |s| text(&s.1.public_id)),
        ("scope", Text, |s| text(&s.1.scope)),
        ("slot", BigInt, |s| number(s.1.slot)),
        ("details", Bytes, |s| bytes(&s.1.details)),
        ("link", Bytes, |s| bytes(s.1.link.as_deref().unwrap_or_default())),
    ];
    // What answers comes last.
    let (common, answer) = SENDS.rsplit_once("\nSELECT").unwrap_or((SENDS, ""));
    query.rows("s", sessions, &columns).end(&format!("{common}{SESSIONS}\nSELECT{answer}"))
}
