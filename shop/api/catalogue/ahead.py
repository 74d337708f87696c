"""Look-ahead: what a list reads together with its rows because fields of those rows are selected.

A list joins what belongs to its rows, and each of its objects holds the `Ahead` of its list. A batch field that finds
one reads nothing; without one (an object that came another way) it asks the database as ever.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shop.execution import Selection

METADATA: Final = frozenset(
    {"metadata", "metafield", "metafields", "privateMetadata", "privateMetafield", "privateMetafields"}
)
DESCRIPTION: Final = frozenset({"description", "descriptionHtml", "descriptionJson"})


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """The records of a list by their `pk`, and the names of what is joined to them."""

    parts: frozenset[str]
    records: Mapping[int, Any]

    @classmethod
    def of(cls, parts: frozenset[str], records: Iterable[Any]) -> "Ahead | None":
        """Of the records of a list; None where nothing is joined to them."""
        return cls(parts, {record["pk"]: record for record in records}) if parts else None


def read_ahead(parents: Sequence[Any], part: str) -> Mapping[int, Any] | None:
    """The records with that part, by the parents' keys; None where it was not read for all of them at once."""
    ahead: Ahead | None = parents[0].ahead
    if ahead is None or part not in ahead.parts or any(parent.ahead is not ahead for parent in parents):
        return None
    return ahead.records


def wanted(selection: Selection, parts: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The parts of which one of the fields is selected."""
    fields = selection.fields.keys()
    return frozenset(part for part, names in parts.items() if not names.isdisjoint(fields))
