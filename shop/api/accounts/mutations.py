"""Logging in and staying logged in."""

import strawberry

from shop.accounts import actions, flows
from shop.accounts.rules import InvalidToken, NotOurs, user_id_of
from shop.api.accounts.address_book import AddressBookMutations
from shop.api.accounts.auth import lives, make_signer
from shop.api.accounts.errors import AccountError
from shop.api.accounts.external import ExternalMutations
from shop.api.accounts.profile import ProfileMutations
from shop.api.accounts.registration import RegistrationMutations
from shop.api.accounts.users import User, users_by_id
from shop.api.core.context import Info
from shop.api.core.mutation import flow, mutation
from shop.api.core.payloads import Payload
from shop.api.core.permissions import require_user
from shop.api.core.scalars import GenericScalar


@strawberry.type(description="The tokens of a new session.")
class CreateToken(Payload):
    token: str | None = strawberry.field(default=None, description="Access token, good for minutes.")
    refresh_token: str | None = strawberry.field(default=None, description="Gets new access tokens, good for weeks.")
    csrf_token: str | None = strawberry.field(
        default=None, description="To be sent with the refresh token where that is kept in a cookie."
    )
    user: User | None = strawberry.field(default=None, description="Who logged in.")
    errors: list[AccountError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A new access token.")
class RefreshToken(Payload):
    token: str | None = strawberry.field(default=None, description="Access token, good for minutes.")
    user: User | None = strawberry.field(default=None, description="Whose it is.")
    errors: list[AccountError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="What an access token says.")
class VerifyToken(Payload):
    is_valid: bool = strawberry.field(default=False, description="Whether it is good now.")
    user: User | None = strawberry.field(default=None, description="Whose it is.")
    payload: GenericScalar | None = strawberry.field(default=None, description="Its claims.")
    errors: list[AccountError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="The end of all sessions.")
class DeactivateAllUserTokens(Payload):
    errors: list[AccountError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type
class AccountMutations(RegistrationMutations, ProfileMutations, AddressBookMutations, ExternalMutations):
    """Mutations of accounts."""

    @flow(description="Logs in with e-mail and password.")
    async def token_create(
        self, info: Info, email: str, password: str, audience: str | None = None
    ) -> CreateToken | None:
        context = info.context
        context.is_private = True
        settings = context.settings
        tokens = await flows.log_in(
            context.units,
            context.reader,
            make_signer(settings),
            lives(settings),
            email=email,
            password=password,
            address=context.client_address,
            now=context.now,
        )
        user = (await users_by_id(context, [tokens.user_id])).get(tokens.user_id)
        return CreateToken(token=tokens.access, refresh_token=tokens.refresh, csrf_token=tokens.csrf, user=user)

    @flow(description="A new access token for a refresh token, which stays good until it expires.")
    async def token_refresh(
        self, info: Info, refresh_token: str | None = None, csrf_token: str | None = None
    ) -> RefreshToken | None:
        context = info.context
        context.is_private = True
        settings = context.settings
        user_id, token = await flows.refreshed(
            context.reader, make_signer(settings), lives(settings), token=refresh_token, now=context.now
        )
        return RefreshToken(token=token, user=(await users_by_id(context, [user_id])).get(user_id))

    @flow(description="Checks an access token.")
    async def token_verify(self, info: Info, token: str) -> VerifyToken | None:
        context = info.context
        context.is_private = True
        try:
            claims = make_signer(context.settings).read(token, "access", context.now)
            user_id = user_id_of(claims)
        except (NotOurs, InvalidToken):
            return VerifyToken()
        user = (await users_by_id(context, [user_id])).get(user_id)
        if user is None or not user.is_active or not await flows.is_current(context.reader, user_id, claims):
            return VerifyToken()
        return VerifyToken(is_valid=True, user=user, payload=GenericScalar(dict(claims)))

    @mutation(description="Ends all sessions of the caller: no token given out so far works any more.")
    async def tokens_deactivate_all(self, info: Info) -> DeactivateAllUserTokens | None:
        await actions.end_sessions(info.context.session, require_user(info.context))
        return DeactivateAllUserTokens()
