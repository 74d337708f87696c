"""What something says of its attributes, kept aside as JSON: in a draft, or as it was once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from shop.attributes.rules.given import Choice, Own

# A choice there is, or is to be made, or a value of the thing's own.
Settled = Choice | Own


@dataclass(frozen=True, slots=True)
class Kept:
    """The values of one attribute, in order, with the name by which people know the attribute."""

    name: str
    values: tuple[Settled, ...] = ()


@dataclass(frozen=True, slots=True)
class Lost:
    """A value that could not be given again, since what it says is gone."""

    attribute: str
    value: str


def storable(kept: Mapping[int, Kept]) -> dict[str, Any]:
    """The values by the keys of their attributes, as JSON has them."""
    return {
        str(key): {"name": each.name, "values": [_written(value) for value in each.values]}
        for key, each in kept.items()
    }


def stored(said: Mapping[str, Any]) -> dict[int, Kept]:
    """The values as they were before they were stored as JSON."""
    return {int(key): Kept(each["name"], tuple(_read(value) for value in each["values"])) for key, each in said.items()}


def changed_since(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The names of the attributes of both that say something else now, however their choices are called today."""
    both = [key for key in now if key in before]
    return [now[key]["name"] for key in both if _said(before[key]["values"]) != _said(now[key]["values"])]


def _said(values: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: part for name, part in value.items() if name != "name"} for value in values]


def _written(value: Settled) -> dict[str, Any]:
    if isinstance(value, Choice):
        said = {"choice": value.id, "name": value.value}
        return said if value.external_reference is None else said | {"external_reference": value.external_reference}
    return {"name": value.name, **{name: _plain(part) for name, part in value.columns.items()}}


def _plain(value: Any) -> Any:
    """JSON has neither exact numbers nor times."""
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def _read(said: Mapping[str, Any]) -> Settled:
    if "choice" in said:
        return Choice(said["choice"], said.get("external_reference"), said["name"])
    columns = {name: part for name, part in said.items() if name != "name"}
    if "number" in columns:
        columns["number"] = Decimal(columns["number"])
    if "moment" in columns:
        columns["moment"] = datetime.fromisoformat(columns["moment"])
    return Own(said["name"], columns)
