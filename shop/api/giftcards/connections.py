"""Lists of gift cards: all of them for staff, their own for buyers; newest first."""

from collections.abc import Sequence
from typing import Any

import strawberry

from shop.api.core.connections import CountableConnection, CountableEdge, connect, connect_each, nodes_of, window_of
from shop.api.core.context import Context
from shop.api.giftcards.types import GiftCard
from shop.execution import Selection
from shop.giftcards import queries

_KEYS = len(queries.NEWEST_FIRST.keys)


@strawberry.type(description="A gift card of a page.")
class GiftCardCountableEdge(CountableEdge[GiftCard]):
    pass


@strawberry.type(description="A page of gift cards.")
class GiftCardCountableConnection(CountableConnection[GiftCardCountableEdge]):
    pass


async def list_cards(context: Context, selection: Selection, **paging: Any) -> GiftCardCountableConnection:
    """A page of all gift cards. Two statements at most."""
    window = window_of(context, queries.NEWEST_FIRST, "giftCards", selection, **paging)
    statement = queries.cards_page(window.shape)
    page = queries.NEWEST_FIRST.page(await context.rows(statement, **window.params), window)
    total = (await context.rows(queries.CARDS_COUNT))[0]["total"] if "totalCount" in selection else None
    nodes = nodes_of(GiftCard, statement, page.items, extra=_KEYS)
    made: GiftCardCountableConnection = connect(
        GiftCardCountableConnection, GiftCardCountableEdge, page, nodes, total_count=total
    )
    return made


async def list_cards_of_users(
    context: Context, user_ids: Sequence[int], selection: Selection, **paging: Any
) -> list[GiftCardCountableConnection | None]:
    """A page of the gift cards of each user, in their order, with the statements of one."""
    window = window_of(context, queries.NEWEST_FIRST, "giftCards", selection, **paging)
    return await connect_each(
        context,
        user_ids,
        selection,
        queries.NEWEST_FIRST,
        window,
        page=queries.users_cards_page(window.shape),
        count=queries.USERS_CARDS_COUNT,
        node=GiftCard,
        connection=GiftCardCountableConnection,
        edge=GiftCardCountableEdge,
    )
