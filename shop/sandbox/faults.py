"""Faults on demand: what may go wrong between the shop and Stripe, asked for through `/_sandbox` and kept in the store.

This module says which fault applies; `api` and `deliveries` act on it.
"""

from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shop.sandbox.store import Unit

ApiFault = Literal["delay", "rate_limit", "error_before", "error_after", "hang_before", "hang_after"]
WebhookFault = Literal[
    "webhook_delay",
    "webhook_drop",
    "webhook_duplicate",
    "webhook_reorder",
    "webhook_hold",
    "webhook_wrong_signature",
    "webhook_old_timestamp",
]
API_FAULTS: tuple[ApiFault, ...] = ("delay", "rate_limit", "error_before", "error_after", "hang_before", "hang_after")
WEBHOOK_FAULTS: tuple[WebhookFault, ...] = (
    "webhook_delay",
    "webhook_drop",
    "webhook_duplicate",
    "webhook_reorder",
    "webhook_hold",
    "webhook_wrong_signature",
    "webhook_old_timestamp",
)


class Fault(BaseModel):
    """A fault as it is asked for. It strikes the next `times` matching calls or events, then it is spent.

    Units: seconds. `path`, `method` and `event` are shell patterns; `copies` is how often a duplicated event is sent,
    `window` how many events are gathered before they are sent in reverse.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ApiFault | WebhookFault
    times: int = Field(default=1, ge=1, le=100_000)
    method: str = "*"
    path: str = "*"
    event: str = "*"
    seconds: float = Field(default=30, ge=0, le=86_400)
    copies: int = Field(default=2, ge=2, le=100)
    window: int = Field(default=2, ge=2, le=100)


def add(unit: Unit, fault: Fault) -> int:
    """The fault lies in wait; its id is returned."""
    row = unit.db.execute(
        "INSERT INTO fault (kind, remaining, body) VALUES (?, ?, ?)", (fault.kind, fault.times, fault.model_dump_json())
    )
    return int(row.lastrowid or 0)


def waiting(unit: Unit) -> list[tuple[int, int, Fault]]:
    """The faults not yet spent, oldest first. Shapes: (id, times left, fault)."""
    rows = unit.db.execute("SELECT id, remaining, body FROM fault WHERE remaining > 0 ORDER BY id")
    return [(key, remaining, Fault.model_validate_json(body)) for key, remaining, body in rows]


def clear(unit: Unit) -> None:
    """No fault lies in wait, and events that one held back are on their way."""
    unit.db.execute("DELETE FROM fault")
    unit.db.execute("UPDATE delivery SET state = 'pending', next_at = ? WHERE state = 'held'", (unit.time,))


def for_request(unit: Unit, method: str, path: str) -> Fault | None:
    """The oldest fault that matches this API call, counted as used."""
    for key, _, fault in waiting(unit):
        if fault.kind in API_FAULTS and fnmatchcase(method, fault.method.upper()) and fnmatchcase(path, fault.path):
            use(unit, key)
            return fault
    return None


def for_event(unit: Unit, event_type: str) -> tuple[int, Fault] | None:
    """The oldest fault that matches this event, with its id. The caller says when it is used."""
    for key, _, fault in waiting(unit):
        if fault.kind in WEBHOOK_FAULTS and fnmatchcase(event_type, fault.event):
            return key, fault
    return None


def use(unit: Unit, key: int) -> None:
    """One use of the fault is counted."""
    unit.db.execute("UPDATE fault SET remaining = remaining - 1 WHERE id = ?", (key,))
