"""Reading vouchers and promotions. All of it is for staff with MANAGE_DISCOUNTS."""

from dataclasses import replace
from typing import Annotated, Any

import strawberry

from shop.api.channels.scope import channel_by_slug
from shop.api.core.connections import CountableConnection, CountableEdge, connect, nodes_of, window_of
from shop.api.core.context import Context, Info
from shop.api.core.fields import query
from shop.api.core.ids import query_int, query_uuid
from shop.api.core.permissions import require
from shop.api.discounts.promotions import (
    Promotion,
    PromotionCountableConnection,
    PromotionCountableEdge,
    promotions_by_id,
)
from shop.api.discounts.vouchers import MANAGERS, Voucher, vouchers_by_id
from shop.discounts import queries
from shop.execution import Selection

_KEYS = len(queries.VOUCHERS_BY_NAME.keys)
ChannelSlug = Annotated[
    str | None, strawberry.argument(description="Slug of the channel whose values and minimum are meant.")
]


@strawberry.type(description="A voucher of a page.")
class VoucherCountableEdge(CountableEdge[Voucher]):
    pass


@strawberry.type(description="A page of vouchers, by name.")
class VoucherCountableConnection(CountableConnection[VoucherCountableEdge]):
    pass


@strawberry.type
class DiscountQueries:
    """Queries of vouchers and promotions."""

    @query(description="A voucher by its ID. Needs MANAGE_DISCOUNTS.")
    async def voucher(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The voucher's ID.")],
        channel: ChannelSlug = None,
    ) -> Voucher | None:
        context = info.context
        require(context, *MANAGERS)
        key = query_int(id, "Voucher")
        return (await vouchers_by_id(context, [(key, await _channel_key(context, channel))]))[0]

    @query(description="Vouchers, by name; with a channel, those that are worth something there. For MANAGE_DISCOUNTS.")
    async def vouchers(
        self,
        info: Info,
        channel: ChannelSlug = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> VoucherCountableConnection | None:
        require(info.context, *MANAGERS)
        return await _list(
            info.context, Selection.below(info), channel, before=before, after=after, first=first, last=last
        )

    @query(description="A promotion by its ID. Needs MANAGE_DISCOUNTS.")
    async def promotion(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The promotion's ID.")],
    ) -> Promotion | None:
        require(info.context, *MANAGERS)
        key = query_uuid(id, "Promotion")
        return None if key is None else (await promotions_by_id(info.context, [key])).get(key)

    @query(description="Promotions, by name. Needs MANAGE_DISCOUNTS.")
    async def promotions(
        self,
        info: Info,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> PromotionCountableConnection | None:
        require(info.context, *MANAGERS)
        return await _list_promotions(
            info.context, Selection.below(info), before=before, after=after, first=first, last=last
        )


async def _list_promotions(context: Context, selection: Selection, **paging: Any) -> PromotionCountableConnection:
    keyset = queries.PROMOTIONS_BY_NAME
    window = window_of(context, keyset, "promotions", selection, **paging)
    statement = queries.promotions_page(window.shape)
    page = keyset.page(await context.rows(statement, **window.params), window)
    total = (await context.rows(queries.PROMOTIONS_COUNT))[0]["total"] if "totalCount" in selection else None
    nodes = nodes_of(Promotion, statement, page.items, extra=len(keyset.keys))
    made: PromotionCountableConnection = connect(
        PromotionCountableConnection, PromotionCountableEdge, page, nodes, total_count=total
    )
    return made


async def _channel_key(context: Context, slug: str | None) -> int | None:
    found = None if slug is None else await channel_by_slug(context, slug)
    return None if found is None else found.id


async def _list(
    context: Context, selection: Selection, channel: str | None, **paging: Any
) -> VoucherCountableConnection:
    window = window_of(context, queries.VOUCHERS_BY_NAME, "vouchers", selection, **paging)
    key = await _channel_key(context, channel)
    # A slug that no channel has lists nothing.
    params = {} if channel is None else {"channel_id": key or 0}
    statement = queries.vouchers_page(window.shape, in_channel=channel is not None)
    page = queries.VOUCHERS_BY_NAME.page(await context.rows(statement, **params, **window.params), window)
    total = None
    if "totalCount" in selection:
        total = (await context.rows(queries.vouchers_count(in_channel=channel is not None), **params))[0]["total"]
    nodes = [replace(one, channel_key=key) for one in nodes_of(Voucher, statement, page.items, extra=_KEYS)]
    made: VoucherCountableConnection = connect(
        VoucherCountableConnection, VoucherCountableEdge, page, nodes, total_count=total
    )
    return made
