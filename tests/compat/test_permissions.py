"""Who may do what: every root field of the schema against every kind of caller, as `permissions.txt` lists it."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import is_non_null_type

from shop.api.core.schema import make_schema
from shop.kit.settings import Settings
from tests.api.client import Api, Reply
from tests.compat.roots import document_of_many, roots
from tests.compat.things import GIVEN, PASSWORD, Things, lay_out, undone
from tests.compat.world import World
from tests.database import OneConnectionDatabase
from tests.factories.payments import Desk

_WRITES: Final = ("INSERT", "UPDATE", "DELETE", "WITH")
# As many as the guard lets pass; all queries and all denied mutations of a caller are a few documents.
_TOGETHER: Final = 40
CALLERS: Final = ("anonymous", "stranger", "owner", "staff", "permitted")


@dataclass(frozen=True, slots=True)
class Row:
    """A root field, asked about a certain thing, and what each caller gets."""

    field: str
    about: str
    outcomes: tuple[str, ...]
    permission: str

    @property
    def key(self) -> str:
        """The row's name: the field, and what it is asked about."""
        return f"{self.field} {self.about}".strip()


def _read() -> list[Row]:
    rows = []
    for line in Path(__file__).with_name("permissions.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            key, *outcomes, permission = re.split(r" {2,}", line.strip())
            field, _, about = key.partition(" ")
            rows.append(Row(field, about, tuple(outcomes), permission))
    return rows


ROWS: Final = _read()
ROOTS: Final = roots(make_schema()._schema)


def test_the_table_names_every_root_field_and_nothing_else() -> None:
    assert {row.field for row in ROWS} == set(ROOTS)
    assert len({row.key for row in ROWS}) == len(ROWS)
    assert [row.key for row in ROWS if len(row.outcomes) != len(CALLERS)] == []
    assert set(GIVEN) <= {row.key for row in ROWS}


def outcome(value: Any, errors: list[dict[str, Any]]) -> str:
    """In a word what the caller got.

    `denied`, `null`, the codes of the payload's errors, `redacted` for an order whose buyer is hidden, or `yes`.
    """
    codes = {error["extensions"]["exception"]["code"] for error in errors}
    if codes:
        return "denied" if codes == {"PermissionDenied"} and value is None else " ".join(sorted(codes))
    if value is None:
        return "null"
    if isinstance(value, dict) and value.get("errors"):
        return " ".join(sorted({error["code"] for error in value["errors"]}))
    return "redacted" if isinstance(value, dict) and "..." in value.get("userEmail", "") else "yes"


def _written(reply: Reply) -> list[str]:
    """The statements that wrote something, but for the counting of attempts."""
    return [
        text for text in reply.log.texts if text.lstrip().upper().startswith(_WRITES) and "account_attempt" not in text
    ]


Asked = tuple[Row, str]


def _documents(rows: list[Asked]) -> Iterator[list[Asked]]:
    """What may be asked in one document: what is read, and what is denied, since neither changes anything.

    The rest is alone, and so is what is denied where null is no answer: it would take the others' answers away.
    """
    reads, denied, alone = list[Asked](), list[Asked](), list[Asked]()
    for row, expected in rows:
        root = ROOTS[row.field]
        if expected == "denied":
            (alone if is_non_null_type(root.field.type) else reads if root.operation == "query" else denied).append(
                (row, expected)
            )
        else:
            (reads if root.operation == "query" else alone).append((row, expected))
    for many in (reads, denied):
        yield from (many[at : at + _TOGETHER] for at in range(0, len(many), _TOGETHER))
    yield from ([one] for one in alone)


async def _ask(
    api: Api, database: OneConnectionDatabase, things: Things, together: list[Asked], token: str | None
) -> Iterator[str]:
    """What is not as expected."""
    calls = {
        f"f{number}": (ROOTS[row.field], GIVEN[row.key](things) if row.key in GIVEN else {})
        for number, (row, _) in enumerate(together)
    }
    query, variables = document_of_many(calls)
    async with undone(database) if query.startswith("mutation") else nullcontext():
        reply = await api(query, variables, token=token)
    assert reply.status == 200, reply.body
    return _differences(reply, dict(zip(calls, together, strict=True)))


def _differences(reply: Reply, asked: Mapping[str, Asked]) -> Iterator[str]:
    for alias, (row, expected) in asked.items():
        got = outcome((reply.partial or {}).get(alias), [error for error in reply.errors if error["path"][0] == alias])
        if got not in {"yes", "redacted", "denied", "null"} and expected == "reached":
            got = "reached"
        if got != expected:
            yield f"{row.key}: {got} instead of {expected}"
    if {expected for _, expected in asked.values()} <= {"denied", "null"} and (written := _written(reply)):
        yield f"{[row.key for row, _ in asked.values()]}: {written}"


@pytest.fixture
async def generous_api(database: OneConnectionDatabase, paying_settings: Settings) -> AsyncIterator[Api]:
    """The API for many root fields in one document."""
    many = {"graphql_max_mutations": 100, "graphql_max_auth_mutations": 100, "graphql_max_tokens": 20_000}
    api = Api(paying_settings.model_copy(update=many), database)
    yield api
    await api.close()


async def test_every_caller_gets_what_the_table_says(
    generous_api: Api, desk: Desk, database: OneConnectionDatabase, world: World
) -> None:
    api = generous_api
    tokens: dict[str, str | None] = {
        "anonymous": None,
        "stranger": await api.login("stranger@example.com", password=PASSWORD),
        "owner": await api.login("owner@example.com", password=PASSWORD),
        "staff": await api.login("staff@example.com", is_staff=True, password=PASSWORD),
    }
    for permission in sorted({row.permission for row in ROWS} - {"-"}):
        tokens[permission] = await api.login(f"{permission.lower()}@example.com", permission)
    things = await lay_out(desk, world, "owner@example.com")
    asked: dict[str, list[Asked]] = {caller: [] for caller in tokens}
    for row in ROWS:
        for caller, expected in zip(CALLERS, row.outcomes, strict=True):
            if expected != "-":
                asked[caller if caller != "permitted" else row.permission].append((row, expected))
    wrong = [
        f"as {caller}, {difference}"
        for caller, rows in asked.items()
        for together in _documents(rows)
        for difference in await _ask(api, database, things, together, tokens[caller])
    ]
    assert not wrong, "\n".join(wrong)
