-- The rows of one send.
INSERT INTO send_window (slot, message_id, until) VALUES (:digest, :id, 1900000000000)
    ON CONFLICT (slot) DO UPDATE SET message_id = excluded.message_id, until = excluded.until
    WHERE send_window.until <= 1700000000000;
INSERT INTO message (id, app_id, template_id, target, recipient, slot, channel, tag, attempts, max_attempts, created_at, expires_at)
    VALUES (:id, 1, 'bench', :digest, X'171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717', :digest, 'sms', X'abababababababababababababababababababababababababababababababab', 0, 5, 1700000000000, 1900000000000);
INSERT INTO outbox (id, message_id, app_id, body, hop, attempt, claim, due_at, expires_at)
    VALUES (:id, :id, 1, X'c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5', 0, 0, 1, 1700000000000, 1900000000000);
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at) VALUES (:id, :id, 1, 'plan', 'sms', 0, 1700000000000);
INSERT INTO ledger (key, version, previous, log) VALUES (:digest, :id, 0, X'01010101010101010101010101010101010101010101010101010101010101010101010101')
    ON CONFLICT (key) DO UPDATE SET version = excluded.version, log = excluded.log WHERE ledger.version = excluded.previous;
