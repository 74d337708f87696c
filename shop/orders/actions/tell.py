"""Mails about orders, with the lines in their history that say so."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import ids
from shop.mail.actions import queue_mail
from shop.orders.actions.locked import LockedOrder, note
from shop.orders.queries import shop_name


async def mail_to_buyer(
    session: AsyncSession,
    order: LockedOrder,
    template: str,
    *,
    key: str,
    kind: str | None,
    order_url: str | None,
    by_user_id: int | None,
    **context: Any,
) -> None:
    """The mail about the order is in the outbox, and the order's history says so; an order without e-mail has none.

    `kind`: Saleor's name of the mail, none where the history has an event of its own for it; `key`: its cause.
    """
    if not order.email:
        return
    await queue_mail(
        session,
        dedupe_key=key,
        recipient=order.email,
        template=template,
        context={
            "shop_name": await shop_name(session),
            "number": order.number,
            "order_url": order_url.replace("{id}", ids.encode("Order", order.id)) if order_url else None,
            **context,
        },
    )
    if kind is not None:
        await note(session, order.id, "EMAIL_SENT", {"email": order.email, "email_type": kind}, by_user_id=by_user_id)
