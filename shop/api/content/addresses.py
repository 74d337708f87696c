"""Where pages are found now that were elsewhere before they came here."""

from typing import Annotated

import strawberry

from shop.api.content.pages import Page, may_read
from shop.api.core.context import Info
from shop.api.core.fields import query
from shop.content import queries
from shop.content.rules import former_address


@strawberry.type
class AddressQueries:
    """Queries by addresses of other sites."""

    @query(
        description="The page that was at this address of the site that it was imported from; null where none was that "
        "the caller may read. A storefront asks before it answers 404, and leads to the page for good."
    )
    async def page_by_former_address(
        self,
        info: Info,
        address: Annotated[
            str,
            strawberry.argument(
                description="The path, such as `/2024/05/what-helps/` or `/?p=12`, or the whole address. Case and a "
                "slash at the end do not count."
            ),
        ],
    ) -> Page | None:
        context = info.context
        known = former_address(address)
        if known is None:
            return None
        for page in await context.fetch(Page, queries.PAGE_BY_FORMER_ADDRESS, address=known):
            return page if may_read(context, page) else None
        return None
