"""Marks calendars as changed."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Integer, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.models import Resource
from shop.kit.db import send

_BUMP: Final = (
    update(Resource)
    .where(
        Resource.id
        == any_(
            # In the order of ids, whoever else marks some of them: an update alone locks in any order.
            select(Resource.id)
            .where(Resource.id == any_(bindparam("ids", type_=ARRAY(Integer))))
            .order_by(Resource.id)
            .with_for_update(key_share=True)
            .scalar_subquery()
        )
    )
    .values(calendar_version=Resource.calendar_version + 1, updated_at=Resource.updated_at)
    .execution_options(synchronize_session=False)
)


async def mark_changed(session: AsyncSession, resource_ids: Collection[int]) -> None:
    """Whatever was computed from these calendars is stale. Called last in a change: their rows stay locked."""
    if resource_ids:
        await send(session, _BUMP, ids=sorted(set(resource_ids)))
