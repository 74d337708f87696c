"""How the pages speak to the API: a document's name and variables in, plain dictionaries out."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from starlette.requests import Request

from shop.storefront.documents import Documents
from shop.storefront.session import session_of

Execute = Callable[[Request, str, str, dict[str, Any], str | None], Awaitable[dict[str, Any]]]
"""Runs a document: request, text, operation name, variables, access token → the response's `data` and `errors`."""

_log = structlog.get_logger(__name__)


class ApiFailure(Exception):
    """The API did not answer a saved document; the shopper can only try again later."""


class ApiUnavailable(ApiFailure):
    """The API is too busy or its database is away; the same request may succeed in a moment."""


class ApiRefused(ApiFailure):
    """The API does not take what it was asked: a language that does not exist, say."""


# What a shopper did has other codes; after these, a field that is null does not mean that there is nothing.
_FAULTS: Final = {"InternalServerError": ApiFailure, "ServiceUnavailable": ApiUnavailable}
_RENEWAL: Final = "TokenRefresh"


class Api:
    """The only way from a page to the shop's data."""

    def __init__(self, execute: Execute, documents: Documents) -> None:
        self._execute = execute
        self._documents = documents

    async def query(self, request: Request, name: str, /, **variables: Any) -> dict[str, Any]:
        """The data of a query by the visitor; a nullable field deep inside that failed is null and logged.

        Raises: ApiFailure, ApiUnavailable where a whole root field failed: a cart that could not be read is not empty.
        """
        return await self._query(request, name, variables, await self._token(request))

    async def query_as_anyone(self, request: Request, name: str, /, **variables: Any) -> dict[str, Any]:
        """The same, whoever asks: for what is kept and shown to others. Raises: as `query`."""
        return await self._query(request, name, variables, None)

    async def _query(self, request: Request, name: str, variables: dict[str, Any], token: str | None) -> dict[str, Any]:
        document = self._documents[name]
        reply = await self._execute(request, document.text, name, variables, token)
        errors = reply.get("errors") or []
        data: dict[str, Any] | None = reply.get("data")
        for error in errors:
            root = (error.get("path") or [None])[0]
            if data is None or (data.get(root) is None and _code(error) in _FAULTS):
                raise _fault_of(error)(f"{name}: {_messages(errors)}")
        if data is None:
            raise ApiFailure(f"{name}: no data")
        if errors:
            _log.warning("storefront.partial_answer", operation=name, errors=_messages(errors))
        return data

    async def mutate(self, request: Request, name: str, /, **variables: Any) -> dict[str, Any]:
        """The payload of a document's one mutation, with its domain `errors`. Raises: ApiFailure when there is none."""
        document = self._documents[name]
        reply = await self._execute(request, document.text, name, variables, await self._token(request))
        payload = next(iter((reply.get("data") or {}).values()), None)
        errors = reply.get("errors") or []
        if errors or payload is None:
            raise _fault(errors)(f"{name}: {_messages(errors)}")
        result: dict[str, Any] = payload
        return result

    async def _token(self, request: Request) -> str | None:
        """The visitor's access token, a new one where the last has run out; None for a guest. Raises: ApiFailure."""
        session = session_of(request)
        if session.access is None and session.refresh is not None:
            variables = {"refreshToken": session.refresh}
            reply = await self._execute(request, self._documents[_RENEWAL].text, _RENEWAL, variables, None)
            payload = (reply.get("data") or {}).get("tokenRefresh")
            if payload is None:
                raise _fault(reply.get("errors") or [])(f"{_RENEWAL}: {_messages(reply.get('errors') or [])}")
            if payload["token"]:
                session.renew(payload["token"])
            else:
                session.end()
        return session.access


def nodes(connection: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The objects of a connection; none when the connection is null."""
    return [edge["node"] for edge in (connection or {}).get("edges", [])]


def _fault(errors: list[dict[str, Any]]) -> type[ApiFailure]:
    return next((_FAULTS[_code(error)] for error in errors if _code(error) in _FAULTS), ApiFailure)


def _fault_of(error: dict[str, Any]) -> type[ApiFailure]:
    # The executor tells of a variable that it cannot read by the very code of GraphQL.
    return ApiRefused if _code(error) == "GraphQLError" else _FAULTS.get(_code(error), ApiFailure)


def _code(error: dict[str, Any]) -> str:
    return str(((error.get("extensions") or {}).get("exception") or {}).get("code", ""))


def _messages(errors: list[dict[str, Any]]) -> str:
    return "; ".join(str(error.get("message")) for error in errors) or "no data"
