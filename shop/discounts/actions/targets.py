"""What vouchers and rules are about."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.discounts.models import Target


@dataclass(frozen=True, slots=True)
class Targets:
    """Keys of goods: each means all that belongs to it."""

    product_ids: Sequence[int] = ()
    variant_ids: Sequence[int] = ()
    collection_ids: Sequence[int] = ()
    category_ids: Sequence[int] = ()

    def __bool__(self) -> bool:
        return bool(self.product_ids or self.variant_ids or self.collection_ids or self.category_ids)


async def aim(
    session: AsyncSession, targets: Targets, *, voucher_id: int | None = None, rule_id: uuid.UUID | None = None
) -> None:
    """The voucher or the rule, which has had none, is about these goods."""
    rows: list[dict[str, Any]] = []
    for column, keys in (
        ("product_id", targets.product_ids),
        ("variant_id", targets.variant_ids),
        ("collection_id", targets.collection_ids),
        ("category_id", targets.category_ids),
    ):
        nothing = dict.fromkeys(("product_id", "variant_id", "collection_id", "category_id"))
        rows += [{**nothing, column: key, "voucher_id": voucher_id, "rule_id": rule_id} for key in sorted(set(keys))]
    if rows:
        await session.execute(insert(Target), rows)
