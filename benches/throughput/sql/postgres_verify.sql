-- verifyd's own statement for a batch of one; `:id` counts up.
WITH g AS (SELECT :id::bigint + 1 AS id, :id::bigint AS message_id, 1::bigint AS app_id, '\xabababababababababababababababababababababababababababababababab'::bytea AS tag, '\xcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd'::bytea AS old_tag, ''::text AS address),
locked AS (
  SELECT g.* FROM g JOIN message m ON m.id = g.message_id AND m.app_id = g.app_id
    WHERE m.verified_at IS NULL ORDER BY m.id FOR NO KEY UPDATE OF m),
hit AS (
  UPDATE message m SET attempts = m.attempts + 1, last_guess = g.id,
      verified_at = CASE WHEN m.tag = g.tag OR m.tag = g.old_tag THEN 1700000000000::bigint END
    FROM locked g
    WHERE m.id = g.message_id AND m.app_id = g.app_id AND m.tag IS NOT NULL
      AND m.verified_at IS NULL AND m.attempts < m.max_attempts AND m.expires_at > 1700000000000::bigint
    RETURNING g.id AS guess, g.address, m.id, m.app_id, m.channel, m.slot, m.session_id, m.attempts, m.max_attempts, m.verified_at, m.expires_at),
told AS (
  INSERT INTO event (message_id, id, app_id, kind, channel, error_code, detail, at, published)
    SELECT id, guess, app_id, CASE WHEN verified_at IS NULL THEN 'verified_failed' ELSE 'verified' END, channel, 0,
           NULLIF(address, ''), 1700000000000::bigint,
           CASE WHEN app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
    FROM hit),
freed AS (
  DELETE FROM send_window w USING hit WHERE w.slot = hit.slot AND w.message_id = hit.id AND hit.verified_at IS NOT NULL
    AND (hit.session_id <> hit.slot) IS NOT TRUE)
SELECT guess AS id, 1::bigint AS counted, attempts::bigint AS attempts, max_attempts::bigint AS max_attempts, verified_at,
       expires_at FROM hit
UNION ALL
SELECT g.id, 0, m.attempts, m.max_attempts, m.verified_at, m.expires_at
  FROM g LEFT JOIN message m ON m.id = g.message_id AND m.app_id = g.app_id AND m.tag IS NOT NULL
  WHERE g.id NOT IN (SELECT guess FROM hit);
