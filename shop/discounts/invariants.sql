-- Discounts: rows that must not exist. Columns: invariant, subject, detail.
-- I7: a voucher has been used as often as orders say, and never beyond its limit.
SELECT 'I7 uses', v.id::text, format('counts %s, %s redemptions, limit %s', v.used, r.uses, v.usage_limit)
FROM discount_voucher v
JOIN LATERAL (SELECT count(*) AS uses FROM discount_redemption WHERE voucher_id = v.id) r ON true
WHERE v.used <> r.uses OR r.uses > v.usage_limit
UNION ALL
SELECT 'I7 code', c.id::text, format('counts %s, %s redemptions', c.used, r.uses)
FROM discount_voucher_code c
JOIN discount_voucher v ON v.id = c.voucher_id
JOIN LATERAL (SELECT count(*) AS uses FROM discount_redemption WHERE code_id = c.id) r ON true
WHERE c.used <> r.uses OR (v.single_use AND r.uses > 1)
UNION ALL
-- I7: a customer, known by account or by e-mail, has used a voucher once where it says so.
SELECT 'I7 customer', r.voucher_id::text, format('%s uses by one customer', count(*))
FROM discount_redemption r
WHERE r.once_per_customer
GROUP BY r.voucher_id, r.email_digest
HAVING count(*) > 1
UNION ALL
SELECT 'I7 user', r.voucher_id::text, format('%s uses by one user', count(*))
FROM discount_redemption r
WHERE r.once_per_customer AND r.user_id IS NOT NULL
GROUP BY r.voucher_id, r.user_id
HAVING count(*) > 1
UNION ALL
SELECT 'I7 order', r.purchase_key::text, 'a voucher was used, and there is no order'
FROM discount_redemption r
WHERE NOT EXISTS (SELECT 1 FROM order_order o WHERE o.checkout_id = r.purchase_key)
