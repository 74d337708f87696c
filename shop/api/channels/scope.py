"""In which channel a request reads: the argument, else the only active channel; remembered for the whole request."""

from dataclasses import dataclass, field

from graphql import GraphQLError

from shop.api.core.context import Context
from shop.browse.queries import Sight
from shop.tax import queries
from shop.tax.queries import TaxedChannel
from shop.tax.rules import Rates

# Staff who work with products in some way see all of them, published or not.
SEES_ALL_PRODUCTS = ("MANAGE_PRODUCTS", "MANAGE_ORDERS", "MANAGE_DISCOUNTS")


@dataclass(slots=True)
class _Memory:
    channels: dict[str | None, TaxedChannel | None] = field(default_factory=dict)
    rates: dict[str, Rates] = field(default_factory=dict)


async def channel_by_slug(context: Context, slug: str) -> TaxedChannel | None:
    """The channel and how it taxes; None when there is none of that slug."""
    known = context.remember(_Memory).channels
    if slug not in known:
        rows = await context.fetch(TaxedChannel, queries.TAXED_CHANNELS_BY_SLUG, slugs=[slug])
        known[slug] = rows[0] if rows else None
    return known[slug]


async def channels_with_taxes(context: Context, ids: set[int]) -> dict[int, TaxedChannel]:
    """The channels and how they tax, by their keys: those that the request knows already are not read again."""
    memory = context.remember(_Memory).channels
    known = {channel.id: channel for channel in memory.values() if channel is not None}
    missing = sorted(ids - known.keys())
    if missing:
        for channel in await context.fetch(TaxedChannel, queries.TAXED_CHANNELS_BY_ID, ids=missing):
            memory[channel.slug] = known[channel.id] = channel
    return known


async def rates_in(context: Context, country: str) -> Rates:
    """All rates of a country."""
    known = context.remember(_Memory).rates
    if country not in known:
        known[country] = queries.rates(await context.rows(queries.RATES_BY_COUNTRY, countries=[country]))
    return known[country]


async def _default_channel(context: Context) -> TaxedChannel:
    known = context.remember(_Memory).channels
    if None not in known:
        rows = await context.fetch(TaxedChannel, queries.DEFAULT_CHANNEL)
        known[None] = rows[0] if len(rows) == 1 else None
    default = known[None]
    if default is None:
        raise GraphQLError("Pass the argument `channel`: it may be left out only where one channel is active.")
    return default


@dataclass(frozen=True, slots=True)
class Scope:
    """What a request may see, and in which channel."""

    sight: Sight
    channel: TaxedChannel | None

    @property
    def params(self) -> dict[str, int]:
        """The channel as a parameter of statements."""
        return {} if self.channel is None else {"channel_id": self.channel.id}


def sees_all_products(context: Context) -> bool:
    """Whether the caller sees products that are not published. The reply is then nobody else's."""
    if context.caller.may(*SEES_ALL_PRODUCTS):
        context.is_private = True
        return True
    return False


async def scope_of(context: Context, slug: str | None) -> Scope | None:
    """What the caller may see in the channel of that slug; None: nothing, there is no such channel to them.

    Staff without a slug see all channels at once; everyone else means the only active one.
    Raises: GraphQLError where it is not clear which channel is meant.
    """
    if sees_all_products(context):
        if slug is None:
            return Scope(Sight(in_channel=False, public=False), None)
        channel = await channel_by_slug(context, slug)
        return None if channel is None else Scope(Sight(in_channel=True, public=False), channel)
    channel = await _default_channel(context) if slug is None else await channel_by_slug(context, slug)
    return None if channel is None or not channel.is_active else Scope(Sight(in_channel=True, public=True), channel)
