"""Attributes, their values, which types have which attributes, and which values things were given."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from shop.attributes.rules import ENTITIES, INPUT_TYPES, UNITS
from shop.kit.db.models import Base, HasExternalReference, HasMetadata, IntPk, one_of


class Attribute(Base, HasMetadata, HasExternalReference):
    """Something that can be said of things, such as their size: how it is entered, and who sees it."""

    __tablename__ = "attribute_attribute"
    __table_args__ = (
        one_of("type", "PRODUCT_TYPE", "PAGE_TYPE"),
        one_of("input_type", *INPUT_TYPES),
        one_of("entity_type", *ENTITIES),
        one_of("unit", *UNITS),
        CheckConstraint(
            "(entity_type IS NOT NULL) = (input_type IN ('REFERENCE', 'SINGLE_REFERENCE'))", name="refers_to_something"
        ),
        CheckConstraint("unit IS NULL OR input_type = 'NUMERIC'", name="numbers_have_units"),
    )

    id: Mapped[IntPk]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    # Whether products and variants have it, or pages.
    type: Mapped[str] = mapped_column(server_default="PRODUCT_TYPE")
    input_type: Mapped[str] = mapped_column(server_default="DROPDOWN")
    entity_type: Mapped[str | None]
    unit: Mapped[str | None]
    value_required: Mapped[bool] = mapped_column(server_default="false")
    visible_in_storefront: Mapped[bool] = mapped_column(server_default="true")


class Value(Base, HasExternalReference):
    """A value of an attribute: a choice that many things share, or the text, number, file or reference of one thing."""

    __tablename__ = "attribute_value"
    __table_args__ = (
        UniqueConstraint("attribute_id", "slug"),
        Index("ix_attribute_value_attribute_sort", "attribute_id", "sort_order", "id"),
        Index("ix_attribute_value_attribute_number", "attribute_id", "number"),
        Index("ix_attribute_value_attribute_moment", "attribute_id", "moment"),
        CheckConstraint(f"num_nonnulls({', '.join(ENTITIES.values())}) <= 1", name="one_reference"),
    )

    id: Mapped[IntPk]
    attribute_id: Mapped[int] = mapped_column(ForeignKey("attribute_attribute.id", ondelete="CASCADE"))
    slug: Mapped[str]
    name: Mapped[str]
    sort_order: Mapped[int] = mapped_column(server_default="0")
    # The colour of a swatch, #RRGGBB.
    value: Mapped[str] = mapped_column(server_default="")
    rich_text: Mapped[dict[str, Any] | None]
    plain_text: Mapped[str | None]
    boolean: Mapped[bool | None]
    number: Mapped[Decimal | None] = mapped_column(Numeric)
    # Dates are kept as midnight UTC.
    moment: Mapped[datetime | None]
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("media_asset.id", ondelete="SET NULL"), index=True)
    page_id: Mapped[int | None] = mapped_column(ForeignKey("content_page.id", ondelete="CASCADE"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_product.id", ondelete="CASCADE"), index=True)
    variant_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_variant.id", ondelete="CASCADE"), index=True)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_category.id", ondelete="CASCADE"), index=True)
    collection_id: Mapped[int | None] = mapped_column(
        ForeignKey("catalogue_collection.id", ondelete="CASCADE"), index=True
    )


class OfProductType(Base):
    """An attribute of a product type: of its products, or of their variants."""

    __tablename__ = "attribute_of_product_type"
    __table_args__ = (
        CheckConstraint("of_variants OR NOT variant_selection", name="selection_of_variants"),
        Index("ix_attribute_of_product_type_sort", "product_type_id", "of_variants", "sort_order", "attribute_id"),
    )

    product_type_id: Mapped[int] = mapped_column(
        ForeignKey("catalogue_product_type.id", ondelete="CASCADE"), primary_key=True
    )
    attribute_id: Mapped[int] = mapped_column(
        ForeignKey("attribute_attribute.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    of_variants: Mapped[bool] = mapped_column(server_default="false")
    # Whether shoppers choose the variant by it.
    variant_selection: Mapped[bool] = mapped_column(server_default="false")
    sort_order: Mapped[int] = mapped_column(server_default="0")


class OfPageType(Base):
    """An attribute of a page type."""

    __tablename__ = "attribute_of_page_type"

    page_type_id: Mapped[int] = mapped_column(ForeignKey("content_page_type.id", ondelete="CASCADE"), primary_key=True)
    attribute_id: Mapped[int] = mapped_column(
        ForeignKey("attribute_attribute.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    sort_order: Mapped[int] = mapped_column(server_default="0")


class ProductValue(Base):
    """A value that a product has."""

    __tablename__ = "attribute_product_value"
    # Products are found by a value in this index alone.
    __table_args__ = (Index("ix_attribute_product_value_value", "value_id", "product_id"),)

    product_id: Mapped[int] = mapped_column(ForeignKey("catalogue_product.id", ondelete="CASCADE"), primary_key=True)
    value_id: Mapped[int] = mapped_column(ForeignKey("attribute_value.id", ondelete="CASCADE"), primary_key=True)
    sort_order: Mapped[int] = mapped_column(server_default="0")


class VariantValue(Base):
    """A value that a variant has."""

    __tablename__ = "attribute_variant_value"
    __table_args__ = (
        Index("ix_attribute_variant_value_value", "value_id", "product_id", "variant_id"),
        ForeignKeyConstraint(
            ["variant_id", "product_id"],
            ["catalogue_variant.id", "catalogue_variant.product_id"],
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
    )

    variant_id: Mapped[int] = mapped_column(ForeignKey("catalogue_variant.id", ondelete="CASCADE"), primary_key=True)
    value_id: Mapped[int] = mapped_column(ForeignKey("attribute_value.id", ondelete="CASCADE"), primary_key=True)
    # The variant's, kept here, so that products are found by a value of their variants: a trigger fills it in.
    product_id: Mapped[int] = mapped_column(server_default=FetchedValue())
    sort_order: Mapped[int] = mapped_column(server_default="0")


class PageValue(Base):
    """A value that a page has."""

    __tablename__ = "attribute_page_value"

    page_id: Mapped[int] = mapped_column(ForeignKey("content_page.id", ondelete="CASCADE"), primary_key=True)
    value_id: Mapped[int] = mapped_column(
        ForeignKey("attribute_value.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    sort_order: Mapped[int] = mapped_column(server_default="0")
