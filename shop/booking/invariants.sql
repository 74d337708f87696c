-- Bookings: rows that must not exist. Columns: invariant, subject, detail.
-- No two allocations of a resource overlap (I5).
SELECT 'overlap', one.id::text, 'resource ' || one.resource_id || ' is also taken by ' || two.id
FROM booking_allocation AS one
JOIN booking_allocation AS two ON two.resource_id = one.resource_id AND two.id > one.id AND two.busy && one.busy
UNION ALL
-- A session has no more seats than it was opened with (I5).
SELECT 'seats', session.id::text, count(*) || ' seats of ' || session.capacity
FROM booking_session AS session
JOIN booking_seat AS seat ON seat.session_id = session.id
GROUP BY session.id
HAVING count(*) > session.capacity
UNION ALL
-- Who is booked has the time or the seats for it, who is not has none.
SELECT 'occupancy', booking.id::text, booking.status || ' without what it was sold'
FROM booking_booking AS booking
WHERE booking.status IN ('PENDING_PAYMENT', 'PENDING_APPROVAL', 'CONFIRMED', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW')
  AND CASE WHEN booking.session_id IS NULL
    THEN NOT EXISTS (
        SELECT FROM booking_allocation AS allocation
        WHERE allocation.booking_id = booking.id AND allocation.during = booking.during
    )
    ELSE (SELECT count(*) FROM booking_seat AS seat WHERE seat.booking_id = booking.id) <> booking.seats
  END
UNION ALL
SELECT 'occupancy', booking.id::text, booking.status || ' and still occupies time'
FROM booking_booking AS booking
WHERE booking.status IN ('CANCELLED', 'DECLINED', 'EXPIRED')
  AND (
    EXISTS (SELECT FROM booking_allocation AS allocation WHERE allocation.booking_id = booking.id)
    OR EXISTS (SELECT FROM booking_seat AS seat WHERE seat.booking_id = booking.id)
  )
UNION ALL
-- A live hold has its time or its seats, an ended one has none.
SELECT 'hold', hold.id::text, hold.state || ' without its time'
FROM booking_hold AS hold
WHERE hold.state IN ('ACTIVE', 'EXPIRING')
  AND CASE WHEN hold.session_id IS NULL
    THEN NOT EXISTS (
        SELECT FROM booking_allocation AS allocation
        WHERE allocation.hold_id = hold.id AND allocation.during = hold.during
    )
    ELSE (SELECT count(*) FROM booking_seat AS seat WHERE seat.hold_id = hold.id) <> hold.seats
  END
UNION ALL
SELECT 'hold', hold.id::text, hold.state || ' and still has time'
FROM booking_hold AS hold
WHERE hold.state IN ('CONVERTED', 'RELEASED')
  AND (
    EXISTS (SELECT FROM booking_allocation AS allocation WHERE allocation.hold_id = hold.id)
    OR EXISTS (SELECT FROM booking_seat AS seat WHERE seat.hold_id = hold.id)
  )
UNION ALL
-- A session has its time and somebody in it.
SELECT 'session', session.id::text, 'without time or without people'
FROM booking_session AS session
WHERE NOT EXISTS (SELECT FROM booking_allocation AS allocation WHERE allocation.session_id = session.id)
   OR NOT EXISTS (SELECT FROM booking_seat AS seat WHERE seat.session_id = session.id)
UNION ALL
-- A booking's history tells each of its versions once, and how it came to be what it is (I11).
SELECT 'history', booking.id::text,
  count(event.id) || ' events for version ' || booking.version || ', ' || booking.status
FROM booking_booking AS booking
LEFT JOIN booking_event AS event ON event.booking_id = booking.id
GROUP BY booking.id
HAVING count(event.id) <> booking.version
  OR max(event.booking_version) <> booking.version
  OR (array_agg(event.to_status ORDER BY event.booking_version DESC))[1] <> booking.status
UNION ALL
-- Only legal changes of state (I11).
SELECT 'transition', event.booking_id::text,
  coalesce(event.from_status, 'nothing') || ' became ' || event.to_status
FROM booking_event AS event
LEFT JOIN booking_event AS before
  ON before.booking_id = event.booking_id AND before.booking_version = event.booking_version - 1
WHERE before.to_status IS DISTINCT FROM event.from_status
   OR event.type NOT IN ('DISPUTE_OPENED', 'DISPUTE_WON', 'DISPUTE_LOST')
  AND (coalesce(event.from_status, ''), event.to_status) NOT IN (
    ('', 'PENDING_PAYMENT'), ('', 'PENDING_APPROVAL'), ('', 'CONFIRMED'),
    ('PENDING_PAYMENT', 'CONFIRMED'), ('PENDING_PAYMENT', 'EXPIRED'), ('PENDING_PAYMENT', 'CANCELLED'),
    ('PENDING_APPROVAL', 'CONFIRMED'), ('PENDING_APPROVAL', 'DECLINED'), ('PENDING_APPROVAL', 'CANCELLED'),
    ('CONFIRMED', 'CONFIRMED'), ('CONFIRMED', 'CHECKED_IN'), ('CONFIRMED', 'CANCELLED'), ('CONFIRMED', 'NO_SHOW'),
    ('CHECKED_IN', 'COMPLETED')
  )
   OR event.type IN ('DISPUTE_OPENED', 'DISPUTE_WON', 'DISPUTE_LOST') AND event.from_status <> event.to_status
UNION ALL
-- An entitlement's balance is the sum of its entries.
SELECT 'entitlement', entitlement.id::text,
  'balance ' || entitlement.balance || ', entries ' || coalesce(sum(entry.amount), 0)
FROM booking_entitlement AS entitlement
LEFT JOIN booking_entitlement_entry AS entry ON entry.entitlement_id = entitlement.id
GROUP BY entitlement.id
HAVING entitlement.balance <> coalesce(sum(entry.amount), 0) OR entitlement.seq <> count(entry.id)
