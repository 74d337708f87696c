"""Lists that are filtered, sorted and cut into pages, alone or one within each of many parents.

A statement depends on the kind of list alone, never on its values, and is built once for each kind.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    cast,
    func,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from shop.browse import criteria
from shop.browse.criteria import Criterion
from shop.catalogue.queries import leave_out
from shop.kit import pagination
from shop.kit.pagination import Join, Key, Keyset, count_each

SortColumn = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True, eq=False)
class Aside:
    """Rows of another table by which a list is sorted; each row of the list has one at most, known by `key`.

    `held`: which of them the order means. `empty`: those that hold no value. `others`: the rows of the list that have
    none aside. Those two come last, and are found without looking at the ones that have a value.
    """

    key: InstrumentedAttribute[int]
    held: ColumnElement[bool]
    empty: ColumnElement[bool]
    others: ColumnElement[bool]


@dataclass(frozen=True, eq=False)
class Listing:
    """Something that is listed: its columns, what it is filtered and sorted by, who may see what of it.

    `see` narrows a statement to what a view (any hashable value) shows. `sorts`: a column, and whether it can be null;
    the id decides between equal ones. `within` narrows to what belongs to `PARENTS.c.id`.

    `ahead`, by a list's only criterion and its order: a statement that knows what rows are sorted by (`value`, `id`)
    and what the criterion looks at. It is filtered and sorted before anything is joined, so that only the rows of a
    page are looked up.

    `keys`, by sorts: the id as the table of their column knows it, so that one index holds and compares both.

    `aside`, by sorts: where their column stands, if it is not one of the list's own.

    `count` counts what a view shows without looking at the rows themselves, by rows of another table that know the id
    (the column beside it). It is used while no criterion looks at the rows.

    What few readers want is named: `optional` columns, which are null unless they are wanted, and `joins`, which add
    the columns of what belongs to a row of the page (`page.c`), so that nobody asks for it in a statement of its own.
    """

    entity: type[Any]
    columns: Sequence[Any]
    criteria: Mapping[str, Criterion]
    sorts: Mapping[str, tuple[SortColumn, bool]]
    see: Callable[[Select[Any], Any], Select[Any]]
    within: Mapping[str, Callable[[Select[Any]], Select[Any]]]
    optional: Mapping[str, frozenset[str]] = field(default_factory=dict)
    joins: Mapping[str, Join] = field(default_factory=dict)
    ahead: Mapping[tuple[str, str], Select[Any, Any]] = field(default_factory=dict)
    keys: Mapping[str, SortColumn] = field(default_factory=dict)
    aside: Mapping[str, Aside] = field(default_factory=dict)
    count: Callable[[Any], tuple[Select[Any], SortColumn] | None] = lambda _view: None


@dataclass(frozen=True)
class Kind:
    """A kind of list. `view` is what `Listing.see` takes.

    `wanted` are names of the listing's optional columns and of its joins; None means all columns and no joins.
    """

    listing: Listing
    view: Hashable
    shape: criteria.Shape
    sort: str
    descending: bool = False
    within: str | None = None
    wanted: frozenset[str] | None = None

    @property
    def columns(self) -> list[Any]:
        """The listing's columns, those that are optional and not wanted as null."""
        wanted, optional = self.wanted, self.listing.optional
        left = [names for part, names in optional.items() if wanted is not None and part not in wanted]
        return leave_out(self.listing.columns, frozenset().union(*left))

    @property
    def joined(self) -> frozenset[str]:
        """The joins that a page has."""
        return frozenset() if self.wanted is None else self.wanted & self.listing.joins.keys()

    @property
    def keyset(self) -> Keyset:
        """Its order."""
        return _keyset(self.listing, self.sort, self.descending)

    @property
    def aside(self) -> Aside | None:
        """Where the values stand that it is sorted by, if not in the list's own rows."""
        return self.listing.aside.get(self.sort)

    @property
    def ahead(self) -> Select[Any, Any] | None:
        """What finds its rows in their order before anything else, if there is such a statement."""
        if self.within is not None or len(self.shape) != 2:
            return None
        return self.listing.ahead.get((str(self.shape[1]), self.sort))


@lru_cache(maxsize=128)
def _keyset(listing: Listing, sort: str, descending: bool) -> Keyset:
    column, nullable = listing.sorts[sort]
    # Both ways alike, so that an index on the two is read forwards or backwards.
    return Keyset(Key(column, descending, nullable), Key(listing.keys.get(sort, listing.entity.id), descending))


def _beside(kind: Kind, statement: Select[Any], key: SortColumn) -> Select[Any]:
    """The statement joined with what its criteria look at beside the rows, each table once."""
    found = (kind.listing.criteria[name].beside for name in criteria.names(kind.shape))
    for column in dict.fromkeys(column for column in found if column is not None):
        statement = statement.join(column.parent.class_, column == key)
    return statement


def _matching(kind: Kind, *columns: Any) -> Select[Any]:
    listing = kind.listing
    statement = _beside(kind, listing.see(select(*columns).select_from(listing.entity), kind.view), listing.entity.id)
    if kind.within is not None:
        statement = listing.within[kind.within](statement).correlate(pagination.PARENTS)
    return statement.where(criteria.condition(kind.shape, listing.criteria, listing.entity.id))


