"""What attributes refer to: read for many at once, as far as the caller may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLError

from shop.api.channels.scope import Scope, scope_of
from shop.api.core.context import Context
from shop.browse import listing
from shop.browse.criteria import Criteria
from shop.browse.listing import Kind, Listing
from shop.browse.queries import COLLECTION_LIST, PRODUCT_LIST, VARIANT_LIST


@dataclass(frozen=True, slots=True)
class Refers:
    """The ids that something refers to, in order, and the scope in which it was read itself."""

    ids: tuple[int, ...]
    scope: Scope | None


async def referred(context: Context, entity: str, refers: Sequence[Refers]) -> list[list[Any]]:
    """The things that are referred to, without those that the caller may not see. One statement for each scope."""
    found: dict[Scope | None, dict[int, Any]] = {}
    for scope in {each.scope for each in refers}:
        ids = sorted({pk for each in refers if each.scope == scope for pk in each.ids})
        found[scope] = await _read(context, entity, ids, scope) if ids else {}
    return [[found[each.scope][pk] for pk in each.ids if pk in found[each.scope]] for each in refers]


async def _read(context: Context, entity: str, ids: list[int], scope: Scope | None) -> dict[int, Any]:
    from shop.api.catalogue.categories import categories_by_id
    from shop.api.catalogue.collections import Collection
    from shop.api.catalogue.products import Product
    from shop.api.catalogue.variants import ProductVariant
    from shop.api.content.pages import visible_pages

    if entity == "CATEGORY":
        return dict(await categories_by_id(context, ids))
    if entity == "PAGE":
        return dict(await visible_pages(context, list(ids)))
    lists: Final[dict[str, tuple[Listing, type[Any]]]] = {
        "PRODUCT": (PRODUCT_LIST, Product),
        "PRODUCT_VARIANT": (VARIANT_LIST, ProductVariant),
        "COLLECTION": (COLLECTION_LIST, Collection),
    }
    return await _visible(context, *lists[entity], ids, scope)


async def _visible(
    context: Context, kind: Listing, into: type[Any], ids: list[int], scope: Scope | None
) -> dict[int, Any]:
    from shop.api.catalogue.lists import rows
    from shop.api.catalogue.scoped import InScopes

    if scope is None:
        try:
            scope = await scope_of(context, None)
        except GraphQLError:
            # Read without a channel, where several are active: what is shown in which is not known.
            return {}
    if scope is None:
        return {}
    criteria = Criteria((("ids", ids),))
    statement = listing.matching(Kind(kind, scope.sight, criteria.shape, next(iter(kind.sorts))))
    records = await rows(context, statement, {**criteria.params, **scope.params, "now": context.now})
    objects = InScopes(into, statement, records)
    return {record["pk"]: objects.get(record["pk"], scope) for record in records}
