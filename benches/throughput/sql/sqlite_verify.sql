UPDATE message SET
    status = CASE WHEN code_tag = X'abababababababababababababababababababababababababababababababab' THEN 1 ELSE 0 END,
    attempts = attempts + 1,
    verified_at = CASE WHEN code_tag = X'abababababababababababababababababababababababababababababababab' THEN 1700000000000 END
WHERE id = :id AND app = 1 AND status = 0 AND expires_at > 1700000000000 AND attempts < max_attempts
RETURNING status, max_attempts - attempts;
