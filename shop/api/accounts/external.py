"""Logging in with an identity provider: the mutations are there, providers are not configured yet."""

from typing import Annotated

import strawberry

from shop.api.accounts.payloads import AccountPayload
from shop.api.accounts.users import User
from shop.api.core.context import Info
from shop.api.core.mutation import flow
from shop.api.core.scalars import JSONString
from shop.kit.errors import NotFound

ProviderId = Annotated[str, strawberry.argument(description="The identity provider's ID.")]
ProviderData = Annotated[JSONString, strawberry.argument(description="What the provider needs.")]


@strawberry.type(description="Where to log in.")
class ExternalAuthenticationUrl(AccountPayload):
    authentication_data: JSONString | None = strawberry.field(default=None, description="What the provider answers.")


@strawberry.type(description="The tokens of a new session.")
class ExternalObtainAccessTokens(AccountPayload):
    token: str | None = strawberry.field(default=None, description="Access token, good for minutes.")
    refresh_token: str | None = strawberry.field(default=None, description="Gets new access tokens, good for weeks.")
    csrf_token: str | None = strawberry.field(
        default=None, description="To be sent with the refresh token where that is kept in a cookie."
    )
    user: User | None = strawberry.field(default=None, description="Who logged in.")


@strawberry.type(description="New tokens of a session.")
class ExternalRefresh(AccountPayload):
    token: str | None = strawberry.field(default=None, description="Access token, good for minutes.")
    refresh_token: str | None = strawberry.field(default=None, description="Gets new access tokens, good for weeks.")
    csrf_token: str | None = strawberry.field(
        default=None, description="To be sent with the refresh token where that is kept in a cookie."
    )
    user: User | None = strawberry.field(default=None, description="Whose session it is.")


@strawberry.type(description="A session that has ended.")
class ExternalLogout(AccountPayload):
    logout_data: JSONString | None = strawberry.field(default=None, description="What the provider answers.")


@strawberry.type(description="Whether a token is good.")
class ExternalVerify(AccountPayload):
    user: User | None = strawberry.field(default=None, description="Whose it is.")
    is_valid: bool = strawberry.field(default=False, description="Whether it is good.")
    verify_data: JSONString | None = strawberry.field(default=None, description="What the provider answers.")


@strawberry.type
class ExternalMutations:
    """Mutations that ask an identity provider."""

    @flow(description="Where to log in with an identity provider. NOT_FOUND until one is configured.")
    async def external_authentication_url(
        self, info: Info, input: ProviderData, plugin_id: ProviderId
    ) -> ExternalAuthenticationUrl | None:
        raise _unknown()

    @flow(description="A session for who logged in with an identity provider. NOT_FOUND until one is configured.")
    async def external_obtain_access_tokens(
        self, info: Info, input: ProviderData, plugin_id: ProviderId
    ) -> ExternalObtainAccessTokens | None:
        raise _unknown()

    @flow(description="New tokens of an identity provider's session. NOT_FOUND until one is configured.")
    async def external_refresh(self, info: Info, input: ProviderData, plugin_id: ProviderId) -> ExternalRefresh | None:
        raise _unknown()

    @flow(description="Ends a session with the identity provider too. NOT_FOUND until one is configured.")
    async def external_logout(self, info: Info, input: ProviderData, plugin_id: ProviderId) -> ExternalLogout | None:
        raise _unknown()

    @flow(description="Whether a token of an identity provider is good. NOT_FOUND until one is configured.")
    async def external_verify(self, info: Info, input: ProviderData, plugin_id: ProviderId) -> ExternalVerify | None:
        raise _unknown()


def _unknown() -> NotFound:
    return NotFound("There is no such identity provider.", field="pluginId")
