-- Gift cards: rows that must not exist. Columns: invariant, subject, detail.
-- I8: what is left on a card is what was put on it less what was spent, and never less than nothing.
SELECT 'I8 balance', c.id::text, format('%s %s left, its ledger says %s', c.current_amount, c.currency, e.total)
FROM giftcard_card c
JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS total FROM giftcard_event WHERE card_id = c.id) e ON true
WHERE c.current_amount <> e.total OR c.current_amount < 0
UNION ALL
SELECT 'I8 ledger', e.id::text, format('%s after it, the events until then add up to %s', e.balance_amount, e.running)
FROM (
  SELECT id, balance_amount, sum(amount) OVER (PARTITION BY card_id ORDER BY id) AS running FROM giftcard_event
) e
WHERE e.balance_amount <> e.running
