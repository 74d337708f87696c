"""Starts as one bit a minute from an origin: a thousand calendars are searched in a moment."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

_MINUTE: Final = timedelta(minutes=1)


def packed(starts: Sequence[datetime], origin: datetime) -> int:
    """Bit `n` for a start `n` minutes after the origin. Shapes: sorted.

    Raises: ValueError for a start before the origin, or between two of its minutes.
    """
    if not starts:
        return 0
    bits = bytearray(max(0, (starts[-1] - origin) // _MINUTE // 8 + 1))
    for start in starts:
        since = start - origin
        minute, rest = divmod(since.seconds, 60)
        if since.days < 0 or rest or since.microseconds:
            raise ValueError(f"{start} is no whole minute after {origin}")
        minute += since.days * 1440
        bits[minute >> 3] |= 1 << (minute & 7)
    return int.from_bytes(bits, "little")


def minutes(bits: int) -> Iterator[int]:
    """Which bits are set, in order."""
    for place, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        if byte:
            for bit in range(8):
                if byte >> bit & 1:
                    yield place * 8 + bit


def unpacked(bits: int, origin: datetime) -> list[datetime]:
    """The starts that the bits stand for, in order."""
    return [origin + minute * _MINUTE for minute in minutes(bits)]


def span_bits(origin: datetime, first: datetime, end: datetime) -> int:
    """A bit for each minute from `first` on and before `end`."""
    skipped = max(0, -((origin - first) // _MINUTE))
    kept = max(0, -((origin - end) // _MINUTE))
    return (1 << kept) - (1 << skipped) if skipped < kept else 0
