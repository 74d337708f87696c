"""EditorJS blocks as HTML, rendered once for each text: it is read far more often than it is written."""

from functools import lru_cache

import orjson

from shop.api.content.cards import Content, cards_of, shown_in
from shop.api.core.context import Context
from shop.api.core.scalars import JSON, JSONString
from shop.content import rules
from shop.content.rules import NOTHING_RESOLVED, Card, Resolved
from shop.content.rules.pictures import html_with_host, with_host


def rendered(content: Content, cards: Resolved = NOTHING_RESOLVED) -> str | None:
    """The document as HTML that is safe to show, with these products; None where there is none."""
    return None if content is None else _rendered(orjson.dumps(content), tuple(sorted(cards.items())))


@lru_cache(maxsize=512)
def _rendered(blocks: bytes, cards: tuple[tuple[str, Card], ...]) -> str:
    return rules.render(orjson.loads(blocks), dict(cards))


def blocks_of(context: Context, content: Content) -> JSON | None:
    """The document with blocks of all kinds, as it was written."""
    return None if content is None else JSON(with_host(content, context.base_url))


async def html_of(context: Context, contents: list[Content]) -> list[str | None]:
    """The documents as HTML that is safe to show; one statement at most."""
    cards = await cards_of(context, contents)
    return [
        None if html is None else html_with_host(html, context.base_url)
        for html in (rendered(each, shown_in(each, cards)) for each in contents)
    ]


async def lowered_of(context: Context, contents: list[Content]) -> list[JSONString | None]:
    """The documents in the blocks that every renderer knows; one statement at most."""
    cards = await cards_of(context, contents)
    return [
        None if lowered is None else JSONString(with_host(lowered, context.base_url))
        for lowered in (rules.lowered(each, cards) for each in contents)
    ]
