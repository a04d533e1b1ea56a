-- verifyd's own statement for a batch of one; `:id` counts up.
WITH m AS (SELECT :id::bigint AS id, 1::bigint AS app_id, 'bench'::text AS template_id,
    hashint8extended(:id::bigint, 1) AS target, '\x171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717'::bytea AS recipient,
    hashint8extended(:id::bigint, 2) AS slot, 'sms'::text AS channel, '\xabababababababababababababababababababababababababababababababab'::bytea AS tag, 5::bigint AS max_attempts,
    1700000000000::bigint AS created_at, 1900000000000::bigint AS expires_at, ''::text AS custom_args),
d AS (SELECT :id::bigint AS id, :id::bigint AS message_id, '\xc5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5'::bytea AS body, 1::bigint AS claim, 1700000000000::bigint AS due_at),
won AS (
  INSERT INTO send_window (slot, message_id, until)
    SELECT slot, id, expires_at FROM m WHERE slot <> 0
    ON CONFLICT (slot) DO UPDATE SET message_id = excluded.message_id, until = excluded.until
      WHERE send_window.until <= 1700000000000::bigint OR send_window.message_id = excluded.message_id
    RETURNING message_id),
taken AS (SELECT * FROM m WHERE slot = 0 OR id IN (SELECT message_id FROM won)),
timed_out AS (
  INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at, published)
    SELECT old.id, ((old.expires_at - 1288834974657) << 22) - 1, old.app_id, 'verified_timeout', old.channel, 0, 1700000000000::bigint,
           CASE WHEN old.app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
    FROM m JOIN won ON won.message_id = m.id JOIN send_window w ON w.slot = m.slot JOIN message old ON old.id = w.message_id
    WHERE old.id <> m.id AND old.tag IS NOT NULL AND old.verified_at IS NULL ON CONFLICT (message_id, id) DO NOTHING),
written AS (
  INSERT INTO message (id, app_id, template_id, target, recipient, slot, channel, tag, attempts, max_attempts,
                       created_at, expires_at, custom_args)
    SELECT id, app_id, template_id, target, recipient, NULLIF(slot, 0), channel, NULLIF(tag, ''::bytea), 0, max_attempts,
           created_at, expires_at, NULLIF(custom_args, '')
    FROM taken ON CONFLICT (id) DO NOTHING),
queued AS (
  INSERT INTO outbox (id, message_id, app_id, body, hop, attempt, claim, due_at, expires_at)
    SELECT d.id, d.message_id, t.app_id, d.body, 0, 0, d.claim, d.due_at, t.expires_at
    FROM d JOIN taken t ON t.id = d.message_id ON CONFLICT (id) DO NOTHING),
told AS (
  INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at, published)
    SELECT d.message_id, d.id, t.app_id, 'plan', t.channel, 0, 1700000000000::bigint,
           CASE WHEN t.app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
    FROM d JOIN taken t ON t.id = d.message_id ON CONFLICT (message_id, id) DO NOTHING)
SELECT id FROM m WHERE id NOT IN (SELECT id FROM taken);
