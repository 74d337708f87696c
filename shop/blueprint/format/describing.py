"""What products and variants are like, and what things are called in other languages."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shop.blueprint.format.base import (
    Language,
    Metadata,
    Name,
    NameTranslations,
    Section,
    SeoDescription,
    SeoTitle,
    Slug,
)
from shop.blueprint.format.content import Content


class Translation(Section):
    """A product, category or collection in another language; what is left out is not translated."""

    name: Name | None = None
    slug: Slug | None = Field(None, description="Its name in addresses of this language")
    description: Content = []
    seo_title: SeoTitle = ""
    seo_description: SeoDescription = ""


class MethodTranslation(Section):
    """A shipping method in another language."""

    name: Name | None = None
    description: Content = []


Translations = Annotated[dict[Language, Translation], Field(description="By language: `de`, `pt-br`")]


def slugified(name: str) -> str:
    """The slug that a value has where the file gives none: `Dusk blue` → `dusk-blue`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "value"


class Choice(Section):
    """One of an attribute's choices."""

    name: Name
    slug: Slug | None = Field(None, description="Else made of the name")
    colour: Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")] | None = Field(
        None, description="Of a swatch: `#9CAF88`"
    )
    translations: NameTranslations = {}


class Attribute(Section):
    """Something that can be said of products or variants."""

    slug: Slug
    name: Name
    input: Literal["dropdown", "multiselect", "swatch", "numeric", "plain_text"] = Field(
        "dropdown", description="How its values are entered"
    )
    choices: list[Choice] = Field([], description="In order; choices that products name besides come after these")
    shown: bool = Field(True, description="Whether storefronts show it")
    translations: NameTranslations = {}
    metadata: Metadata = {}

    @model_validator(mode="after")
    def _choices_fit(self) -> Self:
        if self.choices and self.input in ("numeric", "plain_text"):
            raise ValueError(f"values of {self.input} are not chosen from a list")
        return self
