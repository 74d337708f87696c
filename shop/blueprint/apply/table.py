"""One table brought to what a file says: read once, compared in Python, written in batches, all by Core statements.

Comparing first makes three promises cheap to keep: an unchanged row is not written, a dry run knows the difference,
and the report names every field.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    and_,
    any_,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from shop.blueprint.apply.report import Action, Change, Report
from shop.kit.db.models import Base

Key = tuple[Any, ...]
Stored = Mapping[str, Any]

# Columns whose keys are added to what is stored: clients of the API keep metadata of their own on the same rows.
_MERGED = frozenset({"metadata", "private_metadata"})


@dataclass(slots=True)
class Row:
    """A row as it should be.

    `values` are kept equal at every apply, `initial` are written with a new row alone, `fill` where nothing is stored.
    """

    key: Key
    name: str
    values: dict[str, Any] = field(default_factory=dict)
    initial: dict[str, Any] = field(default_factory=dict)
    fill: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where rows that the file does not mention may be pruned: everywhere, or where columns have these values."""

    columns: dict[str, set[Any]] = field(default_factory=dict)

    def where(self, table: Table) -> list[ColumnElement[bool]]:
        """The scope as SQL."""
        return [_among(table.c[name], values) for name, values in self.columns.items()]

    def holds(self, row: Stored) -> bool:
        """Whether the row lies in it."""
        return all(row[name] in values for name, values in self.columns.items())


class Sync:
    """The writing side of one apply: a session, a report, and the deletions that wait for the end."""

    def __init__(self, session: AsyncSession, report: Report, *, prune: bool) -> None:
        self.session = session
        self.report = report
        self.prune = prune
        self._deletions: list[tuple[Table, list[Key]]] = []

    async def table(
        self,
        model: type[Base],
        kind: str,
        key: Sequence[str],
        rows: Iterable[Row],
        *,
        scope: Scope | None = None,
        label: Callable[[Stored], str] | None = None,
        key_of: Callable[[Stored], Key] | None = None,
        exactly: bool = False,
    ) -> dict[Key, Any]:
        """The rows are stored; the result is the primary key of each (alone where it is one column).

        `key` names the columns of the natural key; `key_of` computes it where no columns hold it. Rows within `scope`
        that are not given are deleted at the end of an apply that prunes, `exactly` ones at the end of each.
        """
        prune = self.prune or exactly
        table = cast("Table", model.__table__)
        wanted = {row.key: row for row in rows}
        stored = await self._stored(table, key, wanted, scope, by_scope_alone=key_of is not None, prune=prune)
        own_key = key_of or (lambda row: tuple(row[name] for name in key))
        primary = [column.name for column in table.primary_key]
        found: dict[Key, Any] = {}
        updates: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        doomed: list[Key] = []
        for old in stored:
            identity = tuple(old[name] for name in primary)
            its_key = own_key(old)
            row = wanted.get(its_key)
            if row is None or its_key in found:
                if prune and scope is not None and scope.holds(old):
                    doomed.append(identity)
                    self._note("delete", kind, (label or _label(key))(old))
                continue
            found[its_key] = identity[0] if len(identity) == 1 else identity
            if changes := _difference(row, old):
                updates[tuple(changes)].append(
                    {f"new_{name}": new for name, new in changes.items()}
                    | {f"at_{name}": part for name, part in zip(primary, identity, strict=True)}
                )
                self._note("update", kind, row.name, tuple((name, old[name], new) for name, new in changes.items()))
        for names, batch in updates.items():
            await self._update(table, primary, names, batch)
        missing = [row for its_key, row in wanted.items() if its_key not in found]
        found |= await self._insert(table, primary, key, missing, upsert=key_of is None)
        for row in missing:
            self._note("create", kind, row.name)
        if doomed:
            self._deletions.append((table, doomed))
        return found

    def doom(self, model: type[Base], ids: Iterable[Any]) -> None:
        """These rows are deleted at the end, after what refers to them if that is noted later; nothing is reported."""
        if identities := [(identity,) for identity in ids]:
            self._deletions.append((cast("Table", model.__table__), identities))

    async def delete_pruned(self) -> None:
        """What the file does not mention is gone, children before parents."""
        for table, identities in reversed(self._deletions):
            columns = tuple_(*table.primary_key)
            for start in range(0, len(identities), 5_000):
                await self.session.execute(delete(table).where(columns.in_(identities[start : start + 5_000])))
        self._deletions.clear()

    async def allocate(self, model: type[Base], number: int) -> list[int]:
        """That many new ids of the table, for rows that must know their own."""
        if not number:
            return []
        statement = text(
            "SELECT nextval(pg_get_serial_sequence(:table, 'id')::regclass)::int FROM generate_series(1, :number)"
        )
        result = await self.session.execute(statement, {"table": model.__tablename__, "number": number})
        return list(result.scalars())

    async def columns(self, model: type[Base], name: str, values: Sequence[Any], wanted: str) -> dict[Any, Any]:
        """One column of the rows whose `name` is among the values."""
        table = cast("Table", model.__table__)
        result = await self.session.execute(
            select(table.c[name], table.c[wanted]).where(_among(table.c[name], values)).order_by(*table.primary_key)
        )
        return {row[0]: row[1] for row in result}

    async def _stored(
        self,
        table: Table,
        key: Sequence[str],
        wanted: Mapping[Key, Row],
        scope: Scope | None,
        *,
        by_scope_alone: bool,
        prune: bool,
    ) -> list[Stored]:
        conditions: list[ColumnElement[bool]] = []
        if wanted and not by_scope_alone:
            # Each column of the key by itself: that may find a few rows more than wanted, which are then passed over.
            conditions.append(
                and_(*(_among(table.c[name], {one[at] for one in wanted}) for at, name in enumerate(key)))
            )
        if scope is not None and (prune or by_scope_alone):
            conditions.append(and_(true(), *scope.where(table)))
        if not conditions:
            return []
        result = await self.session.execute(select(table).where(or_(*conditions)).order_by(*table.primary_key))
        return [dict(row) for row in result.mappings()]

    async def _update(
        self, table: Table, primary: Sequence[str], names: Sequence[str], batch: list[dict[str, Any]]
    ) -> None:
        new = {name: bindparam(f"new_{name}", type_=_type(table, name)) for name in names}
        statement = (
            update(table)
            .where(*(table.c[name] == bindparam(f"at_{name}", type_=table.c[name].type) for name in primary))
            # Added in SQL: a key that somebody wrote since the row was read stays.
            .values({name: table.c[name].op("||")(value) if name in _MERGED else value for name, value in new.items()})
        )
        await self.session.execute(statement, batch)

    async def _insert(
        self, table: Table, primary: Sequence[str], key: Sequence[str], rows: list[Row], *, upsert: bool
    ) -> dict[Key, Any]:
        made: dict[Key, Any] = {}
        groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        for row in rows:
            given = row.values | row.initial | row.fill
            # A column that is left out is NULL; None in a JSON column would be stored as JSON's null.
            groups[tuple(sorted(name for name, value in given.items() if value is not None))].append(row)
        for names, group in groups.items():
            written = []
            for row in group:
                given = row.values | row.initial | row.fill
                written.append(
                    {name: given[name] for name in names} | (dict(zip(key, row.key, strict=True)) if upsert else {})
                )
            statement = insert(table)
            if upsert:
                if _has_unique(table, key):
                    # Somebody may have made the same thing through the API since it was compared.
                    kept = [name for name in names if name in group[0].values and name not in _MERGED]
                    changed: dict[str, Any] = {name: statement.excluded[name] for name in kept or key[:1]}
                    if "updated_at" in table.c:
                        changed["updated_at"] = func.now()
                    statement = statement.on_conflict_do_update(index_elements=list(key), set_=changed)
                result = await self.session.execute(
                    statement.returning(*(table.c[name] for name in (*primary, *key))), written
                )
                for found in result.all():
                    identity = tuple(found[: len(primary)])
                    made[tuple(found[len(primary) :])] = identity[0] if len(identity) == 1 else identity
            else:
                result = await self.session.execute(
                    statement.returning(*(table.c[name] for name in primary), sort_by_parameter_order=True), written
                )
                for row, found in zip(group, result.all(), strict=True):
                    made[row.key] = found[0] if len(found) == 1 else tuple(found)
        return made

    def _note(self, action: Action, kind: str, name: str, fields: tuple[tuple[str, Any, Any], ...] = ()) -> None:
        self.report.changes.append(Change(action, kind, name, fields))


