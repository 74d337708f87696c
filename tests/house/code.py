"""The product's source as syntax trees, for tests about the shape of the code."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """One file below shop/."""

    path: Path

    @property
    def name(self) -> str:
        """Dotted, without `shop.`: `payments.stripe.client`."""
        return ".".join(self.path.relative_to(ROOT / "shop").with_suffix("").parts).removesuffix(".__init__")

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree, walked once for all tests."""
        return tuple(ast.walk(self.tree))

    def where(self, node: ast.stmt | ast.expr) -> str:
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"

    @cached_property
    def imports(self) -> tuple[tuple[str, ast.stmt], ...]:
        """Top-level package names that the file imports, anywhere in it."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[tuple[str, ast.stmt]]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((alias.name.partition(".")[0], node) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                yield node.module.partition(".")[0], node

    def is_part(self, kind: str) -> bool:
        """Whether this is a slice's `kind` module (`actions.py`) or lies in its `kind` folder."""
        return kind in self.name.split(".")


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of the product, parsed once."""
    return tuple(Module(path) for path in sorted((ROOT / "shop").rglob("*.py")))


def committed() -> list[Path]:
    """Every file that is committed, or would be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]
