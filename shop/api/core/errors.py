"""Errors on the wire: Saleor's `extensions.exception.code`, and a mask with a log id over everything unexpected."""

import secrets
from typing import Any

import asyncpg
import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shop.execution import CostExceeded, DocumentRefused
from shop.kit.db.database import sqlstate
from shop.kit.errors import Denied, ShopError, Unavailable
from shop.kit.log import brief

_log = structlog.get_logger(__name__)

UNAVAILABLE = "ServiceUnavailable"
MASKED = "InternalServerError"
# Classes 08 (connection), 28 (log-in refused, as by a server that is being set up), 53 (resources), 57 (operator
# intervention: shutting down, cancelled by a timeout), and lock_not_available.
_UNAVAILABLE_STATES = ("08", "28", "53", "57", "55P03")


def is_unavailable(error: BaseException) -> bool:
    """Whether the database (or something else that we need) does not answer now: asking again later may help."""
    if isinstance(error, Unavailable | PoolTimeout | OSError | TimeoutError | asyncpg.InterfaceError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = sqlstate(error)
    return state is not None and state.startswith(_UNAVAILABLE_STATES)


def to_wire(error: GraphQLError) -> dict[str, Any]:
    """The error as a client reads it."""
    original = error.original_error
    while isinstance(original, GraphQLError):
        error_inside, original = original, original.original_error
        if original is None:
            # What is wrong with a request is told of its variable, what is wrong with a field by whoever raised it.
            message = error.message if error.path is None else error_inside.message
            return _expected(error, message, _code_of(error_inside))
    if original is None:
        return _expected(error, error.message, _code_of(error))
    if isinstance(original, Denied):
        return _expected(error, original.message, "PermissionDenied")
    if isinstance(original, ShopError) and not isinstance(original, Unavailable):
        return _expected(error, original.message, original.code)
    if is_unavailable(original):
        _log.warning("unavailable", error=brief(original), path=error.path)
        return _expected(error, "The shop cannot answer right now. Please try again in a moment.", UNAVAILABLE)
    log_id = secrets.token_hex(6)
    _log.error("unexpected error", log_id=log_id, path=error.path, exc_info=original)
    return _expected(error, f"Internal Server Error (log id {log_id})", MASKED)


def failure(error: Exception) -> dict[str, Any]:
    """The same for an error that came before any field was asked."""
    return to_wire(GraphQLError(str(error), original_error=error))


def _expected(error: GraphQLError, message: str, code: str) -> dict[str, Any]:
    body: dict[str, Any] = {"message": message}
    if error.locations:
        body["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        body["path"] = list(error.path)
    body["extensions"] = {"exception": {"code": code}}
    return body


def _code_of(error: GraphQLError) -> str:
    given = (error.extensions or {}).get("exception")
    if isinstance(given, dict) and isinstance(given.get("code"), str):
        return str(given["code"])
    if isinstance(error, GraphQLSyntaxError):
        return "GraphQLSyntaxError"
    if isinstance(error, CostExceeded):
        return "QueryCostError"
    if isinstance(error, DocumentRefused):
        return "DocumentRefused"
    return "GraphQLError"
