-- Lists: rows that must not exist. Columns: invariant, subject, detail.
-- I6: what a list is sorted by, where that is an attribute, is the least of the product's values.
SELECT 'I6 sorts', coalesce(k.product_id, t.product_id)::text,
  format('attribute %s: kept as %s, is %s', coalesce(k.attribute_id, t.attribute_id), k.kept, t.found)
FROM (
  SELECT attribute_id, product_id, concat(number, moment, place, name) AS kept FROM browse_attribute_sort
) k
FULL JOIN (
  SELECT a.id AS attribute_id, p.id AS product_id, CASE
    WHEN a.input_type = 'NUMERIC' THEN min(v.number)::text
    WHEN a.input_type IN ('DATE', 'DATE_TIME') THEN min(v.moment)::text
    WHEN a.input_type IN ('DROPDOWN', 'MULTISELECT', 'SWATCH') THEN min(v.sort_order)::text
    ELSE min(v.name)
  END AS found
  FROM catalogue_product p
  JOIN attribute_of_product_type h ON h.product_type_id = p.product_type_id AND NOT h.of_variants
  JOIN attribute_attribute a ON a.id = h.attribute_id
  LEFT JOIN (attribute_product_value o JOIN attribute_value v ON v.id = o.value_id)
    ON o.product_id = p.id AND v.attribute_id = a.id
  GROUP BY a.id, p.id
) t ON t.attribute_id = k.attribute_id AND t.product_id = k.product_id
WHERE k.product_id IS NULL OR t.product_id IS NULL OR k.kept <> coalesce(t.found, '')
