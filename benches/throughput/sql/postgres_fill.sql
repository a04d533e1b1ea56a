-- 80,000 messages that wait for their code.
INSERT INTO message (id, app_id, template_id, target, recipient, slot, channel, tag, attempts, max_attempts, created_at, expires_at)
SELECT id, 1, 'bench', hashint8extended(id, 1), '\x171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717'::bytea, hashint8extended(id, 2), 'sms', '\xabababababababababababababababababababababababababababababababab'::bytea, 0, 5, 1700000000000, 1900000000000
FROM generate_series(1::bigint, 80000) AS id;
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at)
SELECT id, id, 1, 'plan', 'sms', 0, 1700000000000 FROM generate_series(1::bigint, 80000) AS id;
INSERT INTO send_window (slot, message_id, until)
SELECT hashint8extended(id, 2), id, 1900000000000 FROM generate_series(1::bigint, 80000) AS id;
