-- Orders: rows that must not exist. Columns: invariant, subject, detail.
-- I2: an order's total is its lines and its delivery, to the minor unit, net and gross.
SELECT 'I2 total', o.id::text,
       format('net %s, gross %s; lines and delivery are %s and %s', o.total_net_amount, o.total_gross_amount,
              l.net + o.shipping_net_amount, l.gross + o.shipping_gross_amount)
FROM order_order o
JOIN LATERAL (
  SELECT coalesce(sum(total_net_amount), 0) AS net, coalesce(sum(total_gross_amount), 0) AS gross
  FROM order_line WHERE order_id = o.id
) l ON true
WHERE o.total_net_amount <> l.net + o.shipping_net_amount OR o.total_gross_amount <> l.gross + o.shipping_gross_amount
   OR o.subtotal_net_amount <> l.net OR o.subtotal_gross_amount <> l.gross
UNION ALL
-- I3: an order's charged and authorised amounts are those of its payments.
SELECT 'I3 charged', o.id::text, format('order says %s, its payments %s', o.total_charged_amount, p.charged)
FROM order_order o
JOIN LATERAL (
  SELECT coalesce(sum(charged_amount), 0) AS charged, coalesce(sum(authorized_amount), 0) AS authorized
  FROM payment_transaction
  WHERE purchase_key = coalesce(o.checkout_id, o.id) AND currency = o.currency
) p ON true
WHERE o.total_charged_amount <> p.charged OR o.total_authorized_amount <> p.authorized
UNION ALL
-- I4: a checkout that became an order is gone, so that it cannot become another.
SELECT 'I4 checkout', o.id::text, 'its checkout is still there'
FROM order_order o
JOIN checkout_checkout c ON c.id = o.checkout_id
UNION ALL
SELECT 'I4 order', o.checkout_id::text, format('%s orders of one checkout', count(*))
FROM order_order o
WHERE o.checkout_id IS NOT NULL
GROUP BY o.checkout_id
HAVING count(*) > 1
UNION ALL
-- I9: money without an order is on its way back, or somebody knows, within a quarter of an hour and a sweep.
SELECT 'I9 paid', t.id::text, format('%s %s without an order', t.charged_amount + t.authorized_amount, t.currency)
FROM payment_transaction t
WHERE t.charged_amount + t.authorized_amount > 0
  AND t.updated_at < now() - interval '20 minutes'
  AND NOT EXISTS (SELECT 1 FROM order_order o WHERE o.checkout_id = t.purchase_key OR o.id = t.purchase_key)
  AND NOT EXISTS (SELECT 1 FROM payment_alert a WHERE a.purchase_key = t.purchase_key)
UNION ALL
SELECT 'I6 allocation', a.order_line_id::text, 'stock promised to a line that does not exist'
FROM stock_allocation a
WHERE NOT EXISTS (SELECT 1 FROM order_line l WHERE l.id = a.order_line_id)
UNION ALL
-- I2: what discounts took off is the difference, on the side of the tax on which prices are entered.
SELECT 'I2 discounts', o.id::text,
       format('%s gross, %s net less %s is neither %s nor %s', o.undiscounted_total_gross_amount,
              o.undiscounted_total_net_amount, d.amount, o.total_gross_amount, o.total_net_amount)
FROM order_order o
JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS amount FROM order_discount WHERE order_id = o.id) d ON true
WHERE o.undiscounted_total_gross_amount - d.amount <> o.total_gross_amount
  AND o.undiscounted_total_net_amount - d.amount <> o.total_net_amount
UNION ALL
SELECT 'I2 undiscounted', o.id::text,
       format('%s gross; lines and delivery are %s', o.undiscounted_total_gross_amount,
              l.gross + o.undiscounted_shipping_gross_amount)
FROM order_order o
JOIN LATERAL (
  SELECT coalesce(sum(undiscounted_total_net_amount), 0) AS net, coalesce(sum(undiscounted_total_gross_amount), 0) AS gross
  FROM order_line WHERE order_id = o.id
) l ON true
WHERE o.undiscounted_total_gross_amount <> l.gross + o.undiscounted_shipping_gross_amount
   OR o.undiscounted_total_net_amount <> l.net + o.undiscounted_shipping_net_amount
