-- 90,000 messages whose delivery waits: for a provider that is asked again in a quarter of an hour.
-- At 100,000 the server refuses sends.
INSERT INTO message (id, app_id, template_id, target, recipient, slot, channel, tag, attempts, max_attempts, created_at, expires_at)
    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 90000),
        now (ms) AS (SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER))
    SELECT (ms - 1288834974657 - 200000 + n) << 22, app.id, 'bench', random(), randomblob(60), random(), 'sms', randomblob(32), 0, 5,
        ms - 200000 + n, ms + 3600000
    FROM n, now, app WHERE app.name = 'bench';
INSERT INTO outbox (id, message_id, app_id, body, hop, attempt, claim, due_at, expires_at)
    SELECT id, id, app_id, randomblob(400), 0, 1, 0, created_at + 900000, expires_at FROM message;
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at)
    SELECT id, id, app_id, 'plan', channel, 0, created_at FROM message;
