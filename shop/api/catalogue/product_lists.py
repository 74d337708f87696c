"""Lists of products: at the root, within categories and within collections; arguments become a kind of list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import GraphQLError

from shop.api.catalogue.inputs import (
    SORTS,
    Parts,
    ProductFilterInput,
    ProductOrder,
    ProductOrderField,
    ProductWhereInput,
    filter_criteria,
    where_criteria,
)
from shop.api.catalogue.lists import Paging, list_all, list_each, nothing
from shop.api.catalogue.products import shown_in, wanted_of
from shop.api.channels.scope import Scope, scope_of
from shop.api.core.context import Context
from shop.api.core.enums import OrderDirection
from shop.browse.criteria import PRODUCTS, Criteria
from shop.browse.listing import Kind
from shop.browse.queries import PRODUCT_LIST, SORTS_OF_A_CHANNEL
from shop.browse.search import words
from shop.execution import Selection


@dataclass(frozen=True, slots=True)
class ProductArguments:
    """The arguments that every list of products has."""

    filter: ProductFilterInput | None
    where: ProductWhereInput | None
    sort_by: ProductOrder | None
    search: str | None
    channel: str | None

    @property
    def slug(self) -> str | None:
        """The channel that is meant; the older places for it count where the argument is missing."""
        older = (self.filter.channel if self.filter else None) or (self.sort_by.channel if self.sort_by else None)
        return self.channel or older

    @property
    def criteria(self) -> Criteria:
        """What is asked for. Raises: GraphQLError for `filter` beside `where`."""
        if self.filter is not None and self.where is not None:
            raise GraphQLError("Only one of the arguments `filter` and `where` can be used.")
        parts: Parts = []
        if self.filter is not None:
            parts += filter_criteria(self.filter)
        if self.where is not None:
            parts += where_criteria(self.where)
        if self.search is not None and self.search.strip():
            parts.append(("search", words(self.search)))
        return Criteria(tuple(parts))

    @property
    def text(self) -> str | None:
        """The query of the search, whichever argument holds it."""
        text = self.search or (self.filter.search if self.filter else None)
        return words(text) if text is not None and text.strip() else None


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as it was asked for."""

    kind: Kind
    params: dict[str, Any]


def _asked(
    arguments: ProductArguments, scope: Scope, context: Context, within: str | None, selection: Selection
) -> Asked:
    criteria = arguments.criteria
    params: dict[str, Any] = {**criteria.params, **scope.params, "now": context.now}
    sort, descending = _sort(arguments, within)
    if sort == "RANK":
        if arguments.text is None:
            raise GraphQLError("Sorting by RANK needs a search: pass `search`.")
        params["search"] = arguments.text
    if sort == "COLLECTION" and within != "collection":
        sort = "ONE_COLLECTION"
        params["collection_id"] = _one_collection(criteria)
    if scope.channel is None and (criteria.need_channel(PRODUCTS) or sort in SORTS_OF_A_CHANNEL):
        raise GraphQLError("Pass the argument `channel`: the filter or the order differs from channel to channel.")
    # Hand-picked lists show what the owner put there, even where other lists leave it out.
    listed = scope.sight.public and within != "collection"
    sight = replace(scope.sight, listed=listed)
    kind = Kind(PRODUCT_LIST, sight, criteria.shape, sort, descending, within, wanted_of(selection, scope))
    return Asked(kind, params)


def _sort(arguments: ProductArguments, within: str | None) -> tuple[str, bool]:
    order = arguments.sort_by
    if order is not None and order.field is not None:
        name = SORTS.get(order.field, ProductOrderField(order.field).value)
        return name, order.direction is OrderDirection.DESC
    descending = order is not None and order.direction is OrderDirection.DESC
    if arguments.text is not None and order is None:
        return "RANK", True
    return ("COLLECTION" if within == "collection" else "SLUG"), descending


def _one_collection(criteria: Criteria) -> int:
    found = [
        value for part in criteria.parts if isinstance(part, tuple) for name, value in [part] if name == "collections"
    ]
    if len(found) != 1 or not isinstance(found[0], list) or len(found[0]) != 1:
        raise GraphQLError("Sorting by COLLECTION needs a filter by exactly one collection.")
    key: int = found[0][0]
    return key


async def products_of(context: Context, arguments: ProductArguments, paging: Paging, selection: Selection) -> Any:
    """The connection of a root list."""
    scope = await scope_of(context, arguments.slug)
    if scope is None:
        return nothing(context, Kind(PRODUCT_LIST, None, ("and",), "SLUG"), paging, selection, shown_in(None))
    asked = _asked(arguments, scope, context, None, selection)
    return await list_all(context, asked.kind, asked.params, paging, selection, shown_in(scope))


async def products_within(
    context: Context,
    within: str,
    parents: Sequence[int],
    arguments: ProductArguments,
    paging: Paging,
    selection: Selection,
) -> list[Any]:
    """A connection for each category or collection."""
    scope = await scope_of(context, arguments.slug)
    if scope is None:
        kind = Kind(PRODUCT_LIST, None, ("and",), "SLUG")
        return [nothing(context, kind, paging, selection, shown_in(None)) for _ in parents]
    asked = _asked(arguments, scope, context, within, selection)
    return await list_each(context, asked.kind, asked.params, paging, selection, shown_in(scope), parents)
