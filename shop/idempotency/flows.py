"""Keyed requests by the clock, in units of their own."""

from shop.idempotency.actions import forget as forget_keys
from shop.kit.db import Units


async def forget(units: Units) -> None:
    """Keys of yesterday are gone, with their answers."""
    await units.run(forget_keys)
