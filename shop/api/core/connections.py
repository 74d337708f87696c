"""Connections as Saleor has them: the rules of `first`, `last`, `after` and `before`, and the types of pages.

A slice declares its own connection in a few lines:

    @strawberry.type(description="A product of a page.")
    class ProductCountableEdge(CountableEdge[Product]): ...

    @strawberry.type(description="A page of products.")
    class ProductCountableConnection(CountableConnection[ProductCountableEdge]): ...

and makes one from a keyset statement:

    window = window_of(context, KEYSET, "products", selection, first=first, after=after, last=last, before=before)
    statement = KEYSET.window(select(…), window.shape)             # cache it by the shape
    page = KEYSET.page(await context.rows(statement, **window.params), window)
    nodes = nodes_of(Product, statement, page.items, extra=len(KEYSET.keys))
    return connect(ProductCountableConnection, ProductCountableEdge, page, nodes)
"""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import strawberry
from graphql import GraphQLError
from sqlalchemy.sql import Executable

from shop.api.core.context import Context
from shop.execution import Selection
from shop.kit.db.reader import prepare, row_factory
from shop.kit.pagination import PARENT, InvalidCursor, Keyset, Page, Window

Node = TypeVar("Node")
EdgeType = TypeVar("EdgeType")
Made = TypeVar("Made", bound="CountableConnection[Any]")


@strawberry.type(description="Where a page stands in the whole list.")
class PageInfo:
    """Where a page stands in the whole list."""

    has_next_page: bool = strawberry.field(description="Whether there are more entries after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there are more entries before this page.")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first entry: pass it as `before` to go back."
    )
    end_cursor: str | None = strawberry.field(description="Cursor of the last entry: pass it as `after` to go on.")


@strawberry.type
class CountableEdge(Generic[Node]):
    """An entry of a page."""

    node: Node = strawberry.field(description="The entry itself.")
    cursor: str = strawberry.field(description="Opaque place of the entry in the list, for `after` and `before`.")


@strawberry.type
class CountableConnection(Generic[EdgeType]):
    """A page of a list."""

    page_info: PageInfo = strawberry.field(description="Where this page stands in the whole list.")
    edges: list[EdgeType] = strawberry.field(description="The entries of this page.")
    total_count: int | None = strawberry.field(
        default=None, description="How many entries the whole list has; counted only when it is asked for."
    )


def window_of(
    context: Context,
    keyset: Keyset,
    field: str,
    selection: Selection,
    *,
    first: int | None,
    after: str | None,
    last: int | None = None,
    before: str | None = None,
) -> Window:
    """The window that a connection's arguments ask for; no page is larger than the setting `graphql_max_page_size`.

    `field` is the connection's name as clients know it. Without `edges` in the selection nobody needs to say how many.
    Raises: GraphQLError with the texts that Saleor's clients know.
    """
    maximum = context.settings.graphql_max_page_size
    for name, value in (("first", first), ("last", last)):
        if value is not None and value < 0:
            raise GraphQLError(f"Argument `{name}` must be a non-negative integer.")
    if first and last:
        raise GraphQLError("Argument `last` cannot be combined with `first`.")
    if not first and not last and "edges" in selection:
        raise GraphQLError(f"You must provide a `first` or `last` value to properly paginate the `{field}` connection.")
    for name, value in (("first", first), ("last", last)):
        if value is not None and value > maximum:
            raise GraphQLError(
                f"Requesting {value} records on the `{field}` connection "
                f"exceeds the `{name}` limit of {maximum} records."
            )
    if first and before:
        raise GraphQLError("Argument `first` cannot be combined with `before`.")
    if last and after:
        raise GraphQLError("Argument `last` cannot be combined with `after`.")
    cursor = before if last else after
    try:
        values = keyset.decode(cursor) if cursor else None
    except InvalidCursor:
        raise GraphQLError("Received cursor is invalid.") from None
    return Window(size=first or last or maximum, backward=bool(last), cursor=values)


def nodes_of(into: type[Node], statement: Executable, records: Sequence[Any], *, extra: int) -> list[Node]:
    """The records of a statement as objects of `into`, its last `extra` columns (sort values, parents) left out."""
    make = row_factory(into, prepare(statement).columns[:-extra])
    return [make(record) for record in records]


def connect(
    connection: type[CountableConnection[Any]],
    edge: type[CountableEdge[Any]],
    page: Page[Any],
    nodes: Sequence[Any] | None = None,
    *,
    total_count: int | None = None,
) -> Any:
    """The connection object of a page, whose items are `nodes` (or the page's own items when none are given)."""
    return connection(
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.cursors[-1] if page.cursors else None,
        ),
        edges=[
            edge(node=node, cursor=cursor)
            for node, cursor in zip(page.items if nodes is None else nodes, page.cursors, strict=True)
        ],
        total_count=total_count,
    )


async def connect_each(
    context: Context,
    parents: Sequence[int],
    selection: Selection,
    keyset: Keyset,
    window: Window,
    *,
    page: Executable,
    count: Executable,
    node: type[Any],
    connection: type[Made],
    edge: type[CountableEdge[Any]],
) -> list[Made | None]:
    """A connection for each parent, in their order, with the statements of one: `page`, and `count` if it is asked for.

    Shapes: `page` is windowed by parent, `count` has a `total` for each; both take `parents`.
    """
    keys = sorted(set(parents))
    records = await context.rows(page, parents=keys, **window.params)
    totals: dict[int, int] = {}
    if "totalCount" in selection:
        totals = {row[PARENT]: row["total"] for row in await context.rows(count, parents=keys)}
    made: dict[int, Made] = {}
    for key, found in keyset.pages(records, window, keys).items():
        # Behind a node's own columns stand the values of the sort and the parent.
        nodes = nodes_of(node, page, found.items, extra=len(keyset.keys) + 1)
        made[key] = connect(connection, edge, found, nodes, total_count=totals.get(key))
    return [made[key] for key in parents]
