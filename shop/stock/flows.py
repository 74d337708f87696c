"""Stock by the clock, in units of its own."""

from shop.kit.db import Units
from shop.stock.actions import forget_reservations


async def tidy(units: Units) -> None:
    """Reservations whose time is up are gone."""
    await units.run(forget_reservations)
