"""An attribute that something has, with its value: one type for each kind of value."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import strawberry

from shop.api.attributes.types import MANY, Attribute, AttributeValue, file_of
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.languages import LanguageCodeEnum
from shop.api.core.scalars import JSON, PositiveInt
from shop.api.media.types import File
from shop.api.translations.texts import texts
from shop.execution import batch_field


async def _in_language(
    context: Context, values: Sequence[AttributeValue | None], language: LanguageCodeEnum, field: str
) -> list[Any]:
    """One field of the values in another language, None where it is not translated. One statement."""
    found = await texts(context, "attribute_value", [value.pk for value in values if value is not None], language)
    return [found[value.pk][1][field] or None if value is not None and value.pk in found else None for value in values]


@strawberry.interface(description="An attribute that something has; the types that implement it have its `value`.")
class AssignedAttribute:
    attribute: Attribute = strawberry.field(description="The attribute.")


@strawberry.type(description="A number.")
class AssignedNumericAttribute(AssignedAttribute):
    value: float | None = strawberry.field(description="The number, in the attribute's unit.")


@strawberry.type(description="A rich text.")
class AssignedTextAttribute(AssignedAttribute):
    given: strawberry.Private[AttributeValue | None]

    @computed(description="EditorJS blocks.")
    def value(self) -> JSON | None:
        return None if self.given is None or self.given.text_blocks is None else JSON(self.given.text_blocks)

    @batch_field(description="EditorJS blocks in another language.")
    @staticmethod
    async def translation(
        parents: list["AssignedTextAttribute"], context: Context, language_code: LanguageCodeEnum
    ) -> list[JSON | None]:
        return await _in_language(context, [each.given for each in parents], language_code, "rich_text")


@strawberry.type(description="A text.")
class AssignedPlainTextAttribute(AssignedAttribute):
    given: strawberry.Private[AttributeValue | None]

    @computed(description="The text.")
    def value(self) -> str | None:
        return None if self.given is None else self.given.plain_text

    @batch_field(description="The text in another language.")
    @staticmethod
    async def translation(
        parents: list["AssignedPlainTextAttribute"], context: Context, language_code: LanguageCodeEnum
    ) -> list[str | None]:
        return await _in_language(context, [each.given for each in parents], language_code, "plain_text")


@strawberry.type(description="A file.")
class AssignedFileAttribute(AssignedAttribute):
    given: strawberry.Private[AttributeValue | None]

    @batch_field(description="The file.")
    @staticmethod
    async def value(parents: list["AssignedFileAttribute"], context: Context) -> list[File | None]:
        return [None if each.given is None else file_of(context, each.given) for each in parents]


@strawberry.type(description="One of an attribute's choices.")
class AssignedChoiceAttributeValue:
    given: strawberry.Private[AttributeValue]
    name: str | None = strawberry.field(description="What it says to people.")
    slug: str | None = strawberry.field(description="Name in addresses and filters.")

    @batch_field(description="The name in another language.")
    @staticmethod
    async def translation(
        parents: list["AssignedChoiceAttributeValue"], context: Context, language_code: LanguageCodeEnum
    ) -> list[str | None]:
        return await _in_language(context, [each.given for each in parents], language_code, "name")


@strawberry.type(description="A choice.")
class AssignedSingleChoiceAttribute(AssignedAttribute):
    value: AssignedChoiceAttributeValue | None = strawberry.field(description="What was chosen.")


@strawberry.type(description="Several choices.")
class AssignedMultiChoiceAttribute(AssignedAttribute):
    chosen: strawberry.Private[list[AssignedChoiceAttributeValue]]

    @computed(description="What was chosen, in the owner's order.")
    def value(self, limit: PositiveInt | None = MANY) -> list[AssignedChoiceAttributeValue]:
        return self.chosen[:limit]


@strawberry.type(description="A colour or a pattern.")
class AssignedSwatchAttributeValue:
    given: strawberry.Private[AttributeValue]
    name: str | None = strawberry.field(description="What it says to people.")
    slug: str | None = strawberry.field(description="Name in addresses and filters.")

    @computed(description="The colour, `#RRGGBB`.")
    def hex_color(self) -> str | None:
        return self.given.value or None

    @batch_field(description="A picture of the pattern.")
    @staticmethod
    async def file(parents: list["AssignedSwatchAttributeValue"], context: Context) -> list[File | None]:
        return [file_of(context, each.given) for each in parents]

    @batch_field(description="The name in another language.")
    @staticmethod
    async def translation(
        parents: list["AssignedSwatchAttributeValue"], context: Context, language_code: LanguageCodeEnum
    ) -> list[str | None]:
        return await _in_language(context, [each.given for each in parents], language_code, "name")


@strawberry.type(description="A colour or a pattern.")
class AssignedSwatchAttribute(AssignedAttribute):
    value: AssignedSwatchAttributeValue | None = strawberry.field(description="What was chosen.")


@strawberry.type(description="Yes or no.")
class AssignedBooleanAttribute(AssignedAttribute):
    value: bool | None = strawberry.field(description="Yes or no.")


@strawberry.type(description="A day.")
class AssignedDateAttribute(AssignedAttribute):
    value: date | None = strawberry.field(description="The day.")


@strawberry.type(description="A moment.")
class AssignedDateTimeAttribute(AssignedAttribute):
    value: datetime | None = strawberry.field(description="The moment.")
