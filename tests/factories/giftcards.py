"""Gift cards, issued by the action itself."""

from decimal import Decimal
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.giftcards.actions import Issued, NewCard, issue
from shop.giftcards.models import GiftCard


async def gift_card(session: AsyncSession, amount: str = "50.00", currency: str = "USD", **columns: Any) -> Issued:
    """A card that anybody may spend, but for what the test says of it."""
    issued = await issue(session, NewCard(Decimal(amount), currency, code=columns.pop("code", None)))
    if columns:
        await session.execute(update(GiftCard).where(GiftCard.id == issued.id).values(**columns))
    return issued
