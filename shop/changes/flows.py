"""Changes by the clock, in units of their own."""

from shop.changes.actions import sweep as sweep_changes
from shop.kit.db import Units


async def sweep(units: Units) -> None:
    """Changes that every process has seen are gone."""
    await units.run(sweep_changes)
