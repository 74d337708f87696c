"""From a request's headers to its caller. Source: Saleor's public documentation of authentication."""

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

from graphql import GraphQLError

from shop.accounts import queries
from shop.accounts.flows import Lives
from shop.accounts.rules import InvalidToken, NotOurs, Signer, public_pems, user_id_of
from shop.api.core.context import ANONYMOUS, Caller
from shop.kit import clock
from shop.kit.db import Reader
from shop.kit.settings import Settings


def make_signer(settings: Settings) -> Signer:
    """The shop's signer; the tokens' issuer is the exact public address of the API, with its slash.

    Tokens of the previous keys are read too.
    Raises: ValueError without a key; `shop dev` makes one, production sets one.
    """
    if settings.jwt_private_key is None:
        raise ValueError("SHOP_JWT_PRIVATE_KEY is not set")
    key = settings.jwt_private_key.get_secret_value()
    return _signer(key, f"{settings.public_url}/graphql/", settings.jwt_previous_public_keys)


@lru_cache(maxsize=4)
def _signer(key: str, issuer: str, previous: str | None) -> Signer:
    return Signer(key, issuer, public_pems(previous) if previous else ())


def lives(settings: Settings) -> Lives:
    """How long tokens are good."""
    return Lives(timedelta(seconds=settings.access_token_seconds), timedelta(days=settings.refresh_token_days))


def bearer(headers: Mapping[str, str]) -> str | None:
    """The token: `Authorization-Bearer: …`, `Authorization: Bearer …` or `Authorization: JWT …`."""
    if token := headers.get("authorization-bearer"):
        return token.strip()
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in {"bearer", "jwt"} and token.strip() else None


class Authenticator:
    """Reads tokens; one statement for a caller who has one."""

    def __init__(self, settings: Settings) -> None:
        self.signer = make_signer(settings)

    async def caller(self, reader: Reader, headers: Mapping[str, str]) -> Caller:
        """The caller. What is no token of ours is anonymous; a bad one of ours is a problem for who needs a user."""
        token = bearer(headers)
        if token is None:
            return ANONYMOUS
        try:
            claims = self.signer.read(token, "access", clock.now())
            user_id = user_id_of(claims)
        except NotOurs:
            return ANONYMOUS
        except InvalidToken as error:
            return _refused(error.reason, str(error))
        rows = await reader.rows(queries.CALLER_BY_ID, id=user_id)
        if not rows or not rows[0]["is_active"] or rows[0]["token_key"] != claims.get("token"):
            return _refused("InvalidTokenError", "Invalid token. User does not exist or is inactive.")
        row = rows[0]
        return Caller(
            user_id=row["id"],
            email=row["email"],
            is_staff=row["is_staff"],
            permissions=frozenset(row["permissions"]) if row["is_staff"] else frozenset(),
        )


def _refused(code: str, message: str) -> Caller:
    return Caller(problem=GraphQLError(message, extensions={"exception": {"code": code}}))
