"""Root queries about channels."""

import strawberry
from graphql import GraphQLError

from shop.api.channels.types import Channel
from shop.api.core.context import Info
from shop.api.core.fields import query
from shop.api.core.ids import query_int
from shop.api.core.permissions import require_staff
from shop.channels import queries


@strawberry.type
class ChannelQueries:
    """Queries about channels."""

    @query(description="A channel by its slug or ID; null when there is none.")
    async def channel(self, info: Info, id: strawberry.ID | None = None, slug: str | None = None) -> Channel | None:
        if (id is None) == (slug is None):
            raise GraphQLError("Exactly one of the arguments `id` and `slug` is required.")
        found: list[Channel] = []
        if slug is not None:
            found = await info.context.fetch(Channel, queries.CHANNELS_BY_SLUG, slugs=[slug])
        elif id is not None and (pk := query_int(id, "Channel")) is not None:
            found = await info.context.fetch(Channel, queries.CHANNELS_BY_ID, ids=[pk])
        return found[0] if found else None

    @query(description="All channels, by slug. Staff and apps only.")
    async def channels(self, info: Info) -> list[Channel] | None:
        require_staff(info.context)
        return await info.context.fetch(Channel, queries.CHANNELS)
