INSERT INTO message (id, app, template, recipient, channel, status, attempts, max_attempts, code_tag, key_id, created_at, expires_at, delivery)
SELECT id, 1, 'bench', int8send(id) || '\x111111111111111111111111111111111111111111111111'::bytea, 'sms', 0, 0, 5, '\xabababababababababababababababababababababababababababababababab'::bytea, 1, 1700000000000, 1900000000000, 0
FROM generate_series(1::bigint, 100000) AS id;
