"""From a kind of list to a connection: alone for a root field, or one for each of many parents at once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.sql import Executable

from shop.api.catalogue.ahead import Ahead
from shop.api.core.connections import CountableConnection, CountableEdge, connect, window_of
from shop.api.core.context import Context
from shop.browse import listing
from shop.browse.listing import Kind
from shop.execution import Selection
from shop.kit.db.reader import prepare, row_factory
from shop.kit.pagination import PARENT, Page, Window


@dataclass(frozen=True, slots=True)
class Paging:
    """The arguments that every connection has, under the name that clients know it by."""

    field: str
    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a list is made into.

    `complete` finishes a node with what its row does not hold: its channel, and what was read ahead.
    """

    connection: type[CountableConnection[Any]]
    edge: type[CountableEdge[Any]]
    node: type[Any]
    complete: Callable[[Any, Ahead | None], None] = lambda _node, _ahead: None


async def rows(context: Context, statement: Executable, params: dict[str, Any]) -> list[Any]:
    """The rows of a statement that may not need all the parameters."""
    names = prepare(statement).defaults
    return await context.rows(statement, **{name: value for name, value in params.items() if name in names})


async def list_all(
    context: Context, kind: Kind, params: dict[str, Any], paging: Paging, selection: Selection, shown: Shown
) -> Any:
    """One connection. Two statements at most: the page where something of it is selected, the count likewise."""
    window = _window(context, kind, paging, selection)
    records: list[Any] = []
    statement = listing.page(kind, window.shape)
    if "edges" in selection or "pageInfo" in selection:
        records = await rows(context, statement, params | window.params)
    page = kind.keyset.page(records, window)
    total = (await rows(context, listing.count(kind), params))[0]["total"] if "totalCount" in selection else None
    nodes = _nodes(kind, statement, page.items, shown, Ahead.of(kind.joined, page.items))
    return connect(shown.connection, shown.edge, page, nodes, total_count=total)


async def list_each(
    context: Context,
    kind: Kind,
    params: dict[str, Any],
    paging: Paging,
    selection: Selection,
    shown: Shown,
    parents: Sequence[int],
) -> list[Any]:
    """A connection for each parent, in their order, with the statements of one."""
    window = _window(context, kind, paging, selection)
    params = params | {"parents": sorted(set(parents))}
    records: list[Any] = []
    statement = listing.page(kind, window.shape)
    if "edges" in selection or "pageInfo" in selection:
        records = await rows(context, statement, params | window.params)
    totals: dict[int, int] = {}
    if "totalCount" in selection:
        totals = {row[PARENT]: row["total"] for row in await rows(context, listing.count(kind), params)}
    made: dict[int, Any] = {}
    ahead = Ahead.of(kind.joined, records)
    for parent, page in kind.keyset.pages(records, window, params["parents"]).items():
        nodes = _nodes(kind, statement, page.items, shown, ahead)
        made[parent] = connect(shown.connection, shown.edge, page, nodes, total_count=totals.get(parent))
    return [made[parent] for parent in parents]


def _nodes(kind: Kind, statement: Executable, records: Iterable[Any], shown: Shown, ahead: Ahead | None) -> list[Any]:
    # Sort values, parents and what is joined come after the listing's own columns.
    make = row_factory(shown.node, prepare(statement).columns[: len(kind.listing.columns)])
    nodes = [make(record) for record in records]
    for node in nodes:
        shown.complete(node, ahead)
    return nodes


def _window(context: Context, kind: Kind, paging: Paging, selection: Selection) -> Window:
    return window_of(
        context,
        kind.keyset,
        paging.field,
        selection,
        first=paging.first,
        after=paging.after,
        last=paging.last,
        before=paging.before,
    )


def nothing(context: Context, kind: Kind, paging: Paging, selection: Selection, shown: Shown) -> Any:
    """The connection of a list in which the caller sees nothing; wrong arguments are refused all the same."""
    page: Page[Any] = kind.keyset.page([], _window(context, kind, paging, selection))
    return connect(shown.connection, shown.edge, page, [], total_count=0 if "totalCount" in selection else None)
