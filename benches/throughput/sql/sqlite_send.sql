INSERT INTO message (id, app, template, recipient, channel, status, attempts, max_attempts, code_tag, key_id, created_at, expires_at, delivery)
    VALUES (:id, 1, 'bench', :digest, 'sms', 0, 0, 5, X'abababababababababababababababababababababababababababababababab', 1, 1700000000000, 1900000000000, 0);
INSERT INTO outbox (message, app, next_at, attempts, expires_at, sealed)
    VALUES (:id, 1, 1700000000000, 0, 1900000000000, X'c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5');
INSERT INTO event (message, app, kind, at) VALUES (:id, 1, 'plan', 1700000000000);
INSERT INTO send_window (app, template, recipient, message, until)
    VALUES (1, 'bench', :digest, :id, 1900000000000)
ON CONFLICT (app, template, recipient) DO UPDATE SET message = excluded.message, until = excluded.until
WHERE send_window.until <= 1700000000000;
