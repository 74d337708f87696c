"""The shop's own facts: `shop { … }`."""

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, ClassVar, Final
from urllib.parse import urlsplit

import strawberry

from shop.api.accounts.types import CountryDisplay
from shop.api.content.navigation import Navigation
from shop.api.core.context import Context, Info
from shop.api.core.enums import WeightUnitsEnum
from shop.api.core.fields import computed, query
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.permissions import staff_with
from shop.channels.queries import CHANNELS
from shop.execution import batch_field
from shop.kit.countries import NAMES
from shop.site import queries

# The version of Saleor's API that the schema follows.
SCHEMA_VERSION: Final = "3.23"
try:
    _VERSION = version("shop")
except PackageNotFoundError:  # a clone that runs without being installed
    _VERSION = "0.1.0"


@strawberry.type(description="Where the shop can be reached.")
class Domain:
    host: str = strawberry.field(description="Host, with its port where that is not the usual one.")
    ssl_enabled: bool = strawberry.field(description="Whether it is reached by HTTPS.")
    url: str = strawberry.field(description="The whole address.")


@strawberry.type(description="The shop as a whole.")
class Shop(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_SETTINGS",)

    name: str = strawberry.field(description="What the shop is called.")
    description: str | None = strawberry.field(description="What it is, in a sentence.")
    header_text: str | None = strawberry.field(description="Text over every page.")
    contact_email: strawberry.Private[str]
    limit_quantity_per_checkout: int | None = strawberry.field(
        description="The most of one variant that a checkout may hold, unless the variant says otherwise."
    )
    reserve_minutes_guest: strawberry.Private[int]
    reserve_minutes_user: strawberry.Private[int]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Shop", 1)

    @batch_field(description="Where the shop can be reached.")
    @staticmethod
    async def domain(parents: list["Shop"], context: Context) -> list[Domain]:
        parts = urlsplit(context.base_url)
        domain = Domain(host=parts.netloc, ssl_enabled=parts.scheme == "https", url=f"{context.base_url}/")
        return [domain] * len(parents)

    @computed(description="All countries that addresses may name.")
    def countries(self) -> list[CountryDisplay]:
        return [CountryDisplay(code=code, country=name) for code, name in NAMES.items()]

    @batch_field(description="The currencies of all active channels.")
    @staticmethod
    async def channel_currencies(parents: list["Shop"], context: Context) -> list[list[str]]:
        rows = await context.rows(CHANNELS)
        currencies = sorted({row["currency_code"] for row in rows if row["active"]})
        return [currencies] * len(parents)

    @computed(description="The menus of every page.")
    def navigation(
        self,
        channel: Annotated[
            str | None, strawberry.argument(description="Slug of the channel whose collections are linked.")
        ] = None,
    ) -> Navigation:
        return Navigation(channel=channel)

    @computed(description="The unit that weights are shown in.")
    def default_weight_unit(self) -> WeightUnitsEnum | None:
        return WeightUnitsEnum.KG

    @computed(description="Whether new variants count their stock.")
    def track_inventory_by_default(self) -> bool | None:
        return True

    @batch_field(
        description="Minutes for which a guest's checkout keeps its stock; null: not at all. Needs MANAGE_SETTINGS.",
        guard=staff_with("MANAGE_SETTINGS"),
    )
    @staticmethod
    async def reserve_stock_duration_anonymous_user(parents: list["Shop"], context: Context) -> list[int | None]:
        return [shop.reserve_minutes_guest or None for shop in parents]

    @batch_field(
        description="Minutes for which a user's checkout keeps its stock; null: not at all. Needs MANAGE_SETTINGS.",
        guard=staff_with("MANAGE_SETTINGS"),
    )
    @staticmethod
    async def reserve_stock_duration_authenticated_user(parents: list["Shop"], context: Context) -> list[int | None]:
        return [shop.reserve_minutes_user or None for shop in parents]

    @computed(description="The version of this software.")
    def version(self) -> str:
        return _VERSION

    @computed(description="The version of Saleor's API that the schema follows.")
    def schema_version(self) -> str:
        return SCHEMA_VERSION


@strawberry.type
class SiteQueries:
    """Queries about the shop as a whole."""

    @query(description="The shop as a whole.")
    async def shop(self, info: Info) -> Shop:
        return (await info.context.fetch(Shop, queries.SETTINGS))[0]
