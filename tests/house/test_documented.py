"""`docs/storefront.md` says which documents each page asks for, and what the others are for."""

import ast
import inspect
import re
from collections import defaultdict
from pathlib import Path
from typing import Final

from starlette.routing import Route

from shop.kit.resources import graphql_folder
from shop.storefront import app
from shop.storefront.documents import Documents
from shop.storefront.theme import Theme

ROOT: Final = Path(__file__).resolve().parents[2]
NAMES: Final = set(Documents(graphql_folder()).names())
SECTION: Final = (ROOT / "docs/storefront.md").read_text(encoding="utf-8").split("## Page by page")[1].split("\n## ")[0]
EVERY_PAGE: Final = "every page"
# What is no page of the demo shop's own: answers for machines, and leads to other addresses.
NO_PAGES: Final = {"/robots.txt", "/favicon.ico", "/feed", "/feed/", "/comments/feed", "/comments/feed/"}


def table() -> dict[str, set[str]]:
    """The documents of each page."""
    found: dict[str, set[str]] = {}
    for line in SECTION.splitlines():
        if line.startswith("| ") and not line.startswith(("| page", "| ---")):
            pages, documents = line.strip("| ").split(" | ")
            for page in re.findall(r"`([^`]+)`", pages) or [pages]:
                found[page] = set(re.findall(r"`([^`]+)`", documents))
    return found


def spoken(path: Path) -> set[str]:
    """The documents that a module names. Titles in a trail of links stand in tuples."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    in_tuples = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Tuple) for part in node.elts}
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and id(node) not in in_tuples and node.value in NAMES
    }


def routes() -> dict[str, Path]:
    """The addresses that can be opened, with the module that answers."""
    found = {}
    for route in app._addresses(Theme(None)):
        if isinstance(route, Route) and "GET" in (route.methods or ()):
            endpoint = inspect.unwrap(route.endpoint)
            found[route.path] = Path(inspect.getsourcefile(endpoint) or "")
    return found


def test_every_page_is_in_the_table_and_nothing_else() -> None:
    pages = {path for path in routes() if path not in NO_PAGES and "{number" not in path}
    assert set(table()) - {EVERY_PAGE} == pages


def test_the_documents_of_the_table_are_those_that_the_pages_ask_for() -> None:
    used: dict[Path, set[str]] = {path: spoken(path) for path in (ROOT / "shop/storefront").rglob("*.py")}
    documented: dict[Path, set[str]] = defaultdict(set)
    for page, module in routes().items():
        documented[module] |= table().get(page, set())
    shared = table()[EVERY_PAGE]
    missing = {
        f"{path.name}: {name}"
        for path, names in used.items()
        if path.parent.name == "views"
        for name in names - documented[path] - shared
    }
    assert missing == set()
    assert set().union(*table().values()) == set().union(*used.values())


def test_what_no_page_asks_for_is_told_below_the_table() -> None:
    others = set(re.findall(r"`(\w+)`", SECTION.split("The other documents")[1]))
    assert others == NAMES - set().union(*table().values())