def _ordered(kind: Kind, window: pagination.Shape) -> tuple[Select[Any], Keyset]:
    """What matches, and its order; where rows are found ahead, the rest is joined to them."""
    if kind.ahead is None:
        statement = _matching(kind, *kind.columns)
        if (aside := kind.aside) is not None:
            # Within something there are few rows.
            held = and_(aside.key == kind.listing.entity.id, aside.held)
            statement = statement.outerjoin(aside.key.parent.class_, held)
        return statement, kind.keyset
    listing, down = kind.listing, kind.descending is not window[0]
    columns = kind.ahead.selected_columns
    order = [column.desc() if down else column.asc() for column in (columns.value, columns.id)]
    matching = kind.ahead.where(criteria.condition(kind.shape, listing.criteria, columns.id))
    found = matching.order_by(*order).subquery("found")
    statement = _matching(replace(kind, shape=("and",)), *kind.columns).join(found, found.c.id == listing.entity.id)
    return statement, Keyset(Key(found.c.value, kind.descending), Key(found.c.id, kind.descending))


_Parts = list[tuple[Keyset, Select[Any]]]


def _windowed(kind: Kind, window: pagination.Shape) -> Select[Any]:
    """A window of the list.

    An order whose values stand aside, or where rows without a value follow behind the cursor, is read in two parts:
    what has a value by one index, what has none by another. The part that comes second is only read where the first
    is shorter than the page. One condition for both would be looked at row by row.
    """
    backward, cursor = window
    nulls_first = kind.descending is not backward
    passed = cursor is not None and cursor[0] is not nulls_first
    column, nullable = kind.listing.sorts[kind.sort]
    if kind.aside is not None:
        with_value, without = _aside(kind, kind.aside)
    elif nullable and cursor is not None and not passed:
        matching = _matching(kind, *kind.columns)
        key = kind.listing.keys.get(kind.sort)
        with_value = [(_by(kind, column, key), matching.where(column.is_not(None)))]
        without = [(_by(kind, None, key), matching.where(column.is_(None)))]
    else:
        statement, keyset = _ordered(kind, window)
        return keyset.window(statement, window)
    parts = [without, with_value] if nulls_first else [with_value, without]
    first, *second = [
        [keyset.window(statement, (backward, None if number else cursor)) for keyset, statement in part]
        for number, part in enumerate(parts[1:] if passed else parts)
    ]
    return _first_enough(first, second[0] if second else [], kind.keyset, window)


def _aside(kind: Kind, aside: Aside) -> tuple[_Parts, _Parts]:
    """What has a value, and what has none."""
    column, key = kind.listing.sorts[kind.sort][0], kind.listing.entity.id
    matching = _matching(kind, *kind.columns)
    beside = matching.join(aside.key.parent.class_, and_(aside.key == key, aside.held))
    without = [
        (_by(kind, None, aside.key), beside.where(aside.empty)),
        (_by(kind, None), matching.where(aside.others)),
    ]
    return [(_by(kind, column, aside.key), beside.where(column.is_not(None)))], without


def _by(kind: Kind, value: SortColumn | None, key: Any = None) -> Keyset:
    """The kind's order by columns that stand for its own; where there is no value, by the id alone."""
    nothing = value is None
    column = cast(null(), kind.keyset.keys[0].column.type) if value is None else value
    key = kind.listing.entity.id if key is None else key
    return Keyset(Key(column, kind.descending, nothing), Key(key, kind.descending))


def _first_enough(
    first: Sequence[Select[Any]], second: Sequence[Select[Any]], keyset: Keyset, window: pagination.Shape
) -> Select[Any]:
    """One window of them all; the second ones are not run while the first ones fill it."""
    limit = bindparam(pagination.LIMIT, type_=Integer)
    found = union_all(*(part.subquery().select() for part in first)).cte("found")
    full = select(func.count()).select_from(found).scalar_subquery() >= limit
    parts = [found.select(), *(part.where(~full).subquery().select() for part in second)]
    return keyset.cut(union_all(*parts).subquery("parts"), window)


@lru_cache(maxsize=512)
def page(kind: Kind, window: pagination.Shape) -> Select[Any]:
    """A page: the listing's columns, the sort values, within something its id as `parent`, then what is joined."""

    def join(source: FromClause, rows: FromClause) -> tuple[FromClause, list[ColumnElement[Any]]]:
        columns: list[ColumnElement[Any]] = []
        for name in sorted(kind.joined):
            source, added = kind.listing.joins[name](source, rows)
            columns += added
        return source, columns

    if kind.within is not None:
        statement, keyset = _ordered(kind, window)
        return keyset.window_each(statement, window, join)
    windowed = _windowed(kind, window)
    return kind.keyset.joined(windowed, window, join) if kind.joined else windowed


@lru_cache(maxsize=256)
def count(kind: Kind) -> Select[Any]:
    """How many the whole list has: `total`, and within something its id as `parent`."""
    listing = kind.listing
    used = [listing.criteria[name] for name in criteria.names(kind.shape)]
    counted = None if kind.within is not None else listing.count(kind.view)
    if counted is not None and not any(one.needs_row for one in used):
        return _beside(kind, *counted).where(criteria.condition(kind.shape, listing.criteria, counted[1]))
    statement = _matching(kind, func.count().label("total"))
    return statement if kind.within is None else count_each(statement)


@lru_cache(maxsize=128)
def matching(kind: Kind) -> Select[Any]:
    """All that match, as far as the view shows them, without order."""
    return _matching(kind, *kind.listing.columns)


@lru_cache(maxsize=128)
def distinct(kind: Kind, column: SortColumn) -> Select[Any]:
    """What that column of all that match says, each once, as `value`."""
    return _matching(kind, column.label("value")).distinct()


@lru_cache(maxsize=128)
def matching_each(kind: Kind) -> Select[Any]:
    """All that match within each of the ids in `parents`, by their ids; the parent's as `parent`, last."""
    found = _matching(kind, *kind.columns).lateral("found")
    return (
        select(*found.c, pagination.PARENTS.c.id.label(pagination.PARENT))
        .select_from(pagination.PARENTS.join(found, true()))
        .order_by(pagination.PARENTS.c.id, found.c.pk)
    )
