"""The channels that the storefront offers, with what every page must know of them: currency and countries."""

import time
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from shop.storefront import visitor
from shop.storefront.api import Api

_FRESH_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Country:
    """A country that the channel delivers to."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Market:
    """A channel as shoppers see it."""

    slug: str
    name: str
    currency: str
    countries: tuple[Country, ...]


class NoMarket(Exception):
    """No configured channel exists: the shop is not set up yet."""


class Markets:
    """The configured channels that exist, kept for a minute: they change rarely and every page asks."""

    def __init__(self, api: Api, slugs: tuple[str, ...]) -> None:
        self._api = api
        self._slugs = slugs
        self._known: list[Market] = []
        self._read_at = float("-inf")

    async def all(self, request: Request) -> list[Market]:
        """Every channel that exists, in the configured order."""
        if not self._known or time.monotonic() - self._read_at > _FRESH_SECONDS:
            self._known = [market for slug in self._slugs if (market := await self._read(request, slug))]
            self._read_at = time.monotonic()
        return self._known

    async def default(self, request: Request) -> Market:
        """The first channel that exists. Raises: NoMarket."""
        markets = await self.all(request)
        if not markets:
            raise NoMarket
        return markets[0]

    async def chosen(self, request: Request) -> Market:
        """The channel that this visitor sees. Raises: NoMarket."""
        wanted = visitor.channel_of(request)
        default = await self.default(request)
        return next((market for market in self._known if market.slug == wanted), default)

    async def _read(self, request: Request, slug: str) -> Market | None:
        channel = (await self._api.query_as_anyone(request, "ChannelDetails", slug=slug))["channel"]
        if channel is None:
            return None
        countries = sorted((c["country"], c["code"]) for c in channel["countries"] or [])
        return Market(
            slug=channel["slug"],
            name=channel["name"],
            currency=channel["currencyCode"],
            countries=tuple(Country(code, name) for name, code in countries),
        )
