-- The statements of one verify with the right code.
UPDATE message SET attempts = attempts + 1, last_guess = :id + 1,
    verified_at = CASE WHEN tag = X'abababababababababababababababababababababababababababababababab' OR tag = X'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd' THEN 1700000000000 END
    WHERE id = :id AND app_id = 1 AND tag IS NOT NULL
      AND verified_at IS NULL AND attempts < max_attempts AND expires_at > 1700000000000
    RETURNING attempts, max_attempts, verified_at, expires_at;
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at)
    VALUES (:id, :id + 1, 1, 'verified', 'sms', 0, 1700000000000);
DELETE FROM send_window WHERE slot = :digest AND message_id = :id;
