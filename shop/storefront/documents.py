"""The saved GraphQL documents: one file per operation, fragments joined to it by the names that it spreads."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SPREAD: Final = re.compile(r"\.\.\.\s*(?!on\b)([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Document:
    """An operation with every fragment that it needs, ready to be sent."""

    name: str
    purpose: str
    text: str


class UnknownDocument(KeyError):
    """There is no file for this operation or fragment."""


class Documents:
    """The documents of a folder that holds `operations/` and `fragments/`, read once."""

    def __init__(self, folder: Path) -> None:
        self._fragments = _read(folder / "fragments")
        self._documents = {name: self._join(name, text) for name, text in _read(folder / "operations").items()}

    def __getitem__(self, name: str) -> Document:
        """The document of an operation. Raises: UnknownDocument."""
        try:
            return self._documents[name]
        except KeyError:
            raise UnknownDocument(name) from None

    def names(self) -> list[str]:
        """Every operation, in the order of the alphabet."""
        return sorted(self._documents)

    def _join(self, name: str, operation: str) -> Document:
        needed: dict[str, str] = {}
        self._collect(operation, needed)
        purpose = operation.partition("\n")[0].removeprefix("#").strip()
        return Document(name=name, purpose=purpose, text="\n".join([operation, *needed.values()]))

    def _collect(self, text: str, into: dict[str, str]) -> None:
        for name in _SPREAD.findall(text):
            if name in into:
                continue
            if name not in self._fragments:
                raise UnknownDocument(name)
            into[name] = self._fragments[name]
            self._collect(self._fragments[name], into)


def _read(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.graphql"))}
