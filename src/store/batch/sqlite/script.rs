//! What the script of a flush does. `$n` means the same parameter in every statement of it.

use crate::store::batch::{Batch, Step};

/// `$9` ledgers of recipients, `$3` blobs. Each has a new version: a message whose ledger has another one now is not written, because
/// somebody else changed it since it was read. `$1` messages.
const LEDGERS: &str = "
INSERT INTO ledger (key, version, previous, log)
  SELECT value->>0, value->>1, value->>2, substr($3, value->>3, value->>4) FROM jsonb_each($9) WHERE true
  ON CONFLICT (key) DO UPDATE SET version = excluded.version, previous = excluded.previous, log = excluded.log
    WHERE ledger.version = excluded.previous;
";

/// `$1` messages, `$4` now. A message that takes the place of another ends the life of its code and its window, unless that was
/// verified or the ledger has changed.
const ENDED: &str = "
UPDATE message SET expires_at = MIN(expires_at, $4) FROM jsonb_each($1) AS sent
  WHERE message.id = sent.value->>'$[15][0]' AND message.verified_at IS NULL AND (sent.value->>'$[14][0]' IS NULL
    OR EXISTS (SELECT 1 FROM ledger WHERE key = sent.value->>'$[14][0]' AND version = sent.value->>'$[14][1]'));
DELETE FROM send_window WHERE slot IN (
  SELECT w.slot FROM jsonb_each($1) AS sent JOIN message AS old ON old.id = sent.value->>'$[15][0]'
  JOIN send_window AS w ON w.slot = old.slot AND w.message_id = old.id WHERE old.expires_at <= $4);
";

/// Follows [`SENDS`]; `$10` the sessions they are for, `$3` blobs.
const SESSIONS: &str = "
INSERT INTO session (id, dialect, public_id, app_id, scope, slot, message_id, sends, sent_at, link, created_at)
  SELECT s.value->>1, s.value->>2, s.value->>3, m.app_id, s.value->>4, s.value->>5, m.id, 1, m.created_at,
         substr($3, s.value->>6, s.value->>7), m.created_at
  FROM jsonb_each($10) AS s JOIN message AS m ON m.id = s.value->>0 WHERE true
  ON CONFLICT (id) DO UPDATE SET message_id = excluded.message_id, sends = session.sends + 1, sent_at = excluded.sent_at;
";

/// `$1` messages, `$2` deliveries, `$3` blobs, `$4` now. A window that is taken over ends the life of the code that held it;
/// that event's id follows from the expiry, so that it is written once (`store/windows.rs`). An
/// event is marked for telling when a callback wants such.
const SENDS: &str = "
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at, published)
  SELECT old.id, ((old.expires_at - 1288834974657) << 22) - 1, old.app_id, 'verified_timeout', old.channel, 0, $4,
         CASE WHEN old.app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
  FROM jsonb_each($1) AS sent JOIN send_window AS w ON w.slot = sent.value->>6 JOIN message AS old ON old.id = w.message_id
  WHERE w.until <= $4 AND NOT w.ended AND old.tag IS NOT NULL AND old.verified_at IS NULL
  ON CONFLICT (message_id, id) DO NOTHING;
INSERT INTO send_window (slot, message_id, until)
  SELECT value->>6, value->>0, value->>12 FROM jsonb_each($1) WHERE value->>6 IS NOT NULL
    AND (value->>'$[14][0]' IS NULL
      OR EXISTS (SELECT 1 FROM ledger WHERE key = value->>'$[14][0]' AND version = value->>'$[14][1]'))
    AND NOT EXISTS (SELECT 1 FROM message WHERE id = value->>'$[15][0]' AND verified_at IS NOT NULL)
  ON CONFLICT (slot) DO UPDATE SET message_id = excluded.message_id, until = excluded.until, ended = FALSE
    WHERE send_window.ended OR send_window.until <= $4;
INSERT INTO message (id, app_id, template_id, target, recipient, slot, channel, tag, attempts, max_attempts, created_at, expires_at, custom_args, session_id, country)
  SELECT value->>0, value->>1, value->>2, value->>3, substr($3, value->>4, value->>5), value->>6, value->>'$[7][0]',
         substr($3, value->>8, value->>9),
         COALESCE((SELECT attempts FROM message WHERE id = sent.value->>'$[15][1]'), 0),
         value->>10, value->>11, value->>12, value->>13, value->>'$[15][2]', value->>'$[7][1]'
  FROM jsonb_each($1) AS sent
  WHERE value->>6 IS NULL
     OR EXISTS (SELECT 1 FROM send_window WHERE slot = sent.value->>6 AND message_id = sent.value->>0)
  ON CONFLICT (id) DO NOTHING;
