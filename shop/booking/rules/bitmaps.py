"""Numbers as bits, one for each minute from an origin: a thousand calendars are searched in a moment."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

_MINUTE: Final = timedelta(minutes=1)


def points(runs: Iterable[range]) -> int:
    """A bit for each number of the runs. Shapes: none below 0; in order, one after the other."""
    bits = bytearray()
    for run in runs:
        if run:
            bits.extend(bytes((run[-1] >> 3) + 1 - len(bits)))
        for number in run:
            bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def stretches(spans: Iterable[tuple[int, int]]) -> int:
    """A bit for each number of the half-open spans. Shapes: none below 0, none empty; in order, apart or touching."""
    # All bits of `[first, end)` are 2^end - 2^first: two bits for each span, and one subtraction for them all.
    firsts, ends = bytearray(), bytearray()
    for first, end in spans:
        more = bytes((end >> 3) + 1 - len(ends))
        firsts += more
        ends += more
        firsts[first >> 3] |= 1 << (first & 7)
        ends[end >> 3] |= 1 << (end & 7)
    return int.from_bytes(ends, "little") - int.from_bytes(firsts, "little")


def minutes(bits: int) -> Iterator[int]:
    """Which bits are set, in order."""
    for place, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        if byte:
            for bit in range(8):
                if byte >> bit & 1:
                    yield place * 8 + bit


def span_bits(origin: datetime, first: datetime, end: datetime) -> int:
    """A bit for each minute from `first` on and before `end`."""
    skipped = max(0, -((origin - first) // _MINUTE))
    kept = max(0, -((origin - end) // _MINUTE))
    return (1 << kept) - (1 << skipped) if skipped < kept else 0
