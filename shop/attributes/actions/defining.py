"""Attributes and their choices: made, changed, put in order and removed. What is said of things goes with them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.errors import AttributeNotFound, ValueNotFound
from shop.attributes.models import Attribute, Value
from shop.attributes.rules import WITH_CHOICES
from shop.attributes.rules.defining import check_whole, checked, checked_choice
from shop.attributes.rules.given import moved
from shop.kit.db.rows import insert_row, put_in_order, update_row
from shop.kit.errors import Invalid, NotFound
from shop.kit.slugs import free_slug, slugified


class AttributeFields(TypedDict, total=False):
    """What is written of an attribute; what is left out stays."""

    name: str | None
    # Empty, of a new one: made of the name.
    slug: str | None
    unit: str | None
    value_required: bool
    visible_in_storefront: bool
    external_reference: str | None


class ChoiceFields(TypedDict, total=False):
    """What is written of a choice; what is left out stays. `value` is the colour of a swatch."""

    name: str | None
    value: str | None
    external_reference: str | None


_CHOICES: Final = select(Value.id).order_by(Value.sort_order, Value.id)


async def create_attribute(
    session: AsyncSession,
    type_name: str,
    input_type: str,
    given: AttributeFields,
    *,
    entity_type: str | None = None,
    choices: Sequence[ChoiceFields] = (),
) -> int:
    """There is an attribute with these choices, in this order. Raises: Many of Invalid and Taken."""
    values = checked({"name": None, **{name: value for name, value in given.items() if name != "slug" or value}})
    values |= {"type": type_name, "input_type": input_type, "entity_type": entity_type}
    check_whole(values)
    key = await insert_row(session, Attribute, values)
    for each in choices:
        await _add_choice(session, key, input_type, each, "values")
    return key


async def update_attribute(
    session: AsyncSession,
    attribute_id: int,
    given: AttributeFields,
    *,
    add: Sequence[ChoiceFields] = (),
    remove: Sequence[int] = (),
) -> None:
    """The attribute has these fields, these choices too, and those no longer.

    Raises: AttributeNotFound, ValueNotFound, Many of Invalid and Taken. Locks: the attribute.
    """
    values = checked(given)
    before = await update_row(session, Attribute, attribute_id, values, AttributeNotFound())
    check_whole({**before, **values})
    gone = await session.execute(
        delete(Value).where(Value.attribute_id == attribute_id, Value.id.in_(remove)).returning(Value.id)
    )
    if set(remove) - set(gone.scalars()):
        raise ValueNotFound(field="removeValues")
    for each in add:
        await _add_choice(session, attribute_id, before["input_type"], each, "addValues")


async def delete_attribute(session: AsyncSession, attribute_id: int) -> None:
    """The attribute is gone, and what was said of it. Raises: AttributeNotFound."""
    gone = await session.execute(delete(Attribute).where(Attribute.id == attribute_id).returning(Attribute.id))
    if gone.first() is None:
        raise AttributeNotFound


async def create_choice(session: AsyncSession, attribute_id: int, given: ChoiceFields) -> int:
    """The attribute has one more choice, its last one.

    Raises: AttributeNotFound, Many of Invalid and Taken. Locks: the attribute.
    """
    return await _add_choice(session, attribute_id, await _held(session, attribute_id, "attribute"), given, "attribute")


async def update_choice(session: AsyncSession, value_id: int, given: ChoiceFields) -> None:
    """The choice has these fields, wherever it is said. Raises: ValueNotFound, Invalid, Many of Invalid and Taken."""
    kind = select(Attribute.input_type).join(Value, Value.attribute_id == Attribute.id).where(Value.id == value_id)
    input_type = await session.scalar(kind)
    if input_type is None:
        raise ValueNotFound
    if input_type not in WITH_CHOICES:
        raise Invalid("This is no choice: what one thing says is changed there.", field="id")
    await update_row(session, Value, value_id, checked_choice(given, input_type), ValueNotFound())


async def delete_value(session: AsyncSession, value_id: int) -> None:
    """Nothing says the value any more. Raises: ValueNotFound."""
    gone = await session.execute(delete(Value).where(Value.id == value_id).returning(Value.id))
    if gone.first() is None:
        raise ValueNotFound


async def reorder_choices(session: AsyncSession, attribute_id: int, moves: Sequence[tuple[int, int]]) -> None:
    """The attribute's choices are in the order that the moves make. Raises: AttributeNotFound, NotFound, Invalid."""
    if await _held(session, attribute_id, "attributeId") not in WITH_CHOICES:
        raise Invalid("This attribute has no choices.", field="attributeId")
    has = await session.execute(_CHOICES.where(Value.attribute_id == attribute_id))
    try:
        order = moved(list(has.scalars()), moves)
    except KeyError:
        raise NotFound("The attribute has no such choice.", field="moves") from None
    await put_in_order(session, Value.id, order, Value.attribute_id == attribute_id)


async def _held(session: AsyncSession, attribute_id: int, field: str) -> str:
    """How its values are entered; nobody else adds a choice until the unit ends."""
    found = await session.execute(select(Attribute.input_type).where(Attribute.id == attribute_id).with_for_update())
    row = found.one_or_none()
    if row is None:
        raise AttributeNotFound(field=field)
    return str(row.input_type)


async def _add_choice(
    session: AsyncSession, attribute_id: int, input_type: str, given: ChoiceFields, field: str
) -> int:
    if input_type not in WITH_CHOICES:
        raise Invalid("This attribute has no choices: what a thing says of it is the thing's own.", field=field)
    values: Mapping[str, Any] = checked_choice({"name": None, **given}, input_type)
    rows = await session.execute(select(Value.slug, Value.sort_order).where(Value.attribute_id == attribute_id))
    orders = {row.slug: row.sort_order for row in rows}
    place = max(orders.values(), default=-1) + 1
    slug = free_slug(slugified(values["name"]) or "value", orders)
    return await insert_row(session, Value, {**values, "attribute_id": attribute_id, "slug": slug, "sort_order": place})
