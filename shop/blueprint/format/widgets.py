"""Widget areas: what staff put beside the pages of a storefront."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from shop.blueprint.format.base import Name, Section, Slug
from shop.blueprint.format.content import Content

Limit = Annotated[int, Field(ge=1, le=24, description="How many are shown at most")]


class NewestPages(Section):
    """The pages that were published last."""

    type: Annotated[Slug | None, Field(description="Slug of their page type; absent: of all types")] = None
    limit: Limit = 5


class ShownProducts(Section):
    """The first products of a collection or of a category."""

    collection: Slug | None = None
    category: Slug | None = None
    limit: Limit = 3

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if (self.collection is None) == (self.category is None):
            raise ValueError("products are those of a collection or of a category")
        return self


class Widget(Section):
    """A piece of a widget area: a title, and exactly one of the others."""

    title: Name | None = None
    text: Content = []
    menu: Slug | None = None
    pages: NewestPages | None = None
    products: ShownProducts | None = None
    booking: Annotated[Slug | None, Field(description="Slug of the product that the button books")] = None
    mini_cart: bool = Field(False, description="Whether it is the cart")

    @property
    def kind(self) -> str:
        """What it is."""
        return self._kinds()[0]

    def _kinds(self) -> list[str]:
        return [name for name in ("text", "menu", "pages", "products", "booking", "mini_cart") if getattr(self, name)]

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if len(self._kinds()) != 1:
            raise ValueError("a widget is exactly one of text, menu, pages, products, booking or mini_cart")
        return self


class WidgetArea(Section):
    """A place on the storefront's pages, with its widgets in order."""

    slug: Slug
    name: Name
    hint: str = Field("", max_length=1_000, description="What staff reads there while it is empty")
    widgets: Annotated[list[Widget], Field(max_length=30)] = []
