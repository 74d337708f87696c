"""How the pages speak to the API: a document's name and variables in, plain dictionaries out."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from starlette.requests import Request

from shop.storefront.documents import Documents

Execute = Callable[[Request, str, str, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Runs a document: request, text, operation name, variables → the response's `data` and `errors`."""

_log = structlog.get_logger(__name__)


class ApiFailure(Exception):
    """The API did not answer a saved document; the shopper can only try again later."""


class ApiUnavailable(ApiFailure):
    """The API is too busy or its database is away; the same request may succeed in a moment."""


# What a shopper did has other codes; after these, a field that is null does not mean that there is nothing.
_FAULTS: Final = {"InternalServerError": ApiFailure, "ServiceUnavailable": ApiUnavailable}


class Api:
    """The only way from a page to the shop's data."""

    def __init__(self, execute: Execute, documents: Documents) -> None:
        self._execute = execute
        self._documents = documents

    async def query(self, request: Request, name: str, /, **variables: Any) -> dict[str, Any]:
        """The data of a query; a nullable field deep inside that failed is null and logged.

        Raises: ApiFailure, ApiUnavailable where a whole root field failed: a cart that could not be read is not empty.
        """
        document = self._documents[name]
        reply = await self._execute(request, document.text, name, variables)
        errors = reply.get("errors") or []
        data: dict[str, Any] | None = reply.get("data")
        for error in errors:
            root = (error.get("path") or [None])[0]
            if data is None or (data.get(root) is None and _code(error) in _FAULTS):
                raise _FAULTS.get(_code(error), ApiFailure)(f"{name}: {_messages(errors)}")
        if data is None:
            raise ApiFailure(f"{name}: no data")
        if errors:
            _log.warning("storefront.partial_answer", operation=name, errors=_messages(errors))
        return data

    async def mutate(self, request: Request, name: str, /, **variables: Any) -> dict[str, Any]:
        """The payload of a document's one mutation, with its domain `errors`. Raises: ApiFailure when there is none."""
        document = self._documents[name]
        reply = await self._execute(request, document.text, name, variables)
        payload = next(iter((reply.get("data") or {}).values()), None)
        errors = reply.get("errors") or []
        if errors or payload is None:
            fault = next((_FAULTS[_code(error)] for error in errors if _code(error) in _FAULTS), ApiFailure)
            raise fault(f"{name}: {_messages(errors)}")
        result: dict[str, Any] = payload
        return result


def nodes(connection: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The objects of a connection; none when the connection is null."""
    return [edge["node"] for edge in (connection or {}).get("edges", [])]


def _code(error: dict[str, Any]) -> str:
    return str(((error.get("extensions") or {}).get("exception") or {}).get("code", ""))


def _messages(errors: list[dict[str, Any]]) -> str:
    return "; ".join(str(error.get("message")) for error in errors) or "no data"
