"""How wanted quantities are spread over the stocks that hold them; decided from values alone."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


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


@dataclass(frozen=True, slots=True)
class Take:
    """So many of a tracked variant leave a warehouse for an order's line."""

    line_id: uuid.UUID
    variant_id: int
    warehouse_id: uuid.UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Promise:
    """Units of a stock that are promised to an order's line."""

    id: int
    stock_id: int
    line_id: uuid.UUID
    quantity: int


@dataclass(slots=True)
class Removal:
    """What taking does: stock to change of quantity and of promises, promise to what is left of it.

    `short`: what the warehouse cannot give, since it is not there or promised to other orders.
    """

    quantities: dict[int, int] = field(default_factory=dict)
    released: dict[int, int] = field(default_factory=dict)
    promises: dict[int, int] = field(default_factory=dict)
    short: list[Take] = field(default_factory=list)


def remove(
    takes: Iterable[Take],
    shelves: Mapping[tuple[int, uuid.UUID], Shelf],
    promises: Iterable[Promise],
    *,
    beyond: bool,
) -> Removal:
    """What has to change for these units to leave; a line's own promises are used up first, those of the place before.

    Units may leave another warehouse than the one that promised them, as long as that one keeps what it promised to
    others. `shelves`: by variant and warehouse; their `free` counts no promise. `beyond`: what is missing leaves
    uncounted, and a stock never falls below its promises.
    """
    result = Removal()
    free = {shelf.stock_id: shelf.free for shelf in shelves.values()}
    own = sorted(promises, key=lambda promise: promise.id)
    left = {promise.id: promise.quantity for promise in own}
    planned = [(take, shelves.get((take.variant_id, take.warehouse_id))) for take in takes]
    for take, shelf in planned:
        wanted = take.quantity
        here = None if shelf is None else shelf.stock_id
        for promise in sorted(own, key=lambda promise: promise.stock_id != here):
            used = min(wanted, left[promise.id]) if promise.line_id == take.line_id else 0
            if used:
                wanted -= used
                left[promise.id] -= used
                result.promises[promise.id] = left[promise.id]
                result.released[promise.stock_id] = result.released.get(promise.stock_id, 0) + used
                free[promise.stock_id] = free.get(promise.stock_id, 0) + used
    for take, shelf in planned:
        given = 0 if shelf is None else min(take.quantity, max(0, free[shelf.stock_id]))
        if given < take.quantity and not beyond:
            result.short.append(take)
        elif shelf is not None:
            free[shelf.stock_id] -= given
            result.quantities[shelf.stock_id] = result.quantities.get(shelf.stock_id, 0) - given
    return result