INSERT INTO outbox (id, message_id, app_id, body, hop, attempt, claim, due_at, expires_at)
  SELECT value->>0, value->>1, value->>2, substr($3, value->>4, value->>5), 0, 0, value->>6, value->>7, value->>8
  FROM jsonb_each($2) WHERE EXISTS (SELECT 1 FROM message WHERE id = value->>1)
  ON CONFLICT (id) DO NOTHING;
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, detail, at, published)
  SELECT value->>1, value->>0, value->>2, 'plan', value->>3, 0, value->>9, $4,
         CASE WHEN value->>2 IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
  FROM jsonb_each($2) WHERE EXISTS (SELECT 1 FROM message WHERE id = value->>1)
  ON CONFLICT (message_id, id) DO NOTHING;
SELECT 'refused' AS part, value->>0 AS id, value->>'$[14][0]' IS NULL
       OR EXISTS (SELECT 1 FROM ledger WHERE key = value->>'$[14][0]' AND version = value->>'$[14][1]') AS fit
  FROM jsonb_each($1) WHERE NOT EXISTS (SELECT 1 FROM message WHERE id = value->>0);
";

/// `$5` guesses, `$4` now. The UPDATE alone decides; what follows reads what it wrote.
const GUESSES: &str = "
UPDATE message SET attempts = attempts + 1, last_guess = guess.id,
    verified_at = CASE WHEN message.tag = guess.tag OR message.tag = guess.old_tag THEN $4 END
  FROM (SELECT value->>0 AS id, value->>1 AS message_id, value->>2 AS app_id,
               unhex(value->>3) AS tag, unhex(value->>4) AS old_tag FROM jsonb_each($5)) AS guess
  WHERE message.id = guess.message_id AND message.app_id = guess.app_id AND message.tag IS NOT NULL
    AND verified_at IS NULL AND attempts < max_attempts AND expires_at > $4;
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, detail, at, published)
  SELECT m.id, m.last_guess, m.app_id, CASE WHEN m.verified_at IS NULL THEN 'verified_failed' ELSE 'verified' END, m.channel, 0,
         guess.value->>5, $4,
         CASE WHEN m.app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
  FROM jsonb_each($5) AS guess JOIN message AS m ON m.id = guess.value->>1 AND m.last_guess = guess.value->>0;
";

/// Follows [`GUESSES`] where one of them is at a session that is looked up by its recipient: its window is left behind
/// (`store/windows.rs`).
const LEFT: &str = "
UPDATE send_window SET ended = TRUE WHERE slot IN (
  SELECT w.slot FROM jsonb_each($5) AS guess
  JOIN message AS m ON m.id = guess.value->>1 AND m.last_guess = guess.value->>0 AND m.verified_at IS NOT NULL
  JOIN send_window AS w ON w.slot = m.slot AND w.message_id = m.id AND NOT w.ended WHERE m.session_id <> m.slot);
";

/// Follows them. Other windows go.
const MET: &str = "
DELETE FROM send_window WHERE slot IN (
  SELECT w.slot FROM jsonb_each($5) AS guess
  JOIN message AS m ON m.id = guess.value->>1 AND m.last_guess = guess.value->>0 AND m.verified_at IS NOT NULL
  JOIN send_window AS w ON w.slot = m.slot AND w.message_id = m.id AND NOT w.ended);
SELECT 'met' AS part, guess.value->>0 AS id, m.last_guess IS guess.value->>0 AS counted,
       m.attempts AS attempts, m.max_attempts AS max_attempts, m.verified_at AS verified_at, m.expires_at AS expires_at
  FROM jsonb_each($5) AS guess
  LEFT JOIN message AS m ON m.id = guess.value->>1 AND m.app_id = guess.value->>2 AND m.tag IS NOT NULL;
";

/// `$7` events of settlements: what they cost, where that is something. Before the settlements, which end the claims that
/// tell which of them count.
const SPEND: &str = "
INSERT INTO spend (app_id, spent)
  SELECT value->>9, SUM(value->>10) FROM jsonb_each($7) JOIN outbox AS o ON o.id = value->>0 AND o.claim = value->>1
  WHERE value->>10 > 0 GROUP BY value->>9
  ON CONFLICT (app_id) DO UPDATE SET spent = spend.spent + excluded.spent;
";

