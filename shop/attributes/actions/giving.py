"""Giving values to what has attributes. Choices are shared; any other value belongs to the thing that it describes."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ARRAY, Integer, Row, any_, bindparam, delete, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from shop.attributes.errors import InvalidValues
from shop.attributes.models import Attribute, PageValue, ProductValue, Value, VariantValue
from shop.attributes.rules import ENTITIES, WITH_CHOICES
from shop.attributes.rules.given import Choice, Given, Kind, Own, Reference, StoredFile, Wish, moved, wishes
from shop.attributes.rules.keeping import Kept, Lost, Settled
from shop.kit.errors import Many, NotFound, ShopError
from shop.kit.slugs import free_slug, slugified
from shop.media.models import Asset

_IDS: Final = bindparam("ids", type_=ARRAY(Integer))
_OWN_COLUMNS: Final = ("rich_text", "plain_text", "boolean", "number", "moment", "asset_id", *ENTITIES.values())


@dataclass(frozen=True, slots=True)
class Links:
    """Where the values of one kind of thing are kept: which column names the thing, and how its own values are called.

    The key's table has `value_id` and `sort_order` too.
    """

    key: InstrumentedAttribute[int]
    name: str

    @property
    def table(self) -> type[Any]:
        """The model of the links."""
        return self.key.parent.class_


OF_PAGES: Final = Links(PageValue.page_id, "page")
OF_PRODUCTS: Final = Links(ProductValue.product_id, "product")
OF_VARIANTS: Final = Links(VariantValue.variant_id, "variant")


async def give(
    session: AsyncSession, links: Links, owner_id: int, kinds: Sequence[Kind], given: Sequence[Given], *, is_new: bool
) -> None:
    """The thing has these values of its type's attributes; what is not named stays. Something new has all it needs.

    Raises: Many of InvalidValues. Locks: the caller holds the thing's row.
    """
    settled = await settle(session, kinds, given, is_new=is_new)
    for kind in kinds:
        if kind.id in settled:
            await _put(session, links, owner_id, kind, settled[kind.id].values)


async def settle(
    session: AsyncSession, kinds: Sequence[Kind], given: Sequence[Given], *, is_new: bool
) -> dict[int, Kept]:
    """What `give` would store, to be kept aside; choices that there are not yet are not made. Raises: as `give`."""
    return {
        kind.id: Kept(kind.name, tuple([await _settled(session, kind, wish) for wish in values]))
        for kind, values in _checked(kinds, given, is_new=is_new)
    }


async def give_again(
    session: AsyncSession, links: Links, owner_id: int, kinds: Sequence[Kind], kept: Mapping[int, Kept]
) -> list[Lost]:
    """The thing has the values that were kept aside, all but those of which it is told that they are gone.

    A choice that was deleted is found again by its name. Locks: as `give`.
    """
    lost = []
    by_id = {kind.id: kind for kind in kinds}
    for attribute_id, each in kept.items():
        kind = by_id.get(attribute_id)
        found = [None if kind is None else await _again(session, kind, value) for value in each.values]
        lost += [Lost(each.name, _name(value)) for value, one in zip(each.values, found, strict=True) if one is None]
        if kind is not None:
            await _put(session, links, owner_id, kind, [one for one in found if one is not None])
    return lost


async def reorder_values(
    session: AsyncSession, links: Links, owner_id: int, attribute_id: int, moves: Sequence[tuple[int, int]]
) -> None:
    """The thing's values of the attribute are in the order that the moves make. Raises: NotFound."""
    rows = await session.execute(
        select(Value.id)
        .join(links.table, links.table.value_id == Value.id)
        .where(links.key == owner_id, Value.attribute_id == attribute_id)
        .order_by(links.table.sort_order, Value.sort_order, Value.id)
    )
    try:
        order = moved(list(rows.scalars()), moves)
    except KeyError:
        raise NotFound("It has no such value of this attribute.", field="moves") from None
    for place, value_id in enumerate(order):
        await session.execute(
            update(links.table).where(links.key == owner_id, links.table.value_id == value_id).values(sort_order=place)
        )


async def own_values(session: AsyncSession, links: Links, owner_ids: Iterable[int]) -> list[int]:
    """The values of these things that are no shared choices: what `drop_unused` is to look at when they are gone."""
    rows = await session.execute(
        select(links.table.value_id)
        .join(Value, Value.id == links.table.value_id)
        .join(Attribute, Attribute.id == Value.attribute_id)
        .where(links.key == any_(_IDS), Attribute.input_type.not_in(WITH_CHOICES)),
        {"ids": sorted(owner_ids)},
    )
    return list(rows.scalars())


