//! What is sent: messages, deliveries, windows, ledgers and sessions in one statement.

use sea_orm::DbErr;

use crate::{
    core::clock::Timestamp,
    store::batch::{
        Batch, NewDelivery, NewMessage,
        ledgers::LedgerRow,
        rows::{Column, Query, Statement, bytes, number, text, written},
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
  INSERT INTO ledger (key, version, previous, log) SELECT key, version, previous, log FROM l
    ON CONFLICT (key) DO UPDATE SET version = excluded.version, previous = excluded.previous, log = excluded.log
      WHERE ledger.version = excluded.previous
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
    ON CONFLICT (slot) DO UPDATE SET message_id = excluded.message_id, until = excluded.until, ended = FALSE
      WHERE send_window.ended OR send_window.until <= :now OR send_window.message_id = excluded.message_id
         OR send_window.message_id = (SELECT replaces FROM m WHERE m.id = excluded.message_id)
    RETURNING message_id),
taken AS (SELECT * FROM fit WHERE slot = 0 OR id IN (SELECT message_id FROM won)),
refused AS (SELECT id FROM m WHERE id NOT IN (SELECT id FROM taken)),
timed_out AS (
  INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at, published)
    SELECT old.id, ((old.expires_at - 1288834974657) << 22) - 1, old.app_id, 'verified_timeout', old.channel, 0, :now,
           CASE WHEN old.app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
    FROM taken m JOIN send_window w ON w.slot = m.slot JOIN message old ON old.id = w.message_id
    WHERE old.id <> m.id AND old.id <> m.replaces AND NOT w.ended AND old.tag IS NOT NULL AND old.verified_at IS NULL
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

/// Follows [`SENDS`] where messages are sent for sessions.
const SESSIONS: &str = ",
kept AS (
  INSERT INTO session (id, dialect, public_id, app_id, scope, slot, message_id, sends, sent_at, link, created_at)
    SELECT session_id, dialect, public_id, app_id, scope, session_slot, id, 1, created_at, NULLIF(link, ''::bytea), created_at
    FROM m WHERE session_id <> 0 AND id NOT IN (SELECT id FROM refused)
    ON CONFLICT (id) DO UPDATE SET message_id = excluded.message_id, sends = session.sends + 1,
      sent_at = excluded.sent_at)";

pub(super) fn sends(batch: &Batch, now: Timestamp) -> Result<Statement, DbErr> {
    let columns: [Column<NewMessage>; 17] = [
        number("id", |m| m.id.0),
        number("app_id", |m| m.app),
        text("template_id", |m| &m.template_id),
        number("target", |m| m.target),
        bytes("recipient", |m| &m.recipient),
        number("slot", |m| m.slot.unwrap_or(0)),
        text("channel", |m| m.channel.as_str()),
        bytes("tag", |m| m.tag.as_ref().map_or(&[], |tag| tag.as_slice())),
        number("max_attempts", |m| m.max_attempts.into()),
        number("created_at", |m| m.created_at.millis()),
        number("expires_at", |m| m.expires_at.millis()),
        text("custom_args", |m| m.custom_args.as_deref().unwrap_or("")),
        number("ledger", |m| m.budget.map_or(0, |budget| budget.key)),
        number("replaces", |m| m.replaces.map_or(0, |old| old.message.0)),
        number("goes_on", |m| m.replaces.and_then(|old| old.counted).map_or(0, |counted| counted.0.0)),
        number("session_id", |m| m.session.as_ref().map_or(0, |session| session.id)),
        text("country", |m| m.country.unwrap_or_default()),
    ];
    let columns_of_deliveries: [Column<(&NewMessage, &NewDelivery)>; 9] = [
        number("id", |d| d.1.id),
        number("message_id", |d| d.0.id.0),
        number("app_id", |d| d.0.app),
        text("channel", |d| d.0.channel.as_str()),
        number("expires_at", |d| d.0.expires_at.millis()),
        written("address", |d| d.0.address.map_or(String::new(), |address| address.to_string())),
        bytes("body", |d| &d.1.body),
        number("claim", |d| d.1.claim),
        number("due_at", |d| d.1.due_at.millis()),
    ];
    let columns_of_ledgers: [Column<LedgerRow>; 4] = [
        number("key", |l| l.key),
        number("version", |l| l.version),
        number("previous", |l| l.previous),
        bytes("log", |l| &l.log),
    ];
    let mut sorted: Vec<_> = batch.sends.iter().collect();
    sorted.sort_unstable_by_key(|message| message.slot);
    let mut ledgers: Vec<_> = batch.ledgers.iter().collect();
    ledgers.sort_unstable_by_key(|ledger| ledger.key);
    let deliveries: Vec<_> = sorted.iter().flat_map(|m| m.deliveries.iter().map(move |d| (*m, d))).collect();
    let deliveries: Vec<_> = deliveries.iter().collect();
    let sessions = sorted.iter().any(|message| message.session.is_some());
    let mut columns = Vec::from(columns);
    if sessions {
        columns.extend(columns_of_sessions());
    }
    let query = Query::new(now)?.rows("m", &sorted, &columns)?.rows("d", &deliveries, &columns_of_deliveries)?;
    let query = query.rows("l", &ledgers, &columns_of_ledgers)?;
    if !sessions {
        return Ok(query.end(SENDS));
    }
    // What answers comes last.
    let (common, answer) = SENDS.rsplit_once("\nSELECT").unwrap_or((SENDS, ""));
    Ok(query.end(&format!("{common}{SESSIONS}\nSELECT{answer}")))
}

/// Of messages; empty for those that are for none.
fn columns_of_sessions<'a>() -> [Column<'a, NewMessage>; 5] {
    [
        text("dialect", |m| m.session.as_ref().map_or("", |session| &session.dialect)),
        text("public_id", |m| m.session.as_ref().map_or("", |session| &session.public_id)),
        text("scope", |m| m.session.as_ref().map_or("", |session| &session.scope)),
        number("session_slot", |m| m.session.as_ref().map_or(0, |session| session.slot)),
        bytes("link", |m| m.session.as_ref().and_then(|session| session.link.as_deref()).unwrap_or_default()),
    ]
}
