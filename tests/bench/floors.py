"""The storefront's product list as somebody would write it who needs no schema: the floor that lists are measured by.

The same statements on one driver connection, dicts by hand, one JSON encoder. No validation, no permissions, no
errors, no arguments that were not asked for. Prices are worked out once for each amount.
"""

import binascii
from collections import defaultdict
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy.sql import Executable
from starlette.types import Receive, Scope, Send

from shop.browse import listing
from shop.browse.listing import Kind
from shop.browse.queries import COLLECTION_LIST, PRODUCT_LIST, Sight
from shop.catalogue import queries as catalogue
from shop.kit import clock
from shop.kit.db.reader import prepare
from shop.kit.pagination import LIMIT
from shop.pricing.queries import SHOWN_VARIANTS_SOLD
from shop.pricing.rules import taxed
from shop.tax import queries as tax
from shop.tax.rules import rate_for

_PARTS: Final = frozenset({"metadata", "picture", "availability", "prices"})
_PRODUCTS: Final = Kind(PRODUCT_LIST, Sight(True, True, True), ("and",), "SLUG", wanted=_PARTS)
_PAGE: Final = listing.page(_PRODUCTS, (False, None))
_COUNT: Final = listing.count(_PRODUCTS)
_COLLECTIONS: Final = listing.matching_each(
    Kind(COLLECTION_LIST, Sight(True, True), ("and",), "SLUG", within="product", wanted=frozenset())
)


class Statement:
    """A statement's text and the order of its parameters, looked up once."""

    def __init__(self, statement: Executable) -> None:
        prepared = prepare(statement)
        self.sql = prepared.sql
        self.names = prepared.names
        self.defaults = prepared.defaults

    def arguments(self, **values: Any) -> list[Any]:
        """The positional values."""
        values = self.defaults | values
        return [values[name] for name in self.names]


_channel, _rates = Statement(tax.TAXED_CHANNELS_BY_SLUG), Statement(tax.RATES_BY_COUNTRY)
_page, _count, _categories = Statement(_PAGE), Statement(_COUNT), Statement(catalogue.CATEGORIES_BY_ID)
_collections, _media = Statement(_COLLECTIONS), Statement(catalogue.SHOWN_MEDIA_BY_PRODUCT)
_variants = Statement(SHOWN_VARIANTS_SOLD)


def _id(name: str, pk: int) -> str:
    return binascii.b2a_base64(f"{name}:{pk}".encode(), newline=False).decode()


def _thumbnail(base: str, path: str, size: int) -> str:
    return f"{base}/thumbnail/{path.rpartition('/')[2]}/{size}/webp"


