-- 90,000 messages whose delivery waits: for a provider that is asked again in a quarter of an hour.
-- At 100,000 the server refuses sends.
INSERT INTO message (id, app_id, template_id, target, recipient, slot, channel, tag, attempts, max_attempts, created_at, expires_at)
    SELECT (ms - 1288834974657 - 200000 + n) << 22, app.id, 'bench', hashint8extended(n, 1), decode(repeat(md5(n::text), 4), 'hex'),
        hashint8extended(n, 2), 'sms', decode(repeat(md5(n::text), 2), 'hex'), 0, 5, ms - 200000 + n, ms + 3600000
    FROM generate_series(1, 90000) AS n, (SELECT (extract(epoch FROM now()) * 1000)::bigint AS ms) AS now, app WHERE app.name = 'bench';
INSERT INTO outbox (id, message_id, app_id, body, hop, attempt, claim, due_at, expires_at)
    SELECT id, id, app_id, decode(repeat(md5(id::text), 25), 'hex'), 0, 1, 0, created_at + 900000, expires_at FROM message;
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at)
    SELECT id, id, app_id, 'plan', channel, 0, created_at FROM message;
VACUUM ANALYZE message, outbox, event;
