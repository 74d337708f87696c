"""Events: what happened, written in the transaction of its cause together with the deliveries it owes."""

from typing import Any

from shop.sandbox import faults
from shop.sandbox.call import API_VERSION, Call
from shop.sandbox.store import Json, public, random_id

# Seconds between two events sent in reverse, so that the receiver sees them in that order.
_REORDER_GAP_SECONDS = 0.15


def emit(call: Call, type: str, obj: Json, previous: dict[str, Any] | None = None) -> Json:
    """The event is stored with a snapshot of the object, and every endpoint that asked for it is owed a delivery.

    Source: https://docs.stripe.com/api/events/object
    """
    unit = call.unit
    endpoints = [
        endpoint
        for endpoint in unit.where("webhook_endpoint", status="enabled")
        if "*" in endpoint["enabled_events"] or type in endpoint["enabled_events"]
    ]
    data: Json = {"object": public(obj)}
    if previous is not None:
        data["previous_attributes"] = previous
    event = unit.add(
        {
            "id": random_id("evt_"),
            "object": "event",
            "api_version": API_VERSION,
            "created": unit.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": len(endpoints),
            "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
            "type": type,
        },
        "event",
    )
    if endpoints:
        _owe(call, event, endpoints)
    return event


def _owe(call: Call, event: Json, endpoints: list[Json]) -> None:
    unit = call.unit
    key, fault = faults.for_event(unit, event["type"]) or (0, None)
    kind = None if fault is None else fault.kind
    state = {"webhook_drop": "dropped", "webhook_hold": "held", "webhook_reorder": "held"}.get(kind or "", "pending")
    signature = {"webhook_wrong_signature": "wrong", "webhook_old_timestamp": "old"}.get(kind or "", "good")
    copies = fault.copies if fault is not None and kind == "webhook_duplicate" else 1
    wait = fault.seconds if fault is not None and kind == "webhook_delay" else call.settings.webhook_delay_seconds
    for endpoint in endpoints:
        unit.db.executemany(
            "INSERT INTO delivery (event, type, endpoint, state, next_at, signature, held_by, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(event["id"], event["type"], endpoint["id"], state, unit.time + wait, signature,
              key if state == "held" else None, unit.time)] * copies,
        )  # fmt: skip
    if fault is not None and kind == "webhook_reorder":
        _release_reversed(call, key, fault.window)
    elif fault is not None:
        faults.use(unit, key)


def _release_reversed(call: Call, key: int, window: int) -> None:
    unit = call.unit
    held = unit.db.execute("SELECT id, event FROM delivery WHERE held_by = ? AND state = 'held' ORDER BY id", (key,))
    rows = held.fetchall()
    order = list(dict.fromkeys(event for _, event in rows))[::-1]
    if len(order) < window:
        return
    for delivery, event in rows:
        unit.db.execute(
            "UPDATE delivery SET state = 'pending', held_by = NULL, next_at = ? WHERE id = ?",
            (unit.time + order.index(event) * _REORDER_GAP_SECONDS, delivery),
        )
    faults.use(unit, key)
