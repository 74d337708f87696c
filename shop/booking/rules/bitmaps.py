"""What is done with starts as one bit a minute (`slots.slot_bits`): a thousand calendars are searched in a moment.

What a resource offers is kept with the version of its calendar: it is worth nothing once the calendar has changed, or
once a hold in it has run out. Lead time and horizon move with the clock, so they are applied when asking.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Offered:
    """The starts of one resource, and of which state of its calendar. Shapes: all bits from one origin."""

    calendar_version: int
    starts: int
    # When the next hold in the calendar runs out and its time may be free again; None without holds.
    until: datetime | None = None


def is_current(offered: Offered, calendar_version: int, now: datetime) -> bool:
    """Whether these are still the starts of a calendar of that version."""
    return offered.calendar_version == calendar_version and (offered.until is None or now < offered.until)


def unpacked(bits: int, origin: datetime) -> Iterator[datetime]:
    """The starts that the bits stand for, in order."""
    for place, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        if byte:
            for bit in range(8):
                if byte >> bit & 1:
                    yield origin + (place * 8 + bit) * _MINUTE


def between(bits: int, origin: datetime, first: datetime, end: datetime) -> int:
    """Only the starts from `first` on and before `end`."""
    skipped = max(0, -((origin - first) // _MINUTE))
    kept = max(0, -((origin - end) // _MINUTE))
    return bits >> skipped << skipped & (1 << kept) - 1


def offered_by_any(offers: Iterable[int]) -> int:
    """The starts at which at least one is free."""
    result = 0
    for bits in offers:
        result |= bits
    return result


def free_at(start: datetime, origin: datetime, offers: Mapping[int, int]) -> list[int]:
    """Who is free at a start, by id; the lowest first, so that the same question has the same answer."""
    minute = (start - origin) // _MINUTE
    return sorted(resource_id for resource_id, bits in offers.items() if bits >> minute & 1)
