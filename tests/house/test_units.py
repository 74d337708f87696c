"""Transactions are opened in few places, and never held while somebody outside is asked."""

import ast
from collections.abc import Iterator

from tests.house.code import Module, modules

# The mutation's extension, the job runner, flows, and the outermost callers, which have no session to be given.
# Mutations that call a flow open none of their own either, but read what the flow needs in one before it.
OPENERS = ("api.core", "api.payments", "jobs", "worker", "web", "cli", "blueprint", "payments.stripe.setup", "kit.db")
# What a unit must not wait for: names of the things that reach outside.
OUTSIDE = ("provider", "stripe", "client", "smtp", "http", "transport", "gateway")


def opens(node: ast.AST) -> bool:
    """Whether the node calls `….unit()` or runs work as a unit: `database.run(…)`, `units.run(…)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    owner = ast.unparse(node.func.value).rpartition(".")[2].strip("_")
    return node.func.attr == "unit" or (node.func.attr == "run" and owner in {"database", "units", "db"})


def may_open(module: Module) -> bool:
    # The sandbox is another product in the same house, with a store of its own.
    return (
        module.room == "sandbox"
        or module.is_part("flows")
        or any(module.name == room or module.name.startswith(f"{room}.") for room in OPENERS)
    )


def test_units_are_opened_by_the_extension_the_job_runner_and_flows() -> None:
    found = [
        module.where(node)
        for module in modules()
        if not may_open(module)
        for node in module.nodes
        if isinstance(node, ast.Call) and opens(node)
    ]
    assert found == []


def test_flows_of_a_request_open_their_units_on_its_own_connection() -> None:
    """With `context.database` a caller with a token would hold one connection and wait for a second."""
    found = [
        module.where(argument)
        for module in modules()
        if module.room == "api" and not module.name.startswith("api.core.")
        for node in module.nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) != "kept_for"
        for argument in node.args
        if ast.unparse(argument) in {"context.database", "info.context.database"}
    ]
    assert found == []


def awaits_outside(body: ast.AST) -> Iterator[ast.Await]:
    for node in ast.walk(body):
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            called = ast.unparse(node.value.func).lower().split(".")
            if any(part.strip("_") in OUTSIDE for part in called[:-1]):
                yield node


def test_no_unit_is_held_while_a_provider_is_awaited() -> None:
    found = []
    for module in modules():
        works = {
            argument.id
            for node in module.nodes
            if isinstance(node, ast.Call) and opens(node)
            for argument in node.args
            if isinstance(argument, ast.Name)
        }
        for node in module.nodes:
            held = isinstance(node, ast.AsyncWith) and any(opens(item.context_expr) for item in node.items)
            held = held or (isinstance(node, ast.AsyncFunctionDef) and node.name in works)
            if held:
                found += [module.where(awaited) for awaited in awaits_outside(node)]
    assert found == []


def test_actions_never_commit() -> None:
    found = [
        module.where(node)
        for module in modules()
        if module.is_part("actions") or module.is_part("queries")
        for node in module.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback", "begin"}
    ]
    assert found == []
