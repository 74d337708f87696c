"""YAML text to plain values, remembering the line of everything. Knows YAML, and nothing of shops.

The reader is stricter than YAML 1.1 where that helps a person: `NO` is the country and not `False`, `10:30` is not 630,
a price keeps its digits (`Decimal`), a key written twice is an error, and tags and merge keys are refused.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from shop.blueprint.errors import Problem, ShopFileError

# The C parser is in every wheel; a build from source may lack it and then reads the same, more slowly.
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_BYTES = 20_000_000
MAX_VALUES = 2_000_000
MAX_DEPTH = 60

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}\Z")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_STANDARD_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "value", "seq", "map")
)

Path = tuple[str | int, ...]


def shown(path: Path) -> str:
    """The path as a person writes it: `products[3].variants[0].prices.europe`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "(file)"


@dataclass(frozen=True)
class Source:
    """What a file says, and where it says it."""

    name: str
    values: Any
    lines: dict[Path, int] = field(repr=False)

    def line(self, path: Path) -> int:
        """The line of the value at this path, or of the nearest thing around it that the file has."""
        for end in range(len(path), -1, -1):
            if (found := self.lines.get(path[:end])) is not None:
                return found
        return 1

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at this path, with its line."""
        return Problem(self.name, self.line(path), shown(path), message)


def read(text: str | bytes, name: str) -> Source:
    """The values of one YAML document, each with its line.

    Raises: ShopFileError for anything that is not one well-formed document of plain values.
    """
    if len(text) > MAX_BYTES:
        raise ShopFileError([Problem(name, 1, "(file)", f"The file is larger than {MAX_BYTES // 1_000_000} MB.")])
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(part for part in (error.context, error.problem) if part)
        raise ShopFileError(
            [Problem(name, mark.line + 1 if mark else 1, "(file)", f"Not valid YAML: {what}.")]
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = " ".join(str(error).split())
        raise ShopFileError([Problem(name, 1, "(file)", f"Not valid YAML: {message}.")]) from None
    except RecursionError:
        raise ShopFileError([Problem(name, 1, "(file)", "Nested too deeply.")]) from None
    reader = _Reader(name)
    values = reader.value(root, ()) if root is not None else {}
    if reader.problems:
        raise ShopFileError(reader.problems)
    return Source(name, values, reader.lines)


class _Reader:
    """Walks the composed nodes once, making values and noting lines."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Path, int] = {(): 1}
        self.problems: list[Problem] = []
        self._count = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        # An alias is the same node again: counting what is built, not what is written, stops one that doubles itself.
        self._count += 1
        if self._count > MAX_VALUES or len(path) > MAX_DEPTH:
            limit = "holds too many values" if self._count > MAX_VALUES else "is nested too deeply"
            raise ShopFileError([self._problem(node, path[:3], f"The file {limit} (an anchor that contains itself?).")])
        if node.tag not in _STANDARD_TAGS:
            self.problems.append(self._problem(node, path, f"Tag {node.tag} is not allowed here; write a plain value."))
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            values = []
            for index, item in enumerate(node.value):
                self.lines[(*path, index)] = item.start_mark.line + 1
                values.append(self.value(item, (*path, index)))
            return values
        assert isinstance(node, yaml.ScalarNode)
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(self._problem(key_node, path, "A key must be plain text."))
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key_node.tag == "tag:yaml.org,2002:merge":
                self.problems.append(self._problem(key_node, here, "Merge keys (<<) are not supported."))
                continue
            if key in values:
                self.problems.append(
                    self._problem(key_node, here, f"This key is written twice, first on line {self.lines[here]}.")
                )
                continue
            self.lines[here] = key_node.start_mark.line + 1
            values[key] = self.value(value_node, here)
        return values

    def _problem(self, node: yaml.Node, path: Path, message: str) -> Problem:
        return Problem(self.name, node.start_mark.line + 1, shown(path), message)


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    if node.style not in (None, ""):
        return text
    if text in _NULLS:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.match(text):
        return int(text)
    if _DECIMAL.match(text):
        return Decimal(text)
    return text
