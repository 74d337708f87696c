-- Payments: rows that must not exist. Columns: invariant, subject, detail.
WITH ledger AS (
  SELECT
    t.*,
    (SELECT coalesce(sum(e.amount), 0) FROM payment_transaction_event e
      WHERE e.transaction_id = t.id AND e.type = 'CHARGE_SUCCESS') AS captured,
    (SELECT coalesce(sum(e.amount), 0) FROM payment_transaction_event e
      WHERE e.transaction_id = t.id AND e.type = 'AUTHORIZATION_SUCCESS') AS held,
    (SELECT coalesce(sum(e.amount) FILTER (WHERE e.type = 'REFUND_SUCCESS'), 0) FROM payment_transaction_event e
      WHERE e.transaction_id = t.id AND NOT EXISTS (
        SELECT 1 FROM payment_transaction_event r
        WHERE r.transaction_id = t.id AND r.psp_reference = e.psp_reference
          AND r.type IN ('REFUND_REVERSE', 'REFUND_FAILURE'))) AS given_back,
    (SELECT coalesce(sum(e.amount) FILTER (WHERE e.type = 'CHARGE_BACK'), 0) FROM payment_transaction_event e
      WHERE e.transaction_id = t.id AND NOT EXISTS (
        SELECT 1 FROM payment_transaction_event r
        WHERE r.transaction_id = t.id AND r.psp_reference = e.psp_reference AND r.type = 'REFUND_REVERSE')) AS taken_back
  FROM payment_transaction t
)
-- I1: the amounts of a transaction are what its events add up to.
SELECT 'I1 ledger', id::text,
       format('charged %s, its events say %s', charged_amount, captured - given_back - refund_pending_amount - taken_back)
FROM ledger
WHERE charged_amount <> greatest(0, captured - given_back - refund_pending_amount - taken_back)
UNION ALL
SELECT 'I1 ledger', id::text,
       format('authorised %s, its events say %s', authorized_amount,
              held - captured - charge_pending_amount - cancelled_amount - cancel_pending_amount)
FROM ledger
WHERE authorized_amount <> greatest(0, held - captured - charge_pending_amount - cancelled_amount - cancel_pending_amount)
UNION ALL
SELECT 'I1 ledger', id::text, format('refunded %s, its events say %s', refunded_amount, given_back)
FROM ledger
WHERE refunded_amount <> given_back
UNION ALL
SELECT 'I1 currency', e.transaction_id::text, format('an event in %s of a payment in %s', e.currency, t.currency)
FROM payment_transaction_event e
JOIN payment_transaction t ON t.id = e.transaction_id
WHERE e.currency <> t.currency
UNION ALL
-- I3: nothing is charged beyond what was asked for, nothing given back beyond what was charged, unless somebody knows.
SELECT 'I3 charged', l.id::text, format('asked for %s, charged %s', l.requested_amount, l.captured)
FROM ledger l
WHERE l.captured > l.requested_amount
  AND NOT EXISTS (SELECT 1 FROM payment_alert a WHERE a.kind = 'payment-mismatch' AND a.purchase_key = l.purchase_key)
UNION ALL
SELECT 'I3 refunded', l.id::text, format('charged %s, given back %s', l.captured, l.given_back + l.refund_pending_amount)
FROM ledger l
WHERE l.given_back + l.refund_pending_amount + l.taken_back > l.captured
  AND NOT EXISTS (SELECT 1 FROM payment_alert a WHERE a.kind = 'refunded-too-much' AND a.reference = l.id::text)
UNION ALL
-- A payment that succeeded or ended has no way back to open.
SELECT 'I11 state', t.id::text, format('%s with a successful event', t.status)
FROM payment_transaction t
WHERE t.status <> 'SUCCEEDED'
  AND EXISTS (SELECT 1 FROM payment_transaction_event e
              WHERE e.transaction_id = t.id AND e.type IN ('CHARGE_SUCCESS', 'AUTHORIZATION_SUCCESS'))
