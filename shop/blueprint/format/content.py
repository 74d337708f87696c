"""Pages and menus, and the light form of rich text that products and categories use as well."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from shop.blueprint import richtext
from shop.blueprint.format.base import (
    URL,
    Language,
    Metadata,
    Name,
    NameTranslations,
    Section,
    SeoDescription,
    SeoTitle,
    Slug,
    Text,
)
from shop.blueprint.format.media import Media
from shop.content import rules

# What an image block says of a picture that is stored.
Images = Mapping[Media, dict[str, Any]]


class Block(Section):
    """One block of rich text: a paragraph, a header, a list, an image, or any EditorJS block by its type and data.

    Text may hold `**bold**`, `*italic*` and `[label](target)`.
    """

    paragraph: Text | None = None
    header: Text | None = None
    level: Annotated[int, Field(ge=2, le=4, description="Level of the header")] = 2
    items: Annotated[list[Text] | None, Field(min_length=1, alias="list")] = None
    ordered: bool = Field(False, description="Whether the list is numbered")
    image: Media | None = None
    type: str | None = Field(None, pattern=r"^[A-Za-z][A-Za-z0-9]*$", description="An EditorJS block type")
    data: dict[str, Any] | None = Field(None, description="Data of the EditorJS block")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        values = {
            "paragraph": self.paragraph,
            "header": self.header,
            "list": self.items,
            "image": self.image,
            "type": self.type,
        }
        kinds = [name for name, value in values.items() if value is not None]
        if len(kinds) != 1:
            raise ValueError("a block has exactly one of paragraph, header, list, image or type")
        kind = kinds[0]
        for name, owner in (("level", "header"), ("ordered", "list"), ("data", "type")):
            if name in self.model_fields_set and kind != owner:
                raise ValueError(f"{name} belongs to a block with {owner}")
        if kind == "type" and self.data is None:
            raise ValueError("a block with a type needs its data")
        return self

    def editorjs(self, images: Images) -> dict[str, Any]:
        """The block as EditorJS keeps it."""
        if self.paragraph is not None:
            return richtext.paragraph(self.paragraph)
        if self.header is not None:
            return richtext.header(self.header, self.level)
        if self.items is not None:
            return richtext.listing(self.items, ordered=self.ordered)
        if self.image is not None:
            return {"type": "image", "data": images[self.image]}
        return {"type": self.type, "data": self.data}


def _blocks(value: Any) -> Any:
    if isinstance(value, str):
        return [{"paragraph": part} for part in richtext.paragraphs(value)]
    return value


Content = Annotated[
    list[Block],
    BeforeValidator(_blocks, json_schema_input_type=list[Block] | str),
    Field(description="Rich text: a list of blocks, or plain text whose empty lines part paragraphs"),
]


def editorjs(content: list[Block], images: Images) -> dict[str, Any] | None:
    """The rich text as an EditorJS value, sanitised as all content is; None where there is none."""
    return rules.sanitised(richtext.document([block.editorjs(images) for block in content])) if content else None


def plain(content: list[Block]) -> str:
    """The rich text's words alone, for search."""
    words = [block.editorjs({}) for block in content if block.image is None]
    return rules.plain_text(rules.sanitised(richtext.document(words)))


class PageType(Section):
    """A kind of page."""

    slug: Slug
    name: Name
    metadata: Metadata = {}


class PageTranslation(Section):
    """A page in another language."""

    title: Name | None = None
    slug: Slug | None = Field(None, description="Its name in addresses of this language")
    content: Content = []
    seo_title: SeoTitle = ""
    seo_description: SeoDescription = ""


class Page(Section):
    """A page of text."""

    slug: Slug
    title: Name
    type: Annotated[Slug, Field(description="Slug of its page type")]
    content: Content = []
    published: bool = True
    seo_title: SeoTitle = ""
    seo_description: SeoDescription = ""
    translations: dict[Language, PageTranslation] = Field({}, description="By language: `de`, `pt-br`")
    metadata: Metadata = {}


class MenuItem(Section):
    """An entry of a menu: it leads to one place, or only holds others."""

    name: Name
    category: Slug | None = None
    collection: Slug | None = None
    page: Slug | None = None
    url: Annotated[str | None, Field(max_length=256, pattern=URL)] = None
    items: "list[MenuItem]" = []
    translations: NameTranslations = {}

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        targets = [name for name in ("category", "collection", "page", "url") if getattr(self, name) is not None]
        if len(targets) > 1:
            raise ValueError(f"an entry leads to one place, not to {' and '.join(targets)}")
        return self


class Menu(Section):
    """A menu with its entries in order."""

    slug: Slug
    name: Name
    items: list[MenuItem] = []
    metadata: Metadata = {}
