"""Pages and menus, and the light form of rich text that products and categories use as well."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

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
from shop.content.rules.policy import MEDICAL_DUTY, default_policy
from shop.kit import ids

# What an image block says of a picture that is stored.
Images = Mapping[Media, dict[str, Any]]
# The keys of products by their slugs.
Products = Mapping[str, int]
_NO_PRODUCTS: Final[Products] = {}


class Reference(Section):
    """A work that is cited, by a number under which anybody finds it."""

    text: Text
    doi: str | None = Field(None, description="Its DOI: `10.1000/182`")
    pmid: str | None = Field(None, pattern=r"^[1-9][0-9]{0,7}$", description="Its number in PubMed")

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if self.doi is None and self.pmid is None:
            raise ValueError("a reference has a doi or a pmid")
        if self.doi is not None and not rules.doi_of(self.doi):
            raise ValueError(f"{self.doi!r} is no DOI")
        return self


class Block(Section):
    """One block of rich text: a paragraph, a header, a list, an image, a disclaimer, references, or any EditorJS block
    by its type and data.

    Text may hold `**bold**`, `*italic*` and `[label](target)`.
    """

    # What a block can be, with what belongs to that alone.
    kinds: ClassVar[dict[str, tuple[str, ...]]] = {
        "paragraph": (),
        "header": ("level",),
        "list": ("ordered",),
        "image": (),
        "disclaimer": ("title",),
        "references": ("title",),
        "type": ("data",),
    }

    paragraph: Text | None = None
    header: Text | None = None
    level: Annotated[int, Field(ge=2, le=4, description="Level of the header")] = 2
    items: Annotated[list[Text] | None, Field(min_length=1, alias="list")] = None
    ordered: bool = Field(False, description="Whether the list is numbered")
    image: Media | None = None
    disclaimer: Text | None = Field(None, description="What the text is not: advice, say")
    title: Name | None = Field(None, description="Words before a disclaimer's text, or above references")
    references: Annotated[list[Reference] | None, Field(min_length=1, description="Works that are cited")] = None
    type: str | None = Field(None, pattern=r"^[A-Za-z][A-Za-z0-9]*$", description="An EditorJS block type")
    data: dict[str, Any] | None = Field(None, description="Data of the EditorJS block")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        values = {name: getattr(self, "items" if name == "list" else name) for name in self.kinds}
        found = [name for name, value in values.items() if value is not None]
        if len(found) != 1:
            *names, last = self.kinds
            raise ValueError(f"a block has exactly one of {', '.join(names)} or {last}")
        kind = found[0]
        for owner, belongings in self.kinds.items():
            for name in belongings:
                if name in self.model_fields_set and name not in self.kinds[kind]:
                    raise ValueError(f"{name} belongs to a block with {owner}")
        if kind == "type" and self.data is None:
            raise ValueError("a block with a type needs its data")
        return self

    def editorjs(self, images: Images, products: Products) -> dict[str, Any]:
        """The block as EditorJS keeps it."""
        if self.paragraph is not None:
            return richtext.paragraph(self.paragraph)
        if self.header is not None:
            return richtext.header(self.header, self.level)
        if self.items is not None:
            return richtext.listing(self.items, ordered=self.ordered)
        if self.image is not None:
            return {"type": "image", "data": images[self.image]}
        if self.disclaimer is not None:
            title = richtext.inline(self.title or "")
            return {"type": "disclaimer", "data": {"title": title, "text": richtext.inline(self.disclaimer)}}
        if self.references is not None:
            works = [
                {"text": richtext.inline(work.text), "doi": work.doi or "", "pmid": work.pmid or ""}
                for work in self.references
            ]
            title = richtext.inline(self.title or "")
            return {"type": "references", "data": {"title": title, "items": works}}
        return {"type": self.type, "data": self.data}


class PageBlock(Block):
    """One block of a page: what a block of any rich text is, or a product, or a call to book one."""

    kinds: ClassVar[dict[str, tuple[str, ...]]] = {"product": (), "booking": ("label",), **Block.kinds}

    product: Slug | None = Field(None, description="Slug of a product that is shown")
    booking: Slug | None = Field(None, description="Slug of a product that is booked")
    label: Name | None = Field(None, description="What the button to book says")

    def editorjs(self, images: Images, products: Products) -> dict[str, Any]:
        """The block as EditorJS keeps it; of a product, its ID."""
        slug = self.product or self.booking
        if slug is None:
            return super().editorjs(images, products)
        data = {"productId": ids.encode("Product", products[slug])}
        if self.product is not None:
            return {"type": "product", "data": data}
        return {"type": "booking", "data": data | {"text": "", "label": richtext.inline(self.label or "")}}


def _blocks(value: Any) -> Any:
    if isinstance(value, str):
        return [{"paragraph": part} for part in richtext.paragraphs(value)]
    return value


Content = Annotated[
    list[Block],
    BeforeValidator(_blocks, json_schema_input_type=list[Block] | str),
    Field(description="Rich text: a list of blocks, or plain text whose empty lines part paragraphs"),
]


PageContent = Annotated[
    list[PageBlock],
    BeforeValidator(_blocks, json_schema_input_type=list[PageBlock] | str),
    Field(description="Rich text: a list of blocks, or plain text whose empty lines part paragraphs"),
]


def editorjs(content: Sequence[Block], images: Images, products: Products = _NO_PRODUCTS) -> dict[str, Any] | None:
    """The rich text as an EditorJS value, sanitised as all content is; None where there is none."""
    blocks = [block.editorjs(images, products) for block in content]
    return rules.sanitised(richtext.document(blocks)) if content else None


def plain(content: Sequence[Block]) -> str:
    """The rich text's words alone, for search: not what it shows of pictures and products."""
    words = [
        block.editorjs({}, _NO_PRODUCTS)
        for block in content
        if block.image is None and not (isinstance(block, PageBlock) and (block.product or block.booking))
    ]
    return rules.plain_text(rules.sanitised(richtext.document(words)))


