"""Categories in criteria stand for everything below them too."""

from shop.api.core.context import Context
from shop.browse.criteria import Criteria, Parts
from shop.catalogue.queries import CATEGORIES_BELOW


async def with_those_below(context: Context, criteria: Criteria) -> Criteria:
    """The criteria with the categories below in each part that asks for some. One statement for each such part."""
    parts: Parts = []
    for part in criteria.parts:
        if isinstance(part, Criteria):
            parts.append(await with_those_below(context, part))
        elif part[0] == "categories":
            rows = await context.rows(CATEGORIES_BELOW, ids=part[1])
            parts.append(("categories", sorted(row["id"] for row in rows)))
        else:
            parts.append(part)
    return Criteria(tuple(parts), criteria.any_of)
