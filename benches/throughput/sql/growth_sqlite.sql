-- Old messages number :first to :last, a millisecond apart, each delivered and verified.
INSERT INTO message (id, app_id, template_id, target, recipient, slot, channel, tag, attempts, max_attempts, created_at, expires_at, verified_at, last_guess)
    WITH RECURSIVE n (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM n WHERE n < :last)
    SELECT (:base + n) << 22, app.id, 'bench', random(), X'171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717', random(), 'sms', X'abababababababababababababababababababababababababababababababab', 1, 5,
        :base + n + 1288834974657, :base + n + 1288834974657 + 600000,
        :base + n + 1288834974657 + 9000, ((:base + n) << 22) + 3
    FROM n, app WHERE app.name = 'bench';
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at)
    WITH RECURSIVE n (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM n WHERE n < :last)
    SELECT (:base + n) << 22, ((:base + n) << 22) + k.id, app.id, k.kind, 'sms', 0, :base + n + 1288834974657
    FROM n, app, (SELECT 1 AS id, 'plan' AS kind UNION ALL SELECT 2, 'sent' UNION ALL SELECT 3, 'verified') AS k
    WHERE app.name = 'bench';