/// `$7` events of settlements, `$8` what providers took and will report on, `$4` now. A settlement whose claim is
/// stale changes nothing.
const TOLD: &str = "
INSERT INTO event (message_id, id, app_id, kind, channel, provider, error_code, detail, at, delivery, attempt, published, cost)
  SELECT o.message_id, value->>2, value->>9, value->>3, value->>4, value->>5, value->>6, value->>7, $4, o.id, value->>8,
         CASE WHEN value->>9 IN (SELECT app_id FROM callback WHERE steps) THEN 0 END, value->>10
  FROM jsonb_each($7) JOIN outbox AS o ON o.id = value->>0 AND o.claim = value->>1;
INSERT INTO hand_over (key, delivery, message_id, app_id, hop, channel, provider, fate, at)
  SELECT value->>2, o.id, o.message_id, o.app_id, value->>3, value->>4, value->>5, 0, $4
  FROM jsonb_each($8) JOIN outbox AS o ON o.id = value->>0 AND o.claim = value->>1 WHERE true
  ON CONFLICT (key) DO UPDATE SET delivery = excluded.delivery, message_id = excluded.message_id, app_id = excluded.app_id,
    hop = excluded.hop, channel = excluded.channel, fate = 0, at = excluded.at;
";

/// `$6` settlements, where one of them gives up: that ends the send window, unless an earlier hop may yet arrive (fate 1 is
/// "failed"). It is left behind or goes, as in [`LEFT`] and [`MET`].
const GIVEN_UP: &str = "
UPDATE send_window SET ended = TRUE WHERE slot IN (
  SELECT w.slot FROM jsonb_each($6) JOIN outbox AS o ON o.id = value->>0 AND o.claim = value->>1
  JOIN message AS m ON m.id = o.message_id JOIN send_window AS w ON w.slot = m.slot AND w.message_id = m.id AND NOT w.ended
  WHERE m.session_id <> m.slot AND value->>2 = 'give_up' AND NOT EXISTS (SELECT 1 FROM hand_over WHERE delivery = o.id AND fate <> 1));
DELETE FROM send_window WHERE slot IN (
  SELECT w.slot FROM jsonb_each($6) JOIN outbox AS o ON o.id = value->>0 AND o.claim = value->>1
  JOIN message AS m ON m.id = o.message_id JOIN send_window AS w ON w.slot = m.slot AND w.message_id = m.id AND NOT w.ended
  WHERE value->>2 = 'give_up' AND NOT EXISTS (SELECT 1 FROM hand_over WHERE delivery = o.id AND fate <> 1));
";

/// `$6` settlements: what is next for their deliveries.
const SETTLEMENTS: &str = "
UPDATE outbox SET claim = 0, claims = 0, hop = s.hop, attempt = s.attempt, due_at = s.due_at
  FROM (SELECT value->>0 AS id, value->>1 AS claim, value->>3 AS hop, value->>4 AS attempt, value->>5 AS due_at
        FROM jsonb_each($6) WHERE value->>2 = 'retry') AS s
  WHERE outbox.id = s.id AND outbox.claim = s.claim;
DELETE FROM outbox WHERE id IN (
  SELECT o.id FROM jsonb_each($6) JOIN outbox AS o ON o.id = value->>0 AND o.claim = value->>1 WHERE value->>2 <> 'retry');
";

/// One of some dozens of texts, each prepared once. A batch of nothing goes through all parts: it shows that they could be written.
pub(super) fn script(batch: &Batch) -> String {
    let nothing = batch.len() == 0;
    let sessions = batch.sends.iter().any(|message| message.session.is_some());
    let replaced = batch.sends.iter().any(|message| message.replaces.is_some());
    let led = batch.guesses.iter().any(|guess| guess.leads);
    let given_up = batch.settlements.iter().any(|settlement| settlement.step == Step::GiveUp);
    let parts = [
        (batch.ledgers.is_empty(), LEDGERS),
        (!replaced, ENDED),
        (batch.sends.is_empty(), SENDS),
        (!sessions, SESSIONS),
        (batch.guesses.is_empty(), GUESSES),
        (!led, LEFT),
        (batch.guesses.is_empty(), MET),
        (!batch.costs(), SPEND),
        (batch.settlements.is_empty(), TOLD),
        (!given_up, GIVEN_UP),
        (batch.settlements.is_empty(), SETTLEMENTS),
    ];
    let parts = parts.iter().filter(|(empty, _)| nothing || !empty).map(|(_, part)| *part);
    std::iter::once("BEGIN IMMEDIATE;").chain(parts).chain(["COMMIT"]).collect()
}
