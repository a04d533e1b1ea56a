-- verifyd's own statement for a batch of one; `:id` counts up.
WITH m AS (SELECT :id::bigint AS id, 1::bigint AS app_id, 'bench'::text AS template_id,
    hashint8extended(:id::bigint, 1) AS target, '\x171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717'::bytea AS recipient,
    hashint8extended(:id::bigint, 2) AS slot, 'sms'::text AS channel, '\xabababababababababababababababababababababababababababababababab'::bytea AS tag, 5::bigint AS max_attempts,
    1700000000000::bigint AS created_at, 1900000000000::bigint AS expires_at, ''::text AS custom_args,
    hashint8extended(:id::bigint, 3) AS ledger, 0::bigint AS replaces, 0::bigint AS goes_on, 0::bigint AS session_id,
    ''::text AS country),
d AS (SELECT :id::bigint AS id, :id::bigint AS message_id, 1::bigint AS app_id, 'sms'::text AS channel,
    1900000000000::bigint AS expires_at, ''::text AS address, '\xc5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5'::bytea AS body, 1::bigint AS claim, 1700000000000::bigint AS due_at),
l AS (SELECT hashint8extended(:id::bigint, 3) AS key, :id::bigint AS version, 0::bigint AS previous,
    '\x01010101010101010101010101010101010101010101010101010101010101010101010101'::bytea AS log),
noted AS (
  INSERT INTO ledger (key, version, previous, log) SELECT key, version, previous, log FROM l
    ON CONFLICT (key) DO UPDATE SET version = excluded.version, previous = excluded.previous, log = excluded.log
      WHERE ledger.version = excluded.previous
    RETURNING key),
fit AS (SELECT * FROM m WHERE ledger = 0 OR ledger IN (SELECT key FROM noted)),
replaced AS (
  UPDATE message old
    SET expires_at = CASE WHEN old.verified_at IS NULL THEN LEAST(old.expires_at, 1700000000000::bigint) ELSE old.expires_at END
    FROM fit WHERE fit.replaces <> 0 AND old.id = fit.replaces
    RETURNING fit.id, old.attempts, old.verified_at),
ended AS (SELECT id, attempts FROM replaced WHERE verified_at IS NULL),
won AS (
  INSERT INTO send_window (slot, message_id, until)
    SELECT slot, id, expires_at FROM fit WHERE slot <> 0 AND (replaces = 0 OR id IN (SELECT id FROM ended))
    ON CONFLICT (slot) DO UPDATE SET message_id = excluded.message_id, until = excluded.until, ended = FALSE
      WHERE send_window.ended OR send_window.until <= 1700000000000::bigint OR send_window.message_id = excluded.message_id
         OR send_window.message_id = (SELECT replaces FROM m WHERE m.id = excluded.message_id)
    RETURNING message_id),
taken AS (SELECT * FROM fit WHERE slot = 0 OR id IN (SELECT message_id FROM won)),
refused AS (SELECT id FROM m WHERE id NOT IN (SELECT id FROM taken)),
timed_out AS (
  INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at, published)
    SELECT old.id, ((old.expires_at - 1288834974657) << 22) - 1, old.app_id, 'verified_timeout', old.channel, 0, 1700000000000::bigint,
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
    SELECT message_id, id, app_id, 'plan', channel, 0, NULLIF(address, ''), 1700000000000::bigint,
           CASE WHEN app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
    FROM d WHERE message_id NOT IN (SELECT id FROM refused) ON CONFLICT (message_id, id) DO NOTHING)
SELECT id, (id IN (SELECT id FROM fit))::int::bigint AS fit FROM refused;
