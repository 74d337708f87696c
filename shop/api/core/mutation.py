"""Mutation fields: one unit of work each, expected errors in the payload, everything else masked by the reply.

The unit commits before the payload's fields are read, so that they show what was stored.
"""

from collections.abc import Awaitable, Callable
from dataclasses import fields
from enum import Enum
from typing import Any

import strawberry
import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.extensions import FieldExtension
from strawberry.types.base import StrawberryList, StrawberryOptional, StrawberryType
from strawberry.types.field import StrawberryField

from shop.api.core.context import Context, Info
from shop.api.core.permissions import require
from shop.idempotency.actions import carried_out
from shop.kit.errors import Denied, Many, ShopError

_log = structlog.get_logger(__name__)


def mutation(
    *, description: str, permissions: tuple[str, ...] = (), deprecation_reason: str | None = None
) -> Callable[[Callable[..., Any]], Any]:
    """A mutation that runs in one unit of work: `info.context.session`. Raise `ShopError` for expected errors."""
    return _declare(_UnitOfWork(permissions), description, deprecation_reason)


def flow(
    *, description: str, permissions: tuple[str, ...] = (), deprecation_reason: str | None = None
) -> Callable[[Callable[..., Any]], Any]:
    """A mutation that talks to a provider between two units: it opens none, the flow that it calls does."""
    return _declare(_ExpectedErrors(permissions), description, deprecation_reason)


def _declare(
    extension: FieldExtension, description: str, deprecation_reason: str | None
) -> Callable[[Callable[..., Any]], Any]:
    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.mutation(
            resolver, description=description, deprecation_reason=deprecation_reason, extensions=[extension]
        )

    return decorate


class _ExpectedErrors(FieldExtension):
    """Turns the errors that actions raise into the payload's `errors`."""

    def __init__(self, permissions: tuple[str, ...]) -> None:
        self.permissions = permissions
        self.field: StrawberryField | None = None

    def apply(self, field: StrawberryField) -> None:
        self.field = field

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **kwargs: Any) -> Any:
        if self.permissions:
            require(info.context, *self.permissions)
        try:
            return await self.call(next_, source, info, kwargs)
        except Denied:
            raise
        except ShopError as error:
            assert self.field is not None
            return failed(_class_of(self.field.type), error)

    async def call(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, kwargs: dict[str, Any]) -> Any:
        return await next_(source, info, **kwargs)


class _UnitOfWork(_ExpectedErrors):
    async def call(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, kwargs: dict[str, Any]) -> Any:
        context: Context = info.context

        async def work(session: AsyncSession) -> Any:
            context.enter(session)
            try:
                result = await next_(source, info, **kwargs)
            finally:
                context.enter(None)
            if context.attempt is not None:
                await carried_out(session, context.attempt)
            return result

        return await context.database.run(work, context.reader)


def failed(payload: type[Any], error: ShopError) -> Any:
    """The payload that tells of an expected error."""
    errors = error.errors if isinstance(error, Many) else [error]
    kind = _error_class(payload)
    return payload(errors=[_domain_error(kind, one) for one in errors])


def _domain_error(kind: type[Any], error: ShopError) -> Any:
    names = {field.name: field for field in fields(kind)}
    codes = _enum_of(kind)
    if error.code not in codes.__members__:
        # A test checks every code that is raised against its enum; this keeps a miss from becoming a crash.
        _log.warning("error code missing in schema", code=error.code, enum=codes.__name__)
    code = codes.__members__.get(error.code) or codes.__members__.get("INVALID") or codes["GRAPHQL_ERROR"]
    extra = {name: value for name, value in error.params.items() if name in names}
    return kind(field=error.field, message=error.message, code=code, **extra)


def _enum_of(kind: type[Any]) -> type[Enum]:
    definition = kind.__strawberry_definition__
    code = next(field for field in definition.fields if field.python_name == "code")
    wrapped: type[Enum] = _unwrap(code.type).wrapped_cls
    return wrapped


def _error_class(payload: type[Any]) -> type[Any]:
    definition = payload.__strawberry_definition__
    errors = next(field for field in definition.fields if field.python_name == "errors")
    return _class_of(errors.type)


def _class_of(kind: StrawberryType | type[Any]) -> type[Any]:
    result: type[Any] = _unwrap(kind)
    return result


def _unwrap(kind: Any) -> Any:
    while isinstance(kind, StrawberryList | StrawberryOptional):
        kind = kind.of_type
    return kind
