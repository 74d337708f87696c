"""Guests' orders are found by an index, whatever there are."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database
from shop.orders.actions.attach import GUESTS_ORDERS
from shop.orders.models import Order


async def test_the_index_of_guests_orders_is_read(database: Database) -> None:
    condition = GUESTS_ORDERS.whereclause
    assert condition is not None
    statement = select(Order.id).where(condition).params(guest_email="guest@example.com")

    async def explain(session: AsyncSession) -> str:
        connection = await session.connection()
        compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        # The test's table is too small for the planner to bother otherwise.
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        return "\n".join(await session.scalars(text(f"EXPLAIN {compiled}".replace(":", r"\:"))))

    assert "ix_order_order_guest_email" in await database.run(explain)
