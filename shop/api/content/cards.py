"""What blocks show of products, read in one statement for all documents of a request."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from shop.api.core.context import Context
from shop.api.core.enums import ThumbnailFormatEnum
from shop.api.core.ids import global_id
from shop.api.media.types import picture_urls
from shop.browse.cards import PRODUCT_CARDS
from shop.content.rules import NOTHING_RESOLVED, Card, Resolved, product_ids
from shop.kit import ids

_PICTURE_SIDE: Final = 256
Content = Mapping[str, Any] | None


def _seen() -> dict[str, Card | None]:
    """The products that the request has asked for; None for one that nobody can see."""
    return {}


async def cards_of(context: Context, contents: Iterable[Content]) -> Resolved:
    """The products that the documents show, by the IDs in their blocks. No statement where there are none."""
    wanted = {product for content in contents for product in product_ids(content)}
    if not wanted:
        return NOTHING_RESOLVED
    known = context.remember(_seen)
    if missing := wanted - known.keys():
        keys = sorted(ids.decode_int(product, "Product") for product in missing)
        rows = await context.rows(PRODUCT_CARDS, ids=keys, now=context.now)
        url_of = picture_urls(context, _PICTURE_SIDE, ThumbnailFormatEnum.ORIGINAL)
        known.update(dict.fromkeys(missing))
        for row in rows:
            known[global_id("Product", row["pk"])] = Card(
                name=row["name"],
                href=f"/products/{row['slug']}",
                description=row["seo_description"] or "",
                picture=url_of(row["picture"]) if row["picture"] else "",
            )
    return {product: card for product in wanted if (card := known[product]) is not None}


def shown_in(content: Content, cards: Resolved) -> Resolved:
    """Those of the products that this document shows."""
    return {product: cards[product] for product in product_ids(content) & cards.keys()} if cards else NOTHING_RESOLVED