class ProductListFloor:
    """The endpoint, as an ASGI application that knows one document."""

    def __init__(self, connection: Any, base_url: str, cost: dict[str, int]) -> None:
        self.connection = connection
        self.base_url = base_url
        self.cost = cost

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        body = orjson.loads((await receive())["body"])
        data = await self.products(body["variables"]["channel"], body["variables"]["first"])
        reply = {"data": {"products": data}, "extensions": {"cost": self.cost}}
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": orjson.dumps(reply)})

    async def products(self, slug: str, first: int) -> dict[str, Any]:
        """The field `products`."""
        fetch, now = self.connection.fetch, clock.now()
        (channel,) = await fetch(_channel.sql, *_channel.arguments(slugs=[slug]))
        place = {"channel_id": channel["id"], "now": now}
        rows = await fetch(_page.sql, *_page.arguments(**place, **{LIMIT: first + 1}))
        more, rows = len(rows) > first, rows[:first]
        (total,) = await fetch(_count.sql, *_count.arguments(**place))
        ids = sorted(row["pk"] for row in rows)
        keys = sorted({row["category_id"] for row in rows if row["category_id"] is not None})
        categories = {
            row["pk"]: {"id": _id("Category", row["pk"]), "name": row["name"], "slug": row["slug"]}
            for row in await fetch(_categories.sql, *_categories.arguments(ids=keys))
        }
        collections: dict[int, list[Any]] = defaultdict(list)
        for row in await fetch(_collections.sql, *_collections.arguments(**place, parents=ids)):
            shown = {"id": _id("Collection", row["pk"]), "name": row["name"], "slug": row["slug"]}
            collections[row["parent"]].append(shown)
        media: dict[int, list[Any]] = defaultdict(list)
        for row in await fetch(_media.sql, *_media.arguments(ids=ids)):
            media[row["owner_id"]].append(self.media(row))
        countries = [channel["default_country"]]
        rates = tax.rates(await fetch(_rates.sql, *_rates.arguments(countries=countries)))
        prices = _Prices(channel, rates)
        variants: dict[int, list[Any]] = defaultdict(list)
        for row in await fetch(_variants.sql, *_variants.arguments(ids=ids, channel_id=channel["id"])):
            variants[row["product_id"]].append(_variant(row, prices))
        edges = []
        for row in rows:
            pk, picture = row["pk"], row["asset_path"]
            cursor = binascii.b2a_base64(orjson.dumps([row["sort_0"], row["sort_1"]]), newline=False).decode()
            node = {
                "__typename": "Product",
                "id": _id("Product", pk),
                "name": row["name"],
                "slug": row["slug"],
                "seoTitle": row["seo_title"],
                "seoDescription": row["seo_description"],
                "created": _time(row["created"]),
                "updatedAt": _time(row["updated_at"]),
                "rating": row["rating"],
                "isAvailable": row["is_available"],
                "metadata": [{"key": key, "value": value} for key, value in sorted(row["metadata_public"].items())],
                "category": categories.get(row["category_id"]),
                "collections": collections[pk],
                "thumbnail": None
                if picture is None
                else {"url": _thumbnail(self.base_url, picture, 512), "alt": row["alt"]},
                "media": media[pk],
                "pricing": {
                    "onSale": False,
                    "displayGrossPrices": channel["display_gross_prices"],
                    "priceRange": prices.range(row),
                    "priceRangeUndiscounted": prices.range(row),
                },
                "variants": variants[pk],
            }
            edges.append({"cursor": cursor, "node": node})
        end = edges[-1]["cursor"] if edges else None
        return {"totalCount": total["total"], "pageInfo": {"hasNextPage": more, "endCursor": end}, "edges": edges}

    def media(self, row: Any) -> dict[str, Any]:
        """One picture or video."""
        path = row["asset_path"]
        url = row["external_url"] or "" if path is None else _thumbnail(self.base_url, path, 1024)
        return {"id": _id("ProductMedia", row["pk"]), "alt": row["alt"], "type": row["kind"], "url": url}


def _time(moment: datetime) -> str:
    return moment.isoformat()


class _Prices:
    def __init__(self, channel: Any, rates: Any) -> None:
        self.channel = channel
        self.rates = rates
        self.known: dict[Any, tuple[float, float]] = {}

    def amounts(self, amount: Any, tax_class_id: int | None) -> tuple[float, float]:
        """Gross and net."""
        found = self.known.get((amount, tax_class_id))
        if found is None:
            country, currency = self.channel["default_country"], self.channel["currency"]
            rate = rate_for(self.rates, tax_class_id, country, charge_taxes=self.channel["charge_taxes"])
            with_tax = self.channel["prices_entered_with_tax"]
            price = taxed(amount, rate, entered_with_tax=with_tax, currency=currency)
            found = self.known[amount, tax_class_id] = float(price.gross), float(price.net)
        return found

    def price(self, amount: Any, tax_class_id: int | None) -> dict[str, Any]:
        """What the document asks of a price."""
        gross, net = self.amounts(amount, tax_class_id)
        currency = self.channel["currency"]
        return {"gross": {"amount": gross, "currency": currency}, "net": {"amount": net, "currency": currency}}

    def range(self, row: Any) -> dict[str, Any] | None:
        """What the document asks of a range of prices."""
        lowest, highest, tax_class_id = (
            row["minimum_price_amount"],
            row["maximum_price_amount"],
            row["price_tax_class_id"],
        )
        if lowest is None:
            return None
        return {"start": self.price(lowest, tax_class_id), "stop": self.price(highest, tax_class_id)}


def _variant(row: Any, prices: _Prices) -> dict[str, Any]:
    amount, tax_class_id = row["price_amount"], row["tax_class_id"]
    gross, _ = prices.amounts(amount, tax_class_id)
    return {
        "id": _id("ProductVariant", row["pk"]),
        "name": row["name"],
        "sku": row["sku"],
        "pricing": {
            "onSale": False,
            "price": prices.price(amount, tax_class_id),
            "priceUndiscounted": {"gross": {"amount": gross, "currency": prices.channel["currency"]}},
        },
    }
