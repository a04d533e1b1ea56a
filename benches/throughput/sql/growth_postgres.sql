-- Old messages number :first to :last, a millisecond apart, each delivered and verified.
INSERT INTO message (id, app_id, template_id, target, recipient, slot, channel, tag, attempts, max_attempts, created_at, expires_at, verified_at, last_guess)
    SELECT (:base + n) << 22, app.id, 'bench', hashint8extended(n, 1), '\x171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717'::bytea, hashint8extended(n, 2), 'sms',
        '\xabababababababababababababababababababababababababababababababab'::bytea, 1, 5, :base + n + 1288834974657, :base + n + 1288834974657 + 600000,
        :base + n + 1288834974657 + 9000, ((:base + n) << 22) + 3
    FROM generate_series(:first::bigint, :last::bigint) AS n, app WHERE app.name = 'bench';
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at)
    SELECT (:base + n) << 22, ((:base + n) << 22) + k.id, app.id, k.kind, 'sms', 0, :base + n + 1288834974657
    FROM generate_series(:first::bigint, :last::bigint) AS n, app,
        (VALUES (1, 'plan'), (2, 'sent'), (3, 'verified')) AS k (id, kind)
    WHERE app.name = 'bench';
