"""Root queries about accounts."""

from typing import Annotated

import strawberry

from shop.api.accounts.users import User, users_by_id
from shop.api.accounts.validation import AddressValidationData, validation_data
from shop.api.core.context import Info
from shop.api.core.enums import CountryCode
from shop.api.core.fields import query


@strawberry.type
class AccountQueries:
    """Queries about accounts."""

    @query(description="The user whose token was sent, or null for an anonymous visitor.")
    async def me(self, info: Info) -> User | None:
        caller = info.context.caller
        if caller.problem is not None:
            raise caller.problem
        info.context.is_private = True
        if caller.user_id is None:
            return None
        return (await users_by_id(info.context, [caller.user_id])).get(caller.user_id)

    @query(description="What an address needs in a country, and where known in one of its areas, places and districts.")
    async def address_validation_rules(
        self,
        info: Info,
        country_code: Annotated[CountryCode, strawberry.argument(description="The country.")],
        country_area: Annotated[
            str | None, strawberry.argument(description="Area by its stored or written name.")
        ] = None,
        city: Annotated[str | None, strawberry.argument(description="Place in the area.")] = None,
        city_area: Annotated[str | None, strawberry.argument(description="Part of the place.")] = None,
    ) -> AddressValidationData | None:
        return validation_data(country_code.value, country_area or "", city or "", city_area or "")
