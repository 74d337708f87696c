"""Reads on the driver's connection."""

import dataclasses
from typing import Any

import pytest
from sqlalchemy import ARRAY, Integer, String, any_, bindparam, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

from shop.channels.models import Channel
from shop.kit.db.reader import prepare, row_factory
from shop.kit.db.statements import counting
from tests import factories as make
from tests.database import OneConnectionDatabase


@dataclasses.dataclass
class Shown:
    """What a read makes."""

    pk: int
    slug: str
    note: str = "none"
    seen: list[int] = dataclasses.field(default_factory=list)


BY_SLUG = select(Channel.id.label("pk"), Channel.slug).where(
    Channel.slug == any_(bindparam("slugs", type_=ARRAY(String)))
)


async def test_rows_become_objects_by_the_names_of_their_columns(database: OneConnectionDatabase) -> None:
    async with database.unit() as session:
        channel = await make.channel(session, slug="north")
    reader = database.reader()
    with counting() as log:
        shown = await reader.fetch(Shown, BY_SLUG, slugs=["north", "south"])
    assert shown == [Shown(pk=channel.id, slug="north")]
    assert shown[0].seen == []
    assert log.count == 1


def test_lists_of_two_objects_are_not_the_same_list() -> None:
    factory = row_factory(Shown, ("pk", "slug"))
    first, second = factory((1, "a")), factory((2, "b"))
    first.seen.append(1)
    assert second.seen == []


@dataclasses.dataclass(frozen=True, slots=True)
class _Frozen:
    pk: int
    slug: str


def test_a_row_becomes_an_object_that_cannot_be_changed() -> None:
    assert row_factory(_Frozen, ("slug", "pk"))(("a", 1)) == _Frozen(1, "a")


def test_a_statement_is_compiled_once() -> None:
    assert prepare(BY_SLUG) is prepare(BY_SLUG)


def test_columns_and_fields_must_match() -> None:
    with pytest.raises(TypeError, match=r"columns without a field \['name'\], fields without a column \['slug'\]"):
        row_factory(Shown, ("pk", "name"))


async def test_parameters_must_match(database: OneConnectionDatabase) -> None:
    reader = database.reader()
    with pytest.raises(TypeError, match="needs the parameter slugs"):
        await reader.rows(BY_SLUG)
    with pytest.raises(TypeError, match="has no parameter nonsense"):
        await reader.rows(BY_SLUG, slugs=[], nonsense=1)


def test_a_text_that_depends_on_the_values_is_refused() -> None:
    with pytest.raises(TypeError, match=r"= ANY\(:array\)"):
        prepare(select(Channel.id).where(Channel.slug.in_(bindparam("slugs", expanding=True))))


class _Doubled(TypeDecorator[int]):
    impl = Integer
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return value * 2


def test_a_conversion_that_the_driver_does_not_make_is_refused() -> None:
    with pytest.raises(TypeError, match=r"column twice: .* needs a conversion, which the driver does not make"):
        prepare(select(type_coerce(Channel.id, _Doubled).label("twice")))


async def test_json_arrives_as_python(database: OneConnectionDatabase) -> None:
    statement = select(bindparam("value", type_=JSONB).label("value"))
    rows = await database.reader().rows(statement, value={"a": [1, "ü", None]})
    assert rows[0]["value"] == {"a": [1, "ü", None]}
