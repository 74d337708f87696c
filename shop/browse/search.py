"""Full-text search. What a shopper types becomes a query: every word, whose last letters may be missing.

A word that begins no known one may be a typing error: those that are most like it may stand for it (`ALIKE`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Double,
    Text,
    bindparam,
    case,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute

from shop.browse.models import ProductText, Word
from shop.content.models import Page

_WORD: Final = re.compile(r"[^\W_]+")
_MOST: Final = 20
# Words of this length are known by nobody: they are like too many others.
_SHORT: Final = 3
_ENGLISH: Final[ColumnElement[str]] = literal_column("'english'::regconfig")
_SIMPLE: Final[ColumnElement[str]] = literal_column("'simple'::regconfig")


def words(text: str) -> list[str]:
    """The words of what was typed, a few dozen at most."""
    return _WORD.findall(text)[:_MOST]


def doubtful(typed: Iterable[str]) -> list[str]:
    """Those of the words that may be typing errors: not short ones, and not numbers."""
    return [word for word in typed if len(word) > _SHORT and word.isalpha()]


def query(typed: Iterable[str], alike: Sequence[Mapping[str, Any]] = ()) -> str:
    """The words as PostgreSQL's `to_tsquery` takes them: all of them, each as a beginning, or one that is like it.

    Without a word it is empty, which finds nothing. `alike` are the rows of `ALIKE`.
    """
    others: dict[str, str] = {}
    for row in alike:
        others[row["typed"]] = f"{others.get(row['typed'], '')} | {row['word']}"
    return " & ".join(f"({word}:*{others[word]})" if word in others else f"{word}:*" for word in typed)


def _query(value: ColumnElement[Any] | InstrumentedAttribute[str]) -> ColumnElement[Any]:
    # Documents hold the words as they stand and their stems: what is typed may be the beginning of either. Mostly they
    # are one and the same, and looked for once.
    stems, plain = func.to_tsquery(_ENGLISH, value), func.to_tsquery(_SIMPLE, value)
    return case((stems == plain, stems), else_=stems.op("||")(plain))


def matches(value: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a product's texts hold what the query wants. `value`: what `query` made."""
    return ProductText.document.bool_op("@@")(_query(value))


def rank(value: ColumnElement[Any]) -> ColumnElement[float]:
    """How well a product fits the query; a hit in the name weighs most, one in the description least."""
    return cast(func.ts_rank(ProductText.document, _query(value)), Double)


# The query that a list is sorted by.
SEARCH: Final[ColumnElement[str]] = bindparam("search", type_=Text)
# How well products fit it: narrow rows, since a document is as long as its product's description.
RANKED: Final = select(rank(SEARCH).label("value"), ProductText.product_id.label("id"))


def page_matches(value: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a page's title or content holds what the query wants."""
    return Page.search_document.bool_op("@@")(func.to_tsquery(_ENGLISH, value))


def page_rank(value: ColumnElement[Any]) -> ColumnElement[float]:
    """How well a page fits the query."""
    return cast(func.ts_rank(Page.search_document, func.to_tsquery(_ENGLISH, value)), Double)


_typed: Final = (
    func.unnest(bindparam("words", type_=ARRAY(Text))).table_valued(column("word", Text), name="typed").render_derived()
)
_alike: Final = (
    select(Word.word)
    .where(Word.word.bool_op("%")(func.lower(_typed.c.word)))
    .order_by(func.similarity(Word.word, func.lower(_typed.c.word)).desc(), Word.word)
    .limit(3)
    .lateral("alike")
)
# For each of the `words` that is not the beginning of a known one, up to three that are like it: `typed`, `word`.
ALIKE: Final = (
    select(_typed.c.word.label("typed"), _alike.c.word)
    .select_from(_typed.join(_alike, true()))
    .where(~select(Word.word).where(Word.word.like(func.lower(_typed.c.word).op("||")("%"))).exists())
)
