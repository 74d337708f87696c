"""Who may import what, beyond the layers that import-linter keeps."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.code import Module, modules

# Packages that only some rooms know; a room is named by the start of the module's name.
ROOMS = {
    "strawberry": ("api", "execution"),
    "graphql": ("api", "execution"),
    "starlette": ("api", "web", "storefront", "sandbox"),
    "uvicorn": ("web", "sandbox", "cli", "worker"),
    "stripe": ("payments.stripe", "sandbox"),
    "procrastinate": ("jobs", "worker"),
    "click": ("cli",),
    "asyncpg": ("kit.db", "api.core"),
    "psycopg": ("kit.db", "kit.postgres", "jobs", "worker", "cli"),
    "aiosmtplib": ("mail",),
    "nh3": ("comments", "content", "storefront"),
    "PIL": ("media", "blueprint"),
    "yaml": ("blueprint", "exchange", "web.lessons"),
    "alembic": ("cli",),
    "markdown_it": ("content.formats",),
}


@pytest.mark.parametrize("package", ROOMS)
def test_a_package_is_known_in_its_rooms_alone(package: str) -> None:
    strangers = [
        module.where(node)
        for module in modules()
        for name, node in module.imports
        if name == package
        and not any(module.name == room or module.name.startswith(f"{room}.") for room in ROOMS[package])
    ]
    assert strangers == []


def inner_imports(module: Module) -> Iterator[ast.stmt]:
    for function in module.nodes:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield node


# A library of many megabytes that few processes ever need is loaded when it is needed.
LATE = ("from shop.orders.pdf import invoice_pdf",)


def test_imports_stand_at_the_top() -> None:
    # The command line imports a command's needs when it runs, and the API's types link upwards to each other;
    # everything else says at its head what it stands on.
    hidden = [
        module.where(node)
        for module in modules()
        for node in inner_imports(module)
        if module.room != "cli" and not (module.room == "api" and ast.unparse(node).startswith("from shop.api."))
        if ast.unparse(node) not in LATE
    ]
    assert hidden == []


def test_imports_for_types_only_are_rare() -> None:
    # `if TYPE_CHECKING` is how strawberry's lazy links name a type upwards, and the command line one that it imports
    # late; elsewhere it would hide an upward import.
    hidden = [
        module.where(node)
        for module in modules()
        if module.room not in {"api", "cli"}
        for node in module.nodes
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    assert hidden == []
