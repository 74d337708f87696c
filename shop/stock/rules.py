"""How wanted quantities are spread over the stocks that hold them; decided from values alone."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demand:
    """So many of a tracked variant, promised to an order's line."""

    line_id: uuid.UUID
    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """A stock that may serve: how many of the variant lie free in one warehouse."""

    stock_id: int
    variant_id: int
    free: int
    # The warehouse's place in the channel; the first one serves first.
    position: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one stock gives to one line."""

    line_id: uuid.UUID
    stock_id: int
    quantity: int


def spread(demands: Iterable[Demand], shelves: Iterable[Shelf]) -> tuple[list[Share], dict[int, int]]:
    """What each stock gives, and for each variant that falls short how many are left of it.

    Stocks serve in the channel's order of warehouses, and a line takes from the next one only what the first lacks.
    """
    by_variant: dict[int, list[Shelf]] = defaultdict(list)
    for shelf in sorted(shelves, key=lambda shelf: (shelf.position, shelf.stock_id)):
        by_variant[shelf.variant_id].append(shelf)
    left = {shelf.stock_id: shelf.free for rack in by_variant.values() for shelf in rack}
    shares: list[Share] = []
    short: dict[int, int] = {}
    for demand in demands:
        wanted = demand.quantity
        for shelf in by_variant[demand.variant_id]:
            given = min(wanted, left[shelf.stock_id])
            if given > 0:
                left[shelf.stock_id] -= given
                wanted -= given
                shares.append(Share(demand.line_id, shelf.stock_id, given))
            if wanted == 0:
                break
        if wanted > 0:
            short[demand.variant_id] = sum(shelf.free for shelf in by_variant[demand.variant_id])
    return shares, short
