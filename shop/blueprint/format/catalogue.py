"""What the shop sells: product types, categories, collections, products and their variants."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from shop.blueprint.format.base import (
    Kilograms,
    Metadata,
    Name,
    NameTranslations,
    Prices,
    Quantity,
    Section,
    SeoDescription,
    SeoTitle,
    Sku,
    Slug,
)
from shop.blueprint.format.content import Content
from shop.blueprint.format.describing import Translations
from shop.blueprint.format.media import Media


class ProductType(Section):
    """A kind of product."""

    slug: Slug
    name: Name
    shipping_required: bool = True
    has_variants: bool = True
    tax_class: Name | None = Field(None, description="Name of the tax class of its products")
    metadata: Metadata = {}


class Category(Section):
    """A branch of the category tree."""

    slug: Slug
    name: Name
    description: Content = []
    seo_title: SeoTitle = ""
    seo_description: SeoDescription = ""
    picture: Media | None = None
    children: "list[Category]" = []
    translations: Translations = {}
    metadata: Metadata = {}


class Collection(Section):
    """A hand-picked, ordered set of products."""

    slug: Slug
    name: Name
    description: Content = []
    seo_title: SeoTitle = ""
    seo_description: SeoDescription = ""
    channels: list[Slug] = Field([], description="Channels where it is published")
    products: list[Slug] = Field([], description="Products in order")
    picture: Media | None = None
    translations: Translations = {}
    metadata: Metadata = {}


class ProductListing(Section):
    """How a channel shows a product."""

    published: bool = True
    visible_in_listings: bool = Field(True, description="False: reached by its address alone")
    available_for_purchase: bool = True


class Variant(Section):
    """What is put into a cart."""

    sku: Sku
    name: str = Field("", max_length=255, description="Empty: its options joined, or its sku")
    options: dict[Name, Name] = Field({}, description="Values that tell variants apart: `{Size: 250 ml}`")
    translations: NameTranslations = {}
    prices: Prices
    track_inventory: bool = Field(True, description="False: it never runs out, as a service")
    stock: dict[Slug, Quantity] = Field({}, description="Quantity by warehouse at the first apply (see `stock_mode`)")
    weight: Kilograms | None = Field(None, description="In kg")
    quantity_limit: Annotated[int, Field(ge=1)] | None = Field(None, description="Most of it in one checkout")
    media: list[Annotated[int, Field(ge=0)]] = Field([], description="Its pictures: places in the product's `media`")
    metadata: Metadata = {}

    @property
    def title(self) -> str:
        """The variant's name as it is stored."""
        return self.name or " / ".join(self.options.values()) or self.sku


class Product(Section):
    """A product with its variants."""

    slug: Slug
    name: Name
    type: Annotated[Slug, Field(description="Slug of its product type")]
    category: Slug | None = None
    description: Content = []
    seo_title: SeoTitle = ""
    seo_description: SeoDescription = ""
    tax_class: Name | None = Field(None, description="Overrides the product type's")
    weight: Kilograms | None = Field(None, description="In kg, of a variant that has none of its own")
    channels: dict[Slug, ProductListing] = Field(
        {}, description="How a channel lists it; a channel in which a variant has a price lists it without being named"
    )
    media: list[Media] = []
    variants: Annotated[list[Variant], Field(min_length=1)]
    attributes: dict[Slug, Name | list[Name]] = Field({}, description="Values by attribute: `{material: Silk}`")
    translations: Translations = {}
    metadata: Metadata = {}

    @model_validator(mode="after")
    def _media_exist(self) -> Self:
        for variant in self.variants:
            for place in variant.media:
                if place >= len(self.media):
                    raise ValueError(f"variant {variant.sku} names picture {place}, but there are {len(self.media)}")
        return self

    def listings(self) -> dict[str, ProductListing]:
        """Every channel that lists the product, and how."""
        found = {channel: ProductListing() for variant in self.variants for channel in variant.prices}
        return found | self.channels