class PageType(Section):
    """A kind of page."""

    slug: Slug
    name: Name
    policy: Literal["medical-duty", "none"] | None = Field(
        None, description="What its pages must hold to be published; `medical-duty` where the slug is `medical-article`"
    )
    metadata: Metadata = {}

    @property
    def stored_policy(self) -> str | None:
        """The policy as the shop knows it."""
        if self.policy is None:
            return default_policy(self.slug)
        return MEDICAL_DUTY if self.policy == "medical-duty" else None


class Author(Section):
    """Who wrote a page."""

    name: Name
    organization: bool = Field(False, description="Whether it is a team rather than a person")


class Reviewer(Section):
    """Who checked what a page says."""

    name: Name
    credentials: Annotated[str, Field(max_length=500, description="The training by which they can judge it")]


class PageTranslation(Section):
    """A page in another language."""

    title: Name | None = None
    slug: Slug | None = Field(None, description="Its name in addresses of this language")
    content: PageContent = []
    seo_title: SeoTitle = ""
    seo_description: SeoDescription = ""


class Page(Section):
    """A page of text."""

    slug: Slug
    title: Name
    type: Annotated[Slug, Field(description="Slug of its page type")]
    content: PageContent = []
    published: bool = True
    unpublished_at: AwareDatetime | None = Field(None, description="From when visitors may not read it any more")
    seo_title: SeoTitle = ""
    seo_description: SeoDescription = ""
    author: Author | None = None
    reviewer: Reviewer | None = None
    last_reviewed: date | None = None
    review_due: date | None = None
    review_note: Annotated[str, Field(max_length=500, description="Stands beside the badge of its review")] = ""
    regulatory_status: Annotated[str, Field(max_length=1000, description="What is approved where, or is not")] = ""
    conflict_of_interest: Annotated[str, Field(max_length=1000, description="What the site earns by its subject")] = ""
    override: Annotated[str, Field(max_length=1000, description="Why it is published though its policy objects")] = ""
    translations: dict[Language, PageTranslation] = Field({}, description="By language: `de`, `pt-br`")
    metadata: Metadata = {}

    @model_validator(mode="after")
    def _reviewed_before_due(self) -> Self:
        if self.last_reviewed and self.review_due and self.review_due <= self.last_reviewed:
            raise ValueError("review_due comes after last_reviewed")
        return self


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
