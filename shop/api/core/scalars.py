"""Saleor's scalars. In Python each is a `NewType`; what it reads and writes is defined in `SCALARS`."""

import math
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal as PyDecimal
from decimal import InvalidOperation
from typing import Any, Final, NewType

import orjson
import strawberry
from graphql import (
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)
from strawberry.types.scalar import ScalarDefinition

from shop.api.core.uploads import UploadedFile

JSONString = NewType("JSONString", object)
JSON = NewType("JSON", object)
GenericScalar = NewType("GenericScalar", object)
Metadata = NewType("Metadata", dict[str, str])
Decimal = NewType("Decimal", PyDecimal)
PositiveDecimal = NewType("PositiveDecimal", PyDecimal)
PositiveInt = NewType("PositiveInt", int)
Minute = NewType("Minute", int)
Hour = NewType("Hour", int)
Day = NewType("Day", int)
WeightScalar = NewType("WeightScalar", float)
Upload = NewType("Upload", UploadedFile)

# Digits beyond this are no amount of anything, and arithmetic on them is a way to keep a server busy.
_MAX_DIGITS: Final = 30
_TEXT: Final = re.compile("[\0\ud800-\udfff]")


def clean_text(value: str) -> str:
    """The text, which PostgreSQL and UTF-8 can hold. Raises: GraphQLError for NUL and lone surrogates."""
    if _TEXT.search(value):
        raise GraphQLError("String cannot hold a NUL character or a lone surrogate.")
    return value


