"""What became of everything that was brought in: counted, and told one by one where a person should look at it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Fate(StrEnum):
    """What became of a thing."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Entry:
    """A page, menu, comment or picture with its fate, and what to know of it: the reason of a skip, losses, changes."""

    kind: str
    name: str
    fate: Fate
    notes: tuple[str, ...] = ()
    is_draft: bool = False


_FATES: Final = tuple(Fate)
_WIDEST: Final = 60


@dataclass
class Report:
    """All of an import. Comments are many and alike: they are counted, with their reasons."""

    is_rehearsal: bool = False
    entries: list[Entry] = field(default_factory=list)
    counts: Counter[tuple[str, Fate]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, entry: Entry) -> None:
        """One more thing, kept by name where there is something to tell of it."""
        self.counts[entry.kind, entry.fate] += 1
        if entry.kind in {"page", "menu"} or entry.notes:
            self.entries.append(entry)

    def count(self, kind: str, fate: Fate, number: int = 1, reason: str = "") -> None:
        """So many more of a kind, without their names."""
        if number:
            self.counts[kind, fate] += number
            if reason:
                self.reasons[kind, reason] += number

    def join(self, other: "Report") -> None:
        """What became of the things of another one is told here as well."""
        self.entries += other.entries
        self.counts.update(other.counts)
        self.reasons.update(other.reasons)

    def number(self, kind: str, fate: Fate) -> int:
        """How many things of the kind had this fate."""
        return self.counts[kind, fate]

    @property
    def drafts(self) -> int:
        """How many pages were made that visitors do not read yet, though nobody said so."""
        return sum(entry.is_draft for entry in self.entries)

    def notable(self) -> list[Entry]:
        """What a person should look at: whatever was skipped, or was not brought in just as it was."""
        return [entry for entry in self.entries if entry.notes or entry.fate is Fate.SKIPPED]

    def lines(self) -> list[str]:
        """A table of the counts, and below it what to look at."""
        kinds = list(dict.fromkeys(kind for kind, _ in self.counts))
        head = f"{'':<10}" + "".join(f"{fate:>11}" for fate in _FATES)
        table = [f"{kind + 's':<10}" + "".join(f"{self.counts[kind, fate]:>11}" for fate in _FATES) for kind in kinds]
        told = [f"  {number} {kind}s: {reason}" for (kind, reason), number in sorted(self.reasons.items())]
        for entry in self.notable():
            told.append(f"  {entry.kind} {_short(entry.name)}: {entry.fate}")
            told += [f"      {note}" for note in entry.notes]
        lines = [head, *table] if kinds else ["Nothing to import was found."]
        if self.is_rehearsal:
            lines.append("This was a rehearsal: nothing was changed.")
        return [*lines, *(["", "To look at:", *told] if told else [])]

    def as_json(self) -> dict[str, Any]:
        """The whole report for programs."""
        return {
            "dryRun": self.is_rehearsal,
            "counts": _nested((kind, fate.value, number) for (kind, fate), number in sorted(self.counts.items())),
            "reasons": _nested((kind, reason, number) for (kind, reason), number in sorted(self.reasons.items())),
            "entries": [
                {"kind": entry.kind, "name": entry.name, "result": entry.fate.value, "notes": list(entry.notes)}
                for entry in self.entries
            ],
        }


def _nested(rows: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for kind, name, number in rows:
        found.setdefault(kind, {})[name] = number
    return found


def _short(name: str) -> str:
    return name if len(name) <= _WIDEST else f"{name[: _WIDEST - 1]}…"
