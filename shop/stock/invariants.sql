-- Stock: rows that must not exist. Columns: invariant, subject, detail.
-- I6: what is promised lies in stock, and is what the allocations add up to.
SELECT 'I6 stock', s.id::text, format('%s promised of %s', s.quantity_allocated, s.quantity)
FROM stock_stock s
WHERE s.quantity_allocated < 0 OR s.quantity_allocated > s.quantity
UNION ALL
SELECT 'I6 allocation', s.id::text, format('%s promised, allocations add up to %s', s.quantity_allocated, a.total)
FROM stock_stock s
JOIN LATERAL (SELECT coalesce(sum(quantity), 0) AS total FROM stock_allocation WHERE stock_id = s.id) a ON true
WHERE s.quantity_allocated <> a.total