async def drop_unused(session: AsyncSession, value_ids: Sequence[int]) -> None:
    """Of these values those are gone that nothing has any more."""
    if value_ids:
        used = [
            select(links.value_id).where(links.value_id == Value.id).exists()
            for links in (ProductValue, VariantValue, PageValue)
        ]
        await session.execute(delete(Value).where(Value.id == any_(_IDS), ~or_(*used)), {"ids": sorted(value_ids)})


def _checked(kinds: Sequence[Kind], given: Sequence[Given], *, is_new: bool) -> list[tuple[Kind, list[Wish]]]:
    """What is wanted of which attribute, in the type's order. Raises: Many of InvalidValues."""
    errors: list[ShopError] = []
    wanted: dict[int, list[Wish]] = {}
    for each in given:
        try:
            kind = _named(kinds, each, wanted)
            # It is named, whether or not what it says can be read.
            wanted[kind.id] = []
            wanted[kind.id] = wishes(kind, each)
        except InvalidValues as error:
            errors.append(error)
    missing = [kind for kind in kinds if kind.value_required and kind.id not in wanted] if is_new else []
    if missing:
        names = ", ".join(kind.name for kind in missing)
        errors.append(InvalidValues(f"Values are needed: {names}.", [kind.id for kind in missing], code="REQUIRED"))
    if errors:
        raise Many(errors)
    return [(kind, wanted[kind.id]) for kind in kinds if kind.id in wanted]


def _named(kinds: Sequence[Kind], given: Given, named: Container[int]) -> Kind:
    """The attribute that is meant, which none of the others has named. Raises: InvalidValues."""
    if (given.id is None) == (given.external_reference is None):
        raise InvalidValues("An attribute is named by one of `id` and `externalReference`.", code="REQUIRED")
    for kind in kinds:
        if kind.id == given.id or (given.id is None and kind.external_reference == given.external_reference):
            if kind.id in named:
                raise InvalidValues(f"{kind.name} is given twice.", [kind.id], code="DUPLICATED_INPUT_ITEM")
            return kind
    raise InvalidValues("The type has no such attribute.", [given.id] if given.id is not None else [], code="NOT_FOUND")


async def _settled(session: AsyncSession, kind: Kind, wish: Wish) -> Settled:
    """What is wished for, found: choices by their keys, references and files as columns. Raises: InvalidValues."""
    match wish:
        case Choice():
            found = await _found(session, kind, wish)
            if found is None and wish.value is None:
                raise InvalidValues(f"{kind.name} has no such choice.", [kind.id], code="NOT_FOUND")
            return wish if found is None else Choice(id=found.id, value=found.name)
        case Reference():
            return Own(await _called(session, kind, wish), {ENTITIES[wish.entity_type]: wish.id})
        case StoredFile():
            asset = await session.scalar(select(Asset.id).where(Asset.path == wish.path))
            if asset is None:
                raise InvalidValues(f"{kind.name} takes a file of this shop's.", [kind.id])
            return Own(wish.path.rpartition("/")[2], {"asset_id": asset})
        case Own():
            return wish


async def _again(session: AsyncSession, kind: Kind, value: Settled) -> Settled | None:
    """The value as it can be stored today; None where what it says is gone."""
    if isinstance(value, Choice):
        if value.id is None:
            return value
        by_name = Choice(value=value.value)
        found = await _found(session, kind, Choice(id=value.id)) or await _found(session, kind, by_name)
        return None if found is None else Choice(id=found.id, value=found.name)
    target = value.columns.get(ENTITIES.get(kind.entity_type or "", ""))
    try:
        if kind.entity_type is not None and target is not None:
            return replace(value, name=await _called(session, kind, Reference(kind.entity_type, target)))
    except InvalidValues:
        return None
    file = value.columns.get("asset_id")
    is_gone = file is not None and await session.get(Asset, file) is None
    return None if is_gone else value


def _name(value: Settled) -> str:
    return (value.value or "") if isinstance(value, Choice) else value.name


