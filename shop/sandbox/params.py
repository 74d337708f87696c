"""Checks a request's parameters against the SDK's own parameter types, tightened to what the API really takes.

The SDK describes each call by a TypedDict. Those are made stricter here (no unknown key, closed enums, whole numbers,
no empty string where nothing can be unset) and compiled by pydantic on first use: building all of them at start would
cost time and memory for calls that most runs never make.
"""

import importlib
import sys
from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from typing_extensions import TypedDict

from shop.sandbox.errors import ApiError

_METADATA_KEYS, _METADATA_KEY_LENGTH, _METADATA_VALUE_LENGTH = 50, 40, 500
# Where a payment method is described inline. Cards come from Stripe.js in the browser and are therefore missing in the
# server SDK's types; the sandbox has no Stripe.js and takes them here.
_INLINE_METHODS = frozenset(
    f"{owner}ParamsPaymentMethodData"
    for owner in (
        "PaymentIntentCreate",
        "PaymentIntentConfirm",
        "PaymentIntentUpdate",
        "SetupIntentCreate",
        "SetupIntentConfirm",
        "SetupIntentUpdate",
    )
)


def check(reference: str, supported: frozenset[str], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The typed parameters of one call.

    Shapes: `reference` names a type below `stripe.params`, as in "checkout.SessionCreateParams"; `raw` is what
    `forms.parse` returned. Raises: ApiError in Stripe's words for a parameter that the API would refuse, and for one
    that the API knows but the sandbox does not act on (never silently ignored).
    """
    try:
        values: dict[str, Any] = _adapter(reference).validate_python(dict(raw))
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False), raw) from error
    for name in values:
        if name not in supported and name != "expand":
            raise ApiError(
                400,
                f"The sandbox does not act on the parameter {name}. It is a valid parameter of Stripe's API.",
                code="sandbox_unsupported_parameter",
                param=name,
                executed=False,
            )
    return values


@cache
def _adapter(reference: str) -> TypeAdapter[Any]:
    *package, name = reference.split(".")
    module = importlib.import_module(".".join(["stripe.params", *package]))
    return TypeAdapter(_tight_dict(getattr(module, name)))


@cache
def _request_options() -> frozenset[str]:
    options = importlib.import_module("stripe._request_options").RequestOptions
    return frozenset(options.__annotations__)


@cache
def _tight_dict(declared: Any) -> Any:
    # The SDK mixes the client's own options (timeouts, keys) into the parameter types; none may travel in a body.
    fields = {name: hint for name, hint in declared.__annotations__.items() if name not in _request_options()}
    shell = type(declared.__name__, (), {"__annotations__": fields})
    hints = get_type_hints(shell, globalns=vars(sys.modules[declared.__module__]), include_extras=True)
    tight = {}
    for name, hint in hints.items():
        if get_origin(hint) is NotRequired:
            tight[name] = NotRequired[_tight(get_args(hint)[0], name)]
        else:
            tight[name] = _tight(hint, name)
    if declared.__name__ in _INLINE_METHODS:
        card = importlib.import_module("stripe.params").PaymentMethodCreateParamsCard
        tight["card"] = NotRequired[_tight_dict(card)]
        tight["type"] = tight["type"] | Literal["card"]
    make: Any = TypedDict  # the functional form with computed fields is beyond the type checker
    made = make(declared.__name__, tight)
    made.__pydantic_config__ = ConfigDict(extra="forbid", hide_input_in_errors=True)
    return made


def _tight(hint: Any, name: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _tight_union(get_args(hint), name)
    if origin in (list, set):
        return Annotated[list[_tight(get_args(hint)[0], name)], BeforeValidator(_list)]  # type: ignore[misc]
    if origin is dict:
        value: Any = _tight_value(get_args(hint)[1], name)
        plain: Any = dict[str, value]
        return Annotated[plain, AfterValidator(_metadata)] if name == "metadata" else plain
    if hint is str:
        return Annotated[str, AfterValidator(_filled)]
    return _tight_value(hint, name)


def _tight_value(hint: Any, name: str) -> Any:
    if hint is str or get_origin(hint) is Literal:
        return hint
    if hint is int:
        return Annotated[int, BeforeValidator(_integer)]
    if hint is bool:
        return Annotated[bool, BeforeValidator(_boolean)]
    if isinstance(hint, type) and hasattr(hint, "__required_keys__"):
        return _tight_dict(hint)
    return _tight(hint, name) if get_origin(hint) else hint


def _tight_union(members: tuple[Any, ...], name: str) -> Any:
    # Responses' own classes are accepted by the SDK for convenience; on the wire there are only plain values.
    plain = [
        m for m in members if m is not type(None) and "StripeObject" not in getattr(get_origin(m) or m, "__name__", "")
    ]
    literals = [value for m in plain if get_origin(m) is Literal for value in get_args(m)]
    can_be_empty = "" in literals
    if any(literals) and str in plain:
        plain.remove(str)  # `Literal[...] | str` is an enum left open for newer servers
    tight = [_tight_value(m, name) if m is str and can_be_empty else _tight(m, name) for m in plain]
    return Union[tuple(tight)]  # noqa: UP007 - made from a computed list


def _list(value: Any) -> Any:
    if isinstance(value, dict) and value and all(key.isdecimal() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    return value


def _integer(value: Any) -> int:
    text = str(value)
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdecimal() or len(text) > 19:
        raise PydanticCustomError("parameter_invalid_integer", "Invalid integer: {value}", {"value": text})
    return int(text)


def _boolean(value: Any) -> bool:
    if value not in ("true", "false"):  # a tuple: what was given may be a hash, which no set can look up
        raise PydanticCustomError("parameter_invalid_boolean", "Invalid boolean: {value}", {"value": str(value)})
    return bool(value == "true")


def _filled(value: str) -> str:
    if not value:
        raise PydanticCustomError("parameter_invalid_empty", "You passed an empty string")
    return value


def _metadata(value: dict[str, str]) -> dict[str, str]:
    if len(value) > _METADATA_KEYS:
        raise PydanticCustomError(
            "metadata", "Metadata can have up to 50 keys, but you passed {count}.", {"count": len(value)}
        )
    for key, text in value.items():
        if len(key) > _METADATA_KEY_LENGTH:
            raise PydanticCustomError(
                "metadata", "Metadata keys can be up to 40 characters: {key}", {"key": key[:_METADATA_KEY_LENGTH]}
            )
        if len(text) > _METADATA_VALUE_LENGTH:
            raise PydanticCustomError(
                "metadata",
                "Metadata values can have up to 500 characters, but you passed in a value that is {count} characters.",
                {"count": len(text)},
            )
    return value


def _refusal(errors: list[ErrorDetails], raw: Mapping[str, Any]) -> ApiError:
    # A union reports one error per member; the empty-string member is never what the caller meant.
    meant = [error for error in errors if "literal['']" not in error["loc"]] or errors
    error = meant[0]
    param = _param(error["loc"], raw, error["type"] == "missing")
    kind = error["type"]
    if kind == "extra_forbidden":
        return ApiError(
            400, f"Received unknown parameter: {param}", code="parameter_unknown", param=param, executed=False
        )
    if kind == "missing":
        return ApiError(400, f"Missing required param: {param}.", code="parameter_missing", param=param, executed=False)
    if kind == "parameter_invalid_empty":
        message = (
            f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty "
            "value."
        )
        return ApiError(400, message, code=kind, param=param, executed=False)
    if kind == "literal_error":
        allowed = str(error.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ")
        return ApiError(400, f"Invalid {param}: must be one of {allowed}", param=param, executed=False)
    if kind.startswith("parameter_"):
        return ApiError(400, error["msg"], code=kind, param=param, executed=False)
    if kind == "metadata":
        return ApiError(400, error["msg"], param=param, executed=False)
    noun = {"dict_type": "object", "list_type": "array", "string_type": "string"}.get(kind, "value")
    return ApiError(400, f"Invalid {noun} for {param}", param=param, executed=False)


def _param(loc: tuple[int | str, ...], raw: Any, missing: bool) -> str:
    """Writes pydantic's location as Stripe's `a[0][b]`, leaving out the tags that unions put in."""
    parts: list[str] = []
    node = raw
    for step in loc:
        key = str(step)
        if isinstance(node, dict) and key in node:
            parts.append(key)
            node = node[key]
    if missing and (not parts or parts[-1] != str(loc[-1])):
        parts.append(str(loc[-1]))
    return parts[0] + "".join(f"[{part}]" for part in parts[1:]) if parts else ""
