"""The `expand[]` parameter: ids in an answer replaced by the objects they name.

Source: https://docs.stripe.com/api/expanding_objects
"""

from typing import Any

from shop.sandbox.errors import ApiError
from shop.sandbox.resources import line_items
from shop.sandbox.store import Json, Unit, public

_DEEPEST = 4
_EXPANDABLE = frozenset({"payment_intent", "latest_charge", "charge", "customer", "payment_method", "setup_intent",
                         "default_payment_method"})  # fmt: skip


def rendered(unit: Unit, answer: Json, paths: list[str]) -> Json:
    """The answer as the caller sees it: without the sandbox's notes and with the named objects in place of their ids.

    Raises: ApiError for a field that cannot be expanded.
    """
    result: Json = _clean(answer)
    for path in paths:
        steps = path.split(".")
        if len(steps) > _DEEPEST:
            raise ApiError(400, f"You cannot expand more than {_DEEPEST} levels of a property.", param="expand")
        _expand(unit, result, steps, path)
    return result


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(below) for key, below in public(value).items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def _expand(unit: Unit, node: Any, steps: list[str], path: str) -> None:
    if isinstance(node, list):
        for item in node:
            _expand(unit, item, steps, path)
        return
    if not isinstance(node, dict):
        return
    name, below = steps[0], steps[1:]
    kind = node.get("object")
    if kind == "checkout.session" and name == "line_items":
        node[name] = _lines(unit, node["id"])
    elif kind == "charge" and name == "refunds":
        node[name] = _refunds(unit, node["id"])
    elif name in _EXPANDABLE and (name in node) and (node[name] is None or isinstance(node[name], str)):
        found = None if node[name] is None else unit.by_id(node[name])
        node[name] = node[name] if found is None else _clean(found)
    elif name not in node or not (below or isinstance(node[name], dict)):
        raise ApiError(400, f"This property cannot be expanded ({path}).", param="expand")
    if below:
        _expand(unit, node[name], below, path)


def _lines(unit: Unit, session: str) -> Json:
    lines = line_items.shown(unit.get("checkout.session", session))
    url = f"/v1/checkout/sessions/{session}/line_items"
    return {"object": "list", "data": lines, "has_more": False, "url": url}


def _refunds(unit: Unit, charge: str) -> Json:
    data = unit.where("refund", charge=charge)[::-1]
    return {"object": "list", "data": data, "has_more": False, "url": f"/v1/charges/{charge}/refunds"}
