"""What each mutation refuses: `errors.txt` names every mutation, and provokes its codes or says which test does."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type

from shop.api.core.schema import make_schema
from tests.api.client import Api
from tests.compat.roots import document, roots
from tests.compat.things import PASSWORD, Things, lay_out, undone
from tests.compat.world import World
from tests.database import OneConnectionDatabase
from tests.factories.payments import Desk

ROOT: Final = Path(__file__).resolve().parents[2]
MUTATIONS: Final = {name: root for name, root in roots(make_schema()._schema).items() if root.operation == "mutation"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A mutation gives a code on a field: to this caller with these variables, or as another test shows."""

    mutation: str
    code: str
    field: str
    caller: str
    how: str

    @property
    def test(self) -> str | None:
        """The test that provokes it, where the table does not."""
        return self.how.removeprefix("see ") if self.how.startswith("see ") else None


def _read() -> Iterator[Refusal]:
    for line in Path(__file__).with_name("errors.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield Refusal(*re.split(r" {2,}", line.strip(), maxsplit=4))


REFUSALS: Final = list(_read())


def test_the_table_names_every_mutation() -> None:
    assert {refusal.mutation for refusal in REFUSALS} == set(MUTATIONS)


def test_the_codes_are_those_of_the_schema() -> None:
    unknown = [f"{one.mutation} {one.code}" for one in REFUSALS if one.code not in {"-", *_codes(one.mutation)}]
    assert unknown == []


def _codes(mutation: str) -> set[str]:
    payload = get_named_type(MUTATIONS[mutation].field.type)
    assert isinstance(payload, GraphQLObjectType)
    error = get_named_type(payload.fields["errors"].type)
    assert isinstance(error, GraphQLObjectType)
    code = get_named_type(error.fields["code"].type)
    assert isinstance(code, GraphQLEnumType)
    return set(code.values)


def test_the_tests_that_are_named_exist_and_name_the_code() -> None:
    wrong = []
    for refusal in REFUSALS:
        if refusal.test is not None:
            path, _, name = refusal.test.partition("::")
            source = _functions(path).get(name, "")
            if refusal.code not in source:
                wrong.append(f"{refusal.mutation} {refusal.code}: {refusal.test}")
    assert wrong == []


@cache
def _functions(path: str) -> dict[str, str]:
    """The source of each test of a file, with what it is parametrised by."""
    text = (ROOT / path).read_text(encoding="utf-8")
    found = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            parts = [node, *node.decorator_list]
            found[node.name] = "\n".join(ast.get_source_segment(text, part) or "" for part in parts)
    return found


def _filled(text: str, things: Things) -> dict[str, Any]:
    """The variables, with `$name` for what the things are called."""
    names = {
        "$bottle": things.world.bottle,
        "$appointment": things.world.appointment,
        "$page": things.page,
        "$product": things.product,
        **{f"${name}": getattr(things, name) for name in Things.__dataclass_fields__ if name != "world"},
    }
    for name, value in names.items():
        text = text.replace(f'"{name}"', json.dumps(value))
    variables: dict[str, Any] = json.loads(text)
    return variables


async def test_each_refusal(api: Api, desk: Desk, database: OneConnectionDatabase, world: World) -> None:
    tokens: dict[str, str | None] = {"guest": None, "owner": await api.login("owner@example.com", password=PASSWORD)}
    for caller in sorted({one.caller for one in REFUSALS if one.test is None} - set(tokens) - {"-"}):
        tokens[caller] = await api.login(f"{caller.lower()}@example.com", caller)
    things = await lay_out(desk, world, "owner@example.com")
    wrong = []
    for one in REFUSALS:
        if one.test is not None or one.code == "-":
            continue
        query, variables = document(MUTATIONS[one.mutation], _filled(one.how, things))
        async with undone(database):
            reply = await api(query, variables, token=tokens[one.caller])
        payload = reply.data[one.mutation]
        got = [(error["code"], error["field"] or "-") for error in payload["errors"]]
        if (one.code, one.field) not in got:
            wrong.append(f"{one.mutation} {one.how}: {got} instead of {one.code} on {one.field}")
    assert not wrong, "\n".join(wrong)
