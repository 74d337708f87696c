"""Reads form-encoded bodies with bracket nesting, the way Stripe's libraries write them."""

import re
from typing import Any
from urllib.parse import parse_qsl

from shop.sandbox.errors import ApiError

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_MAX_FIELDS = 5000


def parse(text: str) -> dict[str, Any]:
    """The nested value of a form: every level is a dict of strings, lists as dicts of their indices.

    Lists stay dicts here because only the parameter's type knows whether `a[0]` is an item or a key named "0".
    Raises: ApiError for a malformed or contradictory key.
    """
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=False, max_num_fields=_MAX_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise ApiError(400, "Invalid request body: it is not a readable form.", executed=False) from error
    root: dict[str, Any] = {}
    for key, value in pairs:
        if "\x00" in value:
            raise ApiError(400, f"Invalid string: {key} holds a NUL character.", param=key, executed=False)
        match = _KEY.match(key)
        if match is None:
            raise ApiError(400, f"Invalid parameter name: {key}", param=key, executed=False)
        path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        _put(root, path, value, key)
    return root


def _put(node: dict[str, Any], path: list[str], value: str, key: str) -> None:
    for part in path[:-1]:
        below = node.setdefault(part or str(len(node)), {})
        if not isinstance(below, dict):
            raise ApiError(400, f"Invalid parameter: {key} is given both as a value and as a hash.", executed=False)
        node = below
    last = path[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise ApiError(400, f"Invalid parameter: {key} is given both as a value and as a hash.", executed=False)
    node[last] = value
