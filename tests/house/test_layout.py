"""Files stand where they must, say what they are, and name no machine."""

import ast
import re
import tomllib

import shop
from tests.house.code import ROOT, Module, committed, modules

LONGEST = 550
DOCUMENTED = ("actions", "queries", "rules", "flows")
BINARY = {".png", ".webp", ".avif", ".ico", ".jpg", ".woff2"}


def test_folders_named_like_libraries_are_no_packages() -> None:
    # An __init__.py would shadow the library of that name: strawberry then dies at import while mypy stays green.
    assert not (ROOT / "graphql" / "__init__.py").exists()
    assert not (ROOT / "alembic" / "__init__.py").exists()
    assert not list((ROOT / "graphql").rglob("*.py"))


def test_every_module_says_what_lives_in_it() -> None:
    assert [module.name for module in modules() if not ast.get_docstring(module.tree)] == []


def test_public_functions_of_the_domain_are_documented() -> None:
    def silent(module: Module) -> list[str]:
        return [
            module.where(node)
            for node in module.tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]

    domain = [module for module in modules() if any(module.is_part(kind) for kind in DOCUMENTED)]
    assert [where for module in domain for where in silent(module)] == []


def test_no_file_has_outgrown_its_room() -> None:
    long = {module.name: module.text.count("\n") for module in modules() if module.text.count("\n") > LONGEST}
    assert long == {}, "split it into a folder of the same name"


def test_rules_are_pure() -> None:
    impure = [
        f"{module.where(node)} {name}"
        for module in modules()
        if module.is_part("rules")
        for name, node in module.imports
        if name in {"sqlalchemy", "stripe", "httpx", "asyncpg", "psycopg"}
    ]
    assert impure == []


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert shop.__version__ == project["version"]


def test_no_committed_file_names_a_machine_or_leaves_work_undone() -> None:
    # Spelt so that this file does not find itself.
    machine = re.compile("(/" + "root/|/" + "work/|/" + r"home/[a-z]|/" + "Users/)")
    undone = re.compile(r"#.*\b(TO" + "DO|FIX" + "ME|X" + r"XX)\b|NotImplemented" + "Error")
    found = []
    for path in committed():
        if path.suffix in BINARY or path.suffix == ".lock":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if machine.search(line) or (path.suffix == ".py" and undone.search(line)):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_names_say_what_things_are() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common"}
    assert [module.name for module in modules() if vague & set(module.name.split("."))] == []
