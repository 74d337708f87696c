"""What mutations of the catalogue share: their errors and payloads, and texts as they may be stored."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import strawberry

from shop.api.attributes.giving import AttributeValueInput, given_values
from shop.api.catalogue.categories import Category, categories_by_id
from shop.api.catalogue.product_types import ProductType, product_types_by_id
from shop.api.catalogue.products import Product, products_by_id
from shop.api.catalogue.variants import ProductVariant, variants_by_id
from shop.api.content.page_inputs import SeoInput
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.payloads import DomainError, Payload
from shop.api.core.scalars import JSONString
from shop.api.metadata.inputs import MetadataInput, entries
from shop.attributes.rules.given import Given
from shop.content.rules import plain_text, sanitised
from shop.execution import batch_field
from shop.kit.errors import Invalid

UNSET: Final[Any] = strawberry.UNSET
MANAGE_PRODUCTS: Final = ("MANAGE_PRODUCTS",)
_MANY: Final = 10**9


@strawberry.enum(description="What went wrong with a product, its type, its variants or a category.")
class ProductErrorCode(Enum):
    ALREADY_EXISTS = "already_exists"
    ATTRIBUTE_ALREADY_ASSIGNED = "attribute_already_assigned"
    ATTRIBUTE_CANNOT_BE_ASSIGNED = "attribute_cannot_be_assigned"
    ATTRIBUTE_VARIANTS_DISABLED = "attribute_variants_disabled"
    MEDIA_ALREADY_ASSIGNED = "media_already_assigned"
    DUPLICATED_INPUT_ITEM = "duplicated_input_item"
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    INVALID_PRICE = "invalid_price"
    PRODUCT_WITHOUT_CATEGORY = "product_without_category"
    NOT_PRODUCTS_IMAGE = "not_products_image"
    NOT_PRODUCTS_VARIANT = "not_products_variant"
    NOT_FOUND = "not_found"
    REQUIRED = "required"
    UNIQUE = "unique"
    CANNOT_MANAGE_PRODUCT_WITHOUT_VARIANT = "cannot_manage_product_without_variant"
    PRODUCT_NOT_ASSIGNED_TO_CHANNEL = "product_not_assigned_to_channel"
    UNSUPPORTED_MEDIA_PROVIDER = "unsupported_media_provider"
    INVALID_FILE_TYPE = "invalid_file_type"
    UNSUPPORTED_MIME_TYPE = "unsupported_mime_type"
    FILE_SIZE_LIMIT_EXCEEDED = "file_size_limit_exceeded"


@strawberry.type
class AboutAttributes(DomainError):
    """An error that may be about attributes."""

    code: ProductErrorCode = strawberry.field(description="What went wrong, for programs.")
    attributes: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the attributes that it is about."
    )
    values: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the attribute values that it is about."
    )


@strawberry.type(description="An expected error of a mutation of products, their types, their variants or categories.")
class ProductError(AboutAttributes):
    pass


@strawberry.type
class ProductPayload(Payload):
    """A payload of product mutations."""

    errors: list[ProductError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def product_errors(self) -> list[ProductError]:
        return self.errors


@strawberry.type
class WrittenCategory(ProductPayload):
    """A payload that shows the category as it was stored."""

    category_key: strawberry.Private[int | None] = None

    @batch_field(description="The category as it is now; null where there are errors.")
    @staticmethod
    async def category(parents: list["WrittenCategory"], context: Context) -> list[Category | None]:
        found = await categories_by_id(context, [each.category_key for each in parents if each.category_key])
        return [found.get(each.category_key) if each.category_key else None for each in parents]


@strawberry.type
class WrittenProductType(ProductPayload):
    """A payload that shows the product type as it was stored."""

    product_type_key: strawberry.Private[int | None] = None

    @batch_field(description="The product type as it is now; null where there are errors.")
    @staticmethod
    async def product_type(parents: list["WrittenProductType"], context: Context) -> list[ProductType | None]:
        found = await product_types_by_id(context, {each.product_type_key for each in parents if each.product_type_key})
        return [found.get(each.product_type_key) if each.product_type_key else None for each in parents]


@strawberry.type
class WrittenProduct(ProductPayload):
    """A payload that shows the product as it was stored, in no channel."""

    product_key: strawberry.Private[int | None] = None

    @batch_field(description="The product as it is now, in no channel; null where there are errors.")
    @staticmethod
    async def product(parents: list["WrittenProduct"], context: Context) -> list[Product | None]:
        return await products_by_id(context, [(each.product_key, None) for each in parents])


@strawberry.type
class WrittenVariant(ProductPayload):
    """A payload that shows the variant as it was stored, in no channel."""

    variant_key: strawberry.Private[int | None] = None

    @batch_field(description="The variant as it is now, in no channel; null where there are errors.")
    @staticmethod
    async def product_variant(parents: list["WrittenVariant"], context: Context) -> list[ProductVariant | None]:
        return await variants_by_id(context, [(each.variant_key, None) for each in parents])


@strawberry.input
class GroupInput:
    """What is written of a category as of a collection."""

    name: str | None = strawberry.field(default=UNSET, description="Name; a new one needs it.")
    slug: str | None = strawberry.field(default=UNSET, description="Name in addresses; made of the name at first.")
    description: JSONString | None = strawberry.field(
        default=UNSET, description="EditorJS blocks, as a JSON text; they are sanitised."
    )
    seo: SeoInput | None = strawberry.field(default=UNSET, description="What search engines are told.")
    background_image_alt: str | None = strawberry.field(
        default=UNSET, description="What its picture shows, for those who do not see it."
    )
    metadata: list[MetadataInput] | None = strawberry.field(
        default=None, description="Public metadata; keys that are not named stay."
    )
    private_metadata: list[MetadataInput] | None = strawberry.field(
        default=None, description="Private metadata; keys that are not named stay."
    )


def group_fields(given: GroupInput) -> dict[str, Any]:
    """What the input says, as columns. Raises: Invalid."""
    texts = {
        "name": given.name,
        "slug": given.slug,
        "description": document(given.description),
        "background_image_alt": given.background_image_alt,
    }
    return said(texts | seo_of(given.seo)) | metadata_of(given.metadata, given.private_metadata)


def document(given: Any, *, field: str = "description") -> Any:
    """A rich text as it may be stored, or UNSET. Raises: Invalid for what is no EditorJS document."""
    if given is None or given is UNSET:
        return given
    if not isinstance(given, dict):
        raise Invalid("A rich text is an EditorJS document.", field=field)
    return sanitised(given) if given.get("blocks") else None


def said(found: Mapping[str, Any]) -> dict[str, Any]:
    """What the caller did not leave out."""
    return {name: value for name, value in found.items() if value is not UNSET}


def cleaned(inputs: Sequence[AttributeValueInput] | None) -> list[Given]:
    """What the inputs say of attributes, rich texts sanitised. Raises: Invalid, InvalidValues."""
    return [
        each
        if each.rich_text is None
        else replace(each, rich_text=sanitised(each.rich_text), rich_text_name=plain_text(each.rich_text))
        for each in given_values(inputs)
    ]


def kilograms(given: Any) -> Any:
    """A weight as it is stored, to a tenth of a gram; or null, or UNSET."""
    if given is None or given is UNSET:
        return given
    weight = Decimal(str(given))
    # What no column holds is refused by whoever checks the rest; rounded, it would be an error of arithmetic.
    return round(weight, 4) if abs(weight) < _MANY else weight


def moment_of(moment: datetime | None, day: date | None, field: str) -> Any:
    """The moment that is meant by it, or by the day as older clients send it; or UNSET. Raises: Invalid for both."""
    if moment is not UNSET and day is not UNSET:
        raise Invalid("Pass the moment or the day, not both.", field=field)
    return moment if day is UNSET else None if day is None else datetime.combine(day, time(), UTC)


def seo_of(given: SeoInput | None) -> dict[str, Any]:
    """What search engines are told, as columns; null empties both."""
    if given is UNSET:
        return {}
    return said({"seo_title": given.title, "seo_description": given.description}) if given else _NO_SEO


_NO_SEO: Final[dict[str, Any]] = {"seo_title": None, "seo_description": None}


def metadata_of(public: list[MetadataInput] | None, private: list[MetadataInput] | None) -> dict[str, Any]:
    """Metadata as columns; keys that are not named stay. Raises: Invalid."""
    found: dict[str, Any] = {}
    if public:
        found["metadata_public"] = entries(public)
    if private:
        found["metadata_private"] = entries(private, field="privateMetadata")
    return found
