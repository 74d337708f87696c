"""What an apply changed, or would change."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal

Action = Literal["create", "update", "delete"]
_PAST: Final = {"create": "created", "update": "changed", "delete": "deleted"}
_SIGNS: Final = {"create": "+", "update": "~", "delete": "-"}
# What a summary counts by name; everything else belongs to one of these.
_NAMED: Final = (
    "channel",
    "tax class",
    "warehouse",
    "shipping zone",
    "product type",
    "category",
    "product",
    "variant",
    "collection",
    "page type",
    "page",
    "menu",
    "staff user",
)
_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Change:
    """One row that was made, changed or deleted; `fields` holds name, old and new value of what changed."""

    action: Action
    kind: str
    name: str
    fields: tuple[tuple[str, Any, Any], ...] = ()

    def __str__(self) -> str:
        line = f"{_SIGNS[self.action]} {self.kind} {self.name}"
        if not self.fields:
            return line
        return f"{line}: {', '.join(f'{name} {_shown(old)} → {_shown(new)}' for name, old, new in self.fields)}"


@dataclass
class Report:
    """All changes of one apply, in the order they were made."""

    dry_run: bool = False
    changes: list[Change] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether the shop differed from the file."""
        return bool(self.changes)

    def count(self, action: Action | None = None, kind: str | None = None) -> int:
        """How many changes there are, of an action or a kind where given."""
        return sum(action in (None, change.action) and kind in (None, change.kind) for change in self.changes)

    def lines(self) -> Iterator[str]:
        """Every change as a line for people."""
        return map(str, self.changes)

    def headline(self) -> str:
        """A few words for a progress line: `10 products, 4 pages, 252 rows changed`."""
        if not self.changes:
            return "unchanged"
        made = [_counted(number, kind) for kind in ("product", "page") if (number := self.count("create", kind))]
        return ", ".join([*made, f"{_counted(len(self.changes), 'row')} changed"])

    def summary(self) -> str:
        """One line: `created 10 products, 17 variants and 84 details; changed 1 page`."""
        if not self.changes:
            return "nothing to change"
        parts = []
        for action, past in _PAST.items():
            counts = Counter(change.kind for change in self.changes if change.action == action)
            found = [_counted(counts.pop(kind), kind) for kind in _NAMED if kind in counts]
            details = _counted(counts.total(), "detail") if counts else ""
            if named := ", ".join(found):
                parts.append(f"{past} {named} and {details}" if details else f"{past} {named}")
            elif details:
                parts.append(f"{past} {details}")
        text = "; ".join(parts)
        return f"not done, only compared: {text}" if self.dry_run else text


def _counted(number: int, kind: str) -> str:
    if number == 1:
        return f"1 {kind}"
    if kind.endswith("y"):
        return f"{number} {kind[:-1]}ies"
    return f"{number} {kind}{'es' if kind.endswith('ss') else 's'}"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    text = repr(value) if isinstance(value, str | dict | list) else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
