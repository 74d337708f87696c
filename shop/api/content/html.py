"""EditorJS blocks as HTML, rendered once for each text: it is read far more often than it is written."""

from functools import lru_cache

import orjson

from shop.api.content.cards import Content
from shop.content import rules
from shop.content.rules import NOTHING_RESOLVED, Card, Resolved


def rendered(content: Content, cards: Resolved = NOTHING_RESOLVED) -> str | None:
    """The document as HTML that is safe to show, with these products; None where there is none."""
    return None if content is None else _rendered(orjson.dumps(content), tuple(sorted(cards.items())))


@lru_cache(maxsize=512)
def _rendered(blocks: bytes, cards: tuple[tuple[str, Card], ...]) -> str:
    return rules.render(orjson.loads(blocks), dict(cards))
