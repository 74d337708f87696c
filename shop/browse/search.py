"""Full-text search over products. A shopper's words become a query in which the last letters may be missing."""

import re
from typing import Any, Final

from sqlalchemy import ColumnElement, Double, cast, func, literal_column

from shop.catalogue.models import Product

_WORD: Final = re.compile(r"\w+")
_CONFIGURATION: Final[ColumnElement[str]] = literal_column("'english'::regconfig")


def words(text: str) -> str:
    """The text as a query that PostgreSQL's `to_tsquery` accepts, whatever was typed: every word, as a beginning.

    Without a word it is empty, which finds nothing.
    """
    return " & ".join(f"{word}:*" for word in _WORD.findall(text)[:20])


def matches(value: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the product's name or description holds all words. `value`: what `words` made."""
    return Product.search_document.bool_op("@@")(func.to_tsquery(_CONFIGURATION, value))


def rank(value: ColumnElement[Any]) -> ColumnElement[float]:
    """How well the product fits the words; a hit in the name weighs more."""
    return cast(func.ts_rank(Product.search_document, func.to_tsquery(_CONFIGURATION, value)), Double)
