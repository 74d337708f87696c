"""Orders that guests placed become their own once they have an account."""

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.events import MailboxProved
from shop.orders.models import Order


async def attach_guest_orders(session: AsyncSession, event: MailboxProved) -> None:
    """Orders of this e-mail that are nobody's are the user's. Another account's stay its own."""
    statement = (
        update(Order)
        .where(func.lower(Order.email) == event.email, Order.user_id.is_(None))
        .values(user_id=event.user_id, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)
