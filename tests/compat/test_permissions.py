"""Who may do what: every root field of the schema against every kind of caller, as `permissions.txt` lists it."""

import re
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shop.api.core.schema import make_schema
from tests.api.client import Api, Reply
from tests.compat.roots import Root, document, roots
from tests.compat.things import GIVEN, PASSWORD, lay_out, undone
from tests.compat.world import World
from tests.database import OneConnectionDatabase
from tests.factories.payments import Desk

_WRITES: Final = ("INSERT", "UPDATE", "DELETE", "WITH")
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


def outcome(root: Root, reply: Reply) -> str:
    """In a word what the caller got.

    `denied`, `null`, the codes of the payload's errors, `redacted` for an order whose buyer is hidden, or `yes`.
    """
    codes = {error["extensions"]["exception"]["code"] for error in reply.errors}
    value = (reply.partial or {}).get(root.name)
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


async def test_every_caller_gets_what_the_table_says(
    api: Api, desk: Desk, database: OneConnectionDatabase, world: World
) -> None:
    tokens: dict[str, str | None] = {
        "anonymous": None,
        "stranger": await api.login("stranger@example.com", password=PASSWORD),
        "owner": await api.login("owner@example.com", password=PASSWORD),
        "staff": await api.login("staff@example.com", is_staff=True, password=PASSWORD),
    }
    for permission in sorted({row.permission for row in ROWS} - {"-"}):
        tokens[permission] = await api.login(f"{permission.lower()}@example.com", permission)
    things = await lay_out(desk, world, "owner@example.com")
    wrong: list[str] = []
    for row in ROWS:
        root = ROOTS[row.field]
        query, variables = document(root, GIVEN[row.key](things) if row.key in GIVEN else {})
        for caller, expected in zip(CALLERS, row.outcomes, strict=True):
            if expected == "-":
                continue
            async with undone(database) if root.operation == "mutation" else nullcontext():
                token = tokens[caller if caller != "permitted" else row.permission]
                reply = await api(query, variables, token=token)
                got, written = outcome(root, reply), _written(reply)
            if got not in {"yes", "redacted", "denied", "null"} and expected == "reached":
                got = "reached"
            if got != expected:
                wrong.append(f"{row.key} as {caller}: {got} instead of {expected}")
            if got in {"denied", "null"} and written:
                wrong.append(f"{row.key} as {caller}: {got}, but {written}")
    assert not wrong, "\n".join(wrong)
