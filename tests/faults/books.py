"""What the books say after a fault: orders, charges, and the product's own invariants."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import psycopg

from shop.cli.doctor.stored import all_invariants
from tests.journeys.running import Running


@dataclass(frozen=True)
class Purchase:
    """How one purchase stands, in minor units: its orders' totals here, what was charged and given back there."""

    orders: tuple[int, ...] = ()
    charges: tuple[tuple[int, int], ...] = ()

    @property
    def settled(self) -> bool:
        """One charge and one order over the same sum, or a charge that was given back and no order, or nothing."""
        if len(self.orders) == 1:
            return self.charges == ((self.orders[0], 0),)
        return self.orders == () and all(taken == returned for taken, returned in self.charges)

    @property
    def sold(self) -> bool:
        """One order, paid once."""
        return self.settled and len(self.orders) == 1

    @property
    def returned(self) -> bool:
        """One charge, given back, and no order."""
        return self.settled and self.orders == () and len(self.charges) == 1


def purchases(
    database: psycopg.Connection, running: Running, keys: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, Purchase]:
    """Each purchase as shop and provider have it."""
    orders: dict[uuid.UUID, list[int]] = defaultdict(list)
    for key, total in database.execute(
        "SELECT checkout_id, (total_gross_amount * 100)::int FROM order_order WHERE checkout_id = ANY(%s)", [list(keys)]
    ):
        orders[key].append(total)
    charges: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for charge in running.stripe("charges"):
        if charge["paid"]:
            charges[charge["metadata"].get("shop_purchase", "")].append((charge["amount"], charge["amount_refunded"]))
    return {key: Purchase(tuple(orders[key]), tuple(charges[str(key)])) for key in keys}


def broken(database: psycopg.Connection) -> list[tuple[object, ...]]:
    """The rows that disagree with the product's invariants: invariant, subject, detail."""
    invariants = all_invariants()
    assert invariants
    return [row for checked in invariants for row in database.execute(checked.query.encode()).fetchall()]
