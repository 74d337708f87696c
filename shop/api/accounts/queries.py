"""Root queries about accounts."""

import strawberry

from shop.api.accounts.users import User, users_by_id
from shop.api.core.context import Info
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