async def _put(session: AsyncSession, links: Links, owner_id: int, kind: Kind, values: Sequence[Settled]) -> None:
    """The thing has these values of the attribute alone, in this order. Raises: InvalidValues."""
    name = f"{links.name}-{owner_id}"
    value_ids = []
    for value in values:
        if isinstance(value, Choice):
            value_ids.append(value.id if value.id is not None else await _choice(session, kind, value))
        else:
            # A thing may refer to several others.
            target = "".join(f"-{value.columns[column]}" for column in ENTITIES.values() if column in value.columns)
            value_ids.append(await _own(session, kind, f"{name}{target}", value.name, value.columns))
    await _link(session, links, owner_id, kind, list(dict.fromkeys(value_ids)))


async def _choice(session: AsyncSession, kind: Kind, choice: Choice) -> int:
    """A new choice of the attribute, which is held, so that it is made once."""
    await session.execute(select(Attribute.id).where(Attribute.id == kind.id).with_for_update())
    if (found := await _found(session, kind, choice)) is not None:
        return int(found.id)
    name = (choice.value or "").strip()
    base = slugified(name) or "value"
    rows = await session.execute(select(Value.slug, Value.sort_order).where(Value.attribute_id == kind.id))
    orders = {row.slug: row.sort_order for row in rows}
    made = await session.execute(
        upsert(Value)
        .values(
            attribute_id=kind.id,
            name=name,
            slug=free_slug(base, orders),
            sort_order=max(orders.values(), default=-1) + 1,
            external_reference=choice.external_reference,
        )
        .on_conflict_do_nothing(index_elements=["external_reference"])
        .returning(Value.id)
    )
    value_id = made.scalar_one_or_none()
    if value_id is None:
        raise InvalidValues("Another value has this `externalReference`.", [kind.id], code="UNIQUE")
    return value_id


async def _found(session: AsyncSession, kind: Kind, choice: Choice) -> Row[int, str] | None:
    values = select(Value.id, Value.name).where(Value.attribute_id == kind.id)
    if choice.id is not None:
        values = values.where(Value.id == choice.id)
    elif choice.external_reference is not None:
        values = values.where(Value.external_reference == choice.external_reference)
    else:
        # Clients send what they were shown, slugs or names: one that is a slug means that value.
        text = (choice.value or "").strip()
        like = values.where(or_(Value.slug == text, Value.name == text))
        values = like.order_by((Value.slug == text).desc(), Value.sort_order, Value.id).limit(1)
    return (await session.execute(values)).one_or_none()


async def _called(session: AsyncSession, kind: Kind, reference: Reference) -> str:
    """The name of what is referred to, which stays until the unit is over."""
    column = Value.__table__.c[ENTITIES[reference.entity_type]]
    target = next(iter(column.foreign_keys)).column.table
    name = target.c["title" if "title" in target.c else "name"]
    found = await session.execute(
        select(name).where(target.c.id == reference.id).with_for_update(read=True, key_share=True)
    )
    row = found.one_or_none()
    if row is None:
        raise InvalidValues(f"{kind.name} refers to nothing that there is.", [kind.id], code="NOT_FOUND")
    return str(row[0])


async def _own(session: AsyncSession, kind: Kind, slug: str, name: str, columns: Any) -> int:
    """The value that the thing alone has of the attribute, as it is now; its translations stay."""
    values: dict[str, Any] = {"name": name} | dict.fromkeys(_OWN_COLUMNS) | dict(columns)
    # None in a JSON column would be JSON's null.
    values["rich_text"] = null() if values["rich_text"] is None else values["rich_text"]
    made = await session.execute(
        upsert(Value)
        .values(attribute_id=kind.id, slug=slug, **values)
        .on_conflict_do_update(index_elements=["attribute_id", "slug"], set_=values)
        .returning(Value.id)
    )
    return made.scalar_one()


async def _link(session: AsyncSession, links: Links, owner_id: int, kind: Kind, value_ids: Sequence[int]) -> None:
    """The thing has these values of the attribute alone, in this order."""
    of_attribute = select(Value.id).where(Value.attribute_id == kind.id)
    gone = await session.execute(
        delete(links.table)
        .where(links.key == owner_id, links.table.value_id.in_(of_attribute), links.table.value_id.not_in(value_ids))
        .returning(links.table.value_id)
    )
    if kind.input_type not in WITH_CHOICES:
        await drop_unused(session, list(gone.scalars()))
    for place, value_id in enumerate(value_ids):
        link = upsert(links.table).values({links.key.key: owner_id, "value_id": value_id, "sort_order": place})
        await session.execute(
            link.on_conflict_do_update(index_elements=[links.key.key, "value_id"], set_={"sort_order": place})
        )
