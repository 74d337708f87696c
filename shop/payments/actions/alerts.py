"""Tells a person about money that no rule may decide over."""

import uuid

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.payments.models import Alert


async def raise_alert(
    session: AsyncSession, *, kind: str, reference: str, purchase_key: uuid.UUID | None, detail: str
) -> bool:
    """The alert exists, once per kind and reference. The answer says whether it is new."""
    statement = (
        insert(Alert)
        .values(kind=kind, reference=reference, purchase_key=purchase_key, detail=detail)
        .on_conflict_do_nothing()
        .returning(Alert.id)
    )
    return await session.scalar(statement) is not None
