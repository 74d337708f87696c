-- Pricing: rows that must not exist. Columns: invariant, subject, detail.
-- I6: what lists show as in stock is: a variant with a price there needs no stock, or has some that can be sent from there.
SELECT 'I6 in stock', l.product_id::text, format('channel %s says %s', l.channel_id, l.in_stock)
FROM pricing_product_listing l
WHERE l.in_stock <> EXISTS (
  SELECT FROM pricing_variant_listing p
  JOIN catalogue_variant v ON v.id = p.variant_id
  WHERE v.product_id = l.product_id AND p.channel_id = l.channel_id
    AND (NOT v.track_inventory OR EXISTS (
      SELECT FROM stock_stock s
      JOIN stock_warehouse_channel c ON c.warehouse_id = s.warehouse_id AND c.channel_id = l.channel_id
      JOIN stock_warehouse_zone w ON w.warehouse_id = s.warehouse_id
      JOIN shipping_zone_channel z ON z.zone_id = w.zone_id AND z.channel_id = l.channel_id
      WHERE s.variant_id = v.id AND s.quantity > s.quantity_allocated))
)