def _any(value: Any) -> Any:
    """Plain JSON, with every text in it checked."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_any(item) for item in value]
    if isinstance(value, dict):
        return {clean_text(str(key)): _any(item) for key, item in value.items()}
    return value


def _literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
    match node:
        case NullValueNode():
            return None
        case VariableNode(name=name):
            return (variables or {}).get(name.value)
        case ListValueNode(values=values):
            return [_literal(item, variables) for item in values]
        case ObjectValueNode(fields=fields):
            return {item.name.value: _literal(item.value, variables) for item in fields}
        case IntValueNode(value=text):
            return int(text) if len(text) <= _MAX_DIGITS else _refuse(text)
        case FloatValueNode(value=text):
            return float(text)
        case _:
            value = getattr(node, "value", None)
            return clean_text(value) if isinstance(value, str) else value


def _refuse(text: str) -> Any:
    raise GraphQLError(f"Number out of range: {text[:40]}")


def _read_json_string(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return _any(orjson.loads(value))
        except orjson.JSONDecodeError:
            raise GraphQLError("JSONString needs a text that holds JSON.") from None
    if isinstance(value, dict | list):
        return _any(value)
    raise GraphQLError("JSONString needs a text that holds JSON.")


def _write_json_string(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _read_metadata(value: Any) -> dict[str, str]:
    if isinstance(value, dict) and all(isinstance(item, str) for pair in value.items() for item in pair):
        return {clean_text(key): clean_text(item) for key, item in value.items()}
    raise GraphQLError("Metadata needs an object whose values are texts.")


def _read_decimal(value: Any) -> PyDecimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | PyDecimal):
        raise GraphQLError("Decimal needs a number.")
    if isinstance(value, str) and len(value) > 64:
        raise GraphQLError("Decimal out of range.")
    try:
        number = PyDecimal(str(value))
    except InvalidOperation:
        raise GraphQLError("Decimal needs a number.") from None
    if not number.is_finite() or abs(number.adjusted()) > _MAX_DIGITS or len(number.as_tuple().digits) > _MAX_DIGITS:
        raise GraphQLError("Decimal out of range.")
    return number


def _read_positive_decimal(value: Any) -> PyDecimal:
    number = _read_decimal(value)
    if number < 0:
        raise GraphQLError(f"Value cannot be lower than 0. Unsupported value: {number}")
    return number


def _read_whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).lstrip("-").isdigit():
        raise GraphQLError("Needs a whole number.")
    if len(str(value)) > 11 or abs(int(value)) > 2**31 - 1:
        raise GraphQLError("Number out of range.")
    return int(value)


def _read_positive_int(value: Any) -> int:
    number = _read_whole(value)
    if number < 0:
        raise GraphQLError(f"Value cannot be lower than 0. Unsupported value: {number}")
    return number


def _read_float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise GraphQLError("Needs a number.")
    try:
        number = float(value)
    except ValueError:
        raise GraphQLError("Needs a number.") from None
    if not math.isfinite(number):
        raise GraphQLError("Number out of range.")
    return number


def _read_datetime(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        # In UTC at once: the driver would do it too late to say what is wrong with the first and last days of time.
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        raise GraphQLError(
            f"DateTime cannot represent value: {str(value)[:40]!r}; times look like '2026-01-31T09:00:00Z'."
        ) from None


def _read_date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(f"Date cannot represent value: {str(value)[:40]!r}; days look like '2026-01-31'.") from None


def _read_uuid(value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except (AttributeError, TypeError, ValueError):
        raise GraphQLError(f"UUID cannot represent value: {str(value)[:40]!r}") from None


def _read_upload(value: Any) -> UploadedFile:
    if isinstance(value, UploadedFile):
        return value
    raise GraphQLError("Upload needs a file: send a multipart request whose 'map' names this variable.")


def _same(value: Any) -> Any:
    return value


def _iso(value: date) -> str:
    return value.isoformat()


def _moment(value: datetime) -> str:
    # In a fifth of the time that isoformat() takes; it would round the offsets of olden times to minutes.
    return orjson.dumps(value).decode()[1:-1] if value.tzinfo is UTC else value.isoformat()


def _number(value: PyDecimal | float) -> float:
    return float(value)


def _scalar(
    name: str, description: str, write: Callable[[Any], Any], read: Callable[[Any], Any], *, structured: bool = False
) -> ScalarDefinition:
    def read_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
        if isinstance(node, StringValueNode | IntValueNode | FloatValueNode):
            return read(node.value)
        return read(_literal(node, variables))

    def read_structure(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
        return read(_literal(node, variables))

    return strawberry.scalar(
        name=name,
        description=description,
        serialize=write,
        parse_value=read,
        parse_literal=read_structure if structured else read_literal,
    )


SCALARS: Final[Mapping[object, ScalarDefinition]] = {
    JSONString: _scalar("JSONString", "JSON inside a string.", _write_json_string, _read_json_string),
    JSON: _scalar("JSON", "Any JSON value, as it is.", _same, _any, structured=True),
    GenericScalar: _scalar("GenericScalar", "Any JSON value, as it is.", _same, _any, structured=True),
    Metadata: _scalar("Metadata", "An object from keys to texts.", _same, _read_metadata, structured=True),
    Decimal: _scalar("Decimal", "A decimal number, written as a JSON number.", _number, _read_decimal),
    PositiveDecimal: _scalar("PositiveDecimal", "A decimal number, zero or more.", _number, _read_positive_decimal),
    PositiveInt: _scalar("PositiveInt", "A whole number, zero or more.", int, _read_positive_int),
    Minute: _scalar("Minute", "A number of minutes.", int, _read_whole),
    Hour: _scalar("Hour", "A number of hours.", int, _read_whole),
    Day: _scalar("Day", "A number of days.", int, _read_whole),
    WeightScalar: _scalar("WeightScalar", "A weight, in the unit that stands beside it.", float, _read_float),
    Upload: _scalar("Upload", "A file of a multipart request.", _same, _read_upload),
    datetime: _scalar("DateTime", "A moment, ISO 8601 with its offset.", _moment, _read_datetime),
    date: _scalar("Date", "A day, ISO 8601.", _iso, _read_date),
    uuid.UUID: _scalar("UUID", "A UUID.", str, _read_uuid),
}
