"""Writing one row of a table: what no two rows share, its slug, its metadata, and the order of several rows."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import ARRAY, Integer, bindparam, func, insert, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from shop.kit.errors import Invalid, Many, ShopError, Taken
from shop.kit.metadata import within_limit
from shop.kit.slugs import free_slug, slugified

Key = TypeVar("Key", int, uuid.UUID)
_UNIQUE: Final = {"slug": "slug", "sku": "sku", "external_reference": "externalReference"}
# The attribute of the model: the column, and what Saleor calls the input.
_METADATA: Final = {
    "metadata_public": ("metadata", "metadata"),
    "metadata_private": ("private_metadata", "privateMetadata"),
}


async def insert_row(session: AsyncSession, model: type[Any], values: Mapping[str, Any]) -> int:
    """There is a row with these values; without a slug, where it has one, it gets one made of its name.

    Raises: Many of Taken. A rival who stores the same slug in between lets the whole unit run again.
    """
    await _check_unique(session, model, values)
    # Made after the check: it is free whatever a rival stores before the check is over.
    if hasattr(model, "slug") and not values.get("slug"):
        values = {**values, "slug": await _free_slug(session, model, values["name"])}
    made = await session.execute(insert(model).values(**_stored(values)).returning(model.id))
    return int(made.scalar_one())


async def update_row(
    session: AsyncSession, model: type[Any], key: int, values: Mapping[str, Any], missing: ShopError
) -> Mapping[str, Any]:
    """The row has these values; keys of its metadata that are not named stay. The answer: the row as it was.

    Locks: the row. Raises: `missing` where there is none; Many of Taken, Invalid for too many keys of metadata.
    """
    held = await session.execute(select(model.__table__).where(model.id == key).with_for_update())
    before = held.mappings().one_or_none()
    if before is None:
        raise missing
    await _check_unique(session, model, values, but=key)
    changed = _stored(values)
    for name, (column, field) in _METADATA.items():
        if name in changed:
            changed[name] = within_limit({**before[column], **changed[name]}, field=field)
    if changed:
        await session.execute(update(model).where(model.id == key).values(**changed))
    return dict(before)


async def key_of(session: AsyncSession, model: type[Any], named: Mapping[str, Any], missing: ShopError) -> int:
    """The key of the row that one column names. Raises: Invalid for none or several, `missing`."""
    given = {column: value for column, value in named.items() if value is not None}
    if len(given) != 1:
        fields = " or ".join(f"`{_UNIQUE.get(column, column)}`" for column in named)
        raise Invalid(f"Name it by one of {fields}.", field="id", code="GRAPHQL_ERROR")
    ((column, value),) = given.items()
    key = await session.scalar(select(model.id).where(getattr(model, column) == value))
    if key is None:
        missing.field = _UNIQUE.get(column, missing.field)
        raise missing
    return int(key)


async def put_in_order(
    session: AsyncSession, key: InstrumentedAttribute[int], keys: Sequence[int], *conditions: Any
) -> None:
    """The rows with these keys, among those that meet the conditions, are in this order."""
    model = key.parent.class_
    place = (
        func.unnest(bindparam("keys", type_=ARRAY(Integer)))
        .table_valued("key", with_ordinality="place", name="moved")
        .render_derived()
    )
    await session.execute(
        update(model)
        .where(key == place.c.key, *conditions)
        .values(sort_order=place.c.place)
        .execution_options(synchronize_session=False),
        {"keys": list(keys)},
    )


async def missing_of(session: AsyncSession, model: type[Any], keys: Collection[Key]) -> set[Key]:
    """Those of the keys that have no row; the others' rows stay until the unit is over."""
    found = await session.execute(
        select(model.id).where(model.id.in_(sorted(keys))).order_by(model.id).with_for_update(read=True, key_share=True)
    )
    return set(keys) - set(found.scalars())


async def _free_slug(session: AsyncSession, model: type[Any], name: str) -> str:
    base = slugified(name) or model.__name__.lower()
    taken = await session.execute(select(model.slug).where(model.slug.like(f"{base}%")))
    return free_slug(base, set(taken.scalars()))


async def _check_unique(
    session: AsyncSession, model: type[Any], values: Mapping[str, Any], *, but: int | None = None
) -> None:
    # A slug that is unique among some rows alone is the caller's.
    unique = {column.name for column in model.__table__.columns if column.unique}
    wanted = {column: values[column] for column in _UNIQUE if column in unique and values.get(column) is not None}
    if not wanted:
        return
    columns = [getattr(model, column) for column in wanted]
    rows = await session.execute(
        select(*columns).where(
            or_(*(column == value for column, value in zip(columns, wanted.values(), strict=True))),
            model.id != (but if but is not None else 0),
        )
    )
    taken = {name for row in rows for name, value in wanted.items() if getattr(row, name) == value}
    if taken:
        raise Many([Taken(_UNIQUE[name]) for name in _UNIQUE if name in taken])


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """None in a JSON column would be JSON's null."""
    return {name: null() if name == "description" and value is None else value for name, value in values.items()}
