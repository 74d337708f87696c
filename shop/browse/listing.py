"""Lists that are filtered, sorted and cut into pages, alone or one within each of many parents.

A statement depends on the kind of list alone, never on its values, and is built once for each kind.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from shop.browse import criteria
from shop.browse.criteria import Criterion
from shop.kit import pagination
from shop.kit.pagination import Key, Keyset, count_each

SortColumn = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True, eq=False)
class Listing:
    """Something that is listed: its columns, what it is filtered and sorted by, who may see what of it.

    `see` narrows a statement to what a view (any hashable value) shows. `sorts`: a column, and whether it can be null;
    the id decides between equal ones. `within` narrows to what belongs to `PARENTS.c.id`.
    """

    entity: type[Any]
    columns: Sequence[Any]
    criteria: Mapping[str, Criterion]
    sorts: Mapping[str, tuple[SortColumn, bool]]
    see: Callable[[Select[Any], Any], Select[Any]]
    within: Mapping[str, Callable[[Select[Any]], Select[Any]]]


@dataclass(frozen=True)
class Kind:
    """A kind of list. `view` is what `Listing.see` takes."""

    listing: Listing
    view: Hashable
    shape: criteria.Shape
    sort: str
    descending: bool = False
    within: str | None = None

    @property
    def keyset(self) -> Keyset:
        """Its order."""
        return _keyset(self.listing, self.sort, self.descending)


@lru_cache(maxsize=128)
def _keyset(listing: Listing, sort: str, descending: bool) -> Keyset:
    column, nullable = listing.sorts[sort]
    # Both ways alike, so that an index on the two is read forwards or backwards.
    return Keyset(Key(column, descending, nullable), Key(listing.entity.id, descending))


def _matching(kind: Kind, *columns: Any) -> Select[Any]:
    listing = kind.listing
    statement = listing.see(select(*columns).select_from(listing.entity), kind.view)
    if kind.within is not None:
        statement = listing.within[kind.within](statement).correlate(pagination.PARENTS)
    return statement.where(criteria.condition(kind.shape, listing.criteria))


@lru_cache(maxsize=512)
def page(kind: Kind, window: pagination.Shape) -> Select[Any]:
    """A page: the listing's columns, then the sort values; within something, its id as `parent` last of all."""
    statement = _matching(kind, *kind.listing.columns)
    return kind.keyset.window(statement, window) if kind.within is None else kind.keyset.window_each(statement, window)


@lru_cache(maxsize=256)
def count(kind: Kind) -> Select[Any]:
    """How many the whole list has: `total`, and within something its id as `parent`."""
    statement = _matching(kind, func.count().label("total"))
    return statement if kind.within is None else count_each(statement)


@lru_cache(maxsize=128)
def matching(kind: Kind) -> Select[Any]:
    """All that match, as far as the view shows them, without order."""
    return _matching(kind, *kind.listing.columns)
