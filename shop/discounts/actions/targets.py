"""What vouchers and rules are about."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue.models import Category, Collection, Product, Variant
from shop.discounts.models import Target
from shop.kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class Targets:
    """Keys of goods: each means all that belongs to it. Shapes: None, of a thing that has some: they stay."""

    product_ids: Sequence[int] | None = None
    variant_ids: Sequence[int] | None = None
    collection_ids: Sequence[int] | None = None
    category_ids: Sequence[int] | None = None

    def __bool__(self) -> bool:
        return bool(self.product_ids or self.variant_ids or self.collection_ids or self.category_ids)


# By the attribute of `Targets`: the column, the table, and what Saleor calls the input.
_KINDS: Final[Any] = {
    "product_ids": ("product_id", Product, "products"),
    "variant_ids": ("variant_id", Variant, "variants"),
    "collection_ids": ("collection_id", Collection, "collections"),
    "category_ids": ("category_id", Category, "categories"),
}


async def aim(
    session: AsyncSession,
    targets: Targets,
    *,
    voucher_id: int | None = None,
    rule_id: uuid.UUID | None = None,
    instead: bool = False,
) -> None:
    """The voucher or the rule is about these goods; `instead` of those of the same kinds that it had.

    Raises: NotFound.
    """
    rows: list[dict[str, Any]] = []
    nothing = dict.fromkeys(column for column, _, _ in _KINDS.values())
    for column, keys in (await _known(session, targets)).items():
        if instead:
            await aim_no_more(session, voucher_id=voucher_id, rule_id=rule_id, kind=column)
        rows += [{**nothing, column: key, "voucher_id": voucher_id, "rule_id": rule_id} for key in keys]
    if rows:
        # What it is about already stays.
        await session.execute(insert(Target).values(rows).on_conflict_do_nothing())


async def aim_away(session: AsyncSession, targets: Targets, *, voucher_id: int) -> None:
    """The voucher is not about these goods any more; those that it was not about are passed over. Raises: NotFound."""
    for column, keys in (await _known(session, targets)).items():
        await session.execute(delete(Target).where(Target.voucher_id == voucher_id, getattr(Target, column).in_(keys)))


async def _known(session: AsyncSession, targets: Targets) -> dict[str, list[int]]:
    """The keys by their column, for the kinds that are given. Raises: NotFound."""
    known = {}
    for name, (column, model, field) in _KINDS.items():
        keys = getattr(targets, name)
        if keys is None:
            continue
        if keys and set(keys) - set(await session.scalars(select(model.id).where(model.id.in_(keys)))):
            raise NotFound("There is no such thing in the catalogue.", field=field)
        known[column] = sorted(set(keys))
    return known


async def aim_no_more(
    session: AsyncSession,
    *,
    voucher_id: int | None = None,
    rule_id: uuid.UUID | None = None,
    kind: str | None = None,
) -> None:
    """The voucher or the rule is about no goods any more, or about none of the kind."""
    mine = Target.rule_id == rule_id if voucher_id is None else Target.voucher_id == voucher_id
    statement = delete(Target).where(mine)
    await session.execute(statement if kind is None else statement.where(getattr(Target, kind).is_not(None)))
