"""Orders that guests placed become their own once they have an account."""

from typing import Final

from sqlalchemy import Text, bindparam, func, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.events import MailboxProved
from shop.orders.models import Order

# Over the index of guests' orders, which has the e-mail as accounts write it.
GUESTS_ORDERS: Final = (
    update(Order)
    .where(func.lower(Order.email) == bindparam("guest_email", type_=Text), Order.user_id.is_(None))
    .values(updated_at=func.now())
    .execution_options(synchronize_session=False)
)


async def attach_guest_orders(session: AsyncSession, event: MailboxProved) -> None:
    """Orders of this e-mail that are nobody's are the user's. Another account's stay its own."""
    await session.execute(GUESTS_ORDERS.values(user_id=event.user_id), {"guest_email": event.email})
