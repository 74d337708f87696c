"""Reading gift cards."""

from typing import Annotated

import strawberry

from shop.api.core.context import Info
from shop.api.core.fields import query
from shop.api.core.ids import query_int
from shop.api.core.permissions import require
from shop.api.giftcards.connections import GiftCardCountableConnection, list_cards
from shop.api.giftcards.types import MANAGER, GiftCard, cards_by_id
from shop.execution import Selection


@strawberry.type
class GiftCardQueries:
    """Queries of gift cards."""

    @query(description="A gift card; null when there is none. Needs MANAGE_GIFT_CARD.")
    async def gift_card(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The card's ID.")]
    ) -> GiftCard | None:
        require(info.context, MANAGER)
        key = query_int(id, "GiftCard")
        return None if key is None else (await cards_by_id(info.context, [key])).get(key)

    @query(description="All gift cards, newest first. Needs MANAGE_GIFT_CARD.")
    async def gift_cards(
        self,
        info: Info,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> GiftCardCountableConnection | None:
        require(info.context, MANAGER)
        return await list_cards(info.context, Selection.below(info), before=before, after=after, first=first, last=last)
