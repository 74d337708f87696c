"""Values that staff gives to what has attributes, as the rules of attributes take them."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import strawberry

from shop.api.attributes.types import ENTITY_TYPES
from shop.api.core.ids import required_int
from shop.api.core.scalars import JSONString
from shop.attributes.errors import InvalidValues
from shop.attributes.rules.given import Choice, Given, Reference, StoredFile
from shop.kit import ids
from shop.kit.errors import Invalid
from shop.media.rules import path_of_name

_FIELD: Final = "attributes"
_MOST: Final = 100
_ENTITIES: Final = {name: entity for entity, name in ENTITY_TYPES.items()}


@strawberry.input(description="One of an attribute's choices: by `id`, by `externalReference`, or by `value`.")
class AttributeValueSelectableTypeInput:
    id: strawberry.ID | None = strawberry.field(default=None, description="The value's ID.")
    external_reference: str | None = strawberry.field(
        default=None, description="Its name in another system; with `value` for a new choice, too."
    )
    value: str | None = strawberry.field(
        default=None, description="Its slug or name; a choice of this name is made where there is none."
    )


@strawberry.input(
    description="What something has of one attribute: the field for the attribute's input type says it. Without any, "
    "it has no value any more."
)
class AttributeValueInput:
    id: strawberry.ID | None = strawberry.field(default=None, description="The attribute's ID.")
    external_reference: str | None = strawberry.field(
        default=None, description="The attribute's name in another system, instead of its ID."
    )
    values: list[str] | None = strawberry.field(
        default=None,
        description="Slugs or names of choices, or a number; new choices are made.",
        deprecation_reason="Use `dropdown`, `swatch`, `multiselect` or `numeric`.",
    )
    dropdown: AttributeValueSelectableTypeInput | None = strawberry.field(
        default=None, description="What a DROPDOWN is to say."
    )
    swatch: AttributeValueSelectableTypeInput | None = strawberry.field(
        default=None, description="What a SWATCH is to show."
    )
    multiselect: list[AttributeValueSelectableTypeInput] | None = strawberry.field(
        default=None, description="What a MULTISELECT is to say, in order."
    )
    numeric: str | None = strawberry.field(default=None, description="A number, in the attribute's unit.")
    file: str | None = strawberry.field(default=None, description="Address of a file of this shop's.")
    content_type: str | None = strawberry.field(
        default=None, description="Kind of the file. It is known here and need not be said."
    )
    reference: strawberry.ID | None = strawberry.field(
        default=None, description="ID of what a SINGLE_REFERENCE refers to."
    )
    references: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of what a REFERENCE refers to, in order."
    )
    rich_text: JSONString | None = strawberry.field(
        default=None, description="EditorJS blocks, as a JSON text; they are sanitised."
    )
    plain_text: str | None = strawberry.field(default=None, description="A text without markup.")
    boolean: bool | None = strawberry.field(default=None, description="Yes or no.")
    date: dt.date | None = strawberry.field(default=None, description="A day.")
    date_time: dt.datetime | None = strawberry.field(default=None, description="A moment.")


def given_values(inputs: Sequence[AttributeValueInput] | None) -> list[Given]:
    """What the inputs say. Raises: Invalid for too many and for malformed IDs, InvalidValues."""
    if inputs is not None and len(inputs) > _MOST:
        raise Invalid(f"At most {_MOST} attributes at once.", field=_FIELD)
    return [_given(each) for each in inputs or ()]


def _given(given: AttributeValueInput) -> Given:
    key = None if given.id is None else required_int(given.id, "Attribute", field=_FIELD)
    named = [] if key is None else [key]
    if given.rich_text is not None and not isinstance(given.rich_text, dict):
        raise InvalidValues("A rich text is an EditorJS document.", named)
    return Given(
        id=key,
        external_reference=given.external_reference,
        values=tuple(given.values or ()),
        dropdown=_choice(given.dropdown),
        swatch=_choice(given.swatch),
        multiselect=tuple(choice for each in given.multiselect or () if (choice := _choice(each)) is not None),
        numeric=given.numeric,
        file=_file(given.file, named),
        reference=None if given.reference is None else _reference(given.reference, named),
        references=tuple(_reference(each, named) for each in given.references or ()),
        rich_text=given.rich_text,
        plain_text=given.plain_text,
        boolean=given.boolean,
        day=given.date,
        moment=given.date_time,
    )


def _choice(given: AttributeValueSelectableTypeInput | None) -> Choice | None:
    if given is None:
        return None
    key = None if given.id is None else required_int(given.id, "AttributeValue", field=_FIELD)
    return Choice(key, given.external_reference, given.value)


def _file(address: str | None, named: Sequence[int]) -> StoredFile | None:
    """The file is known by its name, which is made of its content; where clients found it does not matter."""
    if not address:
        return None
    path = path_of_name(address.rpartition("/")[2])
    if path is None:
        raise InvalidValues("This is the address of no file of this shop's.", named)
    return StoredFile(path)


def _reference(text: str, named: Sequence[int]) -> Reference:
    kind = ids.type_of(text)
    if kind is not None and kind not in _ENTITIES:
        raise InvalidValues(f"Attributes do not refer to things of the type {kind}.", named)
    return Reference(_ENTITIES.get(kind or "", ""), required_int(text, kind or "Page", field=_FIELD))