def _among(column: Column[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """The column has one of the values. One array is one parameter, however long: drivers count to 32,767."""
    given = [value for value in values if value is not None]
    found = column == any_(literal(given, ARRAY(column.type)))
    return or_(column.is_(None), found) if len(given) < len(values) else found


def _type(table: Table, name: str) -> TypeEngine[Any]:
    column_type = table.c[name].type
    return JSONB(none_as_null=True) if isinstance(column_type, JSONB) else column_type


def _difference(row: Row, old: Stored) -> dict[str, Any]:
    changes = {}
    for name, new in row.values.items():
        if name in _MERGED:
            if added := {key: part for key, part in new.items() if old[name].get(key) != part}:
                changes[name] = added
        elif old[name] != new:
            changes[name] = new
    return changes | {name: new for name, new in row.fill.items() if old[name] is None and new is not None}


def _label(key: Sequence[str]) -> Callable[[Stored], str]:
    return lambda row: " ".join(str(row[name]) for name in key)


def _has_unique(table: Table, key: Sequence[str]) -> bool:
    """Whether the database itself keeps the key unique, so that ON CONFLICT may name it."""
    names = set(key)
    candidates = [{column.name for column in index.columns} for index in table.indexes if index.unique]
    candidates += [{column.name for column in table.primary_key}]
    candidates += [{column.name} for column in table.c if column.unique]
    candidates += [
        {column.name for column in constraint.columns}  # type: ignore[attr-defined]
        for constraint in table.constraints
        if constraint.__visit_name__ == "unique_constraint"
    ]
    return names in candidates
