"""Pictures and videos of products."""

from enum import Enum
from typing import Any, ClassVar, Final

import strawberry

from shop.api.core.context import Context
from shop.api.core.enums import ThumbnailFormatEnum
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.scalars import JSONString
from shop.api.media.types import picture_urls
from shop.execution import batch_field


@strawberry.enum(description="What is shown of a product.")
class ProductMediaType(Enum):
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"


# A lookup costs a tenth of what calling the class costs.
_TYPES: Final = {member.value: member for member in ProductMediaType}


@strawberry.type(description="A picture or a video of a product.")
class ProductMedia(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_PRODUCTS",)

    pk: strawberry.Private[int]
    owner_id: strawberry.Private[int]
    kind: strawberry.Private[str]
    external_url: strawberry.Private[str | None]
    oembed: strawberry.Private[dict[str, Any] | None]
    asset_id: strawberry.Private[int | None]
    asset_path: strawberry.Private[str | None]
    sort_order: int | None = strawberry.field(description="Its place among the product's media.")
    alt: str = strawberry.field(description="What it shows, for those who do not see it.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("ProductMedia", self.pk)

    @computed(description="Global ID of the product.")
    def product_id(self) -> strawberry.ID | None:
        return global_id("Product", self.owner_id)

    @computed(description="Whether it is a picture or a video.")
    def type(self) -> ProductMediaType:
        return _TYPES[self.kind]

    @computed(description="What the video's provider says about it, as a JSON text.")
    def oembed_data(self) -> JSONString:
        return JSONString(self.oembed or {})

    @batch_field(description="Address of the picture in a size and format, or of the video.")
    @staticmethod
    async def url(
        parents: list["ProductMedia"],
        context: Context,
        size: int | None = None,
        format: ThumbnailFormatEnum | None = ThumbnailFormatEnum.ORIGINAL,
    ) -> list[str]:
        url_of = picture_urls(context, size, format)
        return [
            url_of(parent.asset_path) if parent.asset_path is not None else parent.external_url or ""
            for parent in parents
        ]
