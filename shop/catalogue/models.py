"""Products and how they are arranged. Prices and visibility per channel are pricing's, quantities are stock's."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    FetchedValue,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, HasExternalReference, HasMetadata, IntPk, Timestamps, one_of


class HasSeo:
    """What search engines read."""

    seo_title: Mapped[str | None]
    seo_description: Mapped[str | None]


class ProductType(Base, HasMetadata):
    """What products of a kind have in common."""

    __tablename__ = "catalogue_product_type"
    __table_args__ = (
        one_of("kind", "NORMAL", "GIFT_CARD"),
        # What products keep the name by.
        UniqueConstraint("id", "name"),
    )

    id: Mapped[IntPk]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(server_default="NORMAL")
    has_variants: Mapped[bool] = mapped_column(server_default="true")
    is_shipping_required: Mapped[bool] = mapped_column(server_default="true")
    is_digital: Mapped[bool] = mapped_column(server_default="false")
    tax_class_id: Mapped[int | None] = mapped_column(ForeignKey("tax_class.id", ondelete="SET NULL"))


class Category(Base, HasMetadata, HasSeo, Timestamps):
    """A node of the one tree of categories."""

    __tablename__ = "catalogue_category"
    __table_args__ = (
        Index("ix_catalogue_category_path", "path", postgresql_using="gin"),
        CheckConstraint("path[cardinality(path)] = id", name="path_ends_in_itself"),
    )

    id: Mapped[IntPk]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    description: Mapped[dict[str, Any] | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_category.id", ondelete="CASCADE"), index=True)
    # Ids from the root to the row itself: ancestors are its prefix, descendants contain the id.
    path: Mapped[list[int]]
    sort_order: Mapped[int] = mapped_column(server_default="0")
    background_image_id: Mapped[int | None] = mapped_column(ForeignKey("media_asset.id", ondelete="SET NULL"))
    background_image_alt: Mapped[str] = mapped_column(server_default="")


class Product(Base, HasMetadata, HasSeo, HasExternalReference, Timestamps):
    """Something that can be bought in one or more variants."""

    __tablename__ = "catalogue_product"
    __table_args__ = (
        Index("ix_catalogue_product_name_id", "name", "id"),
        Index("ix_catalogue_product_created_at_id", "created_at", "id"),
        Index("ix_catalogue_product_updated_at_id", "updated_at", "id"),
        Index("ix_catalogue_product_rating_id", "rating", "id"),
        Index("ix_catalogue_product_metadata", "metadata", postgresql_using="gin"),
        Index("ix_catalogue_product_product_type_name_id", "product_type_name", "id"),
        ForeignKeyConstraint(
            ["product_type_id", "product_type_name"],
            ["catalogue_product_type.id", "catalogue_product_type.name"],
            onupdate="CASCADE",
        ),
        CheckConstraint("weight_kg >= 0", name="weight_not_negative"),
    )

    id: Mapped[IntPk]
    product_type_id: Mapped[int] = mapped_column(ForeignKey("catalogue_product_type.id"), index=True)
    # Kept beside its id, so that lists sort by one index: a trigger fills it in, the foreign key of both follows it.
    product_type_name: Mapped[str] = mapped_column(server_default=FetchedValue())
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("catalogue_category.id", ondelete="SET NULL"), index=True
    )
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    # EditorJS blocks; the plain text of the same, for search and for feeds.
    description: Mapped[dict[str, Any] | None]
    description_text: Mapped[str] = mapped_column(server_default="")
    tax_class_id: Mapped[int | None] = mapped_column(ForeignKey("tax_class.id", ondelete="SET NULL"))
    default_variant_id: Mapped[int | None] = mapped_column(
        ForeignKey("catalogue_variant.id", ondelete="SET NULL", use_alter=True)
    )
    weight_kg: Mapped[Decimal | None] = mapped_column(Numeric(10, 4))
    rating: Mapped[float | None] = mapped_column(Float)


class Variant(Base, HasMetadata, HasExternalReference, Timestamps):
    """What is put into a cart: one size, one colour, one course of sessions."""

    __tablename__ = "catalogue_variant"
    __table_args__ = (
        Index("ix_catalogue_variant_product_sort", "product_id", "sort_order", "id"),
        # What prices keep the product by.
        UniqueConstraint("id", "product_id"),
        CheckConstraint("quantity_limit_per_customer > 0", name="limit_positive"),
    )

    id: Mapped[IntPk]
    product_id: Mapped[int] = mapped_column(ForeignKey("catalogue_product.id", ondelete="CASCADE"))
    sku: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(server_default="")
    sort_order: Mapped[int] = mapped_column(server_default="0")
    # False for time and services: any quantity can be sold.
    track_inventory: Mapped[bool] = mapped_column(server_default="true")
    quantity_limit_per_customer: Mapped[int | None]
    weight_kg: Mapped[Decimal | None] = mapped_column(Numeric(10, 4))


class ProductMedia(Base, HasMetadata):
    """A picture or an external video of a product, in the order it is shown."""

    __tablename__ = "catalogue_product_media"
    __table_args__ = (
        Index("ix_catalogue_product_media_product_sort", "product_id", "sort_order", "id"),
        one_of("type", "IMAGE", "VIDEO"),
        CheckConstraint("(type = 'IMAGE') = (asset_id IS NOT NULL)", name="image_has_asset"),
        CheckConstraint("(type = 'VIDEO') = (external_url IS NOT NULL)", name="video_has_url"),
    )

    id: Mapped[IntPk]
    product_id: Mapped[int] = mapped_column(ForeignKey("catalogue_product.id", ondelete="CASCADE"))
    type: Mapped[str] = mapped_column(server_default="IMAGE")
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("media_asset.id"))
    external_url: Mapped[str | None]
    oembed_data: Mapped[dict[str, Any] | None]
    alt: Mapped[str] = mapped_column(server_default="")
    sort_order: Mapped[int] = mapped_column(server_default="0")


class VariantMedia(Base):
    """A picture of the product that shows this variant."""

    __tablename__ = "catalogue_variant_media"

    variant_id: Mapped[int] = mapped_column(ForeignKey("catalogue_variant.id", ondelete="CASCADE"), primary_key=True)
    media_id: Mapped[int] = mapped_column(
        ForeignKey("catalogue_product_media.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Collection(Base, HasMetadata, HasSeo):
    """A hand-picked list of products."""

    __tablename__ = "catalogue_collection"

    id: Mapped[IntPk]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    description: Mapped[dict[str, Any] | None]
    background_image_id: Mapped[int | None] = mapped_column(ForeignKey("media_asset.id", ondelete="SET NULL"))
    background_image_alt: Mapped[str] = mapped_column(server_default="")


class CollectionListing(Base):
    """Whether a collection is shown in a channel, and from when."""

    __tablename__ = "catalogue_collection_listing"
    __table_args__ = (UniqueConstraint("collection_id", "channel_id"),)

    id: Mapped[IntPk]
    collection_id: Mapped[int] = mapped_column(ForeignKey("catalogue_collection.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel_channel.id", ondelete="CASCADE"), index=True)
    is_published: Mapped[bool] = mapped_column(server_default="false")
    published_at: Mapped[datetime | None]


class CollectionProduct(Base):
    """A product's place in a collection."""

    __tablename__ = "catalogue_collection_product"
    __table_args__ = (Index("ix_catalogue_collection_product_sort", "collection_id", "sort_order", "product_id"),)

    collection_id: Mapped[int] = mapped_column(
        ForeignKey("catalogue_collection.id", ondelete="CASCADE"), primary_key=True
    )
    product_id: Mapped[int] = mapped_column(
        ForeignKey("catalogue_product.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    sort_order: Mapped[int] = mapped_column(server_default="0")
