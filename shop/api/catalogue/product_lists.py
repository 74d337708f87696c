"""Lists of products: at the root, within categories and within collections; arguments become a kind of list."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from graphql import GraphQLError

from shop.api.attributes.inputs import looked_up
from shop.api.catalogue.below import with_those_below
from shop.api.catalogue.inputs import (
    SORTS,
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
from shop.api.core.ids import query_int
from shop.attributes.rules import WITH_CHOICES
from shop.browse.attributes import SORTED_BY
from shop.browse.criteria import Criteria, Parts
from shop.browse.listing import Kind
from shop.browse.queries import PRODUCT_LIST, SORTS_OF_A_CHANNEL
from shop.browse.search import ALIKE, doubtful, query, words
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
            parts.append(("search", self.search))
        return Criteria(tuple(parts))

    @property
    def attribute_id(self) -> int | None:
        """The attribute to sort by; None also for the ID of something else."""
        text = self.sort_by.attribute_id if self.sort_by is not None else None
        return None if text is None else query_int(text, "Attribute")

    @property
    def text(self) -> str | None:
        """What is searched for, whichever argument holds it."""
        text = self.search or (self.filter.search if self.filter else None)
        return text if text is not None and text.strip() else None


# How the values of an attribute are sorted, by how they are entered; the others by name.
_ATTRIBUTE_SORTS: Final = {
    "NUMERIC": "ATTRIBUTE_NUMBER",
    "DATE": "ATTRIBUTE_MOMENT",
    "DATE_TIME": "ATTRIBUTE_MOMENT",
    **dict.fromkeys(WITH_CHOICES, "ATTRIBUTE_PLACE"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as it was asked for."""

    kind: Kind
    params: dict[str, Any]


@dataclass(slots=True)
class _Queries:
    """The queries of a request by what was typed: a filter and an order may want the same one."""

    known: dict[str, str] = field(default_factory=dict)


async def searched(context: Context, text: str) -> str:
    """The query that a text means. One statement for each text that may be mistyped."""
    known = context.remember(_Queries).known
    if text not in known:
        typed = words(text)
        known[text] = query(typed, await context.rows(ALIKE, words=asked) if (asked := doubtful(typed)) else ())
    return known[text]


async def _searched(context: Context, criteria: Criteria) -> Criteria:
    """The criteria with queries in the place of what was typed; searches are never nested."""
    parts = [
        ("search", await searched(context, str(part[1]))) if isinstance(part, tuple) and part[0] == "search" else part
        for part in criteria.parts
    ]
    return Criteria(tuple(parts), criteria.any_of)


async def _asked(
    arguments: ProductArguments, scope: Scope, context: Context, within: str | None, selection: Selection
) -> Asked:
    criteria = await looked_up(context, arguments.criteria, products=True)
    criteria = await _searched(context, await with_those_below(context, criteria))
    params: dict[str, Any] = {**criteria.params, **scope.params, "now": context.now}
    sort, descending, known = await _sort(context, arguments, within)
    params |= known
    if sort == "RANK":
        if arguments.text is None:
            raise GraphQLError("Sorting by RANK needs a search: pass `search`.")
        params["search"] = await searched(context, arguments.text)
    if sort == "COLLECTION" and within != "collection":
        sort = "ONE_COLLECTION"
        params["collection_id"] = _one_collection(criteria)
    if scope.channel is None and (criteria.need_channel(PRODUCT_LIST.criteria) or sort in SORTS_OF_A_CHANNEL):
        raise GraphQLError("Pass the argument `channel`: the filter or the order differs from channel to channel.")
    # Hand-picked lists show what the owner put there, even where other lists leave it out.
    listed = scope.sight.public and within != "collection"
    sight = replace(scope.sight, listed=listed)
    kind = Kind(PRODUCT_LIST, sight, criteria.shape, sort, descending, within, wanted_of(selection, scope))
    return Asked(kind, params)


async def _sort(context: Context, arguments: ProductArguments, within: str | None) -> tuple[str, bool, dict[str, Any]]:
    """The name of the order, whether it is downwards, and the parameters that it needs."""
    order = arguments.sort_by
    descending = order is not None and order.direction is OrderDirection.DESC
    if order is not None and order.attribute_id is not None:
        if order.field is not None:
            raise GraphQLError("Products are sorted by `field` or by `attributeId`, not by both.")
        key = arguments.attribute_id
        known = [] if key is None else await context.rows(SORTED_BY, id=key)
        if not known:
            # Nothing has a value of an attribute that does not exist.
            return "SLUG", descending, {}
        name = _ATTRIBUTE_SORTS.get(known[0]["input_type"], "ATTRIBUTE_NAME")
        return name, descending, {"attribute_id": key, "other_types": known[0]["other_types"]}
    if order is not None and order.field is not None:
        return SORTS.get(order.field, ProductOrderField(order.field).value), descending, {}
    if arguments.text is not None and order is None:
        return "RANK", True, {}
    return ("COLLECTION" if within == "collection" else "SLUG"), descending, {}


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
    asked = await _asked(arguments, scope, context, None, selection)
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
    asked = await _asked(arguments, scope, context, within, selection)
    return await list_each(context, asked.kind, asked.params, paging, selection, shown_in(scope), parents)
